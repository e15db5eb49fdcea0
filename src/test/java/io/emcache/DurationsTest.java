package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "1us, PT0.000001S",
        "1500us, PT0.0015S",
        "500ms, PT0.5S",
        "2s, PT2S",
        "1m, PT1M",
        "3h, PT3H",
        "PT1.5S, PT1.5S",
        "P1D, PT24H",
        "0s, PT0S",
    })
    void parsesShortFormsAndIso(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5 s", "-5s", "1.5s", "5x", "5S", "1m30s", "999999999999999999h", "PT"})
    void refusesTheRest(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("500ms");
    }
}
