package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;
import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.StoreResult;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** This library. Thread-safe. */
final class EmcacheContender implements AsyncContender {
    private final MemcachedClient client;
    private final AsyncMemcachedClient async;

    EmcacheContender(ClientOptions options) {
        client = MemcachedClient.connect(options);
        async = client.async();
    }

    @Override
    public byte @Nullable [] get(String key) {
        return client.get(key);
    }

    @Override
    public boolean set(String key, byte[] value) {
        return client.set(key, value) == StoreResult.STORED;
    }

    @Override
    public Future<byte @Nullable []> startGet(String key) {
        return async.get(key);
    }

    @Override
    public Future<?> startSet(String key, byte[] value) {
        return async.set(key, value);
    }

    @Override
    public boolean isStored(@Nullable Object result) {
        return result == StoreResult.STORED;
    }
}
