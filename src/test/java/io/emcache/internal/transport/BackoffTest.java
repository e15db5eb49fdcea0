package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.NoLeaks;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@NoLeaks
class BackoffTest {
    private static final double ALMOST_ONE = Math.nextDown(1.0);

    private static long ms(long ns) {
        return Math.round(ns / 1e6);
    }

    @Test
    void ceilingDoublesFromFiftyMillisecondsUpToTheCap() {
        Backoff backoff = new Backoff(() -> ALMOST_ONE);
        long capNs = TimeUnit.SECONDS.toNanos(1);

        for (long expectedMs : new long[] {50, 100, 200, 400, 800, 1000, 1000, 1000}) {
            assertThat(ms(backoff.nextNs(capNs))).isEqualTo(expectedMs);
        }
        assertThat(backoff.failures()).isEqualTo(8);
    }

    @Test
    void jitterIsFull() {
        assertThat(new Backoff(() -> 0.0).nextNs(Long.MAX_VALUE)).isZero();

        SplittableRandom random = new SplittableRandom(42);
        long smallest = Long.MAX_VALUE;
        long largest = 0;
        for (int i = 0; i < 10_000; i++) {
            long waitNs = new Backoff(random::nextDouble).nextNs(Long.MAX_VALUE);
            assertThat(waitNs).isBetween(0L, Duration.ofMillis(50).toNanos());
            smallest = Math.min(smallest, waitNs);
            largest = Math.max(largest, waitNs);
        }
        assertThat(ms(smallest)).isZero();
        assertThat(ms(largest)).isEqualTo(50);
    }

    @Test
    void manyFailuresDoNotOverflow() {
        Backoff backoff = new Backoff(() -> ALMOST_ONE);
        long last = 0;
        for (int i = 0; i < 200; i++) {
            long waitNs = backoff.nextNs(TimeUnit.SECONDS.toNanos(30));
            assertThat(waitNs).isGreaterThanOrEqualTo(last).isLessThanOrEqualTo(TimeUnit.SECONDS.toNanos(30));
            last = waitNs;
        }
        assertThat(ms(last)).isEqualTo(30_000);
    }

    @Test
    void successBeginsAnew() {
        Backoff backoff = new Backoff(() -> ALMOST_ONE);
        backoff.nextNs(Long.MAX_VALUE);
        backoff.nextNs(Long.MAX_VALUE);
        backoff.reset();

        assertThat(backoff.failures()).isZero();
        assertThat(ms(backoff.nextNs(Long.MAX_VALUE))).isEqualTo(50);
    }
}
