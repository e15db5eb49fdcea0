package io.emcache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Case V13 of the value rules: foreign flags are refused. */
class CodecsTest {
    private static final Codec<UUID> UUIDS = Codecs.mapping(Codecs.utf8(), UUID::toString, UUID::fromString);

    @Test
    void bytesPassAsTheyAre() {
        byte[] value = {0, -1, '\r', '\n'};

        assertThat(Codecs.bytes().encode(value).bytes()).isSameAs(value);
        assertThat(Codecs.bytes().encode(value).flags()).isZero();
        assertThat(Codecs.bytes().decode(value, 0)).isSameAs(value);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 16, 1L << 20, 1L << 31, (1L << 32) - 1, 1L << 32, -1})
    void foreignFlagsAreRefused(long flags) {
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> Codecs.bytes().decode(new byte[0], flags))
                .withMessage("bytes does not know flags " + Long.toUnsignedString(flags));
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> Codecs.utf8().decode(new byte[0], flags))
                .withMessage("utf8 does not know flags " + Long.toUnsignedString(flags));
        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> UUIDS.decode(new byte[0], flags));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "plain", "é", "日本語", "😀", "a\0b", "e\u0301", "\ufffd", "\ufeffbom", " \t", "\ufffd😀\ufffd"
            })
    void textComesBack(String text) {
        EncodedValue encoded = Codecs.utf8().encode(text);

        assertThat(encoded).isEqualTo(new EncodedValue(text.getBytes(UTF_8), 0));
        assertThat(Codecs.utf8().decode(encoded.bytes(), encoded.flags())).isEqualTo(text);
    }

    @Test
    void randomTextComesBack() {
        Random random = new Random(42);
        for (int i = 0; i < 2_000; i++) {
            int limit = random.nextBoolean() ? 0x80 : random.nextBoolean() ? 0x800 : Character.MAX_CODE_POINT + 1;
            String text = random.ints(random.nextInt(200), 0, limit)
                    .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();

            EncodedValue encoded = Codecs.utf8().encode(text);

            assertThat(Codecs.utf8().decode(encoded.bytes(), encoded.flags())).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, a\ud83d", "0, \ude00a", "0, \ud83d", "1, ?\ud83d\ud83d\ude00", "2, 😀\ude00", "0, \ude00\ud83d"})
    void halfASurrogatePairIsRefusedWithItsPlace(int place, String text) {
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> Codecs.utf8().encode(text))
                .withMessage("utf8: char " + place + " is half a surrogate pair");
    }

    @ParameterizedTest
    @CsvSource({
        "0, ff",
        "1, 61c3",
        "0, c0af",
        "2, 6162eda080",
        "0, f4908080",
        "0, 80",
        "3, efbfbdff",
        "1, 20f09f98",
    })
    void bytesThatAreNoTextAreRefusedWithTheirPlace(int place, String hex) {
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> Codecs.utf8().decode(HexFormat.of().parseHex(hex), 0))
                .withMessage("utf8: no UTF-8 at byte " + place);
    }

    @Test
    void randomBytesAreTextOrRefused() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(6)];
            random.nextBytes(bytes);
            boolean text = Arrays.equals(new String(bytes, UTF_8).getBytes(UTF_8), bytes);

            if (text) {
                assertThat(Codecs.utf8().decode(bytes, 0)).isEqualTo(new String(bytes, UTF_8));
            } else {
                assertThatExceptionOfType(MemcachedException.Codec.class)
                        .isThrownBy(() -> Codecs.utf8().decode(bytes, 0));
            }
        }
    }

    @Test
    void mappingGoesThroughTheOtherCodec() {
        UUID id = new UUID(1, 2);

        assertThat(UUIDS.encode(id)).isEqualTo(Codecs.utf8().encode(id.toString()));
        assertThat(UUIDS.decode(UUIDS.encode(id).bytes(), 0)).isEqualTo(id);
        assertThat(Codecs.mapping(Codecs.flagged(Codecs.utf8(), 4), UUID::toString, UUID::fromString)
                        .encode(id)
                        .flags())
                .isEqualTo(4);
    }

    @Test
    void mappingMakesACodecFailureOfAnException() {
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> UUIDS.decode("secret".getBytes(UTF_8), 0))
                .withMessage("mapping from utf8 failed")
                .withCauseInstanceOf(IllegalArgumentException.class);
        Codec<String> failing = Codecs.mapping(
                Codecs.utf8(),
                text -> {
                    throw new IllegalStateException("no");
                },
                Function.identity());
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> failing.encode("a"))
                .withMessage("mapping to utf8 failed")
                .withCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void mappingKeepsACodecFailureOfTheFunction() {
        MemcachedException.Codec failure = new MemcachedException.Codec("no such colour", null);
        Codec<String> codec = Codecs.mapping(Codecs.utf8(), Function.identity(), text -> {
            throw failure;
        });

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.decode(new byte[0], 0))
                .isSameAs(failure);
        assertThat(failure.node()).isNull();
        assertThat(failure).hasMessage("no such colour");
    }

    @Test
    void mappingTakesNoNull() {
        Codec<String> codec = Codecs.mapping(Codecs.utf8(), System::getProperty, System::getProperty);

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.encode("io.emcache.absent"))
                .withMessage("mapping to utf8 returned null");
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.decode("io.emcache.absent".getBytes(UTF_8), 0))
                .withMessage("mapping from utf8 returned null");
        assertThatNullPointerException().isThrownBy(() -> UUIDS.encode(null));
        assertThatNullPointerException().isThrownBy(() -> Codecs.utf8().encode(null));
        assertThatNullPointerException().isThrownBy(() -> Codecs.bytes().encode(null));
    }

    @Test
    void flaggedValuesAreToldFromOthers() {
        Codec<String> codec = Codecs.flagged(Codecs.utf8(), 0x14);

        assertThat(codec.encode("é")).isEqualTo(new EncodedValue("é".getBytes(UTF_8), 0x14));
        assertThat(codec.decode("é".getBytes(UTF_8), 0x14)).isEqualTo("é");
        for (long flags : new long[] {0, 0x10, 0x04, 0x15, 1L << 32, (1L << 32) | 0x14}) {
            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> codec.decode("é".getBytes(UTF_8), flags));
        }
    }

    @Test
    void allBitsMayBeFlags() {
        long all = (1L << 32) - 1;

        assertThat(Codecs.flagged(Codecs.utf8(), all).encode("a").flags()).isEqualTo(all);
        assertThat(Codecs.flagged(Codecs.utf8(), all).decode(new byte[] {'a'}, all))
                .isEqualTo("a");
    }

    @Test
    void collidingFlagsAreRefused() {
        Codec<String> codec = Codecs.flagged(Codecs.flagged(Codecs.utf8(), 6), 2);

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.encode("a"))
                .withMessage("flagged(utf8, 6) uses flags 6, which collide with 2");
        assertThat(Codecs.flagged(Codecs.flagged(Codecs.utf8(), 4), 2)
                        .encode("a")
                        .flags())
                .isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1L << 32})
    void impossibleFlagsAreRefused(long flags) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Codecs.flagged(Codecs.utf8(), flags))
                .withMessageContaining(Long.toString(flags));
    }

    @Test
    void failureDoesNotRepeatTheValue() {
        byte[] secret = "secr\u00e9t".getBytes(ISO_8859_1);

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> Codecs.utf8().decode(secret, 0))
                .satisfies(e -> assertThat(e.toString()).doesNotContain("secr"));
    }
}
