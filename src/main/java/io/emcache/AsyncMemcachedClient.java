package io.emcache;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of {@link MemcachedClient}, each giving a future at once. Safe for all threads.
 *
 * <p>No method waits, and none throws for what happens to a request: a future completes with the result or exceptionally
 * with a {@link MemcachedException}, at the latest shortly after the deadline of the call. Failures known on entry, such as
 * an invalid key or a full queue, are given as a future that has already failed; only a null argument throws
 * {@link NullPointerException}. Interrupts do not matter here, and {@link MemcachedException.Interrupted} does not occur.
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
     * Reads a value; see {@link MemcachedClient#get(Key)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    CompletableFuture<byte @Nullable []> get(Key key);

    /**
     * Stores a value that does not expire; see {@link MemcachedClient#set(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(String key, byte[] value);

    /**
     * Stores a value; see {@link MemcachedClient#set(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value that does not expire; see {@link MemcachedClient#set(Key, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(Key key, byte[] value);

    /**
     * Stores a value; see {@link MemcachedClient#set(Key, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    CompletableFuture<StoreResult> set(Key key, byte[] value, Ttl ttl);

    /**
     * Deletes an item; see {@link MemcachedClient#delete(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    CompletableFuture<Boolean> delete(String key);

    /**
     * Deletes an item; see {@link MemcachedClient#delete(Key)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    CompletableFuture<Boolean> delete(Key key);

    /**
     * Reads many values; see {@link MemcachedClient#getAll(Collection)}. The future does not fail for the sake of single
     * keys.
     *
     * @param keys the keys; copied
     * @return hits, misses and failures
     */
    CompletableFuture<MultiResult<String, byte[]>> getAll(Collection<String> keys);

    /**
     * Reads many values; see {@link MemcachedClient#getAllByKey(Collection)}. The future does not fail for the sake of
     * single keys.
     *
     * @param keys the keys; copied
     * @return hits, misses and failures
     */
    CompletableFuture<MultiResult<Key, byte[]>> getAllByKey(Collection<Key> keys);
}
