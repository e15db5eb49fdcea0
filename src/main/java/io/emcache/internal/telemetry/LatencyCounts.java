package io.emcache.internal.telemetry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How often something took how long: the counts of an HdrHistogram from 1 µs to 60 s with two significant digits, in its
 * own layout. One thread at a time writes, by one opaque store, and never waits for a reader; any thread may read.
 * HdrHistogram's own recorders have a writer announce itself by two atomic operations for each value.
 */
final class LatencyCounts {
    private static final long LOWEST_NS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long HIGHEST_NS = TimeUnit.SECONDS.toNanos(60);
    private static final int DIGITS = 2;

    /** A value is told from its neighbours in units of 512 ns, the power of two below the lowest value. */
    private static final int UNIT_BITS = 9;
    /** A bucket has 256 such steps, the power of two above twice what two digits can tell. */
    private static final int STEP_BITS = 8;

    private static final int HALF_STEPS = 1 << (STEP_BITS - 1);
    private static final long STEP_MASK = ((1L << STEP_BITS) - 1) << UNIT_BITS;
    private static final int LENGTH = indexOf(HIGHEST_NS) + 1;
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[LENGTH];

    static Histogram emptyHistogram() {
        return new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
    }

    /** Counts a duration; longer ones than 60 s as that, negative ones as none. */
    void record(long elapsedNs) {
        int index = indexOf(Math.clamp(elapsedNs, 0, HIGHEST_NS));
        COUNTS.setOpaque(counts, index, counts[index] + 1);
    }

    /** Adds all that was counted to a histogram of this layout. Any thread. */
    void addTo(Histogram histogram) {
        for (int i = 0; i < LENGTH; i++) {
            long count = (long) COUNTS.getOpaque(counts, i);
            if (count > 0) {
                histogram.recordValueWithCount(lowestOf(i), count);
            }
        }
    }

    private static int indexOf(long ns) {
        int bucket = Long.SIZE - UNIT_BITS - STEP_BITS - Long.numberOfLeadingZeros(ns | STEP_MASK);
        int step = (int) (ns >>> (bucket + UNIT_BITS));
        return ((bucket + 1) << (STEP_BITS - 1)) + step - HALF_STEPS;
    }

    /** The lower half of the first bucket comes first; every other bucket has an upper half only. */
    private static long lowestOf(int index) {
        int bucket = Math.max(0, (index >> (STEP_BITS - 1)) - 1);
        long step = bucket == 0 ? index : (index & (HALF_STEPS - 1)) + HALF_STEPS;
        return step << (bucket + UNIT_BITS);
    }
}
