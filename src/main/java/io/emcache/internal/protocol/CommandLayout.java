package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * The byte layout of a command in a ring message, in native byte order and at any alignment:
 *
 * <pre>
 *   0 int   slot              12 int  value length (many keys: bytes of the key block)
 *   4 int   generation        16 int  item flags
 *   8 byte  op code           20 int  exptime as the wire has it
 *   9 byte  options           24 long CAS, delta or argument
 *  10 short key length        32 long extra: initial number or CAS to give, if the options say so
 *           (many: keys)      40 key bytes, then value bytes unless EXTERNAL_VALUE;
 *                                many keys: the key block, for each key a short length and its bytes
 * </pre>
 *
 * <p>Stateless. The memory belongs to one thread at a time: to the caller until it commits the message, to the driver
 * of the lane after that. An {@code offset} is where the header begins.
 */
public final class CommandLayout {
    /** How many bytes come before the key. */
    public static final int HEADER_LENGTH = 40;

    /** Option: nobody waits for the reply. */
    public static final int NO_REPLY = 1;

    /** Option: the value is not in the message, the lane sends it, and its CRLF, from elsewhere. */
    public static final int EXTERNAL_VALUE = 2;

    /** Option: the key is base64 of the bytes that the server shall use. */
    public static final int BINARY_KEY = 4;

    /** Option: only if the item has this CAS. For commands that do not always compare it. */
    public static final int COMPARE_CAS = 8;

    /** Option: what is not there is made, with the exptime; the extra is the first number of a counter. */
    public static final int CREATE = 16;

    /** Option: the exptime counts for an item that is there, for commands that may leave it as it is. */
    public static final int NEW_EXPTIME = 32;

    /** Option: the value is dropped, and the item stays. */
    public static final int DROP_VALUE = 64;

    /** Option: the extra is the CAS that the item gets. */
    public static final int GIVE_CAS = 128;

    /** How many bytes a key block has before each key. */
    public static final int BLOCK_KEY_PREFIX_LENGTH = Short.BYTES;

    private static final int SLOT = 0;
    private static final int GENERATION = 4;
    private static final int OP = 8;
    private static final int OPTIONS = 9;
    private static final int KEY_LENGTH = 10;
    private static final int VALUE_LENGTH = 12;
    private static final int ITEM_FLAGS = 16;
    private static final int EXPTIME = 20;
    private static final int CAS = 24;
    private static final int EXTRA = 32;
    private static final int BLOCK_BINARY = 0x8000;

    private CommandLayout() {}

    /**
     * Returns how many bytes the message of a command for one key takes.
     *
     * @param keyLength bytes of the key
     * @param inlineValueLength bytes of the value, 0 if it is external or there is none
     * @return the length in bytes
     */
    public static int length(int keyLength, int inlineValueLength) {
        return HEADER_LENGTH + keyLength + inlineValueLength;
    }

    /**
     * Returns how many bytes the message of a command for many keys takes.
     *
     * @param keyCount how many keys
     * @param keyBytes bytes of all keys together
     * @return the length in bytes
     */
    public static int lengthOfMany(int keyCount, int keyBytes) {
        return HEADER_LENGTH + keyBlockLength(keyCount, keyBytes);
    }

    /**
     * Returns how many bytes a key block takes.
     *
     * @param keyCount how many keys
     * @param keyBytes bytes of all keys together
     * @return the length in bytes
     */
    public static int keyBlockLength(int keyCount, int keyBytes) {
        return keyCount * BLOCK_KEY_PREFIX_LENGTH + keyBytes;
    }

    /**
     * Writes the whole header.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @param slot the slot the reply goes to
     * @param generation the generation of that slot
     * @param op one of {@link OpCode}
     * @param options any of the options of this class, or 0
     * @param keyLength bytes of the key; for a key block how many keys; at most 65535
     * @param valueLength bytes of the value, inline or not; or of the key block
     * @param itemFlags the client flags of the item, unsigned
     * @param exptime the expiry as the wire has it
     * @param cas the CAS, the delta or the argument, unsigned
     */
    public static void putHeader(
            MemorySegment message,
            long offset,
            int slot,
            int generation,
            int op,
            int options,
            int keyLength,
            int valueLength,
            int itemFlags,
            int exptime,
            long cas) {
        message.set(JAVA_INT_UNALIGNED, offset + SLOT, slot);
        message.set(JAVA_INT_UNALIGNED, offset + GENERATION, generation);
        message.set(JAVA_BYTE, offset + OP, (byte) op);
        message.set(JAVA_BYTE, offset + OPTIONS, (byte) options);
        message.set(JAVA_SHORT_UNALIGNED, offset + KEY_LENGTH, (short) keyLength);
        message.set(JAVA_INT_UNALIGNED, offset + VALUE_LENGTH, valueLength);
        message.set(JAVA_INT_UNALIGNED, offset + ITEM_FLAGS, itemFlags);
        message.set(JAVA_INT_UNALIGNED, offset + EXPTIME, exptime);
        message.set(JAVA_LONG_UNALIGNED, offset + CAS, cas);
    }

