package io.emcache.internal.memory;

import static io.emcache.internal.memory.JavaKeyHashing.mix;
import static io.emcache.internal.memory.JavaKeyHashing.offsetAt;
import static io.emcache.internal.memory.JavaKeyHashing.scramble1;
import static io.emcache.internal.memory.JavaKeyHashing.scramble2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The placement of emcache for Python in Java, see {@link KeyHashing#routePython}. Stateless. */
final class JavaPythonPlacement {

    private JavaPythonPlacement() {}

    static int route(MemorySegment key, int length, MemorySegment nodeIds, MemorySegment offsets, int nodeCount) {
        int chosen = 0;
        int highest = score(key, length, nodeIds, offsets, 0);
        for (int i = 1; i < nodeCount; i++) {
            int score = score(key, length, nodeIds, offsets, i);
            int order = Integer.compareUnsigned(score, highest);
            if (order > 0 || (order == 0 && winsTie(nodeIds, offsets, i, chosen))) {
                chosen = i;
                highest = score;
            }
        }
        return chosen;
    }

    private static boolean winsTie(MemorySegment nodeIds, MemorySegment offsets, int candidate, int chosen) {
        int ofCandidate = score(nodeIds, 0, nodeIds, offsets, candidate);
        int ofChosen = score(nodeIds, 0, nodeIds, offsets, chosen);
        return Integer.compareUnsigned(ofCandidate, ofChosen) > 0;
    }

    private static int score(MemorySegment key, int length, MemorySegment nodeIds, MemorySegment offsets, int node) {
        int start = offsetAt(offsets, node);
        return fold(joinedHash64(key, length, nodeIds, start, offsetAt(offsets, node + 1) - start));
    }

    /** As emcache computes it: of bytes 1 to 3 only the sign is left. */
    private static int fold(long hash) {
        int b0 = (byte) hash;
        int b1 = (byte) (hash >>> 8);
        int b2 = (byte) (hash >>> 16);
        int b3 = (byte) (hash >>> 24);
        return (b3 & 0xff000000) | (b2 & 0xffff0000) | (b1 & 0xffffff00) | b0;
    }

    private static long joinedHash64(MemorySegment key, int keyLength, MemorySegment ids, int start, int idLength) {
        int length = keyLength + idLength;
        long h1 = 0;
        long h2 = 0;
        int position = 0;
        for (; length - position >= 16; position += 16) {
            h1 ^= scramble1(joinedLong(key, keyLength, ids, start, position, 8));
            h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
            h2 ^= scramble2(joinedLong(key, keyLength, ids, start, position + 8, 8));
            h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
        }
        int tail = length - position;
        h2 ^= scramble2(joinedLong(key, keyLength, ids, start, position + 8, Math.max(tail - 8, 0)));
        h1 ^= scramble1(joinedLong(key, keyLength, ids, start, position, Math.min(tail, 8)));
        h1 ^= length;
        h2 ^= length;
        h1 += h2;
        h2 += h1;
        return mix(h1) + mix(h2);
    }

    private static long joinedLong(
            MemorySegment key, int keyLength, MemorySegment ids, int start, int position, int bytes) {
        if (bytes == 8 && position + 8 <= keyLength) {
            return key.get(JavaKeyHashing.LITTLE_ENDIAN_LONG, position);
        }
        if (bytes == 8 && position >= keyLength) {
            return ids.get(JavaKeyHashing.LITTLE_ENDIAN_LONG, (long) start + position - keyLength);
        }
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            int at = position + i;
            byte b = at < keyLength
                    ? key.get(ValueLayout.JAVA_BYTE, at)
                    : ids.get(ValueLayout.JAVA_BYTE, (long) start + at - keyLength);
            value = value << 8 | Byte.toUnsignedLong(b);
        }
        return value;
    }
}
