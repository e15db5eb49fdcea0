package io.emcache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a key, validated once. Immutable and safe for all threads; make it once and use it often.
 *
 * <p>A key has 1 to 250 bytes, none of which is a space, a control or 0x7f. All bytes from 0x80 on are allowed. Text is
 * encoded as UTF-8 without normalisation, so two spellings of one accented letter are two keys.
 */
public final class Key {
    /** The largest number of bytes that memcached takes for a key. */
    public static final int MAX_LENGTH = 250;

    private final int hash;
    private final byte[] bytes;

    private Key(byte[] bytes) {
        this.hash = Arrays.hashCode(bytes);
        this.bytes = bytes;
    }

    /**
     * Returns the key with the UTF-8 bytes of a text.
     *
     * @param text the key
     * @return the key
     * @throws MemcachedException.InvalidKey if it is empty, too long, holds a space or a control, or half of a surrogate
     *     pair
     */
    public static Key of(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new MemcachedException.InvalidKey(
                    "a key has at most " + MAX_LENGTH + " bytes, not " + text.length() + " characters");
        }
        return new Key(validated(encode(text)));
    }

    /**
     * Returns the key with the given bytes.
     *
     * @param bytes the key; copied
     * @return the key
     * @throws MemcachedException.InvalidKey if it is empty, too long, or holds a space or a control
     */
    public static Key of(byte[] bytes) {
        return new Key(validated(bytes.clone()));
    }

    /**
     * Returns the size of the key.
     *
     * @return 1 to {@link #MAX_LENGTH} bytes
     */
    public int length() {
        return bytes.length;
    }

    /**
     * Copies the key.
     *
     * @param target where to
     * @param offset the first byte to write
     * @throws IndexOutOfBoundsException if {@link #length()} bytes do not fit there
     */
    public void copyTo(MemorySegment target, long offset) {
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    /**
     * Returns the bytes of the key.
     *
     * @return a copy
     */
    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof Key key && key.hash == hash && Arrays.equals(key.bytes, bytes));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * Returns the key as text that is safe in a log: the UTF-8 text, with invisible and line-breaking characters as
     * {@code <U+0085>}; if the bytes are not UTF-8, those from 0x80 on as {@code \xXX}.
     */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(bytes.length);
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            text.codePoints().forEach(codePoint -> append(out, codePoint));
        } catch (CharacterCodingException e) {
            out.setLength(0);
            for (byte b : bytes) {
                append(out, b);
            }
        }
        return out.toString();
    }

    private static void append(StringBuilder out, int codePoint) {
        if (SafeText.isPrintable(codePoint)) {
            out.appendCodePoint(codePoint);
        } else {
            out.append("<U+%04X>".formatted(codePoint));
        }
    }

    private static void append(StringBuilder out, byte b) {
        if (b >= 0) {
            out.append((char) b);
        } else {
            out.append("\\x%02x".formatted(b));
        }
    }

    /** Half of a surrogate pair would become a question mark, and so the key of something else. */
    private static byte[] encode(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new MemcachedException.InvalidKey("a key must be valid Unicode; this one has half a surrogate pair");
        }
    }

    private static byte[] validated(byte[] bytes) {
        if (bytes.length == 0) {
            throw new MemcachedException.InvalidKey("a key must not be empty");
        }
        if (bytes.length > MAX_LENGTH) {
            throw new MemcachedException.InvalidKey("a key has at most " + MAX_LENGTH + " bytes, not " + bytes.length);
        }
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if ((b >= 0 && b <= ' ') || b == 0x7f) {
                throw new MemcachedException.InvalidKey(
                        "a key must not hold a space or a control: byte %d is 0x%02x".formatted(i, b));
            }
        }
        return bytes;
    }
}
