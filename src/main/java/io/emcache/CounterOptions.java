package io.emcache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be said of an increment or decrement. Immutable and safe for all threads; make it once and use it often.
 *
 * @param initial the number that a counter begins with if there is none, unsigned; null if none is made
 * @param ttl how long a counter lives that is made; one that is there keeps its expiry
 * @param noReply whether nobody waits for the answer
 */
public record CounterOptions(@Nullable Long initial, Ttl ttl, boolean noReply) {
    /** A counter that is not there is a miss, and the answer is waited for. */
    public static final CounterOptions NONE = new CounterOptions(null, Ttl.NONE, false);

    /**
     * Validates the options.
     *
     * @throws IllegalArgumentException if there is a time to live but no initial number
     */
    public CounterOptions {
        Objects.requireNonNull(ttl, "ttl");
        if (initial == null && !ttl.equals(Ttl.NONE)) {
            throw new IllegalArgumentException(
                    "the time to live is that of a counter which is made: it needs a number");
        }
    }

    /**
     * Returns options for a counter that is made if there is none.
     *
     * @param initial the number it begins with, unsigned; the delta is not added to it
     * @param ttl how long it lives
     * @return the options
     */
    public static CounterOptions of(long initial, Ttl ttl) {
        return NONE.withInitial(initial, ttl);
    }

    /**
     * Returns these options for a counter that is made if there is none.
     *
     * @param initial the number it begins with, unsigned; the delta is not added to it
     * @param ttl how long it lives
     * @return the options
     */
    public CounterOptions withInitial(long initial, Ttl ttl) {
        return new CounterOptions(initial, ttl, noReply);
    }

    /**
     * Returns these options for a change whose answer nobody waits for: the call returns nothing. See
     * {@link WriteOptions#withNoReply()}.
     *
     * @return the options
     */
    public CounterOptions withNoReply() {
        return new CounterOptions(initial, ttl, true);
    }
}
