package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TtlTest {
    @Test
    void durationCountsSeconds() {
        Ttl ttl = Ttl.of(Duration.ofMinutes(5));

        assertThat(ttl.kind()).isEqualTo(Ttl.Kind.RELATIVE);
        assertThat(ttl.seconds()).isEqualTo(300);
    }

    @Test
    void partsOfASecondRoundUp() {
        assertThat(Ttl.of(Duration.ofNanos(1)).seconds()).isEqualTo(1);
        assertThat(Ttl.of(Duration.ofMillis(999)).seconds()).isEqualTo(1);
        assertThat(Ttl.of(Duration.ofSeconds(1)).seconds()).isEqualTo(1);
        assertThat(Ttl.of(Duration.ofMillis(1001)).seconds()).isEqualTo(2);
        assertThat(Ttl.at(Instant.ofEpochSecond(1_800_000_000L, 1)).seconds()).isEqualTo(1_800_000_001L);
        assertThat(Ttl.at(Instant.ofEpochSecond(-5, 500_000_000)).seconds()).isEqualTo(-4);
    }

    @Test
    void zeroAndNegativeDurationsAreRefusedWithTheWayOut() {
        for (Duration duration : new Duration[] {Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(-1)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ttl.of(duration))
                    .withMessageContaining(duration.toString())
                    .withMessageContaining("Ttl.NONE")
                    .withMessageContaining("Ttl.EXPIRE_NOW");
        }
    }

    @Test
    void longestDurationDoesNotOverflow() {
        assertThat(Ttl.of(Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)).seconds())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void constantsCarryNoNumber() {
        assertThat(Ttl.NONE.kind()).isEqualTo(Ttl.Kind.NONE);
        assertThat(Ttl.EXPIRE_NOW.kind()).isEqualTo(Ttl.Kind.EXPIRE_NOW);
        assertThat(Ttl.NONE.seconds()).isZero();
        assertThat(Ttl.EXPIRE_NOW.seconds()).isZero();
    }

    @Test
    void equalityGoesByFormAndSeconds() {
        assertThat(Ttl.of(Duration.ofMillis(1500)))
                .isEqualTo(Ttl.of(Duration.ofSeconds(2)))
                .hasSameHashCodeAs(Ttl.of(Duration.ofSeconds(2)))
                .isNotEqualTo(Ttl.at(Instant.ofEpochSecond(2)));
        assertThat(Ttl.NONE).isNotEqualTo(Ttl.EXPIRE_NOW);
    }

    @Test
    void textSaysTheForm() {
        assertThat(Ttl.NONE).hasToString("Ttl.NONE");
        assertThat(Ttl.EXPIRE_NOW).hasToString("Ttl.EXPIRE_NOW");
        assertThat(Ttl.of(Duration.ofSeconds(7))).hasToString("Ttl[7 s]");
        assertThat(Ttl.at(Instant.EPOCH)).hasToString("Ttl[at 1970-01-01T00:00:00Z]");
        assertThat(Ttl.at(Instant.MAX)).hasToString("Ttl[at +1000000000-12-31T23:59:59Z]");
    }
}
