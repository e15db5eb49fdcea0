package io.emcache.spi;

import io.emcache.MemcachedException;

/**
 * Turns values of one type into bytes and flags, and back. An implementation must be safe for all threads: {@link #encode}
 * runs on the thread that calls the client, {@link #decode} on that thread or on one that completes futures, never on an
 * event loop. Both may block; the time they take is no part of the deadline of the call.
 *
 * <p>Flags are 32 bits that the server keeps beside the bytes; by convention they say how the bytes are to be read. They are
 * shared with all other programs that write to the same keys. So a codec refuses flags that it does not know, and does
 * not guess. Bytes and text that nobody has marked have flags 0.
 *
 * <p>A codec fails with {@link MemcachedException.Codec}. Any other exception, and null as the result, counts as such a
 * failure. Messages hold no part of the value.
 *
 * @param <T> what it encodes and decodes
 */
public interface Codec<T> {
    /**
     * Turns a value into bytes and flags. The array is read before the client's method returns or waits, and neither
     * changed nor kept, so it may be one that belongs to the value.
     *
     * @param value the value
     * @return its bytes and flags
     * @throws MemcachedException.Codec if the value cannot be encoded; nothing is sent then
     */
    EncodedValue encode(T value);

    /**
     * Turns bytes and flags into a value.
     *
     * @param value the bytes; the array belongs to the codec, which may keep or change it
     * @param flags the flags that the server keeps, as an unsigned number
     * @return the value
     * @throws MemcachedException.Codec if the flags are unknown, or the bytes are not what they claim to be
     */
    T decode(byte[] value, long flags);
}
