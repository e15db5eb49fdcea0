package io.emcache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A value and what the server knows about it. Immutable but for the value, which is the caller's.
 *
 * <p>A server that is spoken to with the classic commands tells value, flags and CAS only: the rest is then null, false, or
 * for {@code size} what can be counted.
 *
 * <p>An item that was {@linkplain MemcachedClient#invalidate(String) invalidated} is still served, and {@code stale} says
 * so. Of all who read it the first has {@code won}: it is the one that is to compute the value anew and store it, if that
 * is still needed. To the others {@code alreadyWon} says that somebody is at it. An empty item that only holds the place
 * of a value which somebody computes is a miss, not an item.
 *
 * @param value the value
 * @param flags the client flags, 0 to 2^32-1; more only from a server that was built with 64 bits for them
 * @param cas what {@link MemcachedClient#cas(String, byte[], long) cas} compares, unsigned; 0 if the server keeps none
 * @param ttl how long the item still lives, {@link Ttl#NONE} if it does not expire, or null if the server did not say
 * @param lastAccess how long ago it was read or written before this, in whole seconds, or null if the server did not say
 * @param hitBefore whether it had been read before
 * @param size bytes of the value as it is stored
 * @param stale whether it was marked as stale
 * @param won whether the reader of this one is to compute the value anew
 * @param alreadyWon whether somebody else is computing it
 * @param <V> the type of the value
 */
public record Item<V>(
        V value,
        long flags,
        long cas,
        @Nullable Ttl ttl,
        @Nullable Duration lastAccess,
        boolean hitBefore,
        long size,
        boolean stale,
        boolean won,
        boolean alreadyWon) {

    /** Returns all but the value. */
    @Override
    public String toString() {
        return "Item[size=" + size + ", flags=" + flags + ", cas=" + Long.toUnsignedString(cas) + ", ttl=" + ttl
                + ", lastAccess=" + lastAccess + ", hitBefore=" + hitBefore + ", stale=" + stale + ", won=" + won
                + ", alreadyWon=" + alreadyWon + "]";
    }
}
