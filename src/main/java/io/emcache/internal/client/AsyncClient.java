package io.emcache.internal.client;

import io.emcache.AsyncMemcachedClient;
import io.emcache.AsyncTypedClient;
import io.emcache.CounterOptions;
import io.emcache.DeleteResult;
import io.emcache.InvalidateOptions;
import io.emcache.Item;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The face whose calls return at once. Safe for all threads. */
final class AsyncClient implements AsyncMemcachedClient {
    private final Engine engine;
    private final Scope scope;

    AsyncClient(Scope scope) {
        this.engine = scope.engine();
        this.scope = scope;
    }

    private <T extends @Nullable Object> CompletableFuture<T> call(
            Verb<T> verb, Object key, Terms terms, byte @Nullable [] value) {
        Objects.requireNonNull(key, "key");
        long startNs = engine.nowNs();
        AsyncCall<T> call = new AsyncCall<>(scope, verb, key, terms, startNs, startNs + scope.timeoutNs());
        call.send(value);
        return call;
    }

    private CompletableFuture<StoreResult> store(Verb<StoreResult> verb, Object key, byte[] value, Terms terms) {
        Objects.requireNonNull(key, "key");
        try {
            engine.checkValue(value);
        } catch (MemcachedException e) {
            return CompletableFuture.failedFuture(e);
        }
        return call(verb, key, terms, value);
    }

    private CompletableFuture<StoreResult> join(Verb<StoreResult> verb, Object key, byte[] value, Terms terms) {
        if (!terms.creates()) {
            return store(verb, key, value, terms);
        }
        Objects.requireNonNull(key, "key");
        try {
            engine.checkValue(value);
        } catch (MemcachedException e) {
            return CompletableFuture.failedFuture(e);
        }
        return create(Creation.ofJoin(verb, terms, value.clone()), key, terms);
    }

    private CompletableFuture<OptionalLong> count(Verb<OptionalLong> verb, Object key, Terms terms) {
        if (!terms.creates()) {
            return call(verb, key, terms, null);
        }
        Objects.requireNonNull(key, "key");
        return create(Creation.ofCounter(verb, terms), key, terms);
    }

    private <T> CompletableFuture<T> create(Creation<T> creation, Object key, Terms terms) {
        if (terms.isQuiet()) {
            return createUnawaited(creation, key, terms);
        }
        AsyncCreation<T> future = new AsyncCreation<>(scope, key, creation);
        future.start(terms);
        return future;
    }

    /** Nobody waits, but somebody must see what the server answers: it may take a second step. */
    @SuppressWarnings("FutureReturnValueIgnored") // the last stage does not fail
    private <T> CompletableFuture<T> createUnawaited(Creation<T> creation, Object key, Terms terms) {
        AsyncCreation<T> future = new AsyncCreation<>(scope, key, creation);
        if (!future.start(terms.aloud())) {
            return future;
        }
        future.exceptionally(failure -> {
            if (failure instanceof MemcachedException e) {
                engine.noReplyFailed(creation.verb().op(), e);
            }
            return creation.verb().trusted();
        });
        return CompletableFuture.completedFuture(creation.verb().trusted());
    }

    /** Throws what is known to be wrong at once. */
    <T> void createQuietly(Creation<T> creation, Object key, Terms terms) {
        CompletableFuture<T> future = createUnawaited(creation, key, terms);
        if (future.isCompletedExceptionally() && future.exceptionNow() instanceof MemcachedException e) {
            throw e;
        }
    }

    private <K, V> CompletableFuture<MultiResult<K, V>> getMany(ManyRead<V> read, Collection<K> keys, Terms terms) {
        return new AsyncMany<>(scope, ReadMany.of(read, keys, terms)).run();
    }

    private <K> CompletableFuture<MultiResult<K, StoreResult>> setMany(Map<K, byte[]> values, WriteOptions options) {
        return new AsyncMany<>(scope, WriteMany.set(values, Terms.storeMany(options, scope.clock()))).run();
    }

    /** Stores values with flags of their own. */
    <K> CompletableFuture<MultiResult<K, StoreResult>> setEncoded(Map<K, EncodedValue> values, WriteOptions options) {
        return new AsyncMany<>(scope, WriteMany.setEncoded(values, Terms.storeMany(options, scope.clock()))).run();
    }

    private <K> CompletableFuture<MultiResult<K, Boolean>> deleteMany(Collection<K> keys) {
        return new AsyncMany<>(scope, WriteMany.delete(keys)).run();
    }

