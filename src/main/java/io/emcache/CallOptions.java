package io.emcache;

import java.time.Duration;

/**
 * What may be said of single calls; see {@link MemcachedClient#with(CallOptions)}. Immutable and safe for all threads.
 *
 * @param timeout the deadline of each call, from its entry; in place of {@link ClientOptions#timeout()}
 */
public record CallOptions(Duration timeout) {

    /**
     * Validates the options.
     *
     * @throws IllegalArgumentException if the timeout is not 1ms to 24h
     */
    public CallOptions {
        OptionRules rules = new OptionRules();
        rules.duration("timeout", timeout);
        rules.throwIfBroken();
    }

    /**
     * Returns options with a deadline.
     *
     * @param timeout the deadline of each call, from its entry
     * @return the options
     */
    public static CallOptions timeout(Duration timeout) {
        return new CallOptions(timeout);
    }
}
