package io.emcache.internal.client;

import io.emcache.Ttl;
import java.time.InstantSource;
import java.util.Objects;

/**
 * Turns a {@link Ttl} into memcached's exptime. Stateless.
 *
 * <p>The server reads a number up to 30 days as seconds from now and a greater one as seconds since 1970; 0 never
 * expires and a negative number expires at once (memcached's doc/protocol.txt, "Expiration times").
 */
final class WireTtl {
    static final int NEVER = 0;
    static final int AT_ONCE = -1;
    static final int MAX_RELATIVE_SECONDS = 30 * 24 * 60 * 60;
    static final int MAX_ABSOLUTE_SECONDS = Integer.MAX_VALUE;

    private WireTtl() {}

    /**
     * Returns the exptime. Reads the clock only where it matters, and by its milliseconds, which allocate nothing.
     *
     * @param ttl the time to live
     * @param clock this machine's clock
     * @return the number to send
     */
    static int encode(Ttl ttl, InstantSource clock) {
        return switch (Objects.requireNonNull(ttl, "ttl").kind()) {
            case NONE -> NEVER;
            case EXPIRE_NOW -> AT_ONCE;
            case RELATIVE -> relative(ttl.seconds(), clock);
            case ABSOLUTE -> absolute(ttl.seconds(), clock);
        };
    }

    private static int relative(long seconds, InstantSource clock) {
        if (seconds <= MAX_RELATIVE_SECONDS) {
            return (int) seconds;
        }
        long nowSeconds = Math.ceilDiv(clock.millis(), 1_000L);
        return clampAbsolute(Math.min(seconds, MAX_ABSOLUTE_SECONDS) + nowSeconds);
    }

    private static int absolute(long atSeconds, InstantSource clock) {
        long remainingSeconds = atSeconds - Math.floorDiv(clock.millis(), 1_000L);
        if (remainingSeconds <= 0) {
            return AT_ONCE;
        }
        return remainingSeconds <= MAX_RELATIVE_SECONDS ? (int) remainingSeconds : clampAbsolute(atSeconds);
    }

    /** A clock before 1970 must not turn an absolute time into one that reads as relative. */
    private static int clampAbsolute(long epochSeconds) {
        return Math.clamp(epochSeconds, MAX_RELATIVE_SECONDS + 1, MAX_ABSOLUTE_SECONDS);
    }
}
