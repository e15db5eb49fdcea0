package io.emcache;

import java.time.Duration;

/**
 * How long calls took, from the beginning of a call until its reply was read, since the node joined. Counted are calls that
 * were answered. An immutable copy, safe for all threads. Values have two significant digits, 1 µs at least and 60 s at
 * most.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface LatencySnapshot {
    /**
     * Returns how many calls were counted.
     *
     * @return 0 or more
     */
    long count();

    /**
     * Returns the shortest time.
     *
     * @return zero if nothing was counted
     */
    Duration min();

    /**
     * Returns the mean.
     *
     * @return zero if nothing was counted
     */
    Duration mean();

    /**
     * Returns the longest time.
     *
     * @return zero if nothing was counted
     */
    Duration max();

    /**
     * Returns the time that so many of the calls took at most.
     *
     * @param percentile 0 to 100, such as 99.9
     * @return zero if nothing was counted
     * @throws IllegalArgumentException if the percentile is out of range
     */
    Duration percentile(double percentile);
}
