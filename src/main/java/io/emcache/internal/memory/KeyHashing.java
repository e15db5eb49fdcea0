package io.emcache.internal.memory;

import java.lang.foreign.MemorySegment;

/**
 * Hashes keys and chooses nodes: natively, or in Java with the same answers. Safe for all threads; nothing is allocated.
 *
 * <p>Keys stand at the start of a native segment. Numbers called unsigned are the bits of a {@code long} or {@code int}. Node hashes are
 * 64-bit numbers in native byte order, end to end; there is at least one. The functions are those of {@code emcache.h}. A length or count beyond
 * its segment throws {@link IndexOutOfBoundsException}; that offsets rise is trusted.
 */
public sealed interface KeyHashing permits NativeKeyHashing, JavaKeyHashing {

    /** The most key-node pairs that one call of {@link #routeMany} may score: a critical downcall keeps the collector waiting. */
    int MAX_PAIRS_PER_CALL = 16_384;

    /**
     * Returns the implementation of this process. It is chosen on the first call, which may take 100 ms: call it once off the caller's path.
     *
     * @return always the same object
     */
    static KeyHashing get() {
        return NativeLibrary.keyHashing();
    }

    /**
     * Says, for the log, which implementation {@link #get} returns and why. Takes as long as {@link #get}.
     *
     * @return one line, with the JVM flag that would change it if there is one
     */
    static String describe() {
        return NativeLibrary.describe();
    }

    /**
     * Returns the pure-Java implementation, whatever this process uses. It needs no library and may be called at any time.
     *
     * @return always the same object
     */
    static KeyHashing inJava() {
        return JavaKeyHashing.INSTANCE;
    }

    /**
     * Returns {@code fmix64} of MurmurHash3, the mix of {@link #select}: no two numbers have the same.
     *
     * @param bits what to mix
     * @return each bit of which depends on all bits
     */
    static long mix(long bits) {
        return JavaKeyHashing.mix(bits);
    }

    /**
     * Returns the first 64 bits of MurmurHash3 x64_128.
     *
     * @param key a native segment that starts with the key
     * @param length the key's length in bytes
     * @param seed the unsigned seed
     * @return the bits, as a little-endian number
     */
    long hash64(MemorySegment key, int length, int seed);

    /**
     * Writes all 128 bits of MurmurHash3 x64_128.
     *
     * @param key a native segment that starts with the key
     * @param length the key's length in bytes
     * @param seed the unsigned seed
     * @param out receives two 64-bit numbers in native byte order; the first is what {@link #hash64} returns
     */
    void hash128(MemorySegment key, int length, int seed, MemorySegment out);

    /**
     * Chooses a node by rendezvous: the highest {@code fmix64(keyHash ^ nodeHash)}, unsigned; the higher node hash on a tie.
     *
     * @param keyHash what {@link #hash64} returned for the key with seed 0
     * @param nodeHashes the nodes' hashes
     * @param nodeCount how many there are, at least 1
     * @return the index of the node
     */
    int select(long keyHash, MemorySegment nodeHashes, int nodeCount);

    /**
     * Chooses a node for a key: {@link #hash64} with seed 0 and {@link #select} in one call.
     *
     * @param key a native segment that starts with the key
     * @param length the key's length in bytes
     * @param nodeHashes the nodes' hashes
     * @param nodeCount how many there are, at least 1
     * @return the index of the node
     */
    int route(MemorySegment key, int length, MemorySegment nodeHashes, int nodeCount);

    /**
     * Chooses nodes for many keys at once.
     *
     * @param keys the keys, end to end
     * @param offsets {@code keyCount + 1} ints in native byte order: key {@code i} reaches from offset {@code i} up to offset {@code i + 1}
     * @param keyCount how many keys there are
     * @param nodeHashes the nodes' hashes
     * @param nodeCount how many there are, at least 1; times keys at most {@link #MAX_PAIRS_PER_CALL}
     * @param chosen receives {@code keyCount} ints in native byte order
     */
    void routeMany(
            MemorySegment keys,
            MemorySegment offsets,
            int keyCount,
            MemorySegment nodeHashes,
            int nodeCount,
            MemorySegment chosen);

    /**
     * Chooses the node that emcache for Python (1.3.3) chooses: each score is the first four bytes of MurmurHash3 x64_128 (seed 0) of the key
     * followed by the node's id, each byte extended with its sign; the highest wins, unsigned; a tie goes to the higher such score of the id
     * alone.
     *
     * @param key a native segment that starts with the key
     * @param length the key's length in bytes
     * @param nodeIds the nodes' ids (host followed by port, or a path), end to end
     * @param offsets {@code nodeCount + 1} ints in native byte order, as for keys in {@link #routeMany}
     * @param nodeCount how many nodes there are, at least 1
     * @return the index of the node
     */
    int routePython(MemorySegment key, int length, MemorySegment nodeIds, MemorySegment offsets, int nodeCount);

    /**
     * Tells which implementation this is.
     *
     * @return true if it calls the native library
     */
    boolean isNative();
}
