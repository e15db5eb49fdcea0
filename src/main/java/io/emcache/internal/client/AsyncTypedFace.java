package io.emcache.internal.client;

import io.emcache.AsyncTypedClient;
import io.emcache.Item;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.spi.EncodedValue;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A codec before and behind the face whose calls return at once. Safe for all threads. */
final class AsyncTypedFace<T> implements AsyncTypedClient<T> {
    private final AsyncClient client;
    private final Coding<T> coding;
    private final Executor executor;

    /** One store of the other face, with all but the value and its options filled in. */
    private interface Store {
        CompletableFuture<StoreResult> send(byte[] value, WriteOptions options);
    }

    AsyncTypedFace(AsyncClient client, Coding<T> coding, Executor executor) {
        this.client = client;
        this.coding = coding;
        this.executor = executor;
    }

    private CompletableFuture<StoreResult> store(Object key, T value, WriteOptions options, Store store) {
        EncodedValue encoded;
        try {
            encoded = coding.encode(key, value, options);
        } catch (MemcachedException.Codec e) {
            return CompletableFuture.failedFuture(e);
        }
        return store.send(encoded.bytes(), Coding.withFlags(options, encoded));
    }

    private <K> CompletableFuture<MultiResult<K, StoreResult>> storeAll(
            Map<K, ? extends T> values, WriteOptions options) {
        Map<K, EncodedValue> encoded;
        try {
            encoded = coding.encodeAll(values, options);
        } catch (MemcachedException.Codec e) {
            return CompletableFuture.failedFuture(e);
        }
        return client.setEncoded(encoded, options);
    }

    private <A extends @Nullable Object, B extends @Nullable Object> CompletableFuture<B> decoded(
            CompletableFuture<A> call, Function<A, B> decode) {
        return DecodedFuture.of(call, decode, executor);
    }

    @Override
    public CompletableFuture<@Nullable T> get(String key) {
        return decoded(client.getItem(key), coding::decodeValue);
    }

    @Override
    public CompletableFuture<@Nullable T> get(Key key) {
        return decoded(client.getItem(key), coding::decodeValue);
    }

    @Override
    public CompletableFuture<@Nullable T> gat(String key, Ttl ttl) {
        return decoded(client.gatItem(key, ttl), coding::decodeValue);
    }

    @Override
    public CompletableFuture<@Nullable T> gat(Key key, Ttl ttl) {
        return decoded(client.gatItem(key, ttl), coding::decodeValue);
    }

    @Override
    public CompletableFuture<@Nullable Item<T>> getItem(String key) {
        return decoded(client.getItem(key), coding::decodeItem);
    }

    @Override
    public CompletableFuture<@Nullable Item<T>> getItem(Key key) {
        return decoded(client.getItem(key), coding::decodeItem);
    }

    @Override
    public CompletableFuture<@Nullable Item<T>> gatItem(String key, Ttl ttl) {
        return decoded(client.gatItem(key, ttl), coding::decodeItem);
    }

    @Override
    public CompletableFuture<@Nullable Item<T>> gatItem(Key key, Ttl ttl) {
        return decoded(client.gatItem(key, ttl), coding::decodeItem);
    }

    @Override
    public CompletableFuture<StoreResult> set(String key, T value, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.set(key, bytes, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> set(Key key, T value, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.set(key, bytes, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> add(String key, T value, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.add(key, bytes, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> add(Key key, T value, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.add(key, bytes, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> replace(String key, T value, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.replace(key, bytes, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> replace(Key key, T value, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.replace(key, bytes, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> cas(String key, T value, long cas, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.cas(key, bytes, cas, flagged));
    }

    @Override
    public CompletableFuture<StoreResult> cas(Key key, T value, long cas, WriteOptions options) {
        return store(key, value, options, (bytes, flagged) -> client.cas(key, bytes, cas, flagged));
    }

    @Override
    public CompletableFuture<MultiResult<String, T>> getAll(Collection<String> keys) {
        return decoded(client.getAllItems(keys), coding::decodeValues);
    }

    @Override
    public CompletableFuture<MultiResult<Key, T>> getAllByKey(Collection<Key> keys) {
        return decoded(client.getAllItemsByKey(keys), coding::decodeValues);
    }

    @Override
    public CompletableFuture<MultiResult<String, T>> gatAll(Collection<String> keys, Ttl ttl) {
        return decoded(client.gatAllItems(keys, ttl), coding::decodeValues);
    }

    @Override
    public CompletableFuture<MultiResult<Key, T>> gatAllByKey(Collection<Key> keys, Ttl ttl) {
        return decoded(client.gatAllItemsByKey(keys, ttl), coding::decodeValues);
    }

    @Override
    public CompletableFuture<MultiResult<String, Item<T>>> getAllItems(Collection<String> keys) {
        return decoded(client.getAllItems(keys), coding::decodeItems);
    }

    @Override
    public CompletableFuture<MultiResult<Key, Item<T>>> getAllItemsByKey(Collection<Key> keys) {
        return decoded(client.getAllItemsByKey(keys), coding::decodeItems);
    }

    @Override
    public CompletableFuture<MultiResult<String, Item<T>>> gatAllItems(Collection<String> keys, Ttl ttl) {
        return decoded(client.gatAllItems(keys, ttl), coding::decodeItems);
    }

    @Override
    public CompletableFuture<MultiResult<Key, Item<T>>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl) {
        return decoded(client.gatAllItemsByKey(keys, ttl), coding::decodeItems);
    }

    @Override
    public CompletableFuture<MultiResult<String, StoreResult>> setAll(
            Map<String, ? extends T> values, WriteOptions options) {
        return storeAll(values, options);
    }

    @Override
    public CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(
            Map<Key, ? extends T> values, WriteOptions options) {
        return storeAll(values, options);
    }
}
