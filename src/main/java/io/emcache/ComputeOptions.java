package io.emcache;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@code getOrCompute} keeps a value and who computes it. Immutable and safe for all threads; make it once and use it
 * often.
 *
 * @param ttl how long a computed value lives
 * @param lease how long one caller is trusted to be computing a missing value while all others wait for it; then each of them
 *     computes for itself. More than the loader takes; 1 s to 1 h, in whole seconds, 10 s by default
 * @param recacheWindow how long before its end a value is computed anew, by one caller, while all others are served the old
 *     one; null, the default, for not at all
 */
public record ComputeOptions(
        Ttl ttl, Duration lease, @Nullable Duration recacheWindow) {
    private static final Duration DEFAULT_LEASE = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    /**
     * Validates the options.
     *
     * @throws IllegalArgumentException if a duration is not whole seconds or out of range
     */
    public ComputeOptions {
        Objects.requireNonNull(ttl, "ttl");
        check("lease", lease);
        if (recacheWindow != null) {
            check("recacheWindow", recacheWindow);
        }
    }

    private static void check(String name, Duration duration) {
        if (duration.getNano() != 0 || duration.getSeconds() < 1 || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " is 1 s to 1 h in whole seconds, not " + duration);
        }
    }

    /**
     * Returns options with the defaults.
     *
     * @param ttl how long a computed value lives
     * @return the options
     */
    public static ComputeOptions of(Ttl ttl) {
        return new ComputeOptions(ttl, DEFAULT_LEASE, null);
    }

    /**
     * Returns these options with another lease.
     *
     * @param lease how long one caller is trusted to be computing
     * @return the options
     * @throws IllegalArgumentException if it is out of range
     */
    public ComputeOptions withLease(Duration lease) {
        return new ComputeOptions(ttl, lease, recacheWindow);
    }

    /**
     * Returns these options with a window before the end of a value in which one caller computes it anew. It needs the meta
     * commands; on other servers it has no effect.
     *
     * @param window how long before its end
     * @return the options
     * @throws IllegalArgumentException if it is out of range
     */
    public ComputeOptions withRecacheWindow(Duration window) {
        return new ComputeOptions(ttl, lease, Objects.requireNonNull(window, "window"));
    }
}
