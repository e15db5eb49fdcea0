package io.emcache;

import io.emcache.internal.client.ClientFactory;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A memcached client. Safe for all threads, virtual threads included: make one and share it.
 *
 * {@snippet :
 * try (MemcachedClient client = MemcachedClient.connect("memcached://10.0.0.1:11211")) {
 *     client.set("user:42", bytes, Ttl.of(Duration.ofMinutes(5)));
 *     byte[] value = client.get("user:42"); // null on a miss
 * }
 * }
 *
 * <h2>Keys and values</h2>
 *
 * <p>A key given as {@code String} is sent as UTF-8, without normalisation; see {@link Key} for what is allowed. A value is
 * any array of bytes up to {@link ClientOptions#itemSizeLimit()}, the empty one included. Arrays are copied before a
 * method returns or waits, and arrays returned belong to the caller.
 *
 * <h2>Time</h2>
 *
 * <p>Each call has one deadline, {@link ClientOptions#timeout()} from its entry. It covers queueing, connecting, writing,
 * reading and retrying. A call waits for its reply, never for room in a queue: a full queue fails it at once with
 * {@link MemcachedException.Overloaded}. Only a request of which no byte was written is sent again by itself, and a
 * read, once, when its connection died.
 *
 * <h2>Interrupts</h2>
 *
 * <p>A call on a thread that is interrupted before or while it waits throws {@link MemcachedException.Interrupted}, leaves the
 * interrupt status set, and does not harm the connection or other calls. If the status was set on entry, nothing was
 * sent.
 *
 * <h2>Failures</h2>
 *
 * <p>A miss is a value. All else is a {@link MemcachedException}: each verb may throw {@code Timeout},
 * {@code Overloaded}, {@code NodeUnavailable}, {@code Closed}, {@code Interrupted}, {@code ServerError},
 * {@code ProtocolViolation}, {@code Authentication} and {@code InvalidKey}; beyond these a method names its own.
 * {@link MemcachedException#outcomeUnknown()} tells after a failed write whether the server may have executed it. A null
 * argument throws {@link NullPointerException}. A sync call made from a callback on a thread that moves bytes throws
 * {@link IllegalStateException} at once, because it would wait for itself.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface MemcachedClient extends AutoCloseable {

    /**
     * Makes a client and waits until it is ready, at most for the connection timeout.
     *
     * @param uri such as {@code memcached://host1:11211,host2:11211?timeout=500ms}; see {@link ClientOptions#fromUri}
     * @return a client with a connection to each node
     * @throws IllegalArgumentException if the URI is not understood
     * @throws MemcachedException as {@link #awaitReady(Duration)}; the client is closed then
     */
    static MemcachedClient connect(String uri) {
        return connect(ClientOptions.fromUri(uri));
    }

    /**
     * Makes a client and waits until it is ready, at most for {@link ClientOptions#connectionTimeout()}.
     *
     * @param options the options
     * @return a client with a connection to each node
     * @throws MemcachedException as {@link #awaitReady(Duration)}; the client is closed then
     */
    static MemcachedClient connect(ClientOptions options) {
        MemcachedClient client = create(options);
        try {
            client.awaitReady(options.connectionTimeout());
            return client;
        } catch (Throwable e) {
            closeQuietly(client, e);
            throw e;
        }
    }

    /**
     * Makes a client without waiting. It connects in the background; a dead node fails calls, not this method.
     *
     * @param options the options
     * @return a client
     */
    static MemcachedClient create(ClientOptions options) {
        return ClientFactory.create(options);
    }

    /**
     * Returns a builder with the defaults.
     *
     * @return a builder; at least {@code nodes} has to be set
     */
    static ClientOptions.Builder builder() {
        return new ClientOptions.Builder();
    }

    /**
     * Reads a value.
     *
     * @param key the key
     * @return the value, or null on a miss
     * @throws MemcachedException on any failure; {@link MemcachedException.ValueTooLarge} if the value exceeds
     *     {@link ClientOptions#largestValueRead()}
     */
    byte @Nullable [] get(String key);

    /**
     * Reads a value.
     *
     * @param key the key
     * @return the value, or null on a miss
     * @throws MemcachedException as {@link #get(String)}, without {@code InvalidKey}
     */
    byte @Nullable [] get(Key key);

    /**
     * Stores a value that does not expire, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult set(String key, byte[] value);

    /**
     * Stores a value, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException on any failure; {@link MemcachedException.ValueTooLarge} if the value exceeds
     *     {@link ClientOptions#itemSizeLimit()}, when nothing was sent, or the limit of the server, which then has
     *     deleted the value that the key had before
     */
    StoreResult set(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value that does not expire, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}, without {@code InvalidKey}
     */
    StoreResult set(Key key, byte[] value);

    /**
     * Stores a value, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}, without {@code InvalidKey}
     */
    StoreResult set(Key key, byte[] value, Ttl ttl);

    /**
     * Deletes an item.
     *
     * @param key the key
     * @return whether there was an item
     * @throws MemcachedException on any failure
     */
    boolean delete(String key);

    /**
     * Deletes an item.
     *
     * @param key the key
     * @return whether there was an item
     * @throws MemcachedException on any failure, without {@code InvalidKey}
     */
    boolean delete(Key key);

    /**
     * Reads many values under one deadline. Duplicate keys count once; no keys give an empty result without any
     * input or output. What fails for some keys is in {@link MultiResult#failures()} and is not thrown.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, byte[]> getAll(Collection<String> keys);

    /**
     * Reads many values under one deadline, as {@link #getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys);

    /**
     * Returns the asynchronous face of this client. It shares the connections and is closed with this client.
     *
     * @return the same object each time
     */
    AsyncMemcachedClient async();

    /**
     * Returns the face of this client that allocates nothing. It shares the connections and is closed with this client.
     *
     * @return the same object each time
     */
    DirectClient direct();

    /**
     * Waits until each node has a connection that has answered.
     *
     * @param timeout how long to wait at most; zero or less only looks
     * @throws MemcachedException.NodeUnavailable if a node is not ready in time; it names the node, and the last failed
     *     attempt is the cause
     * @throws MemcachedException.Closed if the client is or gets closed
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     */
    void awaitReady(Duration timeout);

    /**
     * Does the work that is due, without waiting; only with {@link Driver#invoked()}. One thread at a time is let in: to
     * another, and to a call from inside a callback, it returns 0.
     *
     * @return how much was done; 0 if nothing was
     * @throws IllegalStateException with another driver
     */
    int poll();

    /** Closes the client at once: {@link #close(Duration)} with zero. */
    @Override
    void close();

    /**
     * Closes the client: takes no further call, lets those inside finish for a while, fails the rest with
     * {@link MemcachedException.Closed}, closes the sockets, ends the threads and gives the memory back. Later and
     * concurrent calls wait in the same way and change nothing else. An interrupt ends the wait, not the closing; the
     * interrupt status stays set. Called from a callback on a thread that moves bytes, it does not wait.
     *
     * @param drainTimeout how long calls may still finish; zero or less fails them at once
     */
    void close(Duration drainTimeout);

    /**
     * Returns whether {@code close} was called.
     *
     * @return whether the client takes no further call
     */
    boolean isClosed();

    private static void closeQuietly(MemcachedClient client, Throwable failure) {
        try {
            client.close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
