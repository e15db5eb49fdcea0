package io.emcache.internal.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The pure-Java twin of the native library. Stateless. MurmurHash3 x64_128 after Austin Appleby's public-domain {@code MurmurHash3.cpp}
 * (aappleby/smhasher).
 */
final class JavaKeyHashing implements KeyHashing {

    static final JavaKeyHashing INSTANCE = new JavaKeyHashing();

    static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong NATIVE_LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt NATIVE_INT = ValueLayout.JAVA_INT_UNALIGNED;

    private static final long C1 = 0x87c37b91114253d5L;
    private static final long C2 = 0x4cf5ad432745937fL;

    private JavaKeyHashing() {}

    @Override
    public long hash64(MemorySegment key, int length, int seed) {
        return hash64(key, 0, length, seed);
    }

    @Override
    public void hash128(MemorySegment key, int length, int seed, MemorySegment out) {
        hash(key, 0, length, seed, out);
    }

    @Override
    public int select(long keyHash, MemorySegment nodeHashes, int nodeCount) {
        int chosen = 0;
        long chosenHash = nodeHashes.get(NATIVE_LONG, 0);
        long highest = mix(keyHash ^ chosenHash);
        for (int i = 1; i < nodeCount; i++) {
            long nodeHash = nodeHashes.get(NATIVE_LONG, (long) i * Long.BYTES);
            long score = mix(keyHash ^ nodeHash);
            int order = Long.compareUnsigned(score, highest);
            if (order > 0 || (order == 0 && Long.compareUnsigned(nodeHash, chosenHash) > 0)) {
                chosen = i;
                chosenHash = nodeHash;
                highest = score;
            }
        }
        return chosen;
    }

    @Override
    public int route(MemorySegment key, int length, MemorySegment nodeHashes, int nodeCount) {
        return nodeCount == 1 ? 0 : select(hash64(key, 0, length, 0), nodeHashes, nodeCount);
    }

    @Override
    public void routeMany(
            MemorySegment keys,
            MemorySegment offsets,
            int keyCount,
            MemorySegment nodeHashes,
            int nodeCount,
            MemorySegment chosen) {
        for (int i = 0; i < keyCount; i++) {
            int start = offsetAt(offsets, i);
            long keyHash = hash64(keys, start, offsetAt(offsets, i + 1) - start, 0);
            chosen.set(NATIVE_INT, (long) i * Integer.BYTES, select(keyHash, nodeHashes, nodeCount));
        }
    }

    @Override
    public int routePython(MemorySegment key, int length, MemorySegment nodeIds, MemorySegment offsets, int nodeCount) {
        return JavaPythonPlacement.route(key, length, nodeIds, offsets, nodeCount);
    }

    @Override
    public boolean isNative() {
        return false;
    }

    private static long hash64(MemorySegment key, long start, int length, int seed) {
        return hash(key, start, length, seed, null);
    }

    private static long hash(MemorySegment key, long start, int length, int seed, @Nullable MemorySegment out) {
        long h1 = Integer.toUnsignedLong(seed);
        long h2 = h1;
        long position = start;
        for (int left = length; left >= 16; left -= 16) {
            h1 ^= scramble1(key.get(LITTLE_ENDIAN_LONG, position));
            h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
            h2 ^= scramble2(key.get(LITTLE_ENDIAN_LONG, position + 8));
            h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
            position += 16;
        }
        int tail = length & 15;
        if (tail > 8) {
            h2 ^= scramble2(partialLong(key, position + 8, tail - 8));
            h1 ^= scramble1(key.get(LITTLE_ENDIAN_LONG, position));
        } else if (tail > 0) {
            h1 ^= scramble1(partialLong(key, position, tail));
        }
        h1 ^= length;
        h2 ^= length;
        h1 += h2;
        h2 += h1;
        h1 = mix(h1);
        h2 = mix(h2);
        h1 += h2;
        if (out != null) {
            out.set(NATIVE_LONG, 0, h1);
            out.set(NATIVE_LONG, Long.BYTES, h2 + h1);
        }
        return h1;
    }

    static long partialLong(MemorySegment key, long position, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | Byte.toUnsignedLong(key.get(ValueLayout.JAVA_BYTE, position + i));
        }
        return value;
    }

    static long scramble1(long k) {
        return Long.rotateLeft(k * C1, 31) * C2;
    }

    static long scramble2(long k) {
        return Long.rotateLeft(k * C2, 33) * C1;
    }

    static long mix(long k) {
        k = (k ^ k >>> 33) * 0xff51afd7ed558ccdL;
        k = (k ^ k >>> 33) * 0xc4ceb9fe1a85ec53L;
        return k ^ k >>> 33;
    }

    static int offsetAt(MemorySegment offsets, int index) {
        return offsets.get(NATIVE_INT, (long) index * Integer.BYTES);
    }
}
