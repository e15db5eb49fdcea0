package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;
import io.emcache.StoreResult;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps a fixed number of sets in flight; a hit is one that was stored. For one thread. */
final class SetWindow extends CallWindow<StoreResult> {
    private final byte[] value;
    private final Keys keys;
    private final AsyncMemcachedClient client;

    SetWindow(AsyncMemcachedClient client, Keys keys, int size, byte[] value) {
        super(size);
        this.client = client;
        this.keys = keys;
        this.value = value;
    }

    @Override
    CompletableFuture<StoreResult> start() {
        return client.set(keys.next(), value);
    }

    @Override
    boolean isHit(@Nullable StoreResult result) {
        return result == StoreResult.STORED;
    }
}
