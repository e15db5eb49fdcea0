package io.emcache.internal.protocol;

import java.lang.foreign.MemorySegment;

/**
 * The meta commands, for servers of {@link Dialect#META}. Source: memcached's {@code doc/protocol.txt}, "Meta Commands".
 * Stateless; safe for all threads.
 */
public final class MetaEncoder implements CommandEncoder {
    /** The only one. */
    public static final MetaEncoder INSTANCE = new MetaEncoder();

    private static final int MG = 'm' | 'g' << 8 | ' ' << 16;
    private static final int MS = 'm' | 's' << 8 | ' ' << 16;
    private static final int MD = 'm' | 'd' << 8 | ' ' << 16;
    private static final int MN_CRLF = 'm' | 'n' << 8 | '\r' << 16 | '\n' << 24;
    private static final int COMMAND_LENGTH = 3;
    private static final long KEY_AND_VALUE = ' ' | 'k' << 8 | ' ' << 16 | 'v' << 24;
    private static final long KEY_AND_VALUE_OPAQUE = KEY_AND_VALUE | (long) ' ' << 32 | (long) 'O' << 40;
    private static final long KEY_AND_VALUE_CRLF = KEY_AND_VALUE | (long) '\r' << 32 | (long) '\n' << 40;
    private static final long KEY_AND_VALUE_QUIET_CRLF =
            KEY_AND_VALUE | (long) ' ' << 32 | (long) 'q' << 40 | (long) '\r' << 48 | (long) '\n' << 56;
    private static final int OPAQUE = ' ' | 'O' << 8;
    private static final int TTL = ' ' | 'T' << 8;
    private static final int FLAGS = ' ' | 'F' << 8;

    /** What any of the commands for one key has beside key and value: command, three numbers, opaque, two CRLF. */
    private static final int LONGEST_REST = 64;

    private static final int MANY_REST_PER_KEY = COMMAND_LENGTH + Long.BYTES;

    private static final int GET_REPLIES = 1 << ReplyLine.VA | 1 << ReplyLine.EN;
    private static final int SET_REPLIES =
            1 << ReplyLine.HD | 1 << ReplyLine.NS | 1 << ReplyLine.EX | 1 << ReplyLine.NF;
    private static final int DELETE_REPLIES = 1 << ReplyLine.HD | 1 << ReplyLine.NF | 1 << ReplyLine.EX;
    private static final int GET_MANY_REPLIES = GET_REPLIES | 1 << ReplyLine.MN;

    private MetaEncoder() {}

    @Override
    public int maxEncodedLength(MemorySegment message, long offset) {
        int op = CommandLayout.op(message, offset);
        if (op == OpCode.GET_MANY) {
            return CommandLayout.valueLength(message, offset)
                    + MANY_REST_PER_KEY * CommandLayout.keyLength(message, offset)
                    + LONGEST_REST;
        }
        int length = CommandLayout.keyLength(message, offset) + LONGEST_REST;
        return op == OpCode.SET && !CommandLayout.isValueExternal(message, offset)
                ? length + CommandLayout.valueLength(message, offset)
                : length;
    }

    @Override
    public int encode(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        int op = CommandLayout.op(message, offset);
        long end = op == OpCode.GET
                ? encodeGet(message, offset, opaque, out, outOffset)
                : encodeOther(op, message, offset, opaque, out, outOffset);
        return (int) (end - outOffset);
    }

