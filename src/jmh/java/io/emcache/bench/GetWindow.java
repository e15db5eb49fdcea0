package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps a fixed number of gets in flight; a hit is a value of the right size. For one thread. */
final class GetWindow extends CallWindow<byte[]> {
    private final int valueBytes;
    private final Keys keys;
    private final AsyncMemcachedClient client;

    GetWindow(AsyncMemcachedClient client, Keys keys, int size) {
        this(client, keys, size, Keys.VALUE_BYTES);
    }

    GetWindow(AsyncMemcachedClient client, Keys keys, int size, int valueBytes) {
        super(size);
        this.client = client;
        this.keys = keys;
        this.valueBytes = valueBytes;
    }

    @Override
    CompletableFuture<byte[]> start() {
        return client.get(keys.next());
    }

    @Override
    boolean isHit(byte @Nullable [] value) {
        return value != null && value.length == valueBytes;
    }
}