    /**
     * Writes the extra, which the header leaves as it was.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @param extra the initial number or the CAS to give, unsigned
     */
    public static void putExtra(MemorySegment message, long offset, long extra) {
        message.set(JAVA_LONG_UNALIGNED, offset + EXTRA, extra);
    }

    /**
     * Returns the extra, if the options say that there is one.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the initial number or the CAS to give, unsigned
     */
    public static long extra(MemorySegment message, long offset) {
        return message.get(JAVA_LONG_UNALIGNED, offset + EXTRA);
    }

    /**
     * Writes one key of a key block.
     *
     * @param message the segment the message is in
     * @param at where the entry begins: {@link #keyOffset} for the first key, what this method returned for the others
     * @param key the segment the key is in
     * @param keyOffset where the key begins
     * @param keyLength bytes of the key, at most 32767
     * @param binary whether the key is base64
     * @return where the next entry begins
     */
    public static long putBlockKey(
            MemorySegment message, long at, MemorySegment key, long keyOffset, int keyLength, boolean binary) {
        message.set(JAVA_SHORT_UNALIGNED, at, (short) (binary ? keyLength | BLOCK_BINARY : keyLength));
        MemorySegment.copy(key, keyOffset, message, at + BLOCK_KEY_PREFIX_LENGTH, keyLength);
        return at + BLOCK_KEY_PREFIX_LENGTH + keyLength;
    }

    /**
     * Returns the length of one key of a key block; its bytes begin {@link #BLOCK_KEY_PREFIX_LENGTH} after the entry.
     *
     * @param message the segment the message is in
     * @param at where the entry begins
     * @return the length of the key in bytes
     */
    public static int blockKeyLength(MemorySegment message, long at) {
        return message.get(JAVA_SHORT_UNALIGNED, at) & (BLOCK_BINARY - 1);
    }

    /**
     * Whether one key of a key block is base64.
     *
     * @param message the segment the message is in
     * @param at where the entry begins
     * @return true if the server shall decode it
     */
    public static boolean isBlockKeyBinary(MemorySegment message, long at) {
        return (message.get(JAVA_SHORT_UNALIGNED, at) & BLOCK_BINARY) != 0;
    }

    /**
     * Returns the slot the reply goes to.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the slot
     */
    public static int slot(MemorySegment message, long offset) {
        return message.get(JAVA_INT_UNALIGNED, offset + SLOT);
    }

    /**
     * Returns the generation of the slot.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the generation
     */
    public static int generation(MemorySegment message, long offset) {
        return message.get(JAVA_INT_UNALIGNED, offset + GENERATION);
    }

    /**
     * Returns the op code.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return one of {@link OpCode}
     */
    public static int op(MemorySegment message, long offset) {
        return message.get(JAVA_BYTE, offset + OP);
    }

    /**
     * Returns the options.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return any of the options of this class, or 0
     */
    public static int options(MemorySegment message, long offset) {
        return Byte.toUnsignedInt(message.get(JAVA_BYTE, offset + OPTIONS));
    }

    /**
     * Whether an option is set.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @param option one of the options of this class
     * @return true if it is
     */
    public static boolean has(MemorySegment message, long offset, int option) {
        return (options(message, offset) & option) != 0;
    }

    /**
     * Whether the value is sent from elsewhere.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return true if {@link #EXTERNAL_VALUE} is set
     */
    public static boolean isValueExternal(MemorySegment message, long offset) {
        return has(message, offset, EXTERNAL_VALUE);
    }

    /**
     * Returns the length of the key, or for a key block how many keys there are.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return bytes, or keys
     */
    public static int keyLength(MemorySegment message, long offset) {
        return Short.toUnsignedInt(message.get(JAVA_SHORT_UNALIGNED, offset + KEY_LENGTH));
    }

    /**
     * Returns the length of the value, inline or not; for a key block that of the key block.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return bytes
     */
    public static int valueLength(MemorySegment message, long offset) {
        return message.get(JAVA_INT_UNALIGNED, offset + VALUE_LENGTH);
    }

    /**
     * Returns the client flags of the item.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the flags, unsigned
     */
    public static int itemFlags(MemorySegment message, long offset) {
        return message.get(JAVA_INT_UNALIGNED, offset + ITEM_FLAGS);
    }

    /**
     * Returns the expiry as the wire has it.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the exptime
     */
    public static int exptime(MemorySegment message, long offset) {
        return message.get(JAVA_INT_UNALIGNED, offset + EXPTIME);
    }

    /**
     * Returns the CAS, the delta or the argument.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the number, unsigned
     */
    public static long cas(MemorySegment message, long offset) {
        return message.get(JAVA_LONG_UNALIGNED, offset + CAS);
    }

    /**
     * Returns where the key, or the first entry of the key block, begins.
     *
     * @param offset where the header begins
     * @return the offset in the same segment
     */
    public static long keyOffset(long offset) {
        return offset + HEADER_LENGTH;
    }

    /**
     * Returns where an inline value begins.
     *
     * @param message the segment the message is in
     * @param offset where the header begins
     * @return the offset in the same segment
     */
    public static long valueOffset(MemorySegment message, long offset) {
        return offset + HEADER_LENGTH + keyLength(message, offset);
    }
}
