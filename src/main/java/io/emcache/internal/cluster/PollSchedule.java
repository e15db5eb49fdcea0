package io.emcache.internal.cluster;

import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * When to ask again: after the interval, give or take a tenth, so that the clients of a fleet do not ask all at once; after
 * failures sooner at first, twice as late each time, and never later than that. For one thread.
 */
final class PollSchedule {
    private static final double JITTER = 0.1;
    private static final long FIRST_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MAX_SHIFT = 30;

    private final long intervalNs;

    private int failures;

    private final DoubleSupplier random;

    /**
     * Makes a schedule.
     *
     * @param intervalNs positive
     * @param random gives numbers from 0 to 1
     */
    PollSchedule(long intervalNs, DoubleSupplier random) {
        this.intervalNs = intervalNs;
        this.random = random;
    }

    long afterSuccessNs() {
        failures = 0;
        return jittered();
    }

    /** Between a half and the whole of the step. */
    long afterFailureNs() {
        long stepNs = FIRST_RETRY_NS << Math.min(failures, MAX_SHIFT);
        failures++;
        return stepNs >= intervalNs ? jittered() : (long) (stepNs * (0.5 + random.getAsDouble() / 2));
    }

    private long jittered() {
        return (long) (intervalNs * (1 - JITTER + 2 * JITTER * random.getAsDouble()));
    }
}
