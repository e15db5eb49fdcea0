package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * The meta commands, for servers of {@link Dialect#META}. Source: memcached's {@code doc/protocol.txt}, "Meta Commands".
 * Stateless; safe for all threads.
 */
public final class MetaEncoder implements CommandEncoder {
    /** The only one. */
    public static final MetaEncoder INSTANCE = new MetaEncoder();

    private static final int MG = command('g');
    private static final int MS = command('s');
    private static final int MD = command('d');
    private static final int MA = command('a');
    private static final int ME = command('e');
    private static final int MN_CRLF = 'm' | 'n' << 8 | '\r' << 16 | '\n' << 24;
    private static final int COMMAND_LENGTH = 3;
    private static final long KEY_AND_VALUE = ' ' | 'k' << 8 | ' ' << 16 | 'v' << 24;
    private static final long KEY_AND_VALUE_OPAQUE = KEY_AND_VALUE | (long) ' ' << 32 | (long) 'O' << 40;
    private static final long KEY_AND_VALUE_CRLF = KEY_AND_VALUE | (long) '\r' << 32 | (long) '\n' << 40;
    private static final long KEY_AND_VALUE_QUIET_CRLF =
            KEY_AND_VALUE | (long) ' ' << 32 | (long) 'q' << 40 | (long) '\r' << 48 | (long) '\n' << 56;

    /** Client flags, CAS, remaining time, last access, hit before, size. */
    private static final byte[] ITEM = {' ', 'f', ' ', 'c', ' ', 't', ' ', 'l', ' ', 'h', ' ', 's'};

    /** What any of the commands for one key has beside key and value: every flag with its longest argument, and a fence. */
    private static final int LONGEST_REST = 192;

    private static final int MANY_REST_PER_KEY = 48;

    private static final int GET_REPLIES = 1 << ReplyLine.VA | 1 << ReplyLine.EN;
    private static final int STORE_REPLIES =
            1 << ReplyLine.HD | 1 << ReplyLine.NS | 1 << ReplyLine.EX | 1 << ReplyLine.NF;
    private static final int DELETE_REPLIES = 1 << ReplyLine.HD | 1 << ReplyLine.NF | 1 << ReplyLine.EX;
    private static final int TOUCH_REPLIES = 1 << ReplyLine.HD | 1 << ReplyLine.EN;
    private static final int COUNTER_REPLIES =
            1 << ReplyLine.VA | 1 << ReplyLine.NF | 1 << ReplyLine.NS | 1 << ReplyLine.EX;
    private static final int FENCE = 1 << ReplyLine.MN;

    private MetaEncoder() {}

    private static int command(char letter) {
        return 'm' | letter << 8 | ' ' << 16;
    }

    @Override
    public int maxEncodedLength(MemorySegment message, long offset) {
        int op = CommandLayout.op(message, offset);
        if (OpCode.isMany(op)) {
            return CommandLayout.valueLength(message, offset)
                    + MANY_REST_PER_KEY * CommandLayout.keyLength(message, offset)
                    + LONGEST_REST;
        }
        int length = CommandLayout.keyLength(message, offset) + LONGEST_REST;
        return OpCode.carriesData(op) && !CommandLayout.isValueExternal(message, offset)
                ? length + CommandLayout.valueLength(message, offset)
                : length;
    }

    @Override
    public int encode(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        int op = CommandLayout.op(message, offset);
        boolean plainGet = op == OpCode.GET && !CommandLayout.has(message, offset, CommandLayout.BINARY_KEY);
        long end = plainGet
                ? encodeGet(
                        message,
                        CommandLayout.keyOffset(offset),
                        CommandLayout.keyLength(message, offset),
                        opaque,
                        out,
                        outOffset)
                : encodeOther(op, message, offset, opaque, out, outOffset);
        return (int) (end - outOffset);
    }

    @Override
    public int encodeGet(
            int op, MemorySegment keys, long keyOffset, int keyLength, int opaque, MemorySegment out, long outOffset) {
        return (int) (encodeGet(keys, keyOffset, keyLength, opaque, out, outOffset) - outOffset);
    }

    private static long encodeGet(
            MemorySegment keys, long keyOffset, int keyLength, int opaque, MemorySegment out, long outOffset) {
        out.set(Ascii.INT, outOffset, MG);
        long at = Ascii.put(keys, keyOffset, keyLength, out, outOffset + COMMAND_LENGTH);
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
            case OpCode.GET, OpCode.GAT, OpCode.GET_ITEM, OpCode.GAT_ITEM, OpCode.LEASE ->
                encodeRead(op, message, offset, opaque, out, outOffset);
            case OpCode.TOUCH -> encodeTouch(message, offset, opaque, out, outOffset);
            case OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS ->
                encodeStore(op, message, offset, opaque, out, outOffset);
            case OpCode.DELETE, OpCode.INVALIDATE -> encodeDelete(op, message, offset, opaque, out, outOffset);
            case OpCode.INCREMENT, OpCode.DECREMENT -> encodeCounter(op, message, offset, opaque, out, outOffset);
            case OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY ->
                encodeMany(op, message, offset, out, outOffset);
            case OpCode.META_DEBUG -> encodeDebug(message, offset, out, outOffset);
            case OpCode.NOOP -> putNoop(out, outOffset);
            default -> AdminEncoder.encode(op, message, offset, out, outOffset);
        };
    }

    private static long encodeRead(
            int op, MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MG, message, offset, out, outOffset);
        at = putFlag('v', out, putKeyEcho(message, offset, out, at));
        at = putItemFlags(op, message, offset, out, at);
        if (op == OpCode.LEASE) {
            at = putExptime('N', message, offset, out, at);
            int recacheSeconds = CommandLayout.itemFlags(message, offset);
            if (recacheSeconds > 0) {
                at = Ascii.putDecimal(out, putFlag('R', out, at), recacheSeconds);
            }
        }
        return putOpaqueAndCrlf(opaque, out, at);
    }

    private static long encodeTouch(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MG, message, offset, out, outOffset);
        at = putExptime('T', message, offset, out, putKeyEcho(message, offset, out, at));
        at = putQuiet(message, offset, out, at);
        return putFence(message, offset, out, putOpaqueAndCrlf(opaque, out, at));
    }

    private static long encodeStore(
            int op, MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MS, message, offset, out, outOffset);
        out.set(Ascii.SHORT, at, (short) ' ');
        at = Ascii.putDecimal(out, at + 1, CommandLayout.valueLength(message, offset));
        int exptime = CommandLayout.exptime(message, offset);
        if (op == OpCode.APPEND || op == OpCode.PREPEND) {
            at = putMode(op == OpCode.APPEND ? 'A' : 'P', out, at);
            if (CommandLayout.has(message, offset, CommandLayout.CREATE)) {
                at = putExptime('N', message, offset, out, at);
            }
        } else if (exptime != 0) {
            at = putExptime('T', message, offset, out, at);
        }
        int itemFlags = CommandLayout.itemFlags(message, offset);
        if (itemFlags != 0) {
            at = Ascii.putDecimal(out, putFlag('F', out, at), itemFlags);
        }
        at = putStoreCondition(op, message, offset, out, at);
        at = putBinary(message, offset, out, at);
        at = putOpaqueAndCrlf(opaque, out, putQuiet(message, offset, out, at));
        return putFence(message, offset, out, ClassicEncoder.putInlineValue(message, offset, out, at));
    }

    private static long putStoreCondition(int op, MemorySegment message, long offset, MemorySegment out, long from) {
        long at = from;
        if (op == OpCode.ADD) {
            at = putMode('E', out, at);
        } else if (op == OpCode.REPLACE) {
            at = putMode('R', out, at);
        }
        return putGivenCas(message, offset, out, putCompareCas(op, message, offset, out, at));
    }

    private static long encodeDelete(
            int op, MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MD, message, offset, out, outOffset);
        if (op == OpCode.INVALIDATE) {
            at = putFlag('I', out, at);
            if (CommandLayout.has(message, offset, CommandLayout.NEW_EXPTIME)) {
                at = putExptime('T', message, offset, out, at);
            }
            if (CommandLayout.has(message, offset, CommandLayout.DROP_VALUE)) {
                at = putFlag('x', out, at);
            }
        }
        at = putGivenCas(message, offset, out, putCompareCas(op, message, offset, out, at));
        at = putQuiet(message, offset, out, putBinary(message, offset, out, at));
        return putFence(message, offset, out, putOpaqueAndCrlf(opaque, out, at));
    }

    private static long encodeCounter(
            int op, MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(MA, message, offset, out, outOffset);
        if (op == OpCode.DECREMENT) {
            at = putMode('D', out, at);
        }
        at = Ascii.putDecimal(out, putFlag('D', out, at), CommandLayout.cas(message, offset));
        if (CommandLayout.has(message, offset, CommandLayout.CREATE)) {
            at = putExptime('N', message, offset, out, at);
            at = Ascii.putDecimal(out, putFlag('J', out, at), CommandLayout.extra(message, offset));
        }
        if (CommandLayout.has(message, offset, CommandLayout.NEW_EXPTIME)) {
            at = putExptime('T', message, offset, out, at);
        }
        at = putBinary(message, offset, out, at);
        at = isQuiet(message, offset) ? putQuiet(message, offset, out, at) : putFlag('v', out, at);
        return putFence(message, offset, out, putOpaqueAndCrlf(opaque, out, at));
    }

    /** Quiet gets and a fence: hits come with their key, misses are silent, MN says that all were looked at. */
    private static long encodeMany(int op, MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long key = CommandLayout.keyOffset(offset);
        long at = outOffset;
        for (int left = CommandLayout.keyLength(message, offset); left > 0; left--) {
            int length = CommandLayout.blockKeyLength(message, key);
            boolean binary = CommandLayout.isBlockKeyBinary(message, key);
            key += CommandLayout.BLOCK_KEY_PREFIX_LENGTH;
            out.set(Ascii.INT, at, MG);
            at = Ascii.put(message, key, length, out, at + COMMAND_LENGTH);
            if (binary) {
                at = putFlag('b', out, at);
            }
            if (op != OpCode.GET_MANY) {
                at = putItemFlags(op, message, offset, out, at);
            }
            out.set(Ascii.LONG, at, KEY_AND_VALUE_QUIET_CRLF);
            at += Long.BYTES;
            key += length;
        }
        return putNoop(out, at);
    }

    /** A server goes by the order of the flags: a new exptime shows only in what is asked behind it. */
    private static long putItemFlags(int op, MemorySegment message, long offset, MemorySegment out, long from) {
        long at = OpCode.givesExptime(op) ? putExptime('T', message, offset, out, from) : from;
        return OpCode.wantsItem(op) ? Ascii.put(ITEM, out, at) : at;
    }

    private static long encodeDebug(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = putCommandAndKey(ME, message, offset, out, outOffset);
        return Ascii.putCrlf(out, putBinary(message, offset, out, at));
    }

    private static long putCommandAndKey(
            int command, MemorySegment message, long offset, MemorySegment out, long outOffset) {
        out.set(Ascii.INT, outOffset, command);
        int keyLength = CommandLayout.keyLength(message, offset);
        return Ascii.put(message, CommandLayout.keyOffset(offset), keyLength, out, outOffset + COMMAND_LENGTH);
    }

    /** Writes a flag, and returns where its argument begins, if it has one. */
    private static long putFlag(char flag, MemorySegment out, long at) {
        out.set(Ascii.SHORT, at, (short) (' ' | flag << 8));
        return at + 2;
    }

    private static long putMode(char mode, MemorySegment out, long at) {
        out.set(JAVA_BYTE, putFlag('M', out, at), (byte) mode);
        return at + 3;
    }

    private static long putExptime(char flag, MemorySegment message, long offset, MemorySegment out, long at) {
        return Ascii.putSigned(out, putFlag(flag, out, at), CommandLayout.exptime(message, offset));
    }

    private static long putCompareCas(int op, MemorySegment message, long offset, MemorySegment out, long at) {
        boolean compare = op == OpCode.CAS || CommandLayout.has(message, offset, CommandLayout.COMPARE_CAS);
        return compare ? Ascii.putDecimal(out, putFlag('C', out, at), CommandLayout.cas(message, offset)) : at;
    }

    private static long putGivenCas(MemorySegment message, long offset, MemorySegment out, long at) {
        return CommandLayout.has(message, offset, CommandLayout.GIVE_CAS)
                ? Ascii.putDecimal(out, putFlag('E', out, at), CommandLayout.extra(message, offset))
                : at;
    }

    private static long putBinary(MemorySegment message, long offset, MemorySegment out, long at) {
        return CommandLayout.has(message, offset, CommandLayout.BINARY_KEY) ? putFlag('b', out, at) : at;
    }

    /**
     * Asks for the key in the reply, unless it is binary: a server forgets that of an item which it made by joining, counting or
     * vivifying, and would send the bytes as they are, line ends among them (tried on 1.6.18). The opaque is enough.
     */
    private static long putKeyEcho(MemorySegment message, long offset, MemorySegment out, long at) {
        return CommandLayout.has(message, offset, CommandLayout.BINARY_KEY)
                ? putFlag('b', out, at)
                : putFlag('k', out, at);
    }

    private static boolean isQuiet(MemorySegment message, long offset) {
        return OpCode.isQuiet(CommandEncoder.wireOp(message, offset));
    }

    private static long putQuiet(MemorySegment message, long offset, MemorySegment out, long at) {
        return isQuiet(message, offset) ? putFlag('q', out, at) : at;
    }

    private static long putFence(MemorySegment message, long offset, MemorySegment out, long at) {
        return isQuiet(message, offset) ? putNoop(out, at) : at;
    }

    private static long putOpaqueAndCrlf(int opaque, MemorySegment out, long outOffset) {
        long at = outOffset;
        if (opaque != NO_OPAQUE) {
            at = putFlag('O', out, at);
            out.set(Ascii.INT, at, Ascii.toHex(opaque));
            at += Integer.BYTES;
        }
        return Ascii.putCrlf(out, at);
    }

    private static long putNoop(MemorySegment out, long at) {
        out.set(Ascii.INT, at, MN_CRLF);
        return at + Integer.BYTES;
    }

    @Override
    public boolean accepts(int wireOp, int kind) {
        int replies = replies(OpCode.of(wireOp));
        if (OpCode.isQuiet(wireOp)) {
            replies = (replies & ~(1 << ReplyLine.VA)) | 1 << ReplyLine.HD | FENCE;
        }
        return (((replies | ReplyLine.ERRORS) >>> kind) & 1) != 0;
    }

    private static int replies(int op) {
        return switch (op) {
            case OpCode.GET, OpCode.GAT, OpCode.GET_ITEM, OpCode.GAT_ITEM, OpCode.LEASE -> GET_REPLIES;
            case OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS -> STORE_REPLIES;
            case OpCode.DELETE, OpCode.INVALIDATE -> DELETE_REPLIES;
            case OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY -> GET_REPLIES | FENCE;
            case OpCode.TOUCH -> TOUCH_REPLIES;
            case OpCode.INCREMENT, OpCode.DECREMENT -> COUNTER_REPLIES;
            case OpCode.META_DEBUG -> 1 << ReplyLine.ME | 1 << ReplyLine.EN;
            case OpCode.NOOP -> FENCE;
            default -> AdminEncoder.replies(op);
        };
    }

    @Override
    public boolean ends(int wireOp, int kind) {
        if (kind == ReplyLine.MN) {
            return true;
        }
        return !OpCode.isQuiet(wireOp) && !OpCode.isMany(wireOp) && kind != ReplyLine.STAT;
    }
}
