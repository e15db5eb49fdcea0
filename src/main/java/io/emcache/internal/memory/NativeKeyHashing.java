package io.emcache.internal.memory;

import java.lang.foreign.MemorySegment;

/** Calls the native library. Stateless. */
final class NativeKeyHashing implements KeyHashing {

    @Override
    public long hash64(MemorySegment key, int length, int seed) {
        return JavaKeyHashing.INSTANCE.hash64(key, length, seed);
    }

    @Override
    public void hash128(MemorySegment key, int length, int seed, MemorySegment out) {
        JavaKeyHashing.INSTANCE.hash128(key, length, seed, out);
    }

    @Override
    public int select(long keyHash, MemorySegment nodeHashes, int nodeCount) {
        return JavaKeyHashing.INSTANCE.select(keyHash, nodeHashes, nodeCount);
    }

    @Override
    public int route(MemorySegment key, int length, MemorySegment nodeHashes, int nodeCount) {
        return JavaKeyHashing.INSTANCE.route(key, length, nodeHashes, nodeCount);
    }

    @Override
    public void routeMany(
            MemorySegment keys,
            MemorySegment offsets,
            int keyCount,
            MemorySegment nodeHashes,
            int nodeCount,
            MemorySegment chosen) {
        JavaKeyHashing.INSTANCE.routeMany(keys, offsets, keyCount, nodeHashes, nodeCount, chosen);
    }

    @Override
    public int routePython(MemorySegment key, int length, MemorySegment nodeIds, MemorySegment offsets, int nodeCount) {
        return JavaKeyHashing.INSTANCE.routePython(key, length, nodeIds, offsets, nodeCount);
    }

    @Override
    public boolean isNative() {
        return true;
    }
}
