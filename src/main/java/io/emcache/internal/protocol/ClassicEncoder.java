package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * The classic text commands, for servers of {@link Dialect#CLASSIC}. Source: memcached's {@code doc/protocol.txt}. They
 * carry no opaque. Stateless; safe for all threads.
 */
public final class ClassicEncoder implements CommandEncoder {
    /** The only one. */
    public static final ClassicEncoder INSTANCE = new ClassicEncoder();

    private static final int GET = 'g' | 'e' << 8 | 't' << 16 | ' ' << 24;
    private static final int SET = 's' | 'e' << 8 | 't' << 16 | ' ' << 24;
    private static final int GET_LENGTH = 4;
    private static final int GET_WITHOUT_SPACE_LENGTH = 3;
    private static final long DELETE = word("delete ");
    private static final int DELETE_LENGTH = 7;
    private static final long VERSION = word("version\r");
    private static final int VERSION_LENGTH = 9;

    /** What any of the commands for one key has beside key and value: command, three numbers, two CRLF. */
    private static final int LONGEST_REST = 64;

    private static final int GET_REPLIES = 1 << ReplyLine.VALUE | 1 << ReplyLine.END;
    private static final int SET_REPLIES =
            1 << ReplyLine.STORED | 1 << ReplyLine.NOT_STORED | 1 << ReplyLine.EXISTS | 1 << ReplyLine.NOT_FOUND;
    private static final int DELETE_REPLIES = 1 << ReplyLine.DELETED | 1 << ReplyLine.NOT_FOUND;

    private ClassicEncoder() {}

    @Override
    public int maxEncodedLength(MemorySegment message, long offset) {
        int op = CommandLayout.op(message, offset);
        int length = LONGEST_REST;
        if (op != OpCode.GET_MANY) {
            length += CommandLayout.keyLength(message, offset);
        }
        if (op == OpCode.GET_MANY || (op == OpCode.SET && !CommandLayout.isValueExternal(message, offset))) {
            length += CommandLayout.valueLength(message, offset);
        }
        return length;
    }

    @Override
    public int encode(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        int op = CommandLayout.op(message, offset);
        long end = switch (op) {
            case OpCode.GET -> encodeGet(message, offset, out, outOffset);
            case OpCode.SET -> encodeSet(message, offset, out, outOffset);
            case OpCode.DELETE -> encodeDelete(message, offset, out, outOffset);
            case OpCode.GET_MANY -> outOffset + encodeGetMany(message, offset, out, outOffset);
            case OpCode.VERSION, OpCode.NOOP -> putVersion(out, outOffset);
            default -> throw unknown(op);
        };
        return (int) (end - outOffset);
    }

    private static long encodeGet(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        out.set(Ascii.INT, outOffset, GET);
        return putCrlf(out, putKey(message, offset, out, outOffset + GET_LENGTH));
    }

    private static long encodeDelete(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        out.set(Ascii.LONG, outOffset, DELETE);
        return putCrlf(out, putKey(message, offset, out, outOffset + DELETE_LENGTH));
    }

    private static long encodeSet(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        out.set(Ascii.INT, outOffset, SET);
        long at = putKey(message, offset, out, outOffset + GET_LENGTH);
        at = Ascii.putDecimal(out, putSpace(out, at), CommandLayout.itemFlags(message, offset));
        at = putSigned(out, putSpace(out, at), CommandLayout.exptime(message, offset));
        at = Ascii.putDecimal(out, putSpace(out, at), CommandLayout.valueLength(message, offset));
        return putInlineValue(message, offset, out, putCrlf(out, at));
    }

    static int encodeGetMany(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long key = CommandLayout.keyOffset(offset);
        out.set(Ascii.INT, outOffset, GET);
        long at = outOffset + GET_WITHOUT_SPACE_LENGTH;
        for (int left = CommandLayout.keyLength(message, offset); left > 0; left--) {
            int length = CommandLayout.blockKeyLength(message, key);
            key += CommandLayout.BLOCK_KEY_PREFIX_LENGTH;
            at = Ascii.put(message, key, length, out, putSpace(out, at));
            key += length;
        }
        return (int) (putCrlf(out, at) - outOffset);
    }

    static long putVersion(MemorySegment out, long at) {
        out.set(Ascii.LONG, at, VERSION);
        out.set(JAVA_BYTE, at + Long.BYTES, (byte) '\n');
        return at + VERSION_LENGTH;
    }

    static long putSigned(MemorySegment out, long at, int value) {
        if (value >= 0) {
            return Ascii.putDecimal(out, at, value);
        }
        out.set(JAVA_BYTE, at, (byte) '-');
        return Ascii.putDecimal(out, at + 1, -value);
    }

    static long putInlineValue(MemorySegment message, long offset, MemorySegment out, long at) {
        if (CommandLayout.isValueExternal(message, offset)) {
            return at;
        }
        int length = CommandLayout.valueLength(message, offset);
        MemorySegment.copy(message, CommandLayout.valueOffset(message, offset), out, at, length);
        return putCrlf(out, at + length);
    }

    static IllegalArgumentException unknown(int op) {
        return new IllegalArgumentException("unknown op code [op=" + op + "]");
    }

    private static long putKey(MemorySegment message, long offset, MemorySegment out, long at) {
        int keyLength = CommandLayout.keyLength(message, offset);
        return Ascii.put(message, CommandLayout.keyOffset(offset), keyLength, out, at);
    }

    private static long putSpace(MemorySegment out, long at) {
        out.set(JAVA_BYTE, at, (byte) ' ');
        return at + 1;
    }

    private static long putCrlf(MemorySegment out, long at) {
        out.set(Ascii.SHORT, at, Ascii.CRLF);
        return at + 2;
    }

    private static long word(String text) {
        long word = 0;
        for (int i = 0; i < text.length(); i++) {
            word |= (long) text.charAt(i) << (8 * i);
        }
        return word;
    }

    @Override
    public boolean accepts(int op, int kind) {
        int replies = switch (op) {
            case OpCode.GET, OpCode.GET_MANY -> GET_REPLIES;
            case OpCode.SET -> SET_REPLIES;
            case OpCode.DELETE -> DELETE_REPLIES;
            case OpCode.VERSION, OpCode.NOOP -> 1 << ReplyLine.VERSION;
            default -> 0;
        };
        return (((replies | ReplyLine.ERRORS) >>> kind) & 1) != 0;
    }

    @Override
    public boolean ends(int op, int kind) {
        return kind != ReplyLine.VALUE;
    }
}
