package io.emcache.internal.client;

import io.emcache.AdminClient;
import io.emcache.AsyncMemcachedClient;
import io.emcache.CallOptions;
import io.emcache.ClientEvents;
import io.emcache.ClientHealth;
import io.emcache.ClusterManagement;
import io.emcache.ComputeOptions;
import io.emcache.CounterOptions;
import io.emcache.DeleteResult;
import io.emcache.DirectClient;
import io.emcache.InvalidateOptions;
import io.emcache.Item;
import io.emcache.Key;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.TypedClient;
import io.emcache.WriteOptions;
import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The face whose calls wait. Safe for all threads. */
final class SyncClient implements MemcachedClient {
    private final Engine engine;
    private final Scope scope;
    private final SyncCalls calls;
    private final AsyncClient async;
    private final DirectFace direct;
    private final Admin admin;
    private final Management management;
    private final Recipes recipes;

    SyncClient(Scope scope) {
        this.engine = scope.engine();
        this.scope = scope;
        this.calls = new SyncCalls(scope);
        this.async = new AsyncClient(scope);
        this.direct = new DirectFace(engine, scope.keys(), scope.timeoutNs());
        this.admin = new Admin(scope, this);
        this.management = new Management(scope);
        this.recipes = new Recipes(scope, this);
    }

    <T extends @Nullable Object> T call(Verb<T> verb, Object key, Terms terms, byte @Nullable [] value) {
        return calls.call(verb, key, terms, value);
    }

    /** One of several commands that share a deadline. */
    <T extends @Nullable Object> T callUntil(
            long deadlineNs, Verb<T> verb, Object key, Terms terms, byte @Nullable [] value) {
        return calls.callUntil(deadlineNs, verb, key, terms, value);
    }

    private StoreResult store(Verb<StoreResult> verb, Object key, byte[] value, Terms terms) {
        Objects.requireNonNull(key, "key");
        engine.checkValue(value);
        return call(verb, key, terms, value);
    }

    private StoreResult join(Verb<StoreResult> verb, Object key, byte[] value, Terms terms) {
        if (!terms.creates()) {
            return store(verb, key, value, terms);
        }
        Objects.requireNonNull(key, "key");
        engine.checkValue(value);
        return create(Creation.ofJoin(verb, terms, value), key, terms);
    }

    private OptionalLong count(Verb<OptionalLong> verb, Object key, Terms terms) {
        if (!terms.creates()) {
            return call(verb, key, terms, null);
        }
        Objects.requireNonNull(key, "key");
        return create(Creation.ofCounter(verb, terms), key, terms);
    }

    private <T> T create(Creation<T> creation, Object key, Terms terms) {
        if (terms.isQuiet()) {
            engine.checkBlockingCall();
            async.createQuietly(creation, key, terms);
            return creation.verb().trusted();
        }
        return calls.create(creation, key, terms);
    }

    private <K, V> MultiResult<K, V> getMany(ManyRead<V> read, Collection<K> keys, Terms terms) {
        return new SyncMany<>(scope, ReadMany.of(read, keys, terms)).run();
    }

    private <K> MultiResult<K, StoreResult> setMany(Map<K, byte[]> values, WriteOptions options) {
        return new SyncMany<>(scope, WriteMany.set(values, Terms.storeMany(options, scope.clock()))).run();
    }

    /** Stores values with flags of their own. */
    <K> MultiResult<K, StoreResult> setEncoded(Map<K, EncodedValue> values, WriteOptions options) {
        return new SyncMany<>(scope, WriteMany.setEncoded(values, Terms.storeMany(options, scope.clock()))).run();
    }

    private <K> MultiResult<K, Boolean> deleteMany(Collection<K> keys) {
        return new SyncMany<>(scope, WriteMany.delete(keys)).run();
    }

    @Override
    public byte @Nullable [] get(String key) {
        return call(Verbs.GET, key, Terms.NONE, null);
    }

    @Override
    public byte @Nullable [] get(Key key) {
        return call(Verbs.GET, key, Terms.NONE, null);
    }

