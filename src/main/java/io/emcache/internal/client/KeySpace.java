package io.emcache.internal.client;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.KeyBase64;
import io.emcache.internal.protocol.KeyCodec;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The keys of a namespace: a prefix that goes before each of them, and whether those that are too long are hashed. Immutable; safe for all
 * threads. Allocates only for a key that is hashed or refused.
 *
 * <p>Keys are {@link String}s or {@link Key}s; a string and {@code Key.of} of it name the same item. They are written from the start of a
 * scratch of {@link KeyScratch#SIZE_BYTES}. What is hashed is prefix and key together, as {@link Key#hashed(byte[])} does, and the prefix
 * stays readable; a {@link Key} is hashed only if it is too long, whatever it looks like, because its user chose its bytes.
 */
final class KeySpace {

    /** The longest prefix in bytes: what stays readable when a key is hashed. */
    static final int MAX_PREFIX_BYTES = 128;

    /** Where a binary key waits to become base64 at the start of the scratch: far enough behind not to be overwritten. */
    private static final int RAW_OFFSET = 64;

    private static final int MIN_HASHED_BYTES = 169;
    private static final int MAX_HASHED_BYTES = 172;
    private static final int SEPARATOR_FROM_END = 44;
    private static final byte SEPARATOR = '~';

    private final boolean hashLongKeys;
    private final byte[] prefix;
    private final String prefixText;

    private KeySpace(boolean hashLongKeys, String prefixText) {
        this.hashLongKeys = hashLongKeys;
        this.prefix = prefixText.getBytes(StandardCharsets.UTF_8);
        this.prefixText = prefixText;
    }

    /** The keys as they are, without a prefix. */
    static KeySpace root(boolean hashLongKeys) {
        return new KeySpace(hashLongKeys, "");
    }

    /**
     * Returns the namespace inside this one.
     *
     * @param more goes behind the prefix; may be empty
     * @throws MemcachedException.InvalidKey if it holds what a key must not, or the prefix becomes longer than
     *     {@link #MAX_PREFIX_BYTES}
     */
    KeySpace namespace(String more) {
        if (more.isEmpty()) {
            return this;
        }
        int length = prefix.length + validated(more).length();
        if (length > MAX_PREFIX_BYTES) {
            throw new MemcachedException.InvalidKey(
                    "a namespace has at most " + MAX_PREFIX_BYTES + " bytes, not " + length);
        }
        return new KeySpace(hashLongKeys, prefixText + more);
    }

    /** The prefix; empty if there is none. */
    String prefix() {
        return prefixText;
    }

    /** Whether the key needs the meta flag {@code b}. */
    static boolean isBinary(Object key) {
        return key instanceof Key bytes && bytes.isBinary();
    }

    /** Whether what {@link #encode} writes is also what {@link #encodeRoute} would write. */
    static boolean routesByWire(Object key) {
        return !(key instanceof Key bytes) || (!bytes.isBinary() && bytes.routingKeyLength() == 0);
    }

    /**
     * Writes a key as it is sent: with its prefix, and if it is binary both together as base64.
     *
     * @return the length in bytes, at most {@link KeyCodec#MAX_KEY_BYTES}
     * @throws MemcachedException.InvalidKey if the key cannot be sent
     */
    int encode(Object key, MemorySegment scratch) {
        return key instanceof String text ? encodeText(text, scratch) : encodeKey(asKey(key), scratch);
    }

    /**
     * Writes a text key that is in memory of the caller's, with its prefix. Never hashed.
     *
     * @return the length in bytes, or a negative status of {@link KeyCodec}
     */
    int encode(MemorySegment key, long offset, int length, MemorySegment scratch) {
        int prefixBytes = putPrefix(scratch, 0);
        if (length > KeyCodec.MAX_KEY_BYTES - prefixBytes) {
            return KeyCodec.TOO_LONG;
        }
        MemorySegment.copy(key, offset, scratch, prefixBytes, length);
        int status = KeyCodec.validate(scratch, prefixBytes, length);
        return status < 0 ? status : prefixBytes + length;
    }

    /**
     * Writes the bytes that choose the node of a key: its routing key, without the prefix; or else prefix and key, not as base64.
     *
     * @return the length in bytes, at most {@link KeyCodec#MAX_KEY_BYTES}
     * @throws MemcachedException.InvalidKey if the key cannot be sent; a key with a routing key is not looked at
     */
    int encodeRoute(Object key, MemorySegment scratch) {
        if (key instanceof String text) {
            return encodeText(text, scratch);
        }
        Key bytes = asKey(key);
        int routing = bytes.routingKeyLength();
        if (routing == 0) {
            return putRaw(bytes, scratch, 0);
        }
        bytes.copyRoutingKeyTo(scratch, 0);
        return routing;
    }

    private int encodeText(String key, MemorySegment scratch) {
        int prefixBytes = putPrefix(scratch, 0);
        int length = KeyCodec.encode(key, scratch, prefixBytes);
        return length < 0 || (hashLongKeys && looksHashed(scratch, length)) ? encodeRare(key, scratch, length) : length;
    }

    private int encodeKey(Key key, MemorySegment scratch) {
        if (!key.isBinary()) {
            return putRaw(key, scratch, 0);
        }
        int length = putRaw(key, scratch, RAW_OFFSET);
        return KeyBase64.encode(scratch, RAW_OFFSET, length, scratch, 0);
    }

    private int putRaw(Key key, MemorySegment scratch, int offset) {
        int length = prefix.length + key.length();
        if (length > maxBytes(key)) {
            return putHashed(key, scratch, offset);
        }
        key.copyTo(scratch, offset + putPrefix(scratch, offset));
        return length;
    }

    private int putPrefix(MemorySegment scratch, int offset) {
        byte[] prefix = this.prefix;
        if (prefix.length > 0) {
            MemorySegment.copy(prefix, 0, scratch, JAVA_BYTE, offset, prefix.length);
        }
        return prefix.length;
    }

    /** Such a key could be written to meet the item of another, so it is hashed too. */
    private static boolean looksHashed(MemorySegment scratch, int length) {
        return length >= MIN_HASHED_BYTES
                && length <= MAX_HASHED_BYTES
                && scratch.get(JAVA_BYTE, length - SEPARATOR_FROM_END) == SEPARATOR;
    }

    private int encodeRare(String key, MemorySegment scratch, int status) {
        if (hashLongKeys && (status >= 0 || status == KeyCodec.TOO_LONG)) {
            return put(Key.hashed(prefixText + key), scratch, 0);
        }
        throw tooLong(Key.of(key));
    }

    private int putHashed(Key key, MemorySegment scratch, int offset) {
        if (!hashLongKeys) {
            throw tooLong(key);
        }
        byte[] whole = new byte[prefix.length + key.length()];
        System.arraycopy(prefix, 0, whole, 0, prefix.length);
        System.arraycopy(key.toBytes(), 0, whole, prefix.length, key.length());
        return put(key.isBinary() ? Key.hashedBinary(whole) : Key.hashed(whole), scratch, offset);
    }

    private static int put(Key key, MemorySegment scratch, int offset) {
        key.copyTo(scratch, offset);
        return key.length();
    }

    private static int maxBytes(Key key) {
        return key.isBinary() ? KeyBase64.MAX_RAW_BYTES : KeyCodec.MAX_KEY_BYTES;
    }

    /** The key alone would do. */
    private MemcachedException tooLong(Key key) {
        return new MemcachedException.InvalidKey(
                "a %s has at most %d bytes; this one has %d, %d of them the prefix '%s'"
                        .formatted(
                                key.isBinary() ? "binary key" : "key",
                                maxBytes(key),
                                prefix.length + key.length(),
                                prefix.length,
                                Key.of(prefixText)));
    }

    private static Key validated(String namespace) {
        try {
            return Key.of(namespace);
        } catch (MemcachedException.InvalidKey e) {
            throw new MemcachedException.InvalidKey("a namespace is the beginning of a key: " + e.getMessage());
        }
    }

    private static Key asKey(Object key) {
        return (Key) Objects.requireNonNull(key, "key");
    }
}
