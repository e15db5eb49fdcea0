package io.emcache.internal.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt to connect: exponential with full jitter, after "Exponential Backoff And
 * Jitter" of the AWS Architecture Blog. Owned by one event loop.
 */
final class Backoff {
    private static final long BASE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MAX_SHIFT = 20;

    private int failures;

    private final DoubleSupplier random;

    Backoff(DoubleSupplier random) {
        this.random = random;
    }

    /** The wait before the next attempt, in nanoseconds, at most {@code capNs}; each call counts as one more failure. */
    long nextNs(long capNs) {
        long ceilingNs = Math.min(capNs, BASE_NS << Math.min(failures, MAX_SHIFT));
        failures++;
        return (long) (ceilingNs * random.getAsDouble());
    }

    int failures() {
        return failures;
    }

    void reset() {
        failures = 0;
    }
}