    @Override
    public byte @Nullable [] gat(String key, Ttl ttl) {
        return call(Verbs.GAT, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public byte @Nullable [] gat(Key key, Ttl ttl) {
        return call(Verbs.GAT, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public @Nullable Item<byte[]> getItem(String key) {
        return call(Verbs.GET_ITEM, key, Terms.NONE, null);
    }

    @Override
    public @Nullable Item<byte[]> getItem(Key key) {
        return call(Verbs.GET_ITEM, key, Terms.NONE, null);
    }

    @Override
    public @Nullable Item<byte[]> gatItem(String key, Ttl ttl) {
        return call(Verbs.GAT_ITEM, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public @Nullable Item<byte[]> gatItem(Key key, Ttl ttl) {
        return call(Verbs.GAT_ITEM, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public StoreResult set(String key, byte[] value) {
        return store(Verbs.SET, key, value, Terms.NONE);
    }

    @Override
    public StoreResult set(Key key, byte[] value) {
        return store(Verbs.SET, key, value, Terms.NONE);
    }

    @Override
    public StoreResult set(String key, byte[] value, Ttl ttl) {
        return store(Verbs.SET, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public StoreResult set(Key key, byte[] value, Ttl ttl) {
        return store(Verbs.SET, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public StoreResult set(String key, byte[] value, WriteOptions options) {
        return store(Verbs.SET, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public StoreResult set(Key key, byte[] value, WriteOptions options) {
        return store(Verbs.SET, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public StoreResult add(String key, byte[] value) {
        return store(Verbs.ADD, key, value, Terms.NONE);
    }

    @Override
    public StoreResult add(Key key, byte[] value) {
        return store(Verbs.ADD, key, value, Terms.NONE);
    }

    @Override
    public StoreResult add(String key, byte[] value, Ttl ttl) {
        return store(Verbs.ADD, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public StoreResult add(Key key, byte[] value, Ttl ttl) {
        return store(Verbs.ADD, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public StoreResult add(String key, byte[] value, WriteOptions options) {
        return store(Verbs.ADD, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public StoreResult add(Key key, byte[] value, WriteOptions options) {
        return store(Verbs.ADD, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public StoreResult replace(String key, byte[] value) {
        return store(Verbs.REPLACE, key, value, Terms.NONE);
    }

    @Override
    public StoreResult replace(Key key, byte[] value) {
        return store(Verbs.REPLACE, key, value, Terms.NONE);
    }

    @Override
    public StoreResult replace(String key, byte[] value, Ttl ttl) {
        return store(Verbs.REPLACE, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public StoreResult replace(Key key, byte[] value, Ttl ttl) {
        return store(Verbs.REPLACE, key, value, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public StoreResult replace(String key, byte[] value, WriteOptions options) {
        return store(Verbs.REPLACE, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public StoreResult replace(Key key, byte[] value, WriteOptions options) {
        return store(Verbs.REPLACE, key, value, Terms.store(options, scope.clock()));
    }

    @Override
    public StoreResult cas(String key, byte[] value, long cas) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, WriteOptions.NONE, scope.clock()));
    }

    @Override
    public StoreResult cas(Key key, byte[] value, long cas) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, WriteOptions.NONE, scope.clock()));
    }

    @Override
    public StoreResult cas(String key, byte[] value, long cas, WriteOptions options) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, options, scope.clock()));
    }

    @Override
    public StoreResult cas(Key key, byte[] value, long cas, WriteOptions options) {
        return store(Verbs.CAS, key, value, Terms.cas(cas, options, scope.clock()));
    }

    @Override
    public StoreResult append(String key, byte[] value) {
        return store(Verbs.APPEND, key, value, Terms.NONE);
    }

    @Override
    public StoreResult append(Key key, byte[] value) {
        return store(Verbs.APPEND, key, value, Terms.NONE);
    }

    @Override
    public StoreResult append(String key, byte[] value, WriteOptions options) {
        return join(Verbs.APPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public StoreResult append(Key key, byte[] value, WriteOptions options) {
        return join(Verbs.APPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public StoreResult prepend(String key, byte[] value) {
        return store(Verbs.PREPEND, key, value, Terms.NONE);
    }

    @Override
    public StoreResult prepend(Key key, byte[] value) {
        return store(Verbs.PREPEND, key, value, Terms.NONE);
    }

    @Override
    public StoreResult prepend(String key, byte[] value, WriteOptions options) {
        return join(Verbs.PREPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public StoreResult prepend(Key key, byte[] value, WriteOptions options) {
        return join(Verbs.PREPEND, key, value, Terms.join(options, scope.clock()));
    }

    @Override
    public boolean delete(String key) {
        return call(Verbs.DELETE, key, Terms.NONE, null);
    }

    @Override
    public boolean delete(Key key) {
        return call(Verbs.DELETE, key, Terms.NONE, null);
    }

    @Override
    public boolean delete(String key, WriteOptions options) {
        return call(Verbs.DELETE, key, Terms.plain(options), null);
    }

    @Override
    public boolean delete(Key key, WriteOptions options) {
        return call(Verbs.DELETE, key, Terms.plain(options), null);
    }

    @Override
    public DeleteResult deleteIf(String key, long cas) {
        return call(Verbs.DELETE_IF, key, Terms.onlyIf(cas), null);
    }

    @Override
    public DeleteResult deleteIf(Key key, long cas) {
        return call(Verbs.DELETE_IF, key, Terms.onlyIf(cas), null);
    }

    @Override
    public boolean touch(String key, Ttl ttl) {
        return call(Verbs.TOUCH, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public boolean touch(Key key, Ttl ttl) {
        return call(Verbs.TOUCH, key, Terms.exptime(ttl, scope.clock()), null);
    }

    @Override
    public boolean touch(String key, Ttl ttl, WriteOptions options) {
        return call(Verbs.TOUCH, key, Terms.touch(ttl, options, scope.clock()), null);
    }

    @Override
    public boolean touch(Key key, Ttl ttl, WriteOptions options) {
        return call(Verbs.TOUCH, key, Terms.touch(ttl, options, scope.clock()), null);
    }

    @Override
    public boolean invalidate(String key) {
        return call(Verbs.INVALIDATE, key, Terms.NONE, null);
    }

    @Override
    public boolean invalidate(Key key) {
        return call(Verbs.INVALIDATE, key, Terms.NONE, null);
    }

    @Override
    public boolean invalidate(String key, InvalidateOptions options) {
        return call(Verbs.INVALIDATE, key, Terms.invalidate(options, scope.clock()), null);
    }

    @Override
    public boolean invalidate(Key key, InvalidateOptions options) {
        return call(Verbs.INVALIDATE, key, Terms.invalidate(options, scope.clock()), null);
    }

    @Override
    public OptionalLong increment(String key, long delta) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public OptionalLong increment(Key key, long delta) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public OptionalLong increment(String key, long delta, CounterOptions options) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public OptionalLong increment(Key key, long delta, CounterOptions options) {
        return count(Verbs.INCREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public OptionalLong decrement(String key, long delta) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public OptionalLong decrement(Key key, long delta) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, CounterOptions.NONE, scope.clock()));
    }

    @Override
    public OptionalLong decrement(String key, long delta, CounterOptions options) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public OptionalLong decrement(Key key, long delta, CounterOptions options) {
        return count(Verbs.DECREMENT, key, Terms.count(delta, options, scope.clock()));
    }

    @Override
    public byte @Nullable [] getOrCompute(String key, Ttl ttl, Supplier<byte @Nullable []> loader) {
        return compute(key, ComputeOptions.of(ttl), loader);
    }

    @Override
    public byte @Nullable [] getOrCompute(Key key, Ttl ttl, Supplier<byte @Nullable []> loader) {
        return compute(key, ComputeOptions.of(ttl), loader);
    }

    @Override
    public byte @Nullable [] getOrCompute(String key, ComputeOptions options, Supplier<byte @Nullable []> loader) {
        return compute(key, options, loader);
    }

    @Override
    public byte @Nullable [] getOrCompute(Key key, ComputeOptions options, Supplier<byte @Nullable []> loader) {
        return compute(key, options, loader);
    }

    Recipes recipes() {
        return recipes;
    }

    private byte @Nullable [] compute(Object key, ComputeOptions options, Supplier<byte @Nullable []> loader) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(loader, "loader");
        return bytes(recipes.getOrCompute(key, options, () -> plain(loader.get())));
    }

    @Override
    public byte @Nullable [] update(String key, UnaryOperator<byte @Nullable []> change) {
        return change(key, null, change);
    }

    @Override
    public byte @Nullable [] update(Key key, UnaryOperator<byte @Nullable []> change) {
        return change(key, null, change);
    }

    @Override
    public byte @Nullable [] update(String key, Ttl ttl, UnaryOperator<byte @Nullable []> change) {
        return change(key, Objects.requireNonNull(ttl, "ttl"), change);
    }

    @Override
    public byte @Nullable [] update(Key key, Ttl ttl, UnaryOperator<byte @Nullable []> change) {
        return change(key, Objects.requireNonNull(ttl, "ttl"), change);
    }

    private byte @Nullable [] change(Object key, @Nullable Ttl ttl, UnaryOperator<byte @Nullable []> change) {
        Objects.requireNonNull(change, "change");
        return bytes(recipes.update(key, ttl, old -> {
            byte[] changed = change.apply(bytes(old));
            return changed == null ? null : new EncodedValue(changed, old == null ? 0 : old.flags());
        }));
    }

    private static @Nullable EncodedValue plain(byte @Nullable [] value) {
        return value == null ? null : new EncodedValue(value, 0);
    }

    private static byte @Nullable [] bytes(@Nullable EncodedValue value) {
        return value == null ? null : value.bytes();
    }

    @Override
    public MultiResult<String, byte[]> getAll(Collection<String> keys) {
        return getMany(Verbs.GET_MANY, keys, Terms.NONE);
    }

    @Override
    public MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys) {
        return getMany(Verbs.GET_MANY, keys, Terms.NONE);
    }

    @Override
    public MultiResult<String, byte[]> gatAll(Collection<String> keys, Ttl ttl) {
        return getMany(Verbs.GAT_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public MultiResult<Key, byte[]> gatAllByKey(Collection<Key> keys, Ttl ttl) {
        return getMany(Verbs.GAT_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public MultiResult<String, Item<byte[]>> getAllItems(Collection<String> keys) {
        return getMany(Verbs.GET_ITEM_MANY, keys, Terms.NONE);
    }

    @Override
    public MultiResult<Key, Item<byte[]>> getAllItemsByKey(Collection<Key> keys) {
        return getMany(Verbs.GET_ITEM_MANY, keys, Terms.NONE);
    }

    @Override
    public MultiResult<String, Item<byte[]>> gatAllItems(Collection<String> keys, Ttl ttl) {
        return getMany(Verbs.GAT_ITEM_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public MultiResult<Key, Item<byte[]>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl) {
        return getMany(Verbs.GAT_ITEM_MANY, keys, Terms.exptime(ttl, scope.clock()));
    }

    @Override
    public MultiResult<String, StoreResult> setAll(Map<String, byte[]> values) {
        return setMany(values, WriteOptions.NONE);
    }

    @Override
    public MultiResult<Key, StoreResult> setAllByKey(Map<Key, byte[]> values) {
        return setMany(values, WriteOptions.NONE);
    }

    @Override
    public MultiResult<String, StoreResult> setAll(Map<String, byte[]> values, WriteOptions options) {
        return setMany(values, options);
    }

    @Override
    public MultiResult<Key, StoreResult> setAllByKey(Map<Key, byte[]> values, WriteOptions options) {
        return setMany(values, options);
    }

    @Override
    public MultiResult<String, Boolean> deleteAll(Collection<String> keys) {
        return deleteMany(keys);
    }

    @Override
    public MultiResult<Key, Boolean> deleteAllByKey(Collection<Key> keys) {
        return deleteMany(keys);
    }

    @Override
    public AsyncMemcachedClient async() {
        return async;
    }

    @Override
    public DirectClient direct() {
        return direct;
    }

    @Override
    public AdminClient admin() {
        return admin;
    }

    @Override
    public ClusterManagement cluster() {
        return management;
    }

    @Override
    public ClientHealth health() {
        return engine.health();
    }

    @Override
    public ClientEvents events() {
        return engine.events();
    }

    @Override
    public <T> TypedClient<T> typed(Codec<T> codec) {
        return new TypedFace<>(this, new Coding<>(codec));
    }

    @Override
    public MemcachedClient with(CallOptions options) {
        return new SyncClient(scope.withTimeout(options.timeout().toNanos()));
    }

    @Override
    public MemcachedClient namespace(String prefix) {
        return new SyncClient(scope.namespace(prefix));
    }

    @Override
    public void awaitReady(Duration timeout) {
        engine.awaitReady(timeout);
    }

    @Override
    public int poll() {
        return engine.poll();
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }

    @Override
    public void close(Duration drainTimeout) {
        engine.close(drainTimeout);
    }

    @Override
    public boolean isClosed() {
        return engine.isClosed();
    }

    @Override
    public String toString() {
        return "MemcachedClient" + engine.cluster().nodes();
    }
}
