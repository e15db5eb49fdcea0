package io.emcache.internal.client;

import io.emcache.ComputeOptions;
import io.emcache.Item;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.spi.EncodedValue;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is made of several commands. Safe for all threads.
 *
 * <p>{@link #getOrCompute} follows memcached's wiki, "Meta Commands", sections on stampeding herd handling, early recache and
 * serving stale: a get that makes an empty item on a miss and tells one reader that it has won; the item's CAS is the
 * winner's right to store.
 */
final class Recipes {
    private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LONGEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Scope scope;
    private final SyncClient client;
    private final SingleFlight flights;

    Recipes(Scope scope, SyncClient client) {
        this.scope = scope;
        this.client = client;
        this.flights = scope.engine().flights();
    }

    /** The value of the key, computed and stored by one of all who miss it; null if the loader gives null. */
    @Nullable
    EncodedValue getOrCompute(Object key, ComputeOptions options, Supplier<@Nullable EncodedValue> loader) {
        long leaseNs = options.lease().toNanos();
        long giveUpNs = scope.engine().nowNs() + leaseNs;
        Terms lease = Terms.lease(options);
        for (int round = 0; ; round++) {
            Item<byte[]> item;
            try {
                item = client.call(Verbs.LEASE, key, lease, null);
            } catch (MemcachedException.Unsupported e) {
                return getOrComputeAlone(key, options, leaseNs, loader);
            }
            if (item == null) {
                return computeAndSet(key, options, loader);
            }
            if (item.won()) {
                return computeAsWinner(key, item, options, loader);
            }
            if (!item.alreadyWon() || item.value().length > 0) {
                return new EncodedValue(item.value(), item.flags());
            }
            if (giveUpNs - scope.engine().nowNs() <= 0) {
                return computeAndSet(key, options, loader);
            }
            pause(round);
        }
    }

    private @Nullable EncodedValue computeAsWinner(
            Object key, Item<byte[]> item, ComputeOptions options, Supplier<@Nullable EncodedValue> loader) {
        EncodedValue computed = null;
        boolean done = false;
        try {
            computed = loader.get();
            done = computed != null;
        } finally {
            if (!done) {
                handOn(key, item);
            }
        }
        if (computed != null) {
            WriteOptions stored = writeOptions(options.ttl(), computed);
            if (item.cas() == 0) {
                client.call(Verbs.SET, key, Terms.store(stored, scope.clock()), computed.bytes());
            } else {
                client.call(Verbs.CAS, key, Terms.cas(item.cas(), stored, scope.clock()), computed.bytes());
            }
        }
        return computed;
    }

    /** The winner has nothing: another reader shall win. */
    private void handOn(Object key, Item<byte[]> item) {
        try {
            if (item.cas() != 0 && item.stale()) {
                client.call(Verbs.INVALIDATE, key, Terms.onlyIf(item.cas()), null);
            } else if (item.cas() != 0 && item.value().length == 0) {
                client.call(Verbs.DELETE_IF, key, Terms.onlyIf(item.cas()), null);
            }
        } catch (MemcachedException e) {
            scope.engine().counters().leasesKept.increment(); // it ends by itself, after its time
        }
    }

    private @Nullable EncodedValue computeAndSet(
            Object key, ComputeOptions options, Supplier<@Nullable EncodedValue> loader) {
        EncodedValue computed = loader.get();
        if (computed != null) {
            WriteOptions stored = writeOptions(options.ttl(), computed);
            client.call(Verbs.SET, key, Terms.store(stored, scope.clock()), computed.bytes());
        }
        return computed;
    }

    private static WriteOptions writeOptions(Ttl ttl, EncodedValue value) {
        return WriteOptions.of(ttl).withFlags(value.flags());
    }

    /** On a server without leases: one of all who miss the key here computes it. */
    private @Nullable EncodedValue getOrComputeAlone(
            Object key, ComputeOptions options, long leaseNs, Supplier<@Nullable EncodedValue> loader) {
        EncodedValue found = find(key);
        return found != null
                ? found
                : flights.run(scope.keys().prefix(), key, leaseNs, () -> findOrCompute(key, options, loader));
    }

    /** Who comes first may have been told of a miss before another one, first then, was done. */
    private @Nullable EncodedValue findOrCompute(
            Object key, ComputeOptions options, Supplier<@Nullable EncodedValue> loader) {
        EncodedValue found = find(key);
        return found != null ? found : computeAndSet(key, options, loader);
    }

    private @Nullable EncodedValue find(Object key) {
        Item<byte[]> item = client.call(Verbs.GET_ITEM, key, Terms.NONE, null);
        return item == null ? null : new EncodedValue(item.value(), item.flags());
    }

    /**
     * Changes an item as long as nobody else changes it meanwhile, and tries again if somebody does, until the deadline.
     *
     * @param ttl the new time to live, or null for what is left of the old one, if the server tells it
     * @param change makes the new value of the old one, null if there is none; null to leave everything as it is
     * @return what was stored, or null
     */
    @Nullable
    EncodedValue update(
            Object key, @Nullable Ttl ttl, Function<@Nullable EncodedValue, @Nullable EncodedValue> change) {
        long startNs = scope.engine().nowNs();
        long deadlineNs = startNs + scope.timeoutNs();
        for (int round = 0; ; round++) {
            Item<byte[]> item = client.callUntil(deadlineNs, Verbs.GET_ITEM, key, Terms.NONE, null);
            EncodedValue changed = change.apply(item == null ? null : new EncodedValue(item.value(), item.flags()));
            if (changed == null || storeChanged(key, ttl, item, changed, deadlineNs)) {
                return changed;
            }
            if (deadlineNs - scope.engine().nowNs() <= 0) {
                throw new MemcachedException.Timeout(
                        "others changed the item " + (round + 1) + " times meanwhile",
                        null,
                        Phase.QUEUED,
                        Duration.ofNanos(scope.engine().nowNs() - startNs),
                        0,
                        false);
            }
            pause(round);
        }
    }

    private boolean storeChanged(
            Object key, @Nullable Ttl ttl, @Nullable Item<byte[]> item, EncodedValue changed, long deadlineNs) {
        if (item != null && item.cas() == 0) {
            throw new MemcachedException.Unsupported("an update needs CAS values, and the server keeps none", null);
        }
        Ttl left = item == null || item.ttl() == null ? Ttl.NONE : item.ttl();
        WriteOptions options = writeOptions(ttl == null ? left : ttl, changed);
        StoreResult result = item == null
                ? client.callUntil(deadlineNs, Verbs.ADD, key, Terms.store(options, scope.clock()), changed.bytes())
                : client.callUntil(
                        deadlineNs, Verbs.CAS, key, Terms.cas(item.cas(), options, scope.clock()), changed.bytes());
        return result == StoreResult.STORED;
    }

    /** Waits a little, longer each time and never as long as the others. */
    private void pause(int round) {
        long limitNs = Math.min(LONGEST_PAUSE_NS, FIRST_PAUSE_NS << Math.min(round, 10));
        LockSupport.parkNanos(this, ThreadLocalRandom.current().nextLong(limitNs / 2, limitNs));
        if (Thread.currentThread().isInterrupted()) {
            throw new MemcachedException.Interrupted("interrupted while another caller was at the item", null, false);
        }
    }
}
