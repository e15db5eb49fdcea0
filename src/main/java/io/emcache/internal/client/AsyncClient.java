package io.emcache.internal.client;

import io.emcache.AsyncMemcachedClient;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The face whose calls return at once. Safe for all threads. */
final class AsyncClient implements AsyncMemcachedClient {
    private final Engine engine;

    AsyncClient(Engine engine) {
        this.engine = engine;
    }

    @Override
    public CompletableFuture<byte @Nullable []> get(String key) {
        return call(Verbs.GET, Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<byte @Nullable []> get(Key key) {
        return call(Verbs.GET, Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<StoreResult> set(String key, byte[] value) {
        return setOne(Objects.requireNonNull(key, "key"), value, Ttl.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> set(Key key, byte[] value) {
        return setOne(Objects.requireNonNull(key, "key"), value, Ttl.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> set(String key, byte[] value, Ttl ttl) {
        return setOne(Objects.requireNonNull(key, "key"), value, ttl);
    }

    @Override
    public CompletableFuture<StoreResult> set(Key key, byte[] value, Ttl ttl) {
        return setOne(Objects.requireNonNull(key, "key"), value, ttl);
    }

    @Override
    public CompletableFuture<Boolean> delete(String key) {
        return call(Verbs.DELETE, Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<Boolean> delete(Key key) {
        return call(Verbs.DELETE, Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<MultiResult<String, byte[]>> getAll(Collection<String> keys) {
        return new AsyncGetAll<>(engine, keys).run();
    }

    @Override
    public CompletableFuture<MultiResult<Key, byte[]>> getAllByKey(Collection<Key> keys) {
        return new AsyncGetAll<>(engine, keys).run();
    }

    private CompletableFuture<StoreResult> setOne(Object key, byte[] value, Ttl ttl) {
        Terms terms = Terms.exptime(WireTtl.encode(ttl, engine.options().wallClock()));
        AsyncCall<StoreResult> call = new AsyncCall<>(engine, Verbs.SET, key, terms);
        try {
            engine.checkValue(value);
            call.send(value);
        } catch (MemcachedException e) {
            call.completeExceptionally(e);
        }
        return call;
    }

    private <T extends @Nullable Object> CompletableFuture<T> call(Verb<T> verb, Object key) {
        AsyncCall<T> call = new AsyncCall<>(engine, verb, key, Terms.NONE);
        call.send(null);
        return call;
    }
}
