package io.emcache.spi;

import io.emcache.Compression;
import io.emcache.MemcachedException;

/**
 * An algorithm that makes bytes fewer, for {@link Compression#with}. An implementation must be safe for all threads, and
 * is called on the threads that {@link Codec} names. It may keep native memory only as long as something gives it back.
 *
 * <p>It fails with {@link MemcachedException.Codec}. Any other exception, and null as the result, counts as such a failure.
 */
public interface Compressor {
    /**
     * Returns what to call it in messages.
     *
     * @return the name of the algorithm, such as {@code zstd}
     */
    String name();

    /**
     * Compresses.
     *
     * @param bytes the bytes; not to be changed or kept
     * @return a new array, which may be longer than the given one; the caller does not use it then
     */
    byte[] compress(byte[] bytes);

    /**
     * Undoes {@link #compress}. The bytes come from a server and may be anything. An implementation must not believe a
     * length that they claim: it checks it against the bound before it allocates.
     *
     * @param bytes the compressed bytes; not to be kept
     * @param maxBytes how many bytes may come out
     * @return a new array of at most maxBytes
     * @throws MemcachedException.Codec if more would come out, or if the bytes are damaged, truncated or followed by
     *     others
     */
    byte[] decompress(byte[] bytes, int maxBytes);
}
