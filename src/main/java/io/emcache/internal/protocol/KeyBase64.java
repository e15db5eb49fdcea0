package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Binary keys as base64 and back, for the meta flag {@code b}. Stateless; allocates nothing.
 *
 * <p>The alphabet is that of RFC 4648, section 4, always padded: memcached refuses what is not ({@code error decoding key}).
 */
public final class KeyBase64 {

    /** The longest binary key: what {@link KeyCodec#MAX_KEY_BYTES} bytes of base64 can hold. */
    public static final int MAX_RAW_BYTES = KeyCodec.MAX_KEY_BYTES / 4 * 3;

    private static final byte PADDING = '=';
    private static final byte NONE = -1;
    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUES = values();

    private KeyBase64() {}

    /**
     * Returns how many bytes a key becomes.
     *
     * @param rawBytes the length of the key in bytes
     * @return the length in base64
     */
    public static int encodedLength(int rawBytes) {
        return (rawBytes + 2) / 3 * 4;
    }

    /**
     * Encodes a key. Source and target may overlap if the source starts at least a third of its length, rounded up, behind
     * the target.
     *
     * @param from holds the key
     * @param fromOffset where the key starts, in bytes
     * @param length the key's length in bytes
     * @param to receives the base64
     * @param toOffset where it starts, in bytes
     * @return the length of the base64, {@link #encodedLength}
     * @throws IndexOutOfBoundsException if key or base64 do not fit their segments
     */
    public static int encode(MemorySegment from, long fromOffset, int length, MemorySegment to, long toOffset) {
        long end = fromOffset + length;
        long at = fromOffset;
        long out = toOffset;
        for (; end - at >= 3; at += 3) {
            put(to, out, unsigned(from, at) << 16 | unsigned(from, at + 1) << 8 | unsigned(from, at + 2));
            out += 4;
        }
        int rest = (int) (end - at);
        if (rest > 0) {
            int second = rest == 2 ? unsigned(from, at + 1) : 0;
            put(to, out, unsigned(from, at) << 16 | second << 8);
            to.set(JAVA_BYTE, out + 3, PADDING);
            if (rest == 1) {
                to.set(JAVA_BYTE, out + 2, PADDING);
            }
            out += 4;
        }
        return (int) (out - toOffset);
    }

    /**
     * Decodes a key. The target may be the source.
     *
     * @param from holds the base64
     * @param fromOffset where it starts, in bytes
     * @param length its length in bytes
     * @param to receives the key
     * @param toOffset where the key starts, in bytes
     * @return the length of the key, 1 to {@link #MAX_RAW_BYTES}
     * @throws ProtocolException if it is empty or too long, not padded, or holds what {@link #encode} does not write
     * @throws IndexOutOfBoundsException if base64 or key do not fit their segments
     */
    public static int decode(MemorySegment from, long fromOffset, int length, MemorySegment to, long toOffset) {
        if (length <= 0 || length > KeyCodec.MAX_KEY_BYTES || (length & 3) != 0) {
            throw bad("a binary key is not 4 to " + encodedLength(MAX_RAW_BYTES) + " bytes of padded base64");
        }
        long last = fromOffset + length - 4;
        long out = toOffset;
        for (long at = fromOffset; at < last; at += 4) {
            int bits = bits(from, at, 4);
            to.set(JAVA_BYTE, out, (byte) (bits >> 16));
            to.set(JAVA_BYTE, out + 1, (byte) (bits >> 8));
            to.set(JAVA_BYTE, out + 2, (byte) bits);
            out += 3;
        }
        int digits = digits(from, last);
        int bits = bits(from, last, digits);
        if ((bits & (0xffffff >>> (8 * (digits - 1)))) != 0) {
            throw bad("the base64 of a binary key ends with bits that belong to no byte");
        }
        for (int i = 1; i < digits; i++) {
            to.set(JAVA_BYTE, out++, (byte) (bits >> (24 - 8 * i)));
        }
        return (int) (out - toOffset);
    }

    private static void put(MemorySegment to, long offset, int bits) {
        int word = DIGITS[bits >>> 18]
                | DIGITS[bits >>> 12 & 0x3f] << 8
                | DIGITS[bits >>> 6 & 0x3f] << 16
                | DIGITS[bits & 0x3f] << 24;
        to.set(Ascii.INT, offset, word);
    }

    private static int unsigned(MemorySegment from, long offset) {
        return Byte.toUnsignedInt(from.get(JAVA_BYTE, offset));
    }

    /** How many of the last four characters are not padding; at least two. */
    private static int digits(MemorySegment from, long last) {
        if (from.get(JAVA_BYTE, last + 3) != PADDING) {
            return 4;
        }
        return from.get(JAVA_BYTE, last + 2) == PADDING ? 2 : 3;
    }

    /** The 24 bits of four characters, of which only the first few count. */
    private static int bits(MemorySegment from, long offset, int digits) {
        int bits = 0;
        int seen = 0;
        for (int i = 0; i < 4; i++) {
            int value = i < digits ? VALUES[unsigned(from, offset + i)] : 0;
            seen |= value;
            bits = bits << 6 | value;
        }
        if (seen < 0) {
            throw bad("a binary key holds a character that is not base64");
        }
        return bits;
    }

    private static ProtocolException bad(String what) {
        return new ProtocolException(ProtocolException.Reason.BAD_KEY, what);
    }

    private static byte[] values() {
        byte[] values = new byte[256];
        Arrays.fill(values, NONE);
        for (int i = 0; i < DIGITS.length; i++) {
            values[DIGITS[i]] = (byte) i;
        }
        return values;
    }
}
