package io.emcache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be said of an invalidation. Immutable and safe for all threads; make it once and use it often.
 *
 * @param ttl how long the stale item still lives, or null if that stays as it is
 * @param cas the CAS that the item must have, unsigned, or 0 for any
 * @param dropValue whether the value is dropped, so that the stale item is empty
 * @param noReply whether nobody waits for the answer
 */
public record InvalidateOptions(@Nullable Ttl ttl, long cas, boolean dropValue, boolean noReply) {
    /** The item keeps its expiry and its value whatever its CAS, and the answer is waited for. */
    public static final InvalidateOptions NONE = new InvalidateOptions(null, 0, false, false);

    /**
     * Validates the options.
     *
     * @throws IllegalArgumentException if the value is dropped without saying how long the item lives then: the server
     *     would keep it for ever
     */
    public InvalidateOptions {
        if (dropValue && ttl == null) {
            throw new IllegalArgumentException("an item without its value needs a new time to live");
        }
    }

    /**
     * Returns these options with a new time to live.
     *
     * @param ttl how long the stale item still lives
     * @return the options
     */
    public InvalidateOptions withTtl(Ttl ttl) {
        return new InvalidateOptions(Objects.requireNonNull(ttl, "ttl"), cas, dropValue, noReply);
    }

    /**
     * Returns these options with a condition: only an item that still has this CAS is invalidated.
     *
     * @param cas the CAS, unsigned
     * @return the options
     * @throws IllegalArgumentException if it is 0, which stands for a server that keeps none
     */
    public InvalidateOptions withCas(long cas) {
        return new InvalidateOptions(ttl, OptionRules.cas(cas), dropValue, noReply);
    }

    /**
     * Returns these options for an item that stays without its value and with flags 0. Only newer servers can do it
     * (memcached 1.6.27 and later); others fail the call with {@link MemcachedException.Unsupported}.
     *
     * @param ttl how long the empty stale item lives
     * @return the options
     */
    public InvalidateOptions withDroppedValue(Ttl ttl) {
        return new InvalidateOptions(Objects.requireNonNull(ttl, "ttl"), cas, true, noReply);
    }

    /**
     * Returns these options for an invalidation whose answer nobody waits for: the call returns true. See
     * {@link WriteOptions#withNoReply()}.
     *
     * @return the options
     */
    public InvalidateOptions withNoReply() {
        return new InvalidateOptions(ttl, cas, dropValue, true);
    }
}
