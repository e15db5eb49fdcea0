package io.emcache.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeyHashingTest {

    private static final boolean NATIVE_ACCESS =
            KeyHashingTest.class.getModule().isNativeAccessEnabled();
    private static final int MAX_LENGTH = 300;
    private static final int MAX_NODES = 100;
    private static final ValueLayout.OfLong LITTLE_ENDIAN =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SplittableRandom random = new SplittableRandom(42);
    private final Arena arena = Arena.ofAuto();

    static Stream<KeyHashing> subjects() {
        return NATIVE_ACCESS ? Stream.of(KeyHashing.inJava(), KeyHashing.get()) : Stream.of(KeyHashing.inJava());
    }

    @Test
    void nativeLibraryIsUsedWhereNativeAccessIsEnabled() {
        assertThat(KeyHashing.get().isNative()).isEqualTo(NATIVE_ACCESS);
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void hashesAgreeWithTheReference(KeyHashing subject) {
        MemorySegment out = arena.allocate(16);
        for (String[] vector : Vectors.lines("murmur3.tsv")) {
            int seed = Integer.parseUnsignedInt(vector[0]);
            byte[] key = HexFormat.of().parseHex(vector[1]);
            byte[] digest = HexFormat.of().parseHex(vector[3]);
            MemorySegment segment = segmentOf(key, 0);

            subject.hash128(segment, key.length, seed, out);

            assertThat(littleEndianBytes(out))
                    .as("seed %s, key %s", vector[0], vector[1])
                    .isEqualTo(digest);
            assertThat(subject.hash64(segment, key.length, seed))
                    .isEqualTo(MemorySegment.ofArray(digest).get(LITTLE_ENDIAN, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void placementAgreesWithEmcacheForPython(KeyHashing subject) {
        for (String[] vector : Vectors.lines("emcache-placement.tsv")) {
            List<String> ids = List.of(vector[0].split(","));
            byte[] key = vector[1].getBytes(StandardCharsets.UTF_8);

            int chosen = subject.routePython(segmentOf(key, 0), key.length, endToEnd(ids), offsets(ids), ids.size());

            assertThat(chosen).as("key %s among %s", vector[1], vector[0]).isEqualTo(Integer.parseInt(vector[2]));
        }
    }

    @Test
    void hashesAgreeOnEveryLengthSeedAndAlignment() {
        KeyHashing nativeSubject = nativeSubject();
        KeyHashing inJava = KeyHashing.inJava();
        MemorySegment expected = arena.allocate(16);
        MemorySegment actual = arena.allocate(16);
        int[] seeds = Vectors.lines("murmur3.tsv").stream()
                .mapToInt(vector -> Integer.parseUnsignedInt(vector[0]))
                .distinct()
                .toArray();
        for (int length = 0; length <= MAX_LENGTH; length++) {
            byte[] key = randomBytes(length);
            for (int shift = 0; shift < 8; shift++) {
                MemorySegment segment = segmentOf(key, shift);
                for (int seed : seeds) {
                    inJava.hash128(segment, length, seed, expected);
                    nativeSubject.hash128(segment, length, seed, actual);
                    assertThat(actual.mismatch(expected))
                            .as("length %d, shift %d, seed %d", length, shift, seed)
                            .isEqualTo(-1);
                    assertThat(nativeSubject.hash64(segment, length, seed))
                            .isEqualTo(inJava.hash64(segment, length, seed))
                            .isEqualTo(expected.get(ValueLayout.JAVA_LONG, 0));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void selectTakesTheHighestUnsignedScore(KeyHashing subject) {
        for (int nodes = 1; nodes <= MAX_NODES; nodes++) {
            MemorySegment hashes = nodeHashes(nodes, nodes);
            for (int i = 0; i < 50; i++) {
                long keyHash = random.nextLong();
                assertThat(subject.select(keyHash, hashes, nodes)).isEqualTo(highest(keyHash, hashes, nodes));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void selectTakesTheFirstOfEqualNodes(KeyHashing subject) {
        for (int nodes = 2; nodes <= MAX_NODES; nodes++) {
            MemorySegment hashes = nodeHashes(nodes, (nodes + 2) / 3);
            for (int i = 0; i < 50; i++) {
                long keyHash = random.nextLong();
                assertThat(subject.select(keyHash, hashes, nodes)).isEqualTo(highest(keyHash, hashes, nodes));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void routeIsHashAndSelect(KeyHashing subject) {
        for (int nodes = 1; nodes <= MAX_NODES; nodes++) {
            MemorySegment hashes = nodeHashes(nodes, nodes);
            int length = random.nextInt(MAX_LENGTH + 1);
            MemorySegment key = segmentOf(randomBytes(length), nodes & 7);

            assertThat(subject.route(key, length, hashes, nodes))
                    .isEqualTo(highest(subject.hash64(key, length, 0), hashes, nodes));
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void routeManyIsRouteForEachKey(KeyHashing subject) {
        for (int nodes = 1; nodes <= MAX_NODES; nodes++) {
            MemorySegment hashes = nodeHashes(nodes, nodes);
            List<String> keys = IntStream.range(0, nodes)
                    .mapToObj(i -> "k".repeat(i % 5 * 7) + i)
                    .toList();
            MemorySegment chosen = arena.allocate((long) keys.size() * Integer.BYTES, Integer.BYTES);

            subject.routeMany(endToEnd(keys), offsets(keys), keys.size(), hashes, nodes, chosen);

            for (int i = 0; i < keys.size(); i++) {
                byte[] key = keys.get(i).getBytes(StandardCharsets.UTF_8);
                assertThat(chosen.getAtIndex(ValueLayout.JAVA_INT, i))
                        .isEqualTo(subject.route(segmentOf(key, 0), key.length, hashes, nodes));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void routeManyOfNothingChoosesNothing(KeyHashing subject) {
        MemorySegment empty = arena.allocate(Integer.BYTES, Integer.BYTES);
        MemorySegment chosen = arena.allocate(Integer.BYTES, Integer.BYTES);
        chosen.set(ValueLayout.JAVA_INT, 0, 77);

        subject.routeMany(empty, empty, 0, nodeHashes(3, 3), 3, chosen);

        assertThat(chosen.get(ValueLayout.JAVA_INT, 0)).isEqualTo(77);
    }

    @Test
    void pythonPlacementsAgreeForAnyIdsAndKeys() {
        KeyHashing nativeSubject = nativeSubject();
        for (int nodes = 1; nodes <= MAX_NODES; nodes++) {
            List<String> ids = IntStream.range(0, nodes)
                    .mapToObj(i -> "n".repeat(random.nextInt(40)) + i)
                    .toList();
            MemorySegment idBytes = endToEnd(ids);
            MemorySegment idOffsets = offsets(ids);
            for (int i = 0; i < 20; i++) {
                int length = random.nextInt(251);
                MemorySegment key = segmentOf(randomBytes(length), i & 7);
                assertThat(nativeSubject.routePython(key, length, idBytes, idOffsets, nodes))
                        .isEqualTo(KeyHashing.inJava().routePython(key, length, idBytes, idOffsets, nodes));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void lengthBeyondTheSegmentIsRefused(KeyHashing subject) {
        MemorySegment key = arena.allocate(32).asSlice(0, 31);
        MemorySegment hashes = nodeHashes(2, 2);

        assertThatThrownBy(() -> subject.hash64(key, 32, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> subject.select(1, hashes, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> subject.route(key, 32, hashes, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> subject.hash128(key, 31, 0, arena.allocate(8)))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static KeyHashing nativeSubject() {
        assumeTrue(NATIVE_ACCESS, "native access is not enabled in this JVM");
        return KeyHashing.get();
    }

    private static int highest(long keyHash, MemorySegment hashes, int nodes) {
        int chosen = 0;
        for (int i = 1; i < nodes; i++) {
            long score = fmix64(keyHash ^ hashes.getAtIndex(ValueLayout.JAVA_LONG, i));
            long best = fmix64(keyHash ^ hashes.getAtIndex(ValueLayout.JAVA_LONG, chosen));
            if (Long.compareUnsigned(score, best) > 0) {
                chosen = i;
            }
        }
        return chosen;
    }

    private static long fmix64(long k) {
        long mixed = k;
        mixed ^= mixed >>> 33;
        mixed *= 0xff51afd7ed558ccdL;
        mixed ^= mixed >>> 33;
        mixed *= 0xc4ceb9fe1a85ec53L;
        mixed ^= mixed >>> 33;
        return mixed;
    }

    private MemorySegment nodeHashes(int nodes, int different) {
        MemorySegment hashes = arena.allocate((long) nodes * Long.BYTES, Long.BYTES);
        long[] pool = random.longs(different).toArray();
        for (int i = 0; i < nodes; i++) {
            hashes.setAtIndex(ValueLayout.JAVA_LONG, i, pool[i % different]);
        }
        return hashes;
    }

    private MemorySegment endToEnd(List<String> texts) {
        return segmentOf(String.join("", texts).getBytes(StandardCharsets.UTF_8), 0);
    }

    private MemorySegment offsets(List<String> texts) {
        MemorySegment offsets = arena.allocate((texts.size() + 1L) * Integer.BYTES, Integer.BYTES);
        int end = 0;
        for (int i = 0; i < texts.size(); i++) {
            end += texts.get(i).length();
            offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1, end);
        }
        return offsets;
    }

    /** The segment ends with the bytes, so that a read beyond them is a read beyond the segment. */
    private MemorySegment segmentOf(byte[] bytes, int shift) {
        MemorySegment segment = arena.allocate(Math.max(shift + bytes.length, 1), 16);
        MemorySegment slice = segment.asSlice(shift, bytes.length);
        MemorySegment.copy(bytes, 0, slice, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return slice;
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] littleEndianBytes(MemorySegment digest) {
        byte[] bytes = new byte[16];
        MemorySegment view = MemorySegment.ofArray(bytes);
        view.set(LITTLE_ENDIAN, 0, digest.get(ValueLayout.JAVA_LONG, 0));
        view.set(LITTLE_ENDIAN, 8, digest.get(ValueLayout.JAVA_LONG, 8));
        return bytes;
    }
}
