package io.emcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedValueTest {
    private static final byte[] BYTES = {1, 2, 3};

    @ParameterizedTest
    @ValueSource(longs = {0, 1, Integer.MAX_VALUE, 1L << 31, (1L << 32) - 1})
    void flagsOf32BitsAreTaken(long flags) {
        assertThat(new EncodedValue(BYTES, flags).flags()).isEqualTo(flags);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE})
    void otherFlagsAreRefused(long flags) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new EncodedValue(BYTES, flags))
                .withMessageContaining(Long.toString(flags));
    }

    @Test
    void arrayIsNotCopied() {
        assertThat(new EncodedValue(BYTES, 0).bytes()).isSameAs(BYTES);
    }

    @Test
    void equalityIsByContent() {
        EncodedValue value = new EncodedValue(BYTES, 7);

        assertThat(value)
                .isEqualTo(new EncodedValue(BYTES.clone(), 7))
                .hasSameHashCodeAs(new EncodedValue(BYTES.clone(), 7));
        assertThat(value).isNotEqualTo(new EncodedValue(BYTES, 8)).isNotEqualTo(new EncodedValue(new byte[3], 7));
    }

    @Test
    void bytesAreNotPrinted() {
        assertThat(new EncodedValue(BYTES, 7)).hasToString("EncodedValue[bytes=3, flags=7]");
    }
}
