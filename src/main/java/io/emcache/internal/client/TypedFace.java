package io.emcache.internal.client;

import io.emcache.ComputeOptions;
import io.emcache.Item;
import io.emcache.Key;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.TypedClient;
import io.emcache.WriteOptions;
import io.emcache.spi.EncodedValue;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A codec before and behind the face whose calls wait. Safe for all threads. */
final class TypedFace<T> implements TypedClient<T> {
    private final SyncClient client;
    private final Coding<T> coding;

    TypedFace(SyncClient client, Coding<T> coding) {
        this.client = client;
        this.coding = coding;
    }

    @Override
    public @Nullable T get(String key) {
        return coding.decodeValue(client.getItem(key));
    }

    @Override
    public @Nullable T get(Key key) {
        return coding.decodeValue(client.getItem(key));
    }

    @Override
    public @Nullable T gat(String key, Ttl ttl) {
        return coding.decodeValue(client.gatItem(key, ttl));
    }

    @Override
    public @Nullable T gat(Key key, Ttl ttl) {
        return coding.decodeValue(client.gatItem(key, ttl));
    }

    @Override
    public @Nullable Item<T> getItem(String key) {
        return coding.decodeItem(client.getItem(key));
    }

    @Override
    public @Nullable Item<T> getItem(Key key) {
        return coding.decodeItem(client.getItem(key));
    }

    @Override
    public @Nullable Item<T> gatItem(String key, Ttl ttl) {
        return coding.decodeItem(client.gatItem(key, ttl));
    }

    @Override
    public @Nullable Item<T> gatItem(Key key, Ttl ttl) {
        return coding.decodeItem(client.gatItem(key, ttl));
    }

    @Override
    public StoreResult set(String key, T value, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.set(key, encoded.bytes(), Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult set(Key key, T value, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.set(key, encoded.bytes(), Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult add(String key, T value, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.add(key, encoded.bytes(), Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult add(Key key, T value, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.add(key, encoded.bytes(), Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult replace(String key, T value, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.replace(key, encoded.bytes(), Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult replace(Key key, T value, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.replace(key, encoded.bytes(), Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult cas(String key, T value, long cas, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.cas(key, encoded.bytes(), cas, Coding.withFlags(options, encoded));
    }

    @Override
    public StoreResult cas(Key key, T value, long cas, WriteOptions options) {
        EncodedValue encoded = coding.encode(key, value, options);
        return client.cas(key, encoded.bytes(), cas, Coding.withFlags(options, encoded));
    }

    @Override
    public MultiResult<String, T> getAll(Collection<String> keys) {
        return coding.decodeValues(client.getAllItems(keys));
    }

    @Override
    public MultiResult<Key, T> getAllByKey(Collection<Key> keys) {
        return coding.decodeValues(client.getAllItemsByKey(keys));
    }

    @Override
    public MultiResult<String, T> gatAll(Collection<String> keys, Ttl ttl) {
        return coding.decodeValues(client.gatAllItems(keys, ttl));
    }

    @Override
    public MultiResult<Key, T> gatAllByKey(Collection<Key> keys, Ttl ttl) {
        return coding.decodeValues(client.gatAllItemsByKey(keys, ttl));
    }

    @Override
    public MultiResult<String, Item<T>> getAllItems(Collection<String> keys) {
        return coding.decodeItems(client.getAllItems(keys));
    }

    @Override
    public MultiResult<Key, Item<T>> getAllItemsByKey(Collection<Key> keys) {
        return coding.decodeItems(client.getAllItemsByKey(keys));
    }

    @Override
    public MultiResult<String, Item<T>> gatAllItems(Collection<String> keys, Ttl ttl) {
        return coding.decodeItems(client.gatAllItems(keys, ttl));
    }

    @Override
    public MultiResult<Key, Item<T>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl) {
        return coding.decodeItems(client.gatAllItemsByKey(keys, ttl));
    }

    @Override
    public MultiResult<String, StoreResult> setAll(Map<String, ? extends T> values, WriteOptions options) {
        return client.setEncoded(coding.encodeAll(values, options), options);
    }

    @Override
    public MultiResult<Key, StoreResult> setAllByKey(Map<Key, ? extends T> values, WriteOptions options) {
        return client.setEncoded(coding.encodeAll(values, options), options);
    }

    @Override
    public String toString() {
        return "TypedClient[" + client + "]";
    }

    @Override
    public @Nullable T getOrCompute(String key, Ttl ttl, Supplier<? extends @Nullable T> loader) {
        return compute(key, ComputeOptions.of(ttl), loader);
    }

    @Override
    public @Nullable T getOrCompute(String key, ComputeOptions options, Supplier<? extends @Nullable T> loader) {
        return compute(key, options, loader);
    }

    @Override
    public @Nullable T update(String key, UnaryOperator<@Nullable T> change) {
        return change(key, null, change);
    }

    @Override
    public @Nullable T update(String key, Ttl ttl, UnaryOperator<@Nullable T> change) {
        return change(key, Objects.requireNonNull(ttl, "ttl"), change);
    }

    @Override
    public @Nullable T getOrCompute(Key key, Ttl ttl, Supplier<? extends @Nullable T> loader) {
        return compute(key, ComputeOptions.of(ttl), loader);
    }

    @Override
    public @Nullable T getOrCompute(Key key, ComputeOptions options, Supplier<? extends @Nullable T> loader) {
        return compute(key, options, loader);
    }

    @Override
    public @Nullable T update(Key key, UnaryOperator<@Nullable T> change) {
        return change(key, null, change);
    }

    @Override
    public @Nullable T update(Key key, Ttl ttl, UnaryOperator<@Nullable T> change) {
        return change(key, Objects.requireNonNull(ttl, "ttl"), change);
    }

    private @Nullable T compute(Object key, ComputeOptions options, Supplier<? extends @Nullable T> loader) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(loader, "loader");
        return decoded(client.recipes().getOrCompute(key, options, () -> encoded(key, loader.get())));
    }

    private @Nullable T change(Object key, @Nullable Ttl ttl, UnaryOperator<@Nullable T> change) {
        Objects.requireNonNull(change, "change");
        return decoded(client.recipes().update(key, ttl, old -> encoded(key, change.apply(decoded(old)))));
    }

    private @Nullable EncodedValue encoded(Object key, @Nullable T value) {
        return value == null ? null : coding.encode(key, value, WriteOptions.NONE);
    }

    private @Nullable T decoded(@Nullable EncodedValue value) {
        return value == null ? null : coding.decode(value.bytes(), value.flags());
    }
}
