package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows K7 and K8: binary keys on the wire, and back from it. */
class KeyBase64Test {
    private static final int OFFSET = 5;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private final SplittableRandom random = new SplittableRandom(64);

    @Test
    @DisplayName("K7 every length becomes padded base64 of at most 248 characters, and back")
    void everyLengthIsWhatTheJdkWrites() {
        assertThat(KeyBase64.MAX_RAW_BYTES).isEqualTo(186);
        for (int length = 1; length <= KeyBase64.MAX_RAW_BYTES; length++) {
            for (int i = 0; i < 50; i++) {
                byte[] raw = new byte[length];
                random.nextBytes(raw);
                byte[] encoded = encode(raw);

                assertThat(encoded).isEqualTo(Base64.getEncoder().encode(raw)).hasSizeLessThanOrEqualTo(248);
                assertThat(encoded).hasSize(KeyBase64.encodedLength(length));
                assertThat(decode(encoded)).isEqualTo(raw);
            }
        }
    }

    @Test
    @DisplayName("K7 all bytes in all places")
    void everyByteInEveryPlace() {
        for (int length = 1; length <= 4; length++) {
            for (int place = 0; place < length; place++) {
                for (int b = 0; b <= 0xff; b++) {
                    byte[] raw = new byte[length];
                    raw[place] = (byte) b;

                    assertThat(encode(raw)).isEqualTo(Base64.getEncoder().encode(raw));
                    assertThat(decode(encode(raw))).isEqualTo(raw);
                }
            }
        }
    }

    @Test
    void nothingAroundIsTouched() {
        MemorySegment to = MemorySegment.ofArray(new byte[20]).fill((byte) 7);

        assertThat(KeyBase64.encode(MemorySegment.ofArray(new byte[4]), 0, 4, to, OFFSET))
                .isEqualTo(8);
        assertThat(to.asSlice(0, OFFSET).toArray(JAVA_BYTE)).containsOnly(7);
        assertThat(to.asSlice(OFFSET + 8).toArray(JAVA_BYTE)).containsOnly(7);

        to.fill((byte) 7);
        assertThat(KeyBase64.decode(MemorySegment.ofArray(bytes("AAAAAA==")), 0, 8, to, OFFSET))
                .isEqualTo(4);
        assertThat(to.asSlice(OFFSET, 4).toArray(JAVA_BYTE)).containsOnly(0);
        assertThat(to.asSlice(0, OFFSET).toArray(JAVA_BYTE)).containsOnly(7);
        assertThat(to.asSlice(OFFSET + 4).toArray(JAVA_BYTE)).containsOnly(7);
    }

    @Test
    void keyMayBecomeBase64InItsOwnSegment() {
        for (int length = 1; length <= KeyBase64.MAX_RAW_BYTES; length++) {
            byte[] raw = new byte[length];
            random.nextBytes(raw);
            MemorySegment segment = MemorySegment.ofArray(new byte[256]);
            int behind = (length + 2) / 3;
            MemorySegment.copy(raw, 0, segment, JAVA_BYTE, behind, length);

            int encoded = KeyBase64.encode(segment, behind, length, segment, 0);
            assertThat(segment.asSlice(0, encoded).toArray(JAVA_BYTE))
                    .isEqualTo(Base64.getEncoder().encode(raw));
            assertThat(KeyBase64.decode(segment, 0, encoded, segment, 0)).isEqualTo(length);
            assertThat(segment.asSlice(0, length).toArray(JAVA_BYTE)).isEqualTo(raw);
        }
    }

    @Test
    void tooLittleRoomIsRefused() {
        MemorySegment small = MemorySegment.ofArray(new byte[3]);

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> KeyBase64.encode(small, 0, 3, small, 0));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> KeyBase64.decode(small, 0, 4, small, 0));
    }

    @ParameterizedTest
    @DisplayName("K8 what is not padded base64 is refused")
    @ValueSource(
            strings = {
                "",
                "A",
                "AA",
                "AAA",
                "AA=",
                "AAAAA",
                "A===",
                "====",
                "=AAA",
                "A=AA",
                "AA=A",
                "AAAAA===",
                "AAA=AAAA",
                "AA==AAAA",
                "AAAA====",
                "AAA\n",
                "AA-_",
                "AAA ",
                "AAA\0",
                "\u00ffAAA",
                "AAAAA\u0080==",
                "AB==",
                "AAB=",
                "A\r\nA"
            })
    void badBase64IsRefused(String text) {
        assertBad(bytes(text));
    }

    @Test
    @DisplayName("K8 no character outside the alphabet is taken anywhere")
    void foreignCharactersAreRefused() {
        for (int c = 0; c <= 0xff; c++) {
            for (int place = 0; place < 12; place++) {
                byte[] text = bytes("AAAAAAAAAAAA");
                text[place] = (byte) c;
                if (ALPHABET.indexOf(c) >= 0 || (c == '=' && place == 11)) {
                    assertThat(decode(text)).hasSize(c == '=' ? 8 : 9);
                } else {
                    assertBad(text);
                }
            }
        }
    }

    @Test
    @DisplayName("K8 more than a key can have is refused before it is read")
    void tooLongBase64IsRefused() {
        byte[] longest = new byte[248];
        Arrays.fill(longest, (byte) 'A');
        assertThat(decode(longest)).hasSize(186);

        MemorySegment none = MemorySegment.ofArray(new byte[0]);
        for (int length : new int[] {252, 1 << 20, Integer.MAX_VALUE, Integer.MAX_VALUE - 3, -4, Integer.MIN_VALUE}) {
            assertThatExceptionOfType(ProtocolException.class)
                    .isThrownBy(() -> KeyBase64.decode(none, 0, length, none, 0))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(ProtocolException.Reason.BAD_KEY));
        }
    }

    @Test
    @DisplayName("K8 only what would be written is read")
    void anythingElseIsRefusedOrWhatTheJdkReads() {
        for (int i = 0; i < 20_000; i++) {
            byte[] text = new byte[random.nextInt(1, 13)];
            for (int j = 0; j < text.length; j++) {
                text[j] = (byte) (random.nextInt(8) == 0 ? '=' : ALPHABET.charAt(random.nextInt(64)));
            }
            byte[] expected = canonical(text);
            if (expected == null) {
                assertBad(text);
            } else {
                assertThat(decode(text)).isEqualTo(expected);
            }
        }
    }

    private static byte @Nullable [] canonical(byte[] text) {
        try {
            byte[] raw = Base64.getDecoder().decode(text);
            return Arrays.equals(Base64.getEncoder().encode(raw), text) ? raw : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] encode(byte[] raw) {
        MemorySegment from = MemorySegment.ofArray(new byte[OFFSET + raw.length]);
        MemorySegment.copy(raw, 0, from, JAVA_BYTE, OFFSET, raw.length);
        MemorySegment to = MemorySegment.ofArray(new byte[256]);
        int length = KeyBase64.encode(from, OFFSET, raw.length, to, OFFSET);
        return to.asSlice(OFFSET, length).toArray(JAVA_BYTE);
    }

    private static byte[] decode(byte[] text) {
        MemorySegment from = MemorySegment.ofArray(new byte[OFFSET + text.length]);
        MemorySegment.copy(text, 0, from, JAVA_BYTE, OFFSET, text.length);
        MemorySegment to = MemorySegment.ofArray(new byte[200]);
        int length = KeyBase64.decode(from, OFFSET, text.length, to, OFFSET);
        return to.asSlice(OFFSET, length).toArray(JAVA_BYTE);
    }

    private static void assertBad(byte[] text) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> decode(text))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(ProtocolException.Reason.BAD_KEY));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
