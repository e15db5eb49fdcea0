package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PollScheduleTest {
    private static final long MINUTE_NS = Duration.ofMinutes(1).toNanos();

    @Test
    void intervalIsATenthMoreOrLess() {
        assertThat(new PollSchedule(MINUTE_NS, () -> 0).afterSuccessNs()).isEqualTo(MINUTE_NS / 10 * 9);
        assertThat(new PollSchedule(MINUTE_NS, () -> 0.5).afterSuccessNs()).isEqualTo(MINUTE_NS);
        assertThat(new PollSchedule(MINUTE_NS, () -> 1).afterSuccessNs()).isEqualTo(MINUTE_NS / 10 * 11);
    }

    @Test
    void failuresAreTriedAgainSoonThenLater() {
        PollSchedule early = new PollSchedule(MINUTE_NS, () -> 0);
        PollSchedule late = new PollSchedule(MINUTE_NS, () -> 1);
        for (long stepMs = 500; stepMs < 60_000; stepMs *= 2) {
            assertThat(early.afterFailureNs()).isEqualTo(stepMs * 500_000);
            assertThat(late.afterFailureNs()).isEqualTo(stepMs * 1_000_000);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(early.afterFailureNs()).isEqualTo(MINUTE_NS / 10 * 9);
            assertThat(late.afterFailureNs()).isEqualTo(MINUTE_NS / 10 * 11);
        }
    }

    @Test
    void successEndsTheSeries() {
        PollSchedule schedule = new PollSchedule(MINUTE_NS, () -> 1);
        schedule.afterFailureNs();
        schedule.afterFailureNs();
        schedule.afterSuccessNs();
        assertThat(schedule.afterFailureNs()).isEqualTo(500_000_000);
    }

    @Test
    void shortIntervalIsNotExceeded() {
        PollSchedule schedule = new PollSchedule(1_000_000, () -> 1);
        assertThat(schedule.afterFailureNs()).isEqualTo(1_100_000);
    }

    @Test
    void longestIntervalDoesNotOverflow() {
        long dayNs = Duration.ofDays(1).toNanos();
        PollSchedule schedule = new PollSchedule(dayNs, () -> 1);
        for (int i = 0; i < 100; i++) {
            assertThat(schedule.afterFailureNs()).isBetween(1L, dayNs / 10 * 11);
        }
    }
}
