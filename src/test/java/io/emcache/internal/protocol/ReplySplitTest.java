package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream means the same however it is cut. */
class ReplySplitTest {
    private static final String[] TRICKY = {
        "",
        "\r",
        "\n",
        "\r\n",
        "END\r\n",
        "\r\nEND\r\n",
        "VALUE k 0 3\r\nabc\r\nEND\r\n",
        "HD\r\nMN\r\n",
        "  ",
        "\0\r\r\n\n",
    };

    static List<String> shortStreams() {
        return List.of(
                "VA 5 kkey:123 Oabcd\r\nhello\r\nEN kkey:124 Oabce\r\nHD Oabcf\r\n",
                "VA 12 k\u00e9 f1\r\n\r\nEND\r\nMN\r\n\r\nMN\r\n",
                "VALUE a 0 13\r\nVALUE k 0 3\r\n\r\nVALUE bb 1 0 7\r\n\r\nEND\r\n",
                "STORED\r\nNOT_STORED\r\nSERVER_ERROR out of memory\r\n12   \r\nVERSION 1.6.18\r\n",
                "VA 4 c18446744073709551615 t-1 s4 l0 h1 W\r\n\r\n\r\n\r\nERROR\r\nVA 1\r\n\r\r\n",
                "VA 3\r\nabcdHD\r\n",
                "HD O12x4\r\n",
                "HD\r\nMN\n");
    }

    @ParameterizedTest
    @MethodSource("shortStreams")
    void everyPairOfCuts(String stream) {
        byte[] bytes = stream.getBytes(ISO_8859_1);
        List<String> whole = ReplyRecorder.record(bytes);
        assertThat(ReplyRecorder.recordByteByByte(bytes)).isEqualTo(whole);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertThat(ReplyRecorder.record(bytes, first, second))
                        .as("cut at %d and %d", first, second)
                        .isEqualTo(whole);
            }
        }
    }

    @Test
    void valuesThatLookLikeReplies() {
        for (String value : TRICKY) {
            String stream = "VA " + value.length() + " kk O0001\r\n" + value + "\r\nVALUE k 0 " + value.length()
                    + "\r\n" + value + "\r\nEND\r\n";
            byte[] bytes = stream.getBytes(ISO_8859_1);
            List<String> whole = ReplyRecorder.record(bytes);
            assertThat(whole)
                    .containsExactly(
                            "VA length=" + value.length() + " key=k opaque=1 <" + value.length() + ":" + value + ">",
                            "VALUE length=" + value.length() + " key=k <" + value.length() + ":" + value + ">",
                            "END",
                            "between replies");
            assertThat(ReplyRecorder.recordByteByByte(bytes)).isEqualTo(whole);
            for (int cut = 0; cut <= bytes.length; cut++) {
                assertThat(ReplyRecorder.record(bytes, cut))
                        .as("cut at %d", cut)
                        .isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2047, 2048, 2049, 16383, 16384, 16385})
    void valuesAroundBufferSizes(int length) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        String text = new String(value, ISO_8859_1);
        byte[] bytes = ("VA " + length + " kk\r\n" + text + "\r\nMN\r\n").getBytes(ISO_8859_1);
        List<String> whole = ReplyRecorder.record(bytes);
        assertThat(whole).hasSize(3).contains("MN");
        assertThat(ReplyRecorder.recordByteByByte(bytes)).isEqualTo(whole);
        for (int size : new int[] {7, 2048, 16384}) {
            int[] cuts = IntStream.iterate(size, at -> at < bytes.length, at -> at + size)
                    .toArray();
            assertThat(ReplyRecorder.record(bytes, cuts))
                    .as("pieces of %d", size)
                    .isEqualTo(whole);
        }
        for (int cut = bytes.length - 20; cut <= bytes.length; cut++) {
            assertThat(ReplyRecorder.record(bytes, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @Test
    void randomRepliesAtRandomCuts() {
        SplittableRandom random = new SplittableRandom(42);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = randomReplies(random).getBytes(ISO_8859_1);
            List<String> whole = ReplyRecorder.record(bytes);
            assertThat(whole.getLast()).isEqualTo("between replies");
            int[] cuts =
                    random.ints(random.nextInt(8), 0, bytes.length + 1).sorted().toArray();
            assertThat(ReplyRecorder.record(bytes, cuts)).as("round %d", round).isEqualTo(whole);
        }
    }

    @Test
    void garbageIsNothingButAViolation() {
        SplittableRandom random = new SplittableRandom(4711);
        for (int round = 0; round < 40_000; round++) {
            byte[] bytes = randomGarbage(random);
            List<String> whole = ReplyRecorder.record(bytes);
            int[] cuts =
                    random.ints(random.nextInt(4), 0, bytes.length + 1).sorted().toArray();
            assertThat(ReplyRecorder.record(bytes, cuts)).as("round %d", round).isEqualTo(whole);
        }
    }

    @Test
    void damagedRepliesAreNothingButViolations() {
        SplittableRandom random = new SplittableRandom(815);
        for (int round = 0; round < 40_000; round++) {
            byte[] bytes = randomReplies(random).getBytes(ISO_8859_1);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] =
                        "\r\n VALUEkOt0919-\0\u00ff".getBytes(ISO_8859_1)[random.nextInt(17)];
            }
            List<String> whole = ReplyRecorder.record(bytes);
            int cut = random.nextInt(bytes.length + 1);
            assertThat(ReplyRecorder.record(bytes, cut)).as("round %d", round).isEqualTo(whole);
        }
    }

    private static byte[] randomGarbage(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(80)];
        byte[] alphabet = "VALUEHDNFSXMTORC_ kOct0123456789-:\r\n\r\n\r\n".getBytes(ISO_8859_1);
        boolean anyByte = random.nextInt(4) == 0;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = anyByte ? (byte) random.nextInt() : alphabet[random.nextInt(alphabet.length)];
        }
        return bytes;
    }

    private static String randomReplies(SplittableRandom random) {
        StringBuilder stream = new StringBuilder();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            stream.append(randomReply(random));
        }
        return stream.toString();
    }

    private static String randomReply(SplittableRandom random) {
        String value = TRICKY[random.nextInt(TRICKY.length)].repeat(random.nextInt(4));
        String key = "k".repeat(random.nextInt(1, 40));
        return switch (random.nextInt(6)) {
            case 0 ->
                "VA " + value.length() + " k" + key + " O0a1b f" + random.nextInt(1 << 20) + "\r\n" + value + "\r\n";
            case 1 -> "VALUE " + key + " " + random.nextInt(1 << 30) + " " + value.length() + "\r\n" + value + "\r\n";
            case 2 -> "HD c" + Long.toUnsignedString(random.nextLong()) + " k" + key + "\r\n";
            case 3 -> Long.toUnsignedString(random.nextLong()) + " ".repeat(random.nextInt(3)) + "\r\n";
            case 4 -> "SERVER_ERROR " + key + "\r\n";
            default -> "STORED\r\n";
        };
    }
}
