package io.emcache.internal.telemetry;

import io.emcache.LatencySnapshot;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** What a histogram of nanoseconds says, which nobody writes to any more. Immutable. */
final class HistogramSnapshot implements LatencySnapshot {
    private final Histogram histogram;

    HistogramSnapshot(Histogram histogram) {
        this.histogram = histogram;
    }

    @Override
    public long count() {
        return histogram.getTotalCount();
    }

    @Override
    public Duration min() {
        return Duration.ofNanos(count() == 0 ? 0 : histogram.getMinValue());
    }

    @Override
    public Duration mean() {
        return Duration.ofNanos((long) histogram.getMean());
    }

    @Override
    public Duration max() {
        return Duration.ofNanos(histogram.getMaxValue());
    }

    @Override
    public Duration percentile(double percentile) {
        if (!(percentile >= 0 && percentile <= 100)) {
            throw new IllegalArgumentException("a percentile is between 0 and 100: " + percentile);
        }
        return Duration.ofNanos(histogram.getValueAtPercentile(percentile));
    }

    @Override
    public String toString() {
        return "LatencySnapshot[count=" + count() + ", p50=" + percentile(50) + ", p99=" + percentile(99) + ", max="
                + max() + "]";
    }
}
