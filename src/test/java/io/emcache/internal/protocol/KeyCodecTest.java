package io.emcache.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows K1 to K6: what a key may be, and which bytes it becomes. */
class KeyCodecTest {

    private final MemorySegment target = MemorySegment.ofArray(new byte[KeyCodec.MAX_KEY_BYTES]);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "k",
                "user:42",
                "!~",
                "caf\u00e9",
                "\u0080\u07ff",
                "\u0800\uffff",
                "\ud7ff\ue000",
                "\ud83d\ude00",
                "a\ud83d\ude00\u20acb",
                "\udbff\udfff"
            })
    void keyBecomesUtf8(String key) {
        assertThat(encoded(key)).isEqualTo(key.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void composedAndDecomposedFormsStayDifferent() {
        assertThat(encoded("\u00e9")).isNotEqualTo(encoded("e\u0301"));
    }

    @Test
    void everyCodePointIsEncodedOrRefused() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            String key = Character.toString(codePoint);
            int status = KeyCodec.encode(key, target);
            if (codePoint <= ' ' || codePoint == 0x7f) {
                assertThat(status).isEqualTo(KeyCodec.FORBIDDEN_CHARACTER);
            } else if (key.length() == 1 && Character.isSurrogate(key.charAt(0))) {
                assertThat(status).isEqualTo(KeyCodec.UNPAIRED_SURROGATE);
            } else {
                byte[] expected = key.getBytes(StandardCharsets.UTF_8);
                assertThat(status).isEqualTo(expected.length);
                assertThat(target.asSlice(0, status).toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void forbiddenCharactersAreFoundAnywhere() {
        for (char forbidden : new char[] {' ', '\t', '\r', '\n', '\0', 0x1f, 0x7f}) {
            for (String around : new String[] {"key", "sch\u00f6n", "\ud83d\ude00"}) {
                for (String key : new String[] {forbidden + around, around + forbidden, around + forbidden + around}) {
                    assertThat(KeyCodec.encode(key, target)).isEqualTo(KeyCodec.FORBIDDEN_CHARACTER);
                    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                    assertThat(KeyCodec.copy(bytes, target, 0)).isEqualTo(KeyCodec.FORBIDDEN_CHARACTER);
                    assertThat(KeyCodec.validate(MemorySegment.ofArray(bytes), 0, bytes.length))
                            .isEqualTo(KeyCodec.FORBIDDEN_CHARACTER);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "\udc00", "a\ud800b", "\udc00\ud800", "\u00e9\ud800", "\ud800\ud800\udc00"})
    void halfASurrogatePairIsRefused(String key) {
        assertThat(KeyCodec.encode(key, target)).isEqualTo(KeyCodec.UNPAIRED_SURROGATE);
    }

    @Test
    void emptyKeyIsRefused() {
        assertThat(KeyCodec.encode("", target)).isEqualTo(KeyCodec.EMPTY);
        assertThat(KeyCodec.encode("", target, 4)).isEqualTo(KeyCodec.EMPTY);
        assertThat(KeyCodec.copy(new byte[0], target, 0)).isEqualTo(KeyCodec.EMPTY);
        assertThat(KeyCodec.validate(target, 0, 0)).isEqualTo(KeyCodec.EMPTY);
    }

    @Test
    void lengthIsLimitedInBytes() {
        assertThat(KeyCodec.encode("k".repeat(250), target)).isEqualTo(250);
        assertThat(KeyCodec.encode("k".repeat(251), target)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.encode("\u00e9".repeat(125), target)).isEqualTo(250);
        assertThat(KeyCodec.encode("\u00e9".repeat(126), target)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.encode("k".repeat(249) + "\u00e9", target)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.encode("\u20ac".repeat(83) + "k", target)).isEqualTo(250);
        assertThat(KeyCodec.encode("\u20ac".repeat(84), target)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.encode("\ud83d\ude00".repeat(62) + "kk", target)).isEqualTo(250);
        assertThat(KeyCodec.encode("\ud83d\ude00".repeat(63), target)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.copy(new byte[251], target, 0)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.validate(MemorySegment.ofArray(new byte[251]), 0, 251))
                .isEqualTo(KeyCodec.TOO_LONG);
    }

    @Test
    void prefixCountsAndStaysInFront() {
        byte[] prefix = "app:".getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(prefix, 0, target, ValueLayout.JAVA_BYTE, 0, prefix.length);

        int length = KeyCodec.encode("k\u00e9", target, prefix.length);

        assertThat(target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo("app:k\u00e9".getBytes(StandardCharsets.UTF_8));
        assertThat(KeyCodec.encode("k".repeat(246), target, 4)).isEqualTo(250);
        assertThat(KeyCodec.encode("k".repeat(247), target, 4)).isEqualTo(KeyCodec.TOO_LONG);
        assertThat(KeyCodec.copy(new byte[247], target, 4)).isEqualTo(KeyCodec.TOO_LONG);
    }

    @Test
    void bytesAreCopiedAsTheyAre() {
        byte[] key = {'k', (byte) 0x80, (byte) 0xff, (byte) 0xc0, '~'};

        assertThat(KeyCodec.copy(key, target, 0)).isEqualTo(key.length);
        assertThat(target.asSlice(0, key.length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(key);
        assertThat(KeyCodec.validate(target, 1, 4)).isEqualTo(4);
    }

    @Test
    void anyMixtureOfCharactersBecomesUtf8() {
        SplittableRandom random = new SplittableRandom(7);
        int[] ranges = {0x7e, 0x7ff, 0xd7ff, 0x1ffff};
        for (int i = 0; i < 20_000; i++) {
            StringBuilder key = new StringBuilder();
            int characters = random.nextInt(1, 40);
            for (int j = 0; j < characters; j++) {
                int codePoint = random.nextInt('!', ranges[random.nextInt(4)]);
                boolean refused = codePoint == 0x7f || (codePoint >= 0xd800 && codePoint <= 0xdfff);
                key.appendCodePoint(refused ? 'x' : codePoint);
            }
            assertThat(encoded(key.toString())).isEqualTo(key.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private byte[] encoded(String key) {
        int length = KeyCodec.encode(key, target);
        assertThat(length).isPositive();
        return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