    private static long encodeGet(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MG, message, offset, out, outOffset);
        if (opaque == NO_OPAQUE) {
            out.set(Ascii.LONG, at, KEY_AND_VALUE_CRLF);
            return at + 6;
        }
        int hex = Ascii.toHex(opaque);
        out.set(Ascii.LONG, at, KEY_AND_VALUE_OPAQUE | (long) hex << 48);
        out.set(Ascii.INT, at + Long.BYTES, hex >>> 16 | Ascii.CRLF << 16);
        return at + Long.BYTES + Integer.BYTES;
    }

    private static long encodeOther(
            int op, MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        return switch (op) {
            case OpCode.SET -> encodeSet(message, offset, opaque, out, outOffset);
            case OpCode.DELETE -> putOpaqueAndCrlf(opaque, out, putCommandAndKey(MD, message, offset, out, outOffset));
            case OpCode.GET_MANY -> encodeGetMany(message, offset, out, outOffset);
            case OpCode.NOOP -> putNoop(out, outOffset);
            case OpCode.VERSION -> ClassicEncoder.putVersion(out, outOffset);
            default -> throw ClassicEncoder.unknown(op);
        };
    }

    private static long encodeSet(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MS, message, offset, out, outOffset);
        out.set(Ascii.SHORT, at, (short) ' ');
        at = Ascii.putDecimal(out, at + 1, CommandLayout.valueLength(message, offset));
        int exptime = CommandLayout.exptime(message, offset);
        if (exptime != 0) {
            out.set(Ascii.SHORT, at, (short) TTL);
            at = ClassicEncoder.putSigned(out, at + 2, exptime);
        }
        int itemFlags = CommandLayout.itemFlags(message, offset);
        if (itemFlags != 0) {
            out.set(Ascii.SHORT, at, (short) FLAGS);
            at = Ascii.putDecimal(out, at + 2, itemFlags);
        }
        at = putOpaqueAndCrlf(opaque, out, at);
        return ClassicEncoder.putInlineValue(message, offset, out, at);
    }

    /** Quiet gets and a fence: hits come with their key, misses are silent, MN says that all were looked at. */
    private static long encodeGetMany(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long key = CommandLayout.keyOffset(offset);
        long at = outOffset;
        for (int left = CommandLayout.keyLength(message, offset); left > 0; left--) {
            int length = CommandLayout.blockKeyLength(message, key);
            key += CommandLayout.BLOCK_KEY_PREFIX_LENGTH;
            out.set(Ascii.INT, at, MG);
            at = Ascii.put(message, key, length, out, at + COMMAND_LENGTH);
            out.set(Ascii.LONG, at, KEY_AND_VALUE_QUIET_CRLF);
            at += Long.BYTES;
            key += length;
        }
        return putNoop(out, at);
    }

    private static long putCommandAndKey(
            int command, MemorySegment message, long offset, MemorySegment out, long outOffset) {
        out.set(Ascii.INT, outOffset, command);
        int keyLength = CommandLayout.keyLength(message, offset);
        return Ascii.put(message, CommandLayout.keyOffset(offset), keyLength, out, outOffset + COMMAND_LENGTH);
    }

    private static long putOpaqueAndCrlf(int opaque, MemorySegment out, long outOffset) {
        long at = outOffset;
        if (opaque != NO_OPAQUE) {
            out.set(Ascii.SHORT, at, (short) OPAQUE);
            out.set(Ascii.INT, at + 2, Ascii.toHex(opaque));
            at += 6;
        }
        out.set(Ascii.SHORT, at, Ascii.CRLF);
        return at + 2;
    }

    private static long putNoop(MemorySegment out, long at) {
        out.set(Ascii.INT, at, MN_CRLF);
        return at + 4;
    }

    @Override
    public boolean accepts(int op, int kind) {
        int replies = switch (op) {
            case OpCode.GET -> GET_REPLIES;
            case OpCode.SET -> SET_REPLIES;
            case OpCode.DELETE -> DELETE_REPLIES;
            case OpCode.GET_MANY -> GET_MANY_REPLIES;
            case OpCode.NOOP -> 1 << ReplyLine.MN;
            case OpCode.VERSION -> 1 << ReplyLine.VERSION;
            default -> 0;
        };
        return (((replies | ReplyLine.ERRORS) >>> kind) & 1) != 0;
    }

    @Override
    public boolean ends(int op, int kind) {
        return op != OpCode.GET_MANY || kind == ReplyLine.MN;
    }
}
