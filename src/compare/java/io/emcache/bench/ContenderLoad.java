package io.emcache.bench;

import org.HdrHistogram.Histogram;

/** Work that a contender does for a while. For one thread, which others may work for. */
interface ContenderLoad {
    /** Longer ones count as this long. */
    long LONGEST_NS = 60_000_000_000L;

    static Histogram histogram() {
        return new Histogram(LONGEST_NS, 3);
    }

    Measurement runFor(long durationNs) throws InterruptedException;
}
