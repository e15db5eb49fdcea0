package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases K1 to K6 of the key rules. */
class KeyTest {
    @Test
    void longestKeyIsAccepted() {
        assertThat(Key.of("k".repeat(250)).length()).isEqualTo(250);
        assertThat(Key.of("é".repeat(125)).length()).isEqualTo(250);
    }

    @Test
    void tooLongKeyIsRefusedByItsBytes() {
        assertInvalid("k".repeat(251), "251");
        assertInvalid("é".repeat(126), "252");
        assertInvalid("k".repeat(1 << 20), "1048576");
    }

    @Test
    void emptyKeyIsRefused() {
        assertInvalid("", "empty");
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> Key.of(new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(ints = {' ', '\r', '\n', 0, '\t', 0x01, 0x1f, 0x7f})
    void spaceAndControlAreRefusedWithTheirPlace(int b) {
        assertInvalid("a" + (char) b + "b", "byte 1 is 0x%02x".formatted(b));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.of(new byte[] {'a', (byte) b}));
    }

    @Test
    void allOtherBytesAreAccepted() {
        for (int b = 0x21; b <= 0xff; b++) {
            if (b != 0x7f) {
                assertThat(Key.of(new byte[] {(byte) b}).toBytes()).containsExactly(b);
            }
        }
    }

    @Test
    void textIsUtf8WithoutNormalisation() {
        assertThat(Key.of("é€😀").toBytes()).isEqualTo("é€😀".getBytes(UTF_8));
        assertThat(Key.of("\u00e9")).isNotEqualTo(Key.of("e\u0301"));
    }

    @Test
    void halfASurrogatePairIsRefused() {
        assertInvalid("a\ud83d", "surrogate");
        assertInvalid("\ude00a", "surrogate");
    }

    @Test
    void messageDoesNotRepeatTheKey() {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.of("session token"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("session", "token"));
    }

    @Test
    void bytesAreCopiedInAndOut() {
        byte[] bytes = {'a', 'b'};
        Key key = Key.of(bytes);
        bytes[0] = ' ';
        key.toBytes()[1] = ' ';

        assertThat(key.toBytes()).containsExactly('a', 'b');
    }

    @Test
    void copyToWritesTheBytesAtTheOffset() {
        byte[] target = new byte[5];

        Key.of("abc").copyTo(MemorySegment.ofArray(target), 1);

        assertThat(target).containsExactly(0, 'a', 'b', 'c', 0);
    }

    @Test
    void copyToRefusesTooLittleRoom() {
        MemorySegment target = MemorySegment.ofArray(new byte[3]);

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> Key.of("abc").copyTo(target, 1));
    }

    @Test
    void equalityGoesByBytes() {
        assertThat(Key.of("é")).isEqualTo(Key.of("é".getBytes(UTF_8))).hasSameHashCodeAs(Key.of("é".getBytes(UTF_8)));
        assertThat(Key.of("a")).isNotEqualTo(Key.of("b"));
    }

    @Test
    void textIsSafeForALog() {
        assertThat(Key.of("user:42/é😀")).hasToString("user:42/é😀");
        assertThat(Key.of("a\u0085b\u2028c\u202ed")).hasToString("a<U+0085>b<U+2028>c<U+202E>d");
        assertThat(Key.of(new byte[] {'a', (byte) 0xff, (byte) 0x80})).hasToString("a\\xff\\x80");
    }

    private static void assertInvalid(String text, String reason) {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.of(text))
                .withMessageContaining(reason);
    }
}
