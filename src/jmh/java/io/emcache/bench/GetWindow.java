package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps a fixed number of gets in flight. The futures stand in a queue in the order in which they were started; when it
 * is full, the oldest is waited for before the next get starts. That costs a store and a load for each get, no
 * dependent future and no counter that completions would have to touch, and a caller that had to wait finds many done
 * when it goes on. For one thread.
 */
final class GetWindow {
    private final int size;

    private long hits;
    private long ended;

    private final Keys keys;
    private final AsyncMemcachedClient client;
    private final ArrayDeque<CompletableFuture<byte[]>> inFlight;

    GetWindow(AsyncMemcachedClient client, Keys keys, int size) {
        this.client = client;
        this.keys = keys;
        this.size = size;
        inFlight = new ArrayDeque<>(size + 1);
    }

    /** Starts one get, when there is room for it. */
    void next() {
        if (inFlight.size() == size) {
            awaitOldest();
        }
        inFlight.add(client.get(keys.next()));
    }

    /** Waits for all that are in flight. */
    void drain() {
        while (!inFlight.isEmpty()) {
            awaitOldest();
        }
    }

    private void awaitOldest() {
        byte[] value = inFlight.remove().join();
        ended++;
        if (value != null && value.length == Keys.VALUE_BYTES) {
            hits++;
        }
    }

    /** Gets that have ended so far. */
    long ended() {
        return ended;
    }

    /** Gets that have found a value of the right size so far. */
    long hits() {
        return hits;
    }
}
