package io.emcache.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Md5Test {
    private static final int MAX_LENGTH = 600;

    private final SplittableRandom random = new SplittableRandom(42);
    private final Arena arena = Arena.ofAuto();

    @Test
    void agreesWithTheJdkOnEveryLength() throws Exception {
        MessageDigest reference = MessageDigest.getInstance("MD5");
        int[] words = new int[Md5.WORDS];
        for (int length = 0; length <= MAX_LENGTH; length++) {
            byte[] text = new byte[length];
            random.nextBytes(text);
            MemorySegment segment = segmentOf(text, length & 7);
            int[] expected = new int[Md5.WORDS];
            ByteBuffer.wrap(reference.digest(text))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer()
                    .get(expected);

            Md5.digest(segment, length, words);

            assertThat(words).as("length %d", length).isEqualTo(expected);
            assertThat(Md5.firstWord(segment, length)).isEqualTo(expected[0]);
        }
    }

    /** The segment ends with the bytes, so that a read beyond them is a read beyond the segment. */
    private MemorySegment segmentOf(byte[] bytes, int shift) {
        MemorySegment slice = arena.allocate(shift + bytes.length + 1L).asSlice(shift, bytes.length);
        MemorySegment.copy(bytes, 0, slice, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return slice;
    }
}
