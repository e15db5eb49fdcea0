package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;

/**
 * The classic text commands, for servers without the meta commands. Source: memcached's {@code doc/protocol.txt}.
 * Stateless; safe for all threads.
 */
public final class ClassicEncoder implements CommandEncoder {
    /** The only one. */
    public static final ClassicEncoder INSTANCE = new ClassicEncoder();

    private static final byte[] GET = word("get");
    private static final byte[] GETS = word("gets");
    private static final byte[] GAT = word("gat ");
    private static final byte[] GATS = word("gats ");
    private static final byte[] SET = word("set ");
    private static final byte[] ADD = word("add ");
    private static final byte[] REPLACE = word("replace ");
    private static final byte[] APPEND = word("append ");
    private static final byte[] PREPEND = word("prepend ");
    private static final byte[] CAS = word("cas ");
    private static final byte[] DELETE = word("delete ");
    private static final byte[] TOUCH = word("touch ");
    private static final byte[] INCR = word("incr ");
    private static final byte[] DECR = word("decr ");
    private static final byte[] NO_REPLY = word(" noreply");

    /** What any of the commands for one key has beside key and value: command, four numbers, three CRLF, a fence. */
    private static final int LONGEST_REST = 128;

    private static final int GET_REPLIES = 1 << ReplyLine.VALUE | 1 << ReplyLine.END;
    private static final int STORE_REPLIES =
            1 << ReplyLine.STORED | 1 << ReplyLine.NOT_STORED | 1 << ReplyLine.EXISTS | 1 << ReplyLine.NOT_FOUND;
    private static final int DELETE_REPLIES = 1 << ReplyLine.DELETED | 1 << ReplyLine.NOT_FOUND;
    private static final int TOUCH_REPLIES = 1 << ReplyLine.TOUCHED | 1 << ReplyLine.NOT_FOUND;
    private static final int COUNTER_REPLIES = 1 << ReplyLine.NUMBER | 1 << ReplyLine.NOT_FOUND;
    private static final int FENCE = 1 << ReplyLine.VERSION;

    private ClassicEncoder() {}

    private static byte[] word(String text) {
        return text.getBytes(US_ASCII);
    }

    @Override
    public int maxEncodedLength(MemorySegment message, long offset) {
        int op = CommandLayout.op(message, offset);
        int length = LONGEST_REST;
        if (!OpCode.isMany(op)) {
            length += CommandLayout.keyLength(message, offset);
        }
        if (OpCode.isMany(op) || (OpCode.carriesData(op) && !CommandLayout.isValueExternal(message, offset))) {
            length += CommandLayout.valueLength(message, offset);
        }
        return length;
    }

    @Override
    public int encode(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset) {
        int op = CommandLayout.op(message, offset);
        long end = switch (op) {
            case OpCode.GET, OpCode.GAT, OpCode.GET_ITEM, OpCode.GAT_ITEM ->
                encodeRead(op, message, offset, out, outOffset);
            case OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY ->
                outOffset + encodeMany(message, offset, out, outOffset);
            case OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS ->
                encodeStore(op, message, offset, out, outOffset);
            case OpCode.DELETE -> encodeDelete(message, offset, out, outOffset);
            case OpCode.TOUCH -> encodeTouch(message, offset, out, outOffset);
            case OpCode.INCREMENT, OpCode.DECREMENT -> encodeCounter(op, message, offset, out, outOffset);
            case OpCode.NOOP -> AdminEncoder.putVersion(out, outOffset);
            default -> AdminEncoder.encode(op, message, offset, out, outOffset);
        };
        return (int) (end - outOffset);
    }

    @Override
    public int encodeGet(
            int op, MemorySegment keys, long keyOffset, int keyLength, int opaque, MemorySegment out, long outOffset) {
        long at = putNextKey(keys, keyOffset, keyLength, out, putGetCommand(op, out, outOffset));
        return (int) (Ascii.putCrlf(out, at) - outOffset);
    }

    private static long encodeRead(int op, MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = putReadCommand(op, message, offset, out, outOffset);
        return Ascii.putCrlf(out, putKey(message, offset, out, putSpace(out, at)));
    }

    private static int encodeMany(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long key = CommandLayout.keyOffset(offset);
        long at = putReadCommand(CommandLayout.op(message, offset), message, offset, out, outOffset);
        for (int left = CommandLayout.keyLength(message, offset); left > 0; left--) {
            int length = CommandLayout.blockKeyLength(message, key);
            key += CommandLayout.BLOCK_KEY_PREFIX_LENGTH;
            at = putNextKey(message, key, length, out, at);
            key += length;
        }
        return (int) (Ascii.putCrlf(out, at) - outOffset);
    }

    private static long putReadCommand(int op, MemorySegment message, long offset, MemorySegment out, long at) {
        if (!OpCode.givesExptime(op)) {
            return putGetCommand(op, out, at);
        }
        byte[] command = OpCode.wantsItem(op) ? GATS : GAT;
        return Ascii.putSigned(out, Ascii.put(command, out, at), CommandLayout.exptime(message, offset));
    }

