package io.emcache.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock in nanoseconds that moves only when the test says so. Safe for all threads. */
public final class FakeClock implements LongSupplier {
    private final AtomicLong nowNs;

    /** Makes a clock that stands at 0. */
    public FakeClock() {
        this(0);
    }

    /**
     * Makes a clock that stands at a chosen time.
     *
     * @param startNs the first time, any value
     */
    public FakeClock(long startNs) {
        nowNs = new AtomicLong(startNs);
    }

    /**
     * Makes a clock that overflows after one second, as {@link System#nanoTime()} may: code that compares times
     * instead of their differences fails with it.
     *
     * @return a clock shortly before {@link Long#MAX_VALUE}
     */
    public static FakeClock nearOverflow() {
        return new FakeClock(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    }

    /**
     * Moves the clock forward.
     *
     * @param duration how far, not negative
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time does not run backwards: " + duration);
        }
        nowNs.addAndGet(duration.toNanos());
    }

    /**
     * Returns the time.
     *
     * @return nanoseconds, meaningful as a difference only
     */
    @Override
    public long getAsLong() {
        return nowNs.get();
    }
}
