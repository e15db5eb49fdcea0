package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FakeClockTest {
    @Test
    void movesOnlyWhenAdvanced() {
        FakeClock clock = new FakeClock(5);
        assertThat(clock.getAsLong()).isEqualTo(5);
        clock.advance(Duration.ofMillis(2));
        assertThat(clock.getAsLong()).isEqualTo(2_000_005);
    }

    @Test
    void overflowsAndDifferencesStayRight() {
        FakeClock clock = FakeClock.nearOverflow();
        long startNs = clock.getAsLong();
        clock.advance(Duration.ofSeconds(2));
        assertThat(clock.getAsLong()).isNegative();
        assertThat(clock.getAsLong() - startNs).isEqualTo(Duration.ofSeconds(2).toNanos());
    }

    @Test
    void doesNotRunBackwards() {
        assertThatThrownBy(() -> new FakeClock().advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noAdvanceIsLost() {
        FakeClock clock = new FakeClock();
        IntStream.range(0, 10_000).parallel().forEach(i -> clock.advance(Duration.ofNanos(1)));
        assertThat(clock.getAsLong()).isEqualTo(10_000);
    }
}