    static long putGetCommand(int op, MemorySegment out, long at) {
        return Ascii.put(OpCode.wantsItem(op) ? GETS : GET, out, at);
    }

    static long putNextKey(MemorySegment keys, long keyOffset, int keyLength, MemorySegment out, long at) {
        return Ascii.put(keys, keyOffset, keyLength, out, putSpace(out, at));
    }

    private static long encodeStore(int op, MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = putKey(message, offset, out, Ascii.put(storeCommand(op), out, outOffset));
        at = Ascii.putDecimal(out, putSpace(out, at), CommandLayout.itemFlags(message, offset));
        at = Ascii.putSigned(out, putSpace(out, at), CommandLayout.exptime(message, offset));
        at = Ascii.putDecimal(out, putSpace(out, at), CommandLayout.valueLength(message, offset));
        if (op == OpCode.CAS) {
            at = Ascii.putDecimal(out, putSpace(out, at), CommandLayout.cas(message, offset));
        }
        at = Ascii.putCrlf(out, putNoReply(message, offset, out, at));
        return putFence(message, offset, out, putInlineValue(message, offset, out, at));
    }

    private static byte[] storeCommand(int op) {
        return switch (op) {
            case OpCode.SET -> SET;
            case OpCode.ADD -> ADD;
            case OpCode.REPLACE -> REPLACE;
            case OpCode.APPEND -> APPEND;
            case OpCode.PREPEND -> PREPEND;
            default -> CAS;
        };
    }

    private static long encodeDelete(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = putKey(message, offset, out, Ascii.put(DELETE, out, outOffset));
        return end(message, offset, out, at);
    }

    private static long encodeTouch(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = putKey(message, offset, out, Ascii.put(TOUCH, out, outOffset));
        at = Ascii.putSigned(out, putSpace(out, at), CommandLayout.exptime(message, offset));
        return end(message, offset, out, at);
    }

    private static long encodeCounter(int op, MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = putKey(message, offset, out, Ascii.put(op == OpCode.INCREMENT ? INCR : DECR, out, outOffset));
        at = Ascii.putDecimal(out, putSpace(out, at), CommandLayout.cas(message, offset));
        return end(message, offset, out, at);
    }

    private static long end(MemorySegment message, long offset, MemorySegment out, long at) {
        return putFence(message, offset, out, Ascii.putCrlf(out, putNoReply(message, offset, out, at)));
    }

    private static long putNoReply(MemorySegment message, long offset, MemorySegment out, long at) {
        return OpCode.isQuiet(CommandEncoder.wireOp(message, offset)) ? Ascii.put(NO_REPLY, out, at) : at;
    }

    private static long putFence(MemorySegment message, long offset, MemorySegment out, long at) {
        return OpCode.isQuiet(CommandEncoder.wireOp(message, offset)) ? AdminEncoder.putVersion(out, at) : at;
    }

    static long putInlineValue(MemorySegment message, long offset, MemorySegment out, long at) {
        if (CommandLayout.isValueExternal(message, offset)) {
            return at;
        }
        int length = CommandLayout.valueLength(message, offset);
        MemorySegment.copy(message, CommandLayout.valueOffset(message, offset), out, at, length);
        return Ascii.putCrlf(out, at + length);
    }

    private static long putKey(MemorySegment message, long offset, MemorySegment out, long at) {
        int keyLength = CommandLayout.keyLength(message, offset);
        return Ascii.put(message, CommandLayout.keyOffset(offset), keyLength, out, at);
    }

    private static long putSpace(MemorySegment out, long at) {
        out.set(JAVA_BYTE, at, (byte) ' ');
        return at + 1;
    }

    @Override
    public boolean accepts(int wireOp, int kind) {
        int replies = OpCode.isQuiet(wireOp) ? FENCE : replies(wireOp);
        return (((replies | ReplyLine.ERRORS) >>> kind) & 1) != 0;
    }

    private static int replies(int op) {
        return switch (op) {
            case OpCode.GET,
                    OpCode.GAT,
                    OpCode.GET_ITEM,
                    OpCode.GAT_ITEM,
                    OpCode.GET_MANY,
                    OpCode.GET_ITEM_MANY,
                    OpCode.GAT_MANY,
                    OpCode.GAT_ITEM_MANY -> GET_REPLIES;
            case OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS -> STORE_REPLIES;
            case OpCode.DELETE -> DELETE_REPLIES;
            case OpCode.TOUCH -> TOUCH_REPLIES;
            case OpCode.INCREMENT, OpCode.DECREMENT -> COUNTER_REPLIES;
            case OpCode.NOOP -> FENCE;
            default -> AdminEncoder.replies(op);
        };
    }

    @Override
    public boolean ends(int wireOp, int kind) {
        return kind != ReplyLine.VALUE && kind != ReplyLine.STAT;
    }
}
