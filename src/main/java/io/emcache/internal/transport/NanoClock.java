package io.emcache.internal.transport;

import java.util.function.LongSupplier;

/** The time that deadlines are measured in: nanoseconds since this clock was made, so that they never overflow. Safe for all threads. */
public final class NanoClock {
    private final long originNs;
    private final LongSupplier source;

    /**
     * Starts at 0.
     *
     * @param source a clock like {@link System#nanoTime()}
     */
    public NanoClock(LongSupplier source) {
        this.source = source;
        this.originNs = source.getAsLong();
    }

    /**
     * The time now.
     *
     * @return nanoseconds since this clock was made
     */
    public long nowNs() {
        return source.getAsLong() - originNs;
    }
}
