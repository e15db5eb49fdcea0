package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AsciiTest {
    @Test
    void lineFeedIsFoundAtEveryPlace() {
        for (int length = 0; length < 40; length++) {
            MemorySegment none = MemorySegment.ofArray(new byte[length]).fill((byte) 0x8a);
            assertThat(Ascii.indexOfLineFeed(none, 0, length)).isEqualTo(-1);
            for (int at = 0; at < length; at++) {
                MemorySegment in = MemorySegment.ofArray(new byte[length]).fill((byte) '\u000b');
                in.set(JAVA_BYTE, at, (byte) '\n');
                in.set(JAVA_BYTE, length - 1, (byte) '\n');
                assertThat(Ascii.indexOfLineFeed(in, 0, length)).isEqualTo(at);
                assertThat(Ascii.indexOfLineFeed(in, at, length)).isEqualTo(at);
                assertThat(Ascii.indexOfLineFeed(in, 0, at)).isEqualTo(-1);
            }
        }
    }

    @Test
    void spaceIsFoundBeforeTheEndOnly() {
        for (int length = 1; length < 40; length++) {
            for (int at = 0; at < length; at++) {
                MemorySegment in = MemorySegment.ofArray(new byte[length]).fill((byte) '!');
                in.set(JAVA_BYTE, at, (byte) ' ');
                assertThat(Ascii.indexOfSpace(in, 0, length, length)).isEqualTo(at);
                assertThat(Ascii.indexOfSpace(in, 0, at, length)).isEqualTo(at);
                assertThat(Ascii.indexOfSpace(in, 0, at, at)).isEqualTo(at);
                assertThat(Ascii.indexOfSpace(in, at + 1, length, length)).isEqualTo(length);
            }
        }
    }

    @Test
    void digitsOfAWord() {
        assertThat(count("12345678")).isEqualTo(8);
        assertThat(count("1234567 ")).isEqualTo(7);
        assertThat(count("\r2345678")).isZero();
        assertThat(count("/2345678")).isZero();
        assertThat(count("0:345678")).isEqualTo(1);
        assertThat(count("09\u00b9\u00ff5678")).isEqualTo(2);
        assertThat(count("0\u008a99\u00ff\u00ff99")).isEqualTo(1);
        for (String digits : new String[] {"0", "9", "10", "907", "1000", "65536", "999999", "1234567", "99999999"}) {
            long word = word((digits + "\r\nxxxxxx").substring(0, 8));
            assertThat(Ascii.countDigits(word)).isEqualTo(digits.length());
            assertThat(Ascii.parseDigits(word, digits.length())).isEqualTo(Integer.parseInt(digits));
        }
    }

    @Test
    void everyOpaqueHasOneForm() {
        for (int value = 0; value <= 0xffff; value++) {
            int digits = Ascii.toHex(value);
            MemorySegment out = MemorySegment.ofArray(new byte[4]);
            out.set(Ascii.INT, 0, digits);
            assertThat(text(out, 4)).isEqualTo("%04x".formatted(value));
            assertThat(Ascii.fromHex(digits)).isEqualTo(value);
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000_000; i++) {
            int digits = random.nextInt();
            int value = Ascii.fromHex(digits);
            assertThat(value == -1 || Ascii.toHex(value) == digits).isTrue();
        }
    }

    @Test
    void decimals() {
        int[] values = {
            0,
            1,
            9,
            10,
            99,
            100,
            99_999_999,
            100_000_000,
            100_000_001,
            1_000_000_000,
            Integer.MAX_VALUE,
            Integer.MIN_VALUE,
            -1
        };
        for (int value : values) {
            String expected = Integer.toUnsignedString(value);
            MemorySegment out = MemorySegment.ofArray(new byte[expected.length() + Ascii.SLACK]);
            assertThat(Ascii.putDecimal(out, 0, value)).isEqualTo(expected.length());
            assertThat(text(out, expected.length())).isEqualTo(expected);
        }
    }

    @Test
    void equalComparesEveryByteAndNoMore() {
        for (int length = 0; length < 40; length++) {
            MemorySegment a = MemorySegment.ofArray(new byte[length]).fill((byte) 'a');
            MemorySegment b = MemorySegment.ofArray(new byte[length + 1]).fill((byte) 'a');
            b.set(JAVA_BYTE, 0, (byte) 'x');
            assertThat(Ascii.equal(a, 0, b, 1, length)).isTrue();
            for (int at = 0; at < length; at++) {
                b.set(JAVA_BYTE, 1 + at, (byte) 'b');
                assertThat(Ascii.equal(a, 0, b, 1, length)).isFalse();
                b.set(JAVA_BYTE, 1 + at, (byte) 'a');
            }
        }
    }

    private static int count(String word) {
        return Ascii.countDigits(word(word));
    }

    private static long word(String eight) {
        return MemorySegment.ofArray(eight.getBytes(ISO_8859_1)).get(Ascii.LONG, 0);
    }

    private static String text(MemorySegment bytes, int length) {
        return new String(bytes.asSlice(0, length).toArray(JAVA_BYTE), ISO_8859_1);
    }
}
