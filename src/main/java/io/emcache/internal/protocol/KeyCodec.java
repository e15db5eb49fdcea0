package io.emcache.internal.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Turns keys into the bytes of the wire, and refuses those that memcached or a proxy before it would misread. Stateless; allocates nothing.
 *
 * <p>A key has 1 to 250 bytes. The server takes a space, CR or LF for the end of the key, cuts it at NUL, and passes other control
 * characters on, which not every proxy does; so bytes up to 0x20 and 0x7f are refused ({@code doc/protocol.txt} of memcached, "Keys").
 * Strings become UTF-8 as they are, without normalisation.
 */
public final class KeyCodec {

    /** The longest key, in bytes, with its prefix. */
    public static final int MAX_KEY_BYTES = 250;

    /** The key has no character. */
    public static final int EMPTY = -1;

    /** The key has more than {@link #MAX_KEY_BYTES} bytes with its prefix. */
    public static final int TOO_LONG = -2;

    /** The key has a space or a control character. */
    public static final int FORBIDDEN_CHARACTER = -3;

    /** The key has half of a surrogate pair, so it is no Unicode text. */
    public static final int UNPAIRED_SURROGATE = -4;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private KeyCodec() {}

    /**
     * Encodes a key.
     *
     * @param key the key
     * @param target receives the bytes from its start; at least {@link #MAX_KEY_BYTES} long
     * @return the key's length in bytes, or a negative status; after one the target holds some part of the key
     */
    public static int encode(String key, MemorySegment target) {
        return encode(key, target, 0);
    }

    /**
     * Encodes a key after a prefix that is in the target already.
     *
     * @param key the key
     * @param target receives the bytes after the prefix; at least {@link #MAX_KEY_BYTES} long
     * @param prefixBytes the prefix's length in bytes, at most {@link #MAX_KEY_BYTES}; the prefix has been validated
     * @return the length of prefix and key in bytes, or a negative status; after one the target holds some part of the key
     */
    public static int encode(String key, MemorySegment target, int prefixBytes) {
        int chars = key.length();
        if (chars == 0) {
            return EMPTY;
        }
        if (chars > MAX_KEY_BYTES - prefixBytes) {
            return TOO_LONG;
        }
        for (int i = 0; i < chars; i++) {
            char c = key.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return encodeFrom(key, i, target, prefixBytes + i);
            }
            target.set(BYTE, (long) prefixBytes + i, (byte) c);
        }
        return prefixBytes + chars;
    }

    /**
     * Copies a key that is bytes already.
     *
     * @param key the key
     * @param target receives the bytes after the prefix; at least {@link #MAX_KEY_BYTES} long
     * @param prefixBytes the prefix's length in bytes, at most {@link #MAX_KEY_BYTES}; the prefix has been validated
     * @return the length of prefix and key in bytes, or a negative status; after one the target holds some part of the key
     */
    public static int copy(byte[] key, MemorySegment target, int prefixBytes) {
        if (key.length == 0) {
            return EMPTY;
        }
        if (key.length > MAX_KEY_BYTES - prefixBytes) {
            return TOO_LONG;
        }
        MemorySegment.copy(key, 0, target, BYTE, prefixBytes, key.length);
        return validate(target, prefixBytes, key.length) < 0 ? FORBIDDEN_CHARACTER : prefixBytes + key.length;
    }

    /**
     * Looks at a key that is bytes already, without copying it.
     *
     * @param segment holds the key
     * @param offset where the key starts, in bytes
     * @param length the key's length in bytes
     * @return the length, or a negative status
     */
    public static int validate(MemorySegment segment, long offset, int length) {
        if (length == 0) {
            return EMPTY;
        }
        if (length > MAX_KEY_BYTES) {
            return TOO_LONG;
        }
        for (int i = 0; i < length; i++) {
            if (isForbidden(Byte.toUnsignedInt(segment.get(BYTE, offset + i)))) {
                return FORBIDDEN_CHARACTER;
            }
        }
        return length;
    }

    private static int encodeFrom(String key, int index, MemorySegment target, int start) {
        int chars = key.length();
        int end = start;
        int i = index;
        while (i < chars) {
            int codePoint = key.codePointAt(i);
            if (isForbidden(codePoint)) {
                return FORBIDDEN_CHARACTER;
            }
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                return UNPAIRED_SURROGATE;
            }
            int bytes = utf8Bytes(codePoint);
            if (end + bytes > MAX_KEY_BYTES) {
                return TOO_LONG;
            }
            putUtf8(target, end, codePoint, bytes);
            end += bytes;
            i += Character.charCount(codePoint);
        }
        return end;
    }

    private static boolean isForbidden(int codePoint) {
        return codePoint <= ' ' || codePoint == 0x7f;
    }

    private static int utf8Bytes(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }

    private static void putUtf8(MemorySegment target, long offset, int codePoint, int bytes) {
        if (bytes == 1) {
            target.set(BYTE, offset, (byte) codePoint);
            return;
        }
        int rest = codePoint;
        for (int i = bytes - 1; i > 0; i--) {
            target.set(BYTE, offset + i, (byte) (0x80 | (rest & 0x3f)));
            rest >>>= 6;
        }
        target.set(BYTE, offset, (byte) ((0xf00 >> bytes) | rest));
    }
}
