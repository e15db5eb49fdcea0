package io.emcache.internal.client;

import io.emcache.AsyncMemcachedClient;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Outcome;
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
        return getOne(Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<byte @Nullable []> get(Key key) {
        return getOne(Objects.requireNonNull(key, "key"));
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
        return deleteOne(Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<Boolean> delete(Key key) {
        return deleteOne(Objects.requireNonNull(key, "key"));
    }

    @Override
    public CompletableFuture<MultiResult<String, byte[]>> getAll(Collection<String> keys) {
        return new AsyncGetAll<>(engine, keys).run();
    }

    @Override
    public CompletableFuture<MultiResult<Key, byte[]>> getAllByKey(Collection<Key> keys) {
        return new AsyncGetAll<>(engine, keys).run();
    }

    private CompletableFuture<byte @Nullable []> getOne(Object key) {
        AsyncCall<byte @Nullable []> call = new AsyncCall<>(engine, OpCode.GET, key, 0, null);
        call.send(null);
        return call;
    }

    private CompletableFuture<StoreResult> setOne(Object key, byte[] value, Ttl ttl) {
        int exptime = WireTtl.encode(ttl, engine.options().wallClock());
        AsyncCall<StoreResult> call = new AsyncCall<>(engine, OpCode.SET, key, exptime, Answers::stored);
        try {
            engine.checkValue(value);
            call.send(value);
        } catch (MemcachedException e) {
            call.completeExceptionally(e);
        }
        return call;
    }

    private CompletableFuture<Boolean> deleteOne(Object key) {
        AsyncCall<Boolean> call = new AsyncCall<>(engine, OpCode.DELETE, key, 0, outcome -> outcome == Outcome.DONE);
        call.send(null);
        return call;
    }
}