    @Override
    public CompletableFuture<byte @Nullable []> get(String key) {
        return call(Verbs.GET, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<byte @Nullable []> get(Key key) {
        return call(Verbs.GET, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<byte @Nullable []> gat(String key, Ttl ttl) {
        return call(Verbs.GAT, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public CompletableFuture<byte @Nullable []> gat(Key key, Ttl ttl) {
        return call(Verbs.GAT, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public CompletableFuture<@Nullable Item<byte[]>> getItem(String key) {
        return call(Verbs.GET_ITEM, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<@Nullable Item<byte[]>> getItem(Key key) {
        return call(Verbs.GET_ITEM, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<@Nullable Item<byte[]>> gatItem(String key, Ttl ttl) {
        return call(Verbs.GAT_ITEM, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public CompletableFuture<@Nullable Item<byte[]>> gatItem(Key key, Ttl ttl) {
        return call(Verbs.GAT_ITEM, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public CompletableFuture<StoreResult> set(String key, byte[] value) {
        return store(Verbs.SET, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> set(Key key, byte[] value) {
        return store(Verbs.SET, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> set(String key, byte[] value, Ttl ttl) {
        return store(Verbs.SET, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> set(Key key, byte[] value, Ttl ttl) {
        return store(Verbs.SET, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> set(String key, byte[] value, WriteOptions options) {
        return store(Verbs.SET, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> set(Key key, byte[] value, WriteOptions options) {
        return store(Verbs.SET, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> add(String key, byte[] value) {
        return store(Verbs.ADD, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> add(Key key, byte[] value) {
        return store(Verbs.ADD, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> add(String key, byte[] value, Ttl ttl) {
        return store(Verbs.ADD, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> add(Key key, byte[] value, Ttl ttl) {
        return store(Verbs.ADD, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> add(String key, byte[] value, WriteOptions options) {
        return store(Verbs.ADD, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> add(Key key, byte[] value, WriteOptions options) {
        return store(Verbs.ADD, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> replace(String key, byte[] value) {
        return store(Verbs.REPLACE, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> replace(Key key, byte[] value) {
        return store(Verbs.REPLACE, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> replace(String key, byte[] value, Ttl ttl) {
        return store(Verbs.REPLACE, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> replace(Key key, byte[] value, Ttl ttl) {
        return store(Verbs.REPLACE, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> replace(String key, byte[] value, WriteOptions options) {
        return store(Verbs.REPLACE, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> replace(Key key, byte[] value, WriteOptions options) {
        return store(Verbs.REPLACE, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> cas(String key, byte[] value, long cas) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, WriteOptions.NONE, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> cas(Key key, byte[] value, long cas) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, WriteOptions.NONE, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> cas(String key, byte[] value, long cas, WriteOptions options) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> cas(Key key, byte[] value, long cas, WriteOptions options) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> append(String key, byte[] value) {
        return store(Verbs.APPEND, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> append(Key key, byte[] value) {
        return store(Verbs.APPEND, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> append(String key, byte[] value, WriteOptions options) {
        return join(Verbs.APPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> append(Key key, byte[] value, WriteOptions options) {
        return join(Verbs.APPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> prepend(String key, byte[] value) {
        return store(Verbs.PREPEND, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> prepend(Key key, byte[] value) {
        return store(Verbs.PREPEND, key, value, Terms.NONE);
    }

    @Override
    public CompletableFuture<StoreResult> prepend(String key, byte[] value, WriteOptions options) {
        return join(Verbs.PREPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public CompletableFuture<StoreResult> prepend(Key key, byte[] value, WriteOptions options) {
        return join(Verbs.PREPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public CompletableFuture<Boolean> delete(String key) {
        return call(Verbs.DELETE, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<Boolean> delete(Key key) {
        return call(Verbs.DELETE, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<Boolean> delete(String key, WriteOptions options) {
        return call(Verbs.DELETE, key, Terms.plain(options), null);
    }

    @Override
    public CompletableFuture<Boolean> delete(Key key, WriteOptions options) {
        return call(Verbs.DELETE, key, Terms.plain(options), null);
    }

    @Override
    public CompletableFuture<DeleteResult> deleteIf(String key, long cas) {
        return call(Verbs.DELETE_IF, key, Terms.onlyIf(cas), null);
    }

    @Override
    public CompletableFuture<DeleteResult> deleteIf(Key key, long cas) {
        return call(Verbs.DELETE_IF, key, Terms.onlyIf(cas), null);
    }

    @Override
    public CompletableFuture<Boolean> touch(String key, Ttl ttl) {
        return call(Verbs.TOUCH, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public CompletableFuture<Boolean> touch(Key key, Ttl ttl) {
        return call(Verbs.TOUCH, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public CompletableFuture<Boolean> touch(String key, Ttl ttl, WriteOptions options) {
        return call(Verbs.TOUCH, key, Terms.touch(ttl, options, scope.clock()), null);
    }

    @Override
    public CompletableFuture<Boolean> touch(Key key, Ttl ttl, WriteOptions options) {
        return call(Verbs.TOUCH, key, Terms.touch(ttl, options, scope.clock()), null);
    }

    @Override
    public CompletableFuture<Boolean> invalidate(String key) {
        return call(Verbs.INVALIDATE, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<Boolean> invalidate(Key key) {
        return call(Verbs.INVALIDATE, key, Terms.NONE, null);
    }

    @Override
    public CompletableFuture<Boolean> invalidate(String key, InvalidateOptions options) {
        return call(Verbs.INVALIDATE, key, Terms.invalidate(options, scope.clock()), null);
    }

    @Override
    public CompletableFuture<Boolean> invalidate(Key key, InvalidateOptions options) {
        return call(Verbs.INVALIDATE, key, Terms.invalidate(options, scope.clock()), null);
    }

    @Override
    public CompletableFuture<OptionalLong> increment(String key, long delta) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> increment(Key key, long delta) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> increment(String key, long delta, CounterOptions options) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> increment(Key key, long delta, CounterOptions options) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> decrement(String key, long delta) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> decrement(Key key, long delta) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> decrement(String key, long delta, CounterOptions options) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public CompletableFuture<OptionalLong> decrement(Key key, long delta, CounterOptions options) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public CompletableFuture<MultiResult<String, byte[]>> getAll(Collection<String> keys) {
        return getMany(Verbs.GET_MANY, keys, Terms.NONE);
    }

    @Override
    public CompletableFuture<MultiResult<Key, byte[]>> getAllByKey(Collection<Key> keys) {
        return getMany(Verbs.GET_MANY, keys, Terms.NONE);
    }

    @Override
    public CompletableFuture<MultiResult<String, byte[]>> gatAll(Collection<String> keys, Ttl ttl) {
        return getMany(Verbs.GAT_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<MultiResult<Key, byte[]>> gatAllByKey(Collection<Key> keys, Ttl ttl) {
        return getMany(Verbs.GAT_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<MultiResult<String, Item<byte[]>>> getAllItems(Collection<String> keys) {
        return getMany(Verbs.GET_ITEM_MANY, keys, Terms.NONE);
    }

    @Override
    public CompletableFuture<MultiResult<Key, Item<byte[]>>> getAllItemsByKey(Collection<Key> keys) {
        return getMany(Verbs.GET_ITEM_MANY, keys, Terms.NONE);
    }

    @Override
    public CompletableFuture<MultiResult<String, Item<byte[]>>> gatAllItems(Collection<String> keys, Ttl ttl) {
        return getMany(Verbs.GAT_ITEM_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<MultiResult<Key, Item<byte[]>>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl) {
        return getMany(Verbs.GAT_ITEM_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public CompletableFuture<MultiResult<String, StoreResult>> setAll(Map<String, byte[]> values) {
        return setMany(values, WriteOptions.NONE);
    }

    @Override
    public CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(Map<Key, byte[]> values) {
        return setMany(values, WriteOptions.NONE);
    }

    @Override
    public CompletableFuture<MultiResult<String, StoreResult>> setAll(
            Map<String, byte[]> values, WriteOptions options) {
        return setMany(values, options);
    }

    @Override
    public CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(Map<Key, byte[]> values, WriteOptions options) {
        return setMany(values, options);
    }

    @Override
    public CompletableFuture<MultiResult<String, Boolean>> deleteAll(Collection<String> keys) {
        return deleteMany(keys);
    }

    @Override
    public CompletableFuture<MultiResult<Key, Boolean>> deleteAllByKey(Collection<Key> keys) {
        return deleteMany(keys);
    }

    @Override
    public <T> AsyncTypedClient<T> typed(Codec<T> codec) {
        return new AsyncTypedFace<>(this, new Coding<>(codec), engine.options().completionExecutor());
    }
}
