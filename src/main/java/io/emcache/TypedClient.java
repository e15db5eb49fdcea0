package io.emcache;

import io.emcache.spi.Codec;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MemcachedClient} whose values are objects of one type; see {@link MemcachedClient#typed(Codec)}. Safe for all
 * threads, as far as the codec is. It shares connections, namespace and deadline with the client that it was made of, and
 * is closed with it.
 *
 * {@snippet :
 * TypedClient<String> names = client.typed(Compression.deflate(Codecs.utf8()));
 * names.set("user:42", "Ada", Ttl.of(Duration.ofMinutes(5)));
 * String name = names.get("user:42"); // null on a miss
 * }
 *
 * <p>Each verb is the one of that client with the codec before or behind it; verbs without a value, such as delete, are
 * only there. The codec runs on the calling thread: before anything is sent, and after the reply has come. The time that
 * it takes is no part of the deadline. Nothing that it returned is kept, and each call decodes anew, so values belong to
 * the caller as far as the codec makes new ones.
 *
 * <p>Whatever a codec throws, an {@link Error} included, and null as its result, is a {@link MemcachedException.Codec}. On
 * a write nothing was sent then. On a read the item stays as it is, but for a new time to live. In a call for many keys it
 * is the failure of that key.
 *
 * <p>Flags belong to the codec: {@link WriteOptions} with flags are refused with {@link IllegalArgumentException}, and an
 * item whose flags the codec does not know is a failure of the codec.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 *
 * @param <T> the type of the values
 */
public interface TypedClient<T> {
    /**
     * Reads a value.
     *
     * @param key the key
     * @return the value, or null on a miss
     * @throws MemcachedException as {@link MemcachedClient#get(String)}; {@link MemcachedException.Codec} if the value cannot
     *     be decoded
     */
    @Nullable
    T get(String key);

    /**
     * Reads a value, as {@link #get(String)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    @Nullable
    T get(Key key);

    /**
     * Reads a value and gives its item a new time to live.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     * @throws MemcachedException as {@link MemcachedClient#get(String)}; {@link MemcachedException.Codec} if the value cannot
     *     be decoded
     */
    @Nullable
    T gat(String key, Ttl ttl);

    /**
     * Reads a value and gives its item a new time to live, as {@link #gat(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     */
    @Nullable
    T gat(Key key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, its CAS among it.
     *
     * @param key the key
     * @return the item, or null on a miss
     * @throws MemcachedException as {@link MemcachedClient#get(String)}; {@link MemcachedException.Codec} if the value cannot
     *     be decoded
     */
    @Nullable
    Item<T> getItem(String key);

    /**
     * Reads a value and what the server knows about it, its CAS among it, as {@link #getItem(String)}.
     *
     * @param key the key
     * @return the item, or null on a miss
     */
    @Nullable
    Item<T> getItem(Key key);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     * @throws MemcachedException as {@link MemcachedClient#get(String)}; {@link MemcachedException.Codec} if the value cannot
     *     be decoded
     */
    @Nullable
    Item<T> gatItem(String key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live, as {@link #gatItem(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     */
    @Nullable
    Item<T> gatItem(Key key, Ttl ttl);

    /**
     * Stores a value that does not expire, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    default StoreResult set(String key, T value) {
        return set(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, whether or not the key had one, as {@link #set(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    default StoreResult set(Key key, T value) {
        return set(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    default StoreResult set(String key, T value, Ttl ttl) {
        return set(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, Object, Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    default StoreResult set(Key key, T value, Ttl ttl) {
        return set(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    StoreResult set(String key, T value, WriteOptions options);

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}
     */
    StoreResult set(Key key, T value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has none.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    default StoreResult add(String key, T value) {
        return add(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, if the key has none, as {@link #add(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    default StoreResult add(Key key, T value) {
        return add(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value, if the key has none.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    default StoreResult add(String key, T value, Ttl ttl) {
        return add(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, if the key has none, as {@link #add(String, Object, Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    default StoreResult add(Key key, T value, Ttl ttl) {
        return add(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, if the key has none.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    StoreResult add(String key, T value, WriteOptions options);

    /**
     * Stores a value, if the key has none, as {@link #add(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    StoreResult add(Key key, T value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has one.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    default StoreResult replace(String key, T value) {
        return replace(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, if the key has one, as {@link #replace(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    default StoreResult replace(Key key, T value) {
        return replace(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value, if the key has one.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    default StoreResult replace(String key, T value, Ttl ttl) {
        return replace(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, if the key has one, as {@link #replace(String, Object, Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    default StoreResult replace(Key key, T value, Ttl ttl) {
        return replace(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, if the key has one.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     */
    StoreResult replace(String key, T value, WriteOptions options);

    /**
     * Stores a value, if the key has one, as {@link #replace(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    StoreResult replace(Key key, T value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the item is still the one that was read.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     * @throws IllegalArgumentException if the CAS is 0, which stands for a server that keeps none
     */
    default StoreResult cas(String key, T value, long cas) {
        return cas(key, value, cas, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, if the item is still the one that was read, as {@link #cas(String, Object, long)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     */
    default StoreResult cas(Key key, T value, long cas) {
        return cas(key, value, cas, WriteOptions.NONE);
    }

    /**
     * Stores a value, if the item is still the one that was read.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     * @throws MemcachedException as {@link MemcachedClient#set(String, byte[], Ttl)}; {@link MemcachedException.Codec} if the
     *     value cannot be encoded
     * @throws IllegalArgumentException if the CAS is 0, which stands for a server that keeps none
     */
    StoreResult cas(String key, T value, long cas, WriteOptions options);

    /**
     * Stores a value, if the item is still the one that was read, as {@link #cas(String, Object, long, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     */
    StoreResult cas(Key key, T value, long cas, WriteOptions options);

    /**
     * Reads many values.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, T> getAll(Collection<String> keys);

    /**
     * Reads many values, as {@link #getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, T> getAllByKey(Collection<Key> keys);

    /**
     * Reads many values and gives their items a new time to live.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, T> gatAll(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and gives their items a new time to live, as {@link #gatAll(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, T> gatAllByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, Item<T>> getAllItems(Collection<String> keys);

    /**
     * Reads many values and what the server knows about them, as {@link #getAllItems(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, Item<T>> getAllItemsByKey(Collection<Key> keys);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, Item<T>> gatAllItems(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live, as {@link #gatAllItems(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, Item<T>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Stores many values that do not expire.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     * @throws MemcachedException.Codec if one of the values cannot be encoded; nothing was sent then
     */
    default MultiResult<String, StoreResult> setAll(Map<String, ? extends T> values) {
        return setAll(values, WriteOptions.NONE);
    }

    /**
     * Stores many values that do not expire, as {@link #setAll(Map)}.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     */
    default MultiResult<Key, StoreResult> setAllByKey(Map<Key, ? extends T> values) {
        return setAllByKey(values, WriteOptions.NONE);
    }

    /**
     * Stores many values.
     *
     * @param values the values by key
     * @param options time to live, new CAS; no flags
     * @return what is stored, as hits, and failures; together they are the keys
     * @throws MemcachedException.Codec if one of the values cannot be encoded; nothing was sent then
     */
    MultiResult<String, StoreResult> setAll(Map<String, ? extends T> values, WriteOptions options);

    /**
     * Stores many values, as {@link #setAll(Map, WriteOptions)}.
     *
     * @param values the values by key
     * @param options time to live, new CAS; no flags
     * @return what is stored, as hits, and failures; together they are the keys
     */
    MultiResult<Key, StoreResult> setAllByKey(Map<Key, ? extends T> values, WriteOptions options);

    /**
     * Reads a value, and has one caller compute and store it if it is missing, as
     * {@link MemcachedClient#getOrCompute(String, Ttl, Supplier)}.
     *
     * @param key the key
     * @param ttl how long a computed value lives
     * @param loader computes the value; null means that there is none, and nothing is stored
     * @return the value that was read or computed, or null if the loader gave null
     * @throws MemcachedException as there, and {@link MemcachedException.Codec}
     */
    @Nullable
    T getOrCompute(String key, Ttl ttl, Supplier<? extends @Nullable T> loader);

    /**
     * Reads a value, and has one caller compute and store it if it is missing, as
     * {@link MemcachedClient#getOrCompute(Key, Ttl, Supplier)}.
     *
     * @param key the key
     * @param ttl how long a computed value lives
     * @param loader computes the value; null means that there is none, and nothing is stored
     * @return the value that was read or computed, or null if the loader gave null
     * @throws MemcachedException as there, and {@link MemcachedException.Codec}
     */
    @Nullable
    T getOrCompute(Key key, Ttl ttl, Supplier<? extends @Nullable T> loader);

    /**
     * As {@link #getOrCompute(String, Ttl, Supplier)}.
     *
     * @param key the key
     * @param options how long a value lives and who computes it
     * @param loader computes the value
     * @return the value that was read or computed, or null
     * @throws MemcachedException as there
     */
    @Nullable
    T getOrCompute(String key, ComputeOptions options, Supplier<? extends @Nullable T> loader);

    /**
     * As {@link #getOrCompute(Key, Ttl, Supplier)}.
     *
     * @param key the key
     * @param options how long a value lives and who computes it
     * @param loader computes the value
     * @return the value that was read or computed, or null
     * @throws MemcachedException as there
     */
    @Nullable
    T getOrCompute(Key key, ComputeOptions options, Supplier<? extends @Nullable T> loader);

    /**
     * Changes a value as long as nobody else changes it meanwhile, as
     * {@link MemcachedClient#update(String, UnaryOperator)}.
     *
     * @param key the key
     * @param change makes the new value of the old one, which is null if there is none; null leaves everything as it is
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there, and {@link MemcachedException.Codec}
     */
    @Nullable
    T update(String key, UnaryOperator<@Nullable T> change);

    /**
     * Changes a value as long as nobody else changes it meanwhile, as
     * {@link MemcachedClient#update(Key, UnaryOperator)}.
     *
     * @param key the key
     * @param change makes the new value of the old one, which is null if there is none; null leaves everything as it is
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there, and {@link MemcachedException.Codec}
     */
    @Nullable
    T update(Key key, UnaryOperator<@Nullable T> change);

    /**
     * As {@link #update(String, UnaryOperator)}, with a new time to live.
     *
     * @param key the key
     * @param ttl how long the new value lives
     * @param change makes the new value of the old one
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there
     */
    @Nullable
    T update(String key, Ttl ttl, UnaryOperator<@Nullable T> change);

    /**
     * As {@link #update(Key, UnaryOperator)}, with a new time to live.
     *
     * @param key the key
     * @param ttl how long the new value lives
     * @param change makes the new value of the old one
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there
     */
    @Nullable
    T update(Key key, Ttl ttl, UnaryOperator<@Nullable T> change);
}
