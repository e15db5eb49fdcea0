package io.emcache.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyCountsTest {
    private static final long HIGHEST_NS = TimeUnit.SECONDS.toNanos(60);

    private final LatencyCounts counts = new LatencyCounts();
    private final Histogram expected = LatencyCounts.emptyHistogram();

    private Histogram counted() {
        Histogram histogram = LatencyCounts.emptyHistogram();
        counts.addTo(histogram);
        return histogram;
    }

    private void record(long ns) {
        counts.record(ns);
        expected.recordValue(ns);
    }

    @Test
    void nothingIsCountedAtFirst() {
        assertThat(counted()).isEqualTo(expected);
    }

    @Test
    void borderOfEveryBucketIsWhereHdrHistogramHasIt() {
        record(0);
        record(HIGHEST_NS);
        for (long power = 1; power < HIGHEST_NS; power *= 2) {
            for (long ns : new long[] {power - 1, power, power + 1, power + power / 2, 2 * power - 1}) {
                record(Math.min(ns, HIGHEST_NS));
            }
        }
        assertThat(counted()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyValueIsCountedWhereHdrHistogramDoes(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            record((random.nextLong() >>> random.nextInt(28, 64)) % (HIGHEST_NS + 1));
        }
        assertThat(counted()).isEqualTo(expected);
    }

    @Test
    void whatIsOutOfRangeCountsAsTheNearestInIt() {
        counts.record(-1);
        counts.record(Long.MIN_VALUE);
        counts.record(HIGHEST_NS + 1);
        counts.record(Long.MAX_VALUE);
        expected.recordValue(0);
        expected.recordValue(0);
        expected.recordValue(HIGHEST_NS);
        expected.recordValue(HIGHEST_NS);
        assertThat(counted()).isEqualTo(expected);
    }

    @Test
    void readersSeeCountsGrowWhileOneThreadWrites() throws InterruptedException {
        int values = 2_000_000;
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < values; i++) {
                counts.record(i & 0xfffff);
            }
            done.set(true);
        });
        long last = 0;
        while (!done.get()) {
            long now = counted().getTotalCount();
            assertThat(now).isBetween(last, (long) values);
            last = now;
        }
        writer.join();
        assertThat(counted().getTotalCount()).isEqualTo(values);
    }
}
