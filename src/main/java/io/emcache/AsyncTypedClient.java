package io.emcache;

import io.emcache.spi.Codec;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of {@link TypedClient}, each giving a future at once; see {@link AsyncMemcachedClient#typed(Codec)}. Safe for
 * all threads, as far as the codec is. It shares connections, namespace and deadline with the client that it was made of.
 *
 * <p>Futures are those of {@link AsyncMemcachedClient}: completed on {@link ClientOptions#completionExecutor()}, or
 * exceptionally with a {@link MemcachedException}. A value is encoded on the calling thread before the method returns, so
 * it may be changed afterwards; a failure of the codec is given as a future that has already failed. Values are decoded on
 * that executor, neither on the calling thread nor on one that moves bytes, and not at all if the future was cancelled by
 * then. To cancel a future cancels the call.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 *
 * @param <T> the type of the values
 */
public interface AsyncTypedClient<T> {
    /**
     * Reads a value; see {@link TypedClient#get(String)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    CompletableFuture<@Nullable T> get(String key);

    /**
     * Reads a value, as {@link #get(String)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    CompletableFuture<@Nullable T> get(Key key);

    /**
     * Reads a value and gives its item a new time to live; see {@link TypedClient#gat(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     */
    CompletableFuture<@Nullable T> gat(String key, Ttl ttl);

    /**
     * Reads a value and gives its item a new time to live, as {@link #gat(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     */
    CompletableFuture<@Nullable T> gat(Key key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, its CAS among it; see {@link TypedClient#getItem(String)}.
     *
     * @param key the key
     * @return the item, or null on a miss
     */
    CompletableFuture<@Nullable Item<T>> getItem(String key);

    /**
     * Reads a value and what the server knows about it, its CAS among it, as {@link #getItem(String)}.
     *
     * @param key the key
     * @return the item, or null on a miss
     */
    CompletableFuture<@Nullable Item<T>> getItem(Key key);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live; see {@link TypedClient#gatItem(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     */
    CompletableFuture<@Nullable Item<T>> gatItem(String key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live, as {@link #gatItem(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     */
    CompletableFuture<@Nullable Item<T>> gatItem(Key key, Ttl ttl);

    /**
     * Stores a value that does not expire, whether or not the key had one; see {@link TypedClient#set(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    default CompletableFuture<StoreResult> set(String key, T value) {
        return set(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, whether or not the key had one, as {@link #set(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    default CompletableFuture<StoreResult> set(Key key, T value) {
        return set(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value, whether or not the key had one; see {@link TypedClient#set(String, Object, Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    default CompletableFuture<StoreResult> set(String key, T value, Ttl ttl) {
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
    default CompletableFuture<StoreResult> set(Key key, T value, Ttl ttl) {
        return set(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, whether or not the key had one; see {@link TypedClient#set(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(String key, T value, WriteOptions options);

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(Key key, T value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has none; see {@link TypedClient#add(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    default CompletableFuture<StoreResult> add(String key, T value) {
        return add(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, if the key has none, as {@link #add(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    default CompletableFuture<StoreResult> add(Key key, T value) {
        return add(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value, if the key has none; see {@link TypedClient#add(String, Object, Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    default CompletableFuture<StoreResult> add(String key, T value, Ttl ttl) {
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
    default CompletableFuture<StoreResult> add(Key key, T value, Ttl ttl) {
        return add(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, if the key has none; see {@link TypedClient#add(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(String key, T value, WriteOptions options);

    /**
     * Stores a value, if the key has none, as {@link #add(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(Key key, T value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has one; see {@link TypedClient#replace(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    default CompletableFuture<StoreResult> replace(String key, T value) {
        return replace(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value that does not expire, if the key has one, as {@link #replace(String, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    default CompletableFuture<StoreResult> replace(Key key, T value) {
        return replace(key, value, WriteOptions.NONE);
    }

    /**
     * Stores a value, if the key has one; see {@link TypedClient#replace(String, Object, Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    default CompletableFuture<StoreResult> replace(String key, T value, Ttl ttl) {
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
    default CompletableFuture<StoreResult> replace(Key key, T value, Ttl ttl) {
        return replace(key, value, WriteOptions.of(ttl));
    }

    /**
     * Stores a value, if the key has one; see {@link TypedClient#replace(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(String key, T value, WriteOptions options);

    /**
     * Stores a value, if the key has one, as {@link #replace(String, Object, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(Key key, T value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the item is still the one that was read; see {@link TypedClient#cas(String, Object, long)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     */
    default CompletableFuture<StoreResult> cas(String key, T value, long cas) {
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
    default CompletableFuture<StoreResult> cas(Key key, T value, long cas) {
        return cas(key, value, cas, WriteOptions.NONE);
    }

    /**
     * Stores a value, if the item is still the one that was read; see {@link TypedClient#cas(String, Object, long, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     */
    CompletableFuture<StoreResult> cas(String key, T value, long cas, WriteOptions options);

    /**
     * Stores a value, if the item is still the one that was read, as {@link #cas(String, Object, long, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, {@code noReply}, new CAS; no flags
     * @return {@code STORED}; {@code EXISTS} if the item was changed, {@code NOT_FOUND} if it is gone
     */
    CompletableFuture<StoreResult> cas(Key key, T value, long cas, WriteOptions options);

    /**
     * Reads many values; see {@link TypedClient#getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, T>> getAll(Collection<String> keys);

    /**
     * Reads many values, as {@link #getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, T>> getAllByKey(Collection<Key> keys);

    /**
     * Reads many values and gives their items a new time to live; see {@link TypedClient#gatAll(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, T>> gatAll(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and gives their items a new time to live, as {@link #gatAll(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, T>> gatAllByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them; see {@link TypedClient#getAllItems(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, Item<T>>> getAllItems(Collection<String> keys);

    /**
     * Reads many values and what the server knows about them, as {@link #getAllItems(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, Item<T>>> getAllItemsByKey(Collection<Key> keys);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live; see {@link TypedClient#gatAllItems(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, Item<T>>> gatAllItems(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live, as {@link #gatAllItems(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, Item<T>>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Stores many values that do not expire; see {@link TypedClient#setAll(Map)}.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     */
    default CompletableFuture<MultiResult<String, StoreResult>> setAll(Map<String, ? extends T> values) {
        return setAll(values, WriteOptions.NONE);
    }

    /**
     * Stores many values that do not expire, as {@link #setAll(Map)}.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     */
    default CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(Map<Key, ? extends T> values) {
        return setAllByKey(values, WriteOptions.NONE);
    }

    /**
     * Stores many values; see {@link TypedClient#setAll(Map, WriteOptions)}.
     *
     * @param values the values by key
     * @param options time to live, new CAS; no flags
     * @return what is stored, as hits, and failures; together they are the keys
     */
    CompletableFuture<MultiResult<String, StoreResult>> setAll(Map<String, ? extends T> values, WriteOptions options);

    /**
     * Stores many values, as {@link #setAll(Map, WriteOptions)}.
     *
     * @param values the values by key
     * @param options time to live, new CAS; no flags
     * @return what is stored, as hits, and failures; together they are the keys
     */
    CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(Map<Key, ? extends T> values, WriteOptions options);
}
