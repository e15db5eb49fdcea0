package io.emcache.bench;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a fixed number of calls in flight. The futures stand in a queue in the order in which they were started; when it
 * is full, the oldest is waited for before the next call starts. That costs a store and a load for each call, no
 * dependent future and no counter that completions would have to touch, and a caller that had to wait finds many done
 * when it goes on. For one thread.
 */
abstract class CallWindow<T> {
    private final int size;

    private long hits;
    private long ended;

    private final ArrayDeque<CompletableFuture<T>> inFlight;

    CallWindow(int size) {
        this.size = size;
        inFlight = new ArrayDeque<>(size + 1);
    }

    abstract CompletableFuture<T> start();

    abstract boolean isHit(@Nullable T result);

    /** Starts one call, when there is room for it. */
    final void next() {
        if (inFlight.size() == size) {
            awaitOldest();
        }
        inFlight.add(start());
    }

    /** Waits for all that are in flight. */
    final void drain() {
        while (!inFlight.isEmpty()) {
            awaitOldest();
        }
    }

    private void awaitOldest() {
        T result = inFlight.remove().join();
        ended++;
        if (isHit(result)) {
            hits++;
        }
    }

    /** Calls that have ended so far. */
    final long ended() {
        return ended;
    }

    /** Calls that have ended as they should so far. */
    final long hits() {
        return hits;
    }
}
