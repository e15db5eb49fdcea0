package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.spi.EncodedValue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets one of several callers with the same key do the work for all of them. Safe for all threads. */
final class SingleFlight {
    private final ConcurrentHashMap<Place, CompletableFuture<@Nullable EncodedValue>> flights =
            new ConcurrentHashMap<>();

    /** A key in its namespace. */
    private record Place(String prefix, Object key) {}

    /**
     * Does the work, or waits for who does it; does it after all if that one fails or takes too long.
     *
     * @param key a String or a Key
     */
    @Nullable
    EncodedValue run(String prefix, Object key, long patienceNs, Supplier<@Nullable EncodedValue> work) {
        Place place = new Place(prefix, key);
        CompletableFuture<@Nullable EncodedValue> mine = new CompletableFuture<>();
        CompletableFuture<@Nullable EncodedValue> first = flights.putIfAbsent(place, mine);
        if (first == null) {
            return lead(place, mine, work);
        }
        try {
            return copy(first.get(patienceNs, TimeUnit.NANOSECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MemcachedException.Interrupted("interrupted while another caller was computing", null, false);
        }
    }

    /** Arrays belong to one caller. */
    private static @Nullable EncodedValue copy(@Nullable EncodedValue value) {
        return value == null ? null : new EncodedValue(value.bytes().clone(), value.flags());
    }

    private @Nullable EncodedValue lead(
            Place place, CompletableFuture<@Nullable EncodedValue> mine, Supplier<@Nullable EncodedValue> work) {
        try {
            EncodedValue value = work.get();
            mine.complete(copy(value));
            return value;
        } catch (Throwable t) {
            mine.completeExceptionally(t);
            throw t;
        } finally {
            flights.remove(place, mine);
        }
    }
}
