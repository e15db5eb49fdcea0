package io.emcache;

import io.emcache.spi.Codec;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of {@link MemcachedClient}, each giving a future at once. Safe for all threads.
 *
 * <p>No method waits, and none throws for what happens to a request: a future completes with the result or exceptionally
 * with a {@link MemcachedException}, at the latest shortly after the deadline of the call. Failures known on entry, such as
 * an invalid key or a full queue, are given as a future that has already failed; only a null argument throws
 * {@link NullPointerException}, and an option that does not fit {@link IllegalArgumentException}. Interrupts do not matter here, and {@link MemcachedException.Interrupted} does not occur.
 *
 * <p>Futures are completed on {@link ClientOptions#completionExecutor()}, never on a thread that moves bytes, so dependents
 * may block. To cancel a future, or to complete it by hand, takes back nothing that was sent; the reply is dropped when it
 * comes.
 *
 * <p>Keys, values and arrays are treated as in {@link MemcachedClient}: bytes are copied before the method returns.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface AsyncMemcachedClient {

    /**
     * Reads a value; see {@link MemcachedClient#get(String)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    CompletableFuture<byte @Nullable []> get(String key);

    /**
     * Reads a value, as {@link #get(String)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    CompletableFuture<byte @Nullable []> get(Key key);

    /**
     * Reads a value and gives its item a new time to live; see {@link MemcachedClient#gat(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     */
    CompletableFuture<byte @Nullable []> gat(String key, Ttl ttl);

    /**
     * Reads a value and gives its item a new time to live, as {@link #gat(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     */
    CompletableFuture<byte @Nullable []> gat(Key key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, its CAS among it; see {@link MemcachedClient#getItem(String)}.
     *
     * @param key the key
     * @return the item, or null on a miss
     */
    CompletableFuture<@Nullable Item<byte[]>> getItem(String key);

    /**
     * Reads a value and what the server knows about it, its CAS among it, as {@link #getItem(String)}.
     *
     * @param key the key
     * @return the item, or null on a miss
     */
    CompletableFuture<@Nullable Item<byte[]>> getItem(Key key);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live; see {@link
     * MemcachedClient#gatItem(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     */
    CompletableFuture<@Nullable Item<byte[]>> gatItem(String key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live, as {@link
     * #gatItem(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     */
    CompletableFuture<@Nullable Item<byte[]>> gatItem(Key key, Ttl ttl);

    /**
     * Stores a value that does not expire, whether or not the key had one; see {@link MemcachedClient#set(String,
     * byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(String key, byte[] value);

    /**
     * Stores a value that does not expire, whether or not the key had one, as {@link #set(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(Key key, byte[] value);

    /**
     * Stores a value, whether or not the key had one; see {@link MemcachedClient#set(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(Key key, byte[] value, Ttl ttl);

    /**
     * Stores a value, whether or not the key had one; see {@link MemcachedClient#set(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(String key, byte[] value, WriteOptions options);

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(Key key, byte[] value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has none; see {@link MemcachedClient#add(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(String key, byte[] value);

    /**
     * Stores a value that does not expire, if the key has none, as {@link #add(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(Key key, byte[] value);

    /**
     * Stores a value, if the key has none; see {@link MemcachedClient#add(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has none, as {@link #add(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(Key key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has none; see {@link MemcachedClient#add(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(String key, byte[] value, WriteOptions options);

    /**
     * Stores a value, if the key has none, as {@link #add(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    CompletableFuture<StoreResult> add(Key key, byte[] value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has one; see {@link MemcachedClient#replace(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(String key, byte[] value);

    /**
     * Stores a value that does not expire, if the key has one, as {@link #replace(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(Key key, byte[] value);

    /**
     * Stores a value, if the key has one; see {@link MemcachedClient#replace(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has one, as {@link #replace(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(Key key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has one; see {@link MemcachedClient#replace(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(String key, byte[] value, WriteOptions options);

    /**
     * Stores a value, if the key has one, as {@link #replace(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    CompletableFuture<StoreResult> replace(Key key, byte[] value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the item is still the one that was read; see {@link
     * MemcachedClient#cas(String, byte[], long)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}
     */
    CompletableFuture<StoreResult> cas(String key, byte[] value, long cas);

    /**
     * Stores a value that does not expire, if the item is still the one that was read, as {@link #cas(String, byte[],
     * long)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}
     */
    CompletableFuture<StoreResult> cas(Key key, byte[] value, long cas);

    /**
     * Stores a value, if the item is still the one that was read; see {@link MemcachedClient#cas(String, byte[], long,
     * WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@code STORED}
     */
    CompletableFuture<StoreResult> cas(String key, byte[] value, long cas, WriteOptions options);

    /**
     * Stores a value, if the item is still the one that was read, as {@link #cas(String, byte[], long, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@code STORED}
     */
    CompletableFuture<StoreResult> cas(Key key, byte[] value, long cas, WriteOptions options);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags; see {@link
     * MemcachedClient#append(String, byte[])}.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> append(String key, byte[] value);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags, as {@link #append(String, byte[])}.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> append(Key key, byte[] value);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags; see {@link
     * MemcachedClient#append(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> append(String key, byte[] value, WriteOptions options);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags, as {@link #append(String, byte[],
     * WriteOptions)}.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> append(Key key, byte[] value, WriteOptions options);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags; see {@link
     * MemcachedClient#prepend(String, byte[])}.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> prepend(String key, byte[] value);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags, as {@link #prepend(String,
     * byte[])}.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> prepend(Key key, byte[] value);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags; see {@link
     * MemcachedClient#prepend(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> prepend(String key, byte[] value, WriteOptions options);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags, as {@link #prepend(String, byte[],
     * WriteOptions)}.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> prepend(Key key, byte[] value, WriteOptions options);

    /**
     * Deletes an item; see {@link MemcachedClient#delete(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    CompletableFuture<Boolean> delete(String key);

    /**
     * Deletes an item, as {@link #delete(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    CompletableFuture<Boolean> delete(Key key);

    /**
     * Deletes an item; see {@link MemcachedClient#delete(String, WriteOptions)}.
     *
     * @param key the key
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     */
    CompletableFuture<Boolean> delete(String key, WriteOptions options);

    /**
     * Deletes an item, as {@link #delete(String, WriteOptions)}.
     *
     * @param key the key
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     */
    CompletableFuture<Boolean> delete(Key key, WriteOptions options);

    /**
     * Deletes an item if it is still the one that was read; see {@link MemcachedClient#deleteIf(String, long)}.
     *
     * @param key the key
     * @param cas the CAS of the item that was read, unsigned
     * @return what became of it
     */
    CompletableFuture<DeleteResult> deleteIf(String key, long cas);

    /**
     * Deletes an item if it is still the one that was read, as {@link #deleteIf(String, long)}.
     *
     * @param key the key
     * @param cas the CAS of the item that was read, unsigned
     * @return what became of it
     */
    CompletableFuture<DeleteResult> deleteIf(Key key, long cas);

    /**
     * Gives an item a new time to live; see {@link MemcachedClient#touch(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return whether there was an item
     */
    CompletableFuture<Boolean> touch(String key, Ttl ttl);

    /**
     * Gives an item a new time to live, as {@link #touch(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return whether there was an item
     */
    CompletableFuture<Boolean> touch(Key key, Ttl ttl);

    /**
     * Gives an item a new time to live; see {@link MemcachedClient#touch(String, Ttl, WriteOptions)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     */
    CompletableFuture<Boolean> touch(String key, Ttl ttl, WriteOptions options);

    /**
     * Gives an item a new time to live, as {@link #touch(String, Ttl, WriteOptions)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     */
    CompletableFuture<Boolean> touch(Key key, Ttl ttl, WriteOptions options);

    /**
     * Marks an item as stale; see {@link MemcachedClient#invalidate(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    CompletableFuture<Boolean> invalidate(String key);

    /**
     * Marks an item as stale, as {@link #invalidate(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    CompletableFuture<Boolean> invalidate(Key key);

    /**
     * Marks an item as stale, as {@link #invalidate(String)}; see {@link MemcachedClient#invalidate(String,
     * InvalidateOptions)}.
     *
     * @param key the key
     * @param options new time to live, condition, dropped value, {@code noReply}
     * @return whether an item was marked: false if there is none or its CAS is another
     */
    CompletableFuture<Boolean> invalidate(String key, InvalidateOptions options);

    /**
     * Marks an item as stale, as {@link #invalidate(String)}, as {@link #invalidate(String, InvalidateOptions)}.
     *
     * @param key the key
     * @param options new time to live, condition, dropped value, {@code noReply}
     * @return whether an item was marked: false if there is none or its CAS is another
     */
    CompletableFuture<Boolean> invalidate(Key key, InvalidateOptions options);

    /**
     * Adds to a counter; see {@link MemcachedClient#increment(String, long)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     */
    CompletableFuture<OptionalLong> increment(String key, long delta);

    /**
     * Adds to a counter, as {@link #increment(String, long)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     */
    CompletableFuture<OptionalLong> increment(Key key, long delta);

    /**
     * Adds to a counter; see {@link MemcachedClient#increment(String, long, CounterOptions)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned
     */
    CompletableFuture<OptionalLong> increment(String key, long delta, CounterOptions options);

    /**
     * Adds to a counter, as {@link #increment(String, long, CounterOptions)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned
     */
    CompletableFuture<OptionalLong> increment(Key key, long delta, CounterOptions options);

    /**
     * Takes from a counter; see {@link MemcachedClient#decrement(String, long)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     */
    CompletableFuture<OptionalLong> decrement(String key, long delta);

    /**
     * Takes from a counter, as {@link #decrement(String, long)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     */
    CompletableFuture<OptionalLong> decrement(Key key, long delta);

    /**
     * Takes from a counter; see {@link MemcachedClient#decrement(String, long, CounterOptions)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned
     */
    CompletableFuture<OptionalLong> decrement(String key, long delta, CounterOptions options);

    /**
     * Takes from a counter, as {@link #decrement(String, long, CounterOptions)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned
     */
    CompletableFuture<OptionalLong> decrement(Key key, long delta, CounterOptions options);

    /**
     * Reads many values; see {@link MemcachedClient#getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, byte[]>> getAll(Collection<String> keys);

    /**
     * Reads many values, as {@link #getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, byte[]>> getAllByKey(Collection<Key> keys);

    /**
     * Reads many values and gives their items a new time to live; see {@link MemcachedClient#gatAll(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, byte[]>> gatAll(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and gives their items a new time to live, as {@link #gatAll(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, byte[]>> gatAllByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them; see {@link MemcachedClient#getAllItems(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, Item<byte[]>>> getAllItems(Collection<String> keys);

    /**
     * Reads many values and what the server knows about them, as {@link #getAllItems(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, Item<byte[]>>> getAllItemsByKey(Collection<Key> keys);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live; see {@link
     * MemcachedClient#gatAllItems(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<String, Item<byte[]>>> gatAllItems(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live, as {@link
     * #gatAllItems(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    CompletableFuture<MultiResult<Key, Item<byte[]>>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Stores many values that do not expire; see {@link MemcachedClient#setAll(Map)}.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     */
    CompletableFuture<MultiResult<String, StoreResult>> setAll(Map<String, byte[]> values);

    /**
     * Stores many values that do not expire, as {@link #setAll(Map)}.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     */
    CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(Map<Key, byte[]> values);

    /**
     * Stores many values; see {@link MemcachedClient#setAll(Map, WriteOptions)}.
     *
     * @param values the values by key
     * @param options time to live, flags, new CAS
     * @return what is stored, as hits, and failures; together they are the keys
     */
    CompletableFuture<MultiResult<String, StoreResult>> setAll(Map<String, byte[]> values, WriteOptions options);

    /**
     * Stores many values, as {@link #setAll(Map, WriteOptions)}.
     *
     * @param values the values by key
     * @param options time to live, flags, new CAS
     * @return what is stored, as hits, and failures; together they are the keys
     */
    CompletableFuture<MultiResult<Key, StoreResult>> setAllByKey(Map<Key, byte[]> values, WriteOptions options);

    /**
     * Deletes many items; see {@link MemcachedClient#deleteAll(Collection)}.
     *
     * @param keys the keys
     * @return what was deleted, as hits, all true; what was not there, as misses; and failures
     */
    CompletableFuture<MultiResult<String, Boolean>> deleteAll(Collection<String> keys);

    /**
     * Deletes many items, as {@link #deleteAll(Collection)}.
     *
     * @param keys the keys
     * @return what was deleted, as hits, all true; what was not there, as misses; and failures
     */
    CompletableFuture<MultiResult<Key, Boolean>> deleteAllByKey(Collection<Key> keys);

    /**
     * Returns a view of this client whose values are of a type; see {@link MemcachedClient#typed(Codec)}.
     *
     * @param codec turns values into bytes and back; {@link Codecs} has some
     * @param <T> the type of the values
     * @return a view, cheap to make and to keep
     */
    <T> AsyncTypedClient<T> typed(Codec<T> codec);
}
