package io.emcache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a key, validated once. Immutable and safe for all threads; make it once and use it often.
 *
 * <p>A text key has 1 to 250 bytes, none of which is a space, a control or 0x7f. All bytes from 0x80 on are allowed. Text
 * is encoded as UTF-8 without normalisation, so two spellings of one accented letter are two keys. Every server takes
 * text keys.
 *
 * <p>A {@linkplain #binary(byte[]) binary} key has 1 to 186 bytes of any kind. It travels as base64, which only servers
 * with the meta commands understand.
 *
 * <h2>Hashed keys</h2>
 *
 * <p>{@link #hashed(String)} takes text of any length. A key that is too long is replaced by 169 to 172 bytes: its first
 * 128 bytes, or up to three fewer so as not to cut a character of UTF-8 in two; a tilde; and the SHA-256 digest of all its
 * bytes in base64url (RFC 4648, section 5) without padding, which is 43 characters. So that nobody can write the
 * replacement of another key, a key is replaced too if it has 169 to 172 bytes and a tilde as the 44th from its end. This
 * form never changes.
 *
 * <p>Two keys are equal if they have the same bytes, both are binary or both are not, and both have the same routing key
 * or none.
 */
public final class Key {
    /** The largest number of bytes that memcached takes for a key. */
    public static final int MAX_LENGTH = 250;

    /** The largest number of bytes of a binary key: in base64 they become 248. */
    public static final int MAX_BINARY_LENGTH = 186;

    private static final int READABLE_LENGTH = 128;
    private static final int MAX_CONTINUATION_BYTES = 3;
    private static final int DIGEST_LENGTH = 43;
    private static final int MAX_HASHED_LENGTH = READABLE_LENGTH + 1 + DIGEST_LENGTH;
    private static final int MIN_HASHED_LENGTH = MAX_HASHED_LENGTH - MAX_CONTINUATION_BYTES;
    private static final byte SEPARATOR = '~';
    private static final byte[] NO_ROUTING = {};

    private final boolean binary;
    private final int hash;
    private final byte[] bytes;
    private final byte[] routing;

    private Key(boolean binary, byte[] bytes, byte[] routing) {
        this.binary = binary;
        this.hash = 31 * (31 * Arrays.hashCode(bytes) + Arrays.hashCode(routing)) + Boolean.hashCode(binary);
        this.bytes = bytes;
        this.routing = routing;
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
        return text(encode(text));
    }

    /**
     * Returns the key with the given bytes.
     *
     * @param bytes the key; copied
     * @return the key
     * @throws MemcachedException.InvalidKey if it is empty, too long, or holds a space or a control
     */
    public static Key of(byte[] bytes) {
        return text(bytes.clone());
    }

    /**
     * Returns the key with the UTF-8 bytes of a text of any length: as {@link #of(String)} if they are short enough, else
     * as said above under "Hashed keys".
     *
     * @param text the key
     * @return a key of at most {@link #MAX_LENGTH} bytes
     * @throws MemcachedException.InvalidKey if it is empty, holds a space or a control, or half of a surrogate pair
     */
    public static Key hashed(String text) {
        return new Key(false, shortened(validated(encode(text)), MAX_LENGTH), NO_ROUTING);
    }

    /**
     * Returns the key with the given bytes, however many: as {@link #of(byte[])} if they are few enough, else as said above
     * under "Hashed keys".
     *
     * @param bytes the key; copied
     * @return a key of at most {@link #MAX_LENGTH} bytes
     * @throws MemcachedException.InvalidKey if it is empty, or holds a space or a control
     */
    public static Key hashed(byte[] bytes) {
        return new Key(false, shortened(validated(bytes.clone()), MAX_LENGTH), NO_ROUTING);
    }

    /**
     * Returns the key with the given bytes of any kind, for servers with the meta commands (memcached 1.6.10 and newer).
     *
     * @param raw the key; copied
     * @return the key
     * @throws MemcachedException.InvalidKey if it is empty or has more than {@link #MAX_BINARY_LENGTH} bytes
     */
    public static Key binary(byte[] raw) {
        return raw(raw.clone());
    }

    /**
     * Returns the binary key with the given bytes, however many: as {@link #binary(byte[])} if they are few enough, else as
     * said above under "Hashed keys".
     *
     * @param raw the key; copied
     * @return a key of at most {@link #MAX_BINARY_LENGTH} bytes
     * @throws MemcachedException.InvalidKey if it is empty
     */
    public static Key hashedBinary(byte[] raw) {
        return raw(shortened(raw.clone(), MAX_BINARY_LENGTH));
    }

    /**
     * Returns this key with a text that chooses the node in its place. All keys with one routing key are on one node, in
     * every namespace.
     *
     * @param text encoded as UTF-8; 1 to {@link #MAX_LENGTH} bytes, of any kind because they are not sent
     * @return a key with this routing key, and no other
     * @throws MemcachedException.InvalidKey if the text is empty, too long, or holds half of a surrogate pair
     */
    public Key withRoutingKey(String text) {
        return routedBy(encode(text));
    }

    /**
     * Returns this key with bytes that choose the node in its place. All keys with one routing key are on one node, in
     * every namespace.
     *
     * @param routingKey 1 to {@link #MAX_LENGTH} bytes of any kind, because they are not sent; copied
     * @return a key with this routing key, and no other
     * @throws MemcachedException.InvalidKey if there are none or too many
     */
    public Key withRoutingKey(byte[] routingKey) {
        return routedBy(routingKey.clone());
    }

    /**
     * Returns the size of the key.
     *
     * @return 1 to {@link #MAX_LENGTH} bytes; for a binary key 1 to {@link #MAX_BINARY_LENGTH}, as they were given
     */
    public int length() {
        return bytes.length;
    }

    /**
     * Copies the key; a binary key as it was given, not as base64.
     *
     * @param target where to
     * @param offset the first byte to write
     * @throws IndexOutOfBoundsException if {@link #length()} bytes do not fit there
     */
    public void copyTo(MemorySegment target, long offset) {
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    /**
     * Returns the bytes of the key; of a binary key as they were given, not as base64.
     *
     * @return a copy
     */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /**
     * Says whether the key is binary.
     *
     * @return whether {@link #binary(byte[])} or {@link #hashedBinary(byte[])} made it
     */
    public boolean isBinary() {
        return binary;
    }

    /**
     * Returns the size of the routing key.
     *
     * @return 1 to {@link #MAX_LENGTH} bytes; 0 if there is none, so that the key itself chooses the node
     */
    public int routingKeyLength() {
        return routing.length;
    }

    /**
     * Copies the routing key, if there is one.
     *
     * @param target where to
     * @param offset the first byte to write
     * @throws IndexOutOfBoundsException if {@link #routingKeyLength()} bytes do not fit there
     */
    public void copyRoutingKeyTo(MemorySegment target, long offset) {
        MemorySegment.copy(routing, 0, target, ValueLayout.JAVA_BYTE, offset, routing.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Key key
                        && key.hash == hash
                        && key.binary == binary
                        && Arrays.equals(key.bytes, bytes)
                        && Arrays.equals(key.routing, routing));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * Returns the key as text that is safe in a log: the UTF-8 text, with invisible and line-breaking characters as
     * {@code <U+0085>}; if the key is binary or not UTF-8, bytes that are not visible ASCII as {@code \xXX}. A binary key is
     * followed by {@code [binary]}, one with a routing key by {@code [route=…]}, one with both by
     * {@code [binary, route=…]}.
     */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(bytes.length);
        append(out, bytes, binary);
        if (binary || routing.length > 0) {
            StringJoiner traits = new StringJoiner(", ", " [", "]");
            if (binary) {
                traits.add("binary");
            }
            if (routing.length > 0) {
                StringBuilder route = new StringBuilder("route=");
                append(route, routing, false);
                traits.add(route);
            }
            out.append(traits);
        }
        return out.toString();
    }

    private static void append(StringBuilder out, byte[] bytes, boolean binary) {
        int start = out.length();
        if (!binary) {
            try {
                CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                text.codePoints().forEach(codePoint -> append(out, codePoint));
                return;
            } catch (CharacterCodingException e) {
                out.setLength(start);
            }
        }
        for (byte b : bytes) {
            append(out, b);
        }
    }

    private static void append(StringBuilder out, int codePoint) {
        if (SafeText.isPrintable(codePoint)) {
            out.appendCodePoint(codePoint);
        } else {
            out.append("<U+%04X>".formatted(codePoint));
        }
    }

    private static void append(StringBuilder out, byte b) {
        if (b > ' ' && b < 0x7f) {
            out.append((char) b);
        } else {
            out.append("\\x%02x".formatted(b));
        }
    }

    private static Key text(byte[] bytes) {
        if (bytes.length > MAX_LENGTH) {
            throw new MemcachedException.InvalidKey("a key has at most " + MAX_LENGTH + " bytes, not " + bytes.length);
        }
        return new Key(false, validated(bytes), NO_ROUTING);
    }

    private static Key raw(byte[] raw) {
        if (raw.length == 0) {
            throw empty();
        }
        if (raw.length > MAX_BINARY_LENGTH) {
            throw new MemcachedException.InvalidKey(
                    "a binary key has at most " + MAX_BINARY_LENGTH + " bytes, not " + raw.length);
        }
        return new Key(true, raw, NO_ROUTING);
    }

    private Key routedBy(byte[] routingKey) {
        if (routingKey.length == 0 || routingKey.length > MAX_LENGTH) {
            throw new MemcachedException.InvalidKey(
                    "a routing key has 1 to " + MAX_LENGTH + " bytes, not " + routingKey.length);
        }
        return new Key(binary, bytes, routingKey);
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
            throw empty();
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

    private static MemcachedException.InvalidKey empty() {
        return new MemcachedException.InvalidKey("a key must not be empty");
    }

    private static byte[] shortened(byte[] bytes, int maxLength) {
        if (bytes.length <= maxLength && !looksHashed(bytes)) {
            return bytes;
        }
        int readable = READABLE_LENGTH;
        while (readable > READABLE_LENGTH - MAX_CONTINUATION_BYTES && isContinuation(bytes[readable])) {
            readable--;
        }
        byte[] digest = Base64.getUrlEncoder().withoutPadding().encode(sha256(bytes));
        byte[] result = Arrays.copyOf(bytes, readable + 1 + DIGEST_LENGTH);
        result[readable] = SEPARATOR;
        System.arraycopy(digest, 0, result, readable + 1, DIGEST_LENGTH);
        return result;
    }

    private static boolean looksHashed(byte[] bytes) {
        return bytes.length >= MIN_HASHED_LENGTH
                && bytes.length <= MAX_HASHED_LENGTH
                && bytes[bytes.length - DIGEST_LENGTH - 1] == SEPARATOR;
    }

    private static boolean isContinuation(byte b) {
        return (b & 0xc0) == 0x80;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
