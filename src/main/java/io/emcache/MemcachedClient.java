package io.emcache;

import io.emcache.internal.client.ClientFactory;
import io.emcache.spi.Codec;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
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
 * <p>Each method takes the key as a {@code String} or as a {@link Key}, and does the same for both. Flags, CAS values and
 * counters are unsigned numbers in a {@code long}: print and compare them as such.
 *
 * <h2>Options</h2>
 *
 * <p>{@link WriteOptions}, {@link CounterOptions} and {@link InvalidateOptions} say more of a command. A method names the
 * options that it heeds, and refuses all others, like every impossible argument, with {@link IllegalArgumentException}. With
 * {@code noReply} a call does not wait, and what it returns is taken on trust.
 *
 * <p>Servers before memcached 1.6.10, and those that are told to, are spoken to with the classic commands. What these cannot
 * do fails with {@link MemcachedException.Unsupported}.
 *
 * <h2>Many keys</h2>
 *
 * <p>A call for many keys has one deadline. Duplicate keys count once; no keys give an empty result without any input or
 * output. Keys and values are checked before anything is sent. What fails later for some keys is in
 * {@link MultiResult#failures()} and is not thrown, but for an interrupt of the calling thread. Arrays must not be changed
 * before a sync call returns.
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
 * {@code ProtocolViolation}, {@code Authentication} and {@code InvalidKey}, but the last for a {@link Key} only if it is
 * too long for its namespace; beyond these a method names its own.
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
     * Makes a client without waiting. It connects at its first call or at {@link #awaitReady(Duration)}; a dead node fails
     * calls, not this method.
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
     * @return a builder; at least {@code nodes} or a {@code discovery} has to be set
     */
    static ClientOptions.Builder builder() {
        return new ClientOptions.Builder();
    }

    /**
     * Reads a value.
     *
     * @param key the key
     * @return the value, or null on a miss
     * @throws MemcachedException on any failure; {@link MemcachedException.ValueTooLarge} if the value exceeds {@link
     *     ClientOptions#largestValueRead()}
     */
    byte @Nullable [] get(String key);

    /**
     * Reads a value, as {@link #get(String)}.
     *
     * @param key the key
     * @return the value, or null on a miss
     */
    byte @Nullable [] get(Key key);

    /**
     * Reads a value and gives its item a new time to live.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     * @throws MemcachedException as {@link #get(String)}
     */
    byte @Nullable [] gat(String key, Ttl ttl);

    /**
     * Reads a value and gives its item a new time to live, as {@link #gat(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the value, or null on a miss
     */
    byte @Nullable [] gat(Key key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, its CAS among it.
     *
     * @param key the key
     * @return the item, or null on a miss
     * @throws MemcachedException as {@link #get(String)}
     */
    @Nullable
    Item<byte[]> getItem(String key);

    /**
     * Reads a value and what the server knows about it, its CAS among it, as {@link #getItem(String)}.
     *
     * @param key the key
     * @return the item, or null on a miss
     */
    @Nullable
    Item<byte[]> getItem(Key key);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     * @throws MemcachedException as {@link #get(String)}
     */
    @Nullable
    Item<byte[]> gatItem(String key, Ttl ttl);

    /**
     * Reads a value and what the server knows about it, and gives the item a new time to live, as {@link
     * #gatItem(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return the item, with the new time to live, or null on a miss
     */
    @Nullable
    Item<byte[]> gatItem(Key key, Ttl ttl);

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
     * Stores a value that does not expire, whether or not the key had one, as {@link #set(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}
     */
    StoreResult set(Key key, byte[] value);

    /**
     * Stores a value, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException on any failure; {@link MemcachedException.ValueTooLarge} if the value exceeds {@link
     *     ClientOptions#itemSizeLimit()}, when nothing was sent, or the limit of the server, which then has deleted the
     *     value that the key had before
     */
    StoreResult set(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}
     */
    StoreResult set(Key key, byte[] value, Ttl ttl);

    /**
     * Stores a value, whether or not the key had one.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult set(String key, byte[] value, WriteOptions options);

    /**
     * Stores a value, whether or not the key had one, as {@link #set(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    StoreResult set(Key key, byte[] value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has none.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult add(String key, byte[] value);

    /**
     * Stores a value that does not expire, if the key has none, as {@link #add(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    StoreResult add(Key key, byte[] value);

    /**
     * Stores a value, if the key has none.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult add(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has none, as {@link #add(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    StoreResult add(Key key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has none.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult add(String key, byte[] value, WriteOptions options);

    /**
     * Stores a value, if the key has none, as {@link #add(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has one
     */
    StoreResult add(Key key, byte[] value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the key has one.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult replace(String key, byte[] value);

    /**
     * Stores a value that does not expire, if the key has one, as {@link #replace(String, byte[])}.
     *
     * @param key the key
     * @param value the value
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    StoreResult replace(Key key, byte[] value);

    /**
     * Stores a value, if the key has one.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult replace(String key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has one, as {@link #replace(String, byte[], Ttl)}.
     *
     * @param key the key
     * @param value the value
     * @param ttl how long it lives
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    StoreResult replace(Key key, byte[] value, Ttl ttl);

    /**
     * Stores a value, if the key has one.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult replace(String key, byte[] value, WriteOptions options);

    /**
     * Stores a value, if the key has one, as {@link #replace(String, byte[], WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}, or {@link StoreResult#NOT_STORED} if it has none
     */
    StoreResult replace(Key key, byte[] value, WriteOptions options);

    /**
     * Stores a value that does not expire, if the item is still the one that was read.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}; {@link StoreResult#EXISTS} if the item has another CAS, {@link StoreResult#NOT_FOUND} if
     *     it is gone
     * @throws IllegalArgumentException if the CAS is 0, which stands for a server that keeps none
     */
    StoreResult cas(String key, byte[] value, long cas);

    /**
     * Stores a value that does not expire, if the item is still the one that was read, as {@link #cas(String, byte[],
     * long)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @return {@code STORED}
     */
    StoreResult cas(Key key, byte[] value, long cas);

    /**
     * Stores a value, if the item is still the one that was read.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@code STORED}; {@link StoreResult#EXISTS} if the item has another CAS, {@link StoreResult#NOT_FOUND} if
     *     it is gone
     * @throws IllegalArgumentException if the CAS is 0, which stands for a server that keeps none
     */
    StoreResult cas(String key, byte[] value, long cas, WriteOptions options);

    /**
     * Stores a value, if the item is still the one that was read, as {@link #cas(String, byte[], long, WriteOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param cas the CAS of the item that was read, unsigned
     * @param options time to live, flags, {@code noReply}, new CAS
     * @return {@code STORED}
     */
    StoreResult cas(Key key, byte[] value, long cas, WriteOptions options);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @return {@link StoreResult#STORED}; {@link StoreResult#NOT_STORED} if there is no item, or if both together would
     *     be too large
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult append(String key, byte[] value);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags, as {@link #append(String, byte[])}.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @return {@link StoreResult#STORED}
     */
    StoreResult append(Key key, byte[] value);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}; {@link StoreResult#NOT_STORED} if there is no item, or if both together would
     *     be too large
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult append(String key, byte[] value, WriteOptions options);

    /**
     * Puts bytes behind the value of an item, which keeps its expiry and its flags, as {@link #append(String, byte[],
     * WriteOptions)}.
     *
     * @param key the key
     * @param value what goes behind the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    StoreResult append(Key key, byte[] value, WriteOptions options);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @return {@link StoreResult#STORED}; {@link StoreResult#NOT_STORED} if there is no item, or if both together would
     *     be too large
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult prepend(String key, byte[] value);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags, as {@link #prepend(String,
     * byte[])}.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @return {@link StoreResult#STORED}
     */
    StoreResult prepend(Key key, byte[] value);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}; {@link StoreResult#NOT_STORED} if there is no item, or if both together would
     *     be too large
     * @throws MemcachedException as {@link #set(String, byte[], Ttl)}
     */
    StoreResult prepend(String key, byte[] value, WriteOptions options);

    /**
     * Puts bytes before the value of an item, which keeps its expiry and its flags, as {@link #prepend(String, byte[],
     * WriteOptions)}.
     *
     * @param key the key
     * @param value what goes before the value that is there
     * @param options {@code create} and flags for what it makes, {@code noReply}, new CAS
     * @return {@link StoreResult#STORED}
     */
    StoreResult prepend(Key key, byte[] value, WriteOptions options);

    /**
     * Deletes an item.
     *
     * @param key the key
     * @return whether there was an item
     * @throws MemcachedException on any failure
     */
    boolean delete(String key);

    /**
     * Deletes an item, as {@link #delete(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    boolean delete(Key key);

    /**
     * Deletes an item.
     *
     * @param key the key
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     * @throws MemcachedException on any failure
     */
    boolean delete(String key, WriteOptions options);

    /**
     * Deletes an item, as {@link #delete(String, WriteOptions)}.
     *
     * @param key the key
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     */
    boolean delete(Key key, WriteOptions options);

    /**
     * Deletes an item if it is still the one that was read. Meta commands only.
     *
     * @param key the key
     * @param cas the CAS of the item that was read, unsigned
     * @return what became of it
     * @throws IllegalArgumentException if the CAS is 0, which stands for a server that keeps none
     * @throws MemcachedException on any failure; {@link MemcachedException.Unsupported} from a server that cannot compare
     *     (before memcached 1.6.13)
     */
    DeleteResult deleteIf(String key, long cas);

    /**
     * Deletes an item if it is still the one that was read, as {@link #deleteIf(String, long)}.
     *
     * @param key the key
     * @param cas the CAS of the item that was read, unsigned
     * @return what became of it
     */
    DeleteResult deleteIf(Key key, long cas);

    /**
     * Gives an item a new time to live.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return whether there was an item
     * @throws MemcachedException on any failure
     */
    boolean touch(String key, Ttl ttl);

    /**
     * Gives an item a new time to live, as {@link #touch(String, Ttl)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @return whether there was an item
     */
    boolean touch(Key key, Ttl ttl);

    /**
     * Gives an item a new time to live.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     * @throws MemcachedException on any failure
     */
    boolean touch(String key, Ttl ttl, WriteOptions options);

    /**
     * Gives an item a new time to live, as {@link #touch(String, Ttl, WriteOptions)}.
     *
     * @param key the key
     * @param ttl how long it lives from now on
     * @param options {@code noReply}
     * @return whether there was an item, or true without a reply
     */
    boolean touch(Key key, Ttl ttl, WriteOptions options);

    /**
     * Marks an item as stale: it is still served, and the first who reads it is told to compute it anew; see {@link
     * Item}. Meta commands only.
     *
     * @param key the key
     * @return whether there was an item
     * @throws MemcachedException on any failure; {@link MemcachedException.Unsupported} from a server without the meta
     *     commands
     */
    boolean invalidate(String key);

    /**
     * Marks an item as stale, as {@link #invalidate(String)}.
     *
     * @param key the key
     * @return whether there was an item
     */
    boolean invalidate(Key key);

    /**
     * Marks an item as stale, as {@link #invalidate(String)}.
     *
     * @param key the key
     * @param options new time to live, condition, dropped value, {@code noReply}
     * @return whether an item was marked: false if there is none or its CAS is another; true without a reply
     * @throws MemcachedException on any failure; {@link MemcachedException.Unsupported} from a server without the meta
     *     commands
     */
    boolean invalidate(String key, InvalidateOptions options);

    /**
     * Marks an item as stale, as {@link #invalidate(String)}, as {@link #invalidate(String, InvalidateOptions)}.
     *
     * @param key the key
     * @param options new time to live, condition, dropped value, {@code noReply}
     * @return whether an item was marked: false if there is none or its CAS is another
     */
    boolean invalidate(Key key, InvalidateOptions options);

    /**
     * Adds to a counter; it begins again at 0 after 2^64-1.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     * @throws MemcachedException on any failure; {@link MemcachedException.NotANumber} if the value is not a number
     */
    OptionalLong increment(String key, long delta);

    /**
     * Adds to a counter, as {@link #increment(String, long)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     */
    OptionalLong increment(Key key, long delta);

    /**
     * Adds to a counter; it begins again at 0 after 2^64-1. One that is made begins with its initial number; the delta
     * is not counted then.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned; empty if there is no counter and none is made, or without a reply
     * @throws MemcachedException on any failure; {@link MemcachedException.NotANumber} if the value is not a number
     */
    OptionalLong increment(String key, long delta, CounterOptions options);

    /**
     * Adds to a counter, as {@link #increment(String, long, CounterOptions)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned
     */
    OptionalLong increment(Key key, long delta, CounterOptions options);

    /**
     * Takes from a counter; it stops at 0.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     * @throws MemcachedException on any failure; {@link MemcachedException.NotANumber} if the value is not a number
     */
    OptionalLong decrement(String key, long delta);

    /**
     * Takes from a counter, as {@link #decrement(String, long)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @return the new number, unsigned, or empty if there is no counter
     */
    OptionalLong decrement(Key key, long delta);

    /**
     * Takes from a counter; it stops at 0. One that is made begins with its initial number; the delta is not counted
     * then.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned; empty if there is no counter and none is made, or without a reply
     * @throws MemcachedException on any failure; {@link MemcachedException.NotANumber} if the value is not a number
     */
    OptionalLong decrement(String key, long delta, CounterOptions options);

    /**
     * Takes from a counter, as {@link #decrement(String, long, CounterOptions)}.
     *
     * @param key the key
     * @param delta 0 or more
     * @param options the number and the expiry of a counter that is made, {@code noReply}
     * @return the number, unsigned
     */
    OptionalLong decrement(Key key, long delta, CounterOptions options);

    /**
     * Reads many values.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, byte[]> getAll(Collection<String> keys);

    /**
     * Reads many values, as {@link #getAll(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys);

    /**
     * Reads many values and gives their items a new time to live.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, byte[]> gatAll(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and gives their items a new time to live, as {@link #gatAll(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, byte[]> gatAllByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, Item<byte[]>> getAllItems(Collection<String> keys);

    /**
     * Reads many values and what the server knows about them, as {@link #getAllItems(Collection)}.
     *
     * @param keys the keys
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, Item<byte[]>> getAllItemsByKey(Collection<Key> keys);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, Item<byte[]>> gatAllItems(Collection<String> keys, Ttl ttl);

    /**
     * Reads many values and what the server knows about them, and gives the items a new time to live, as {@link
     * #gatAllItems(Collection, Ttl)}.
     *
     * @param keys the keys
     * @param ttl how long they live from now on
     * @return hits, misses and failures; together they are the keys asked for
     */
    MultiResult<Key, Item<byte[]>> gatAllItemsByKey(Collection<Key> keys, Ttl ttl);

    /**
     * Stores many values that do not expire.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     * @throws MemcachedException.ValueTooLarge if one of the values exceeds {@link ClientOptions#itemSizeLimit()};
     *     nothing was sent then
     */
    MultiResult<String, StoreResult> setAll(Map<String, byte[]> values);

    /**
     * Stores many values that do not expire, as {@link #setAll(Map)}.
     *
     * @param values the values by key
     * @return what is stored, as hits, and failures; together they are the keys
     */
    MultiResult<Key, StoreResult> setAllByKey(Map<Key, byte[]> values);

    /**
     * Stores many values.
     *
     * @param values the values by key
     * @param options time to live, flags, new CAS
     * @return what is stored, as hits, and failures; together they are the keys
     * @throws MemcachedException.ValueTooLarge if one of the values exceeds {@link ClientOptions#itemSizeLimit()};
     *     nothing was sent then
     */
    MultiResult<String, StoreResult> setAll(Map<String, byte[]> values, WriteOptions options);

    /**
     * Stores many values, as {@link #setAll(Map, WriteOptions)}.
     *
     * @param values the values by key
     * @param options time to live, flags, new CAS
     * @return what is stored, as hits, and failures; together they are the keys
     */
    MultiResult<Key, StoreResult> setAllByKey(Map<Key, byte[]> values, WriteOptions options);

    /**
     * Deletes many items.
     *
     * @param keys the keys
     * @return what was deleted, as hits, all true; what was not there, as misses; and failures
     * @throws MemcachedException.InvalidKey if one of the keys is invalid; nothing was sent then
     */
    MultiResult<String, Boolean> deleteAll(Collection<String> keys);

    /**
     * Deletes many items, as {@link #deleteAll(Collection)}.
     *
     * @param keys the keys
     * @return what was deleted, as hits, all true; what was not there, as misses; and failures
     */
    MultiResult<Key, Boolean> deleteAllByKey(Collection<Key> keys);

    /**
     * Reads a value, and has one caller compute and store it if it is missing: of all who miss it at the same time, on all
     * machines, one runs its loader, and the others wait for its value, for the lease at most. A stale value (see
     * {@link #invalidate(String)}) is served to all but the one who computes it anew.
     *
     * <p>That takes the meta commands. On a server without them only the callers of this client share a computation.
     *
     * <p>The loader runs on the calling thread, outside all deadlines of this client; each command has the client's timeout.
     * What the loader throws is thrown here, and another caller computes then.
     *
     * @param key the key
     * @param ttl how long a computed value lives
     * @param loader computes the value; null means that there is none, and nothing is stored
     * @return the value that was read or computed, or null if the loader gave null
     * @throws MemcachedException on any failure of a command; the loader may have run then
     */
    byte @Nullable [] getOrCompute(String key, Ttl ttl, Supplier<byte @Nullable []> loader);

    /**
     * As {@link #getOrCompute(String, Ttl, Supplier)}.
     *
     * @param key the key
     * @param ttl how long a computed value lives
     * @param loader computes the value
     * @return the value that was read or computed, or null
     * @throws MemcachedException on any failure of a command
     */
    byte @Nullable [] getOrCompute(Key key, Ttl ttl, Supplier<byte @Nullable []> loader);

    /**
     * As {@link #getOrCompute(String, Ttl, Supplier)}.
     *
     * @param key the key
     * @param options how long a value lives and who computes it
     * @param loader computes the value
     * @return the value that was read or computed, or null
     * @throws MemcachedException on any failure of a command
     */
    byte @Nullable [] getOrCompute(String key, ComputeOptions options, Supplier<byte @Nullable []> loader);

    /**
     * As {@link #getOrCompute(String, Ttl, Supplier)}.
     *
     * @param key the key
     * @param options how long a value lives and who computes it
     * @param loader computes the value
     * @return the value that was read or computed, or null
     * @throws MemcachedException on any failure of a command
     */
    byte @Nullable [] getOrCompute(Key key, ComputeOptions options, Supplier<byte @Nullable []> loader);

    /**
     * Changes a value as long as nobody else changes it meanwhile, and tries again if somebody does, until the deadline. The
     * item keeps its client flags, and what is left of its time to live if the server tells it: with the classic commands
     * it does not expire afterwards.
     *
     * @param key the key
     * @param change makes the new value of the old one, which is null if there is none; it may run several times, and leaves
     *     everything as it is by giving null
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException on any failure; {@link MemcachedException.Timeout} if others were always faster, or somebody
     *     is computing the value by {@code getOrCompute} all the while,
     *     {@link MemcachedException.Unsupported} if the server keeps no CAS
     */
    byte @Nullable [] update(String key, UnaryOperator<byte @Nullable []> change);

    /**
     * As {@link #update(String, UnaryOperator)}.
     *
     * @param key the key
     * @param change makes the new value of the old one
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there
     */
    byte @Nullable [] update(Key key, UnaryOperator<byte @Nullable []> change);

    /**
     * As {@link #update(String, UnaryOperator)}, with a new time to live.
     *
     * @param key the key
     * @param ttl how long the new value lives
     * @param change makes the new value of the old one
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there
     */
    byte @Nullable [] update(String key, Ttl ttl, UnaryOperator<byte @Nullable []> change);

    /**
     * As {@link #update(String, UnaryOperator)}, with a new time to live.
     *
     * @param key the key
     * @param ttl how long the new value lives
     * @param change makes the new value of the old one
     * @return the new value, or null if nothing was changed
     * @throws MemcachedException as there
     */
    byte @Nullable [] update(Key key, Ttl ttl, UnaryOperator<byte @Nullable []> change);

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
     * Returns what an administrator asks of the nodes. It shares the connections. That of a view has the view's timeout,
     * and for {@link AdminClient#debug(String)} its namespace; all else is about whole servers.
     *
     * @return the same object each time
     */
    AdminClient admin();

    /**
     * Returns the nodes: which there are, how they are, what goes through them. That of a view names the nodes of keys behind
     * its prefix; all else its views share.
     *
     * @return the same object each time
     */
    ClusterManagement cluster();

    /**
     * Looks whether this client does its work. Does not block, and may be called from anywhere.
     *
     * @return how it is now
     */
    ClientHealth health();

    /**
     * Returns what this client tells about itself. Its views share it.
     *
     * @return the same object each time
     */
    ClientEvents events();

    /**
     * Returns a view of this client whose values are of a type. It has the keys and the deadline of this client and shares
     * the connections; it is closed with this client.
     *
     * @param codec turns values into bytes and back; {@link Codecs} has some
     * @param <T> the type of the values
     * @return a view, cheap to make and to keep
     */
    <T> TypedClient<T> typed(Codec<T> codec);

    /**
     * Returns a view of this client with other options for its calls. It shares the connections; to close it is to close
     * this client.
     *
     * @param options in place of those of this client
     * @return a view, cheap to make and to keep
     */
    MemcachedClient with(CallOptions options);

    /**
     * Returns a view of this client whose keys all begin with a prefix, behind that of this client. The results of calls
     * for many keys name the keys without it. The view shares the connections; to close it is to close this client.
     *
     * @param prefix what goes before each key, such as {@code app:}; at most 128 bytes with that of this client
     * @return a view, cheap to make and to keep
     * @throws MemcachedException.InvalidKey if the prefix is too long or holds what a key must not
     */
    MemcachedClient namespace(String prefix);

    /**
     * Waits until each node has a connection that has answered; with a discovery, for its first list before that.
     *
     * @param timeout how long to wait at most; zero or less only looks
     * @throws MemcachedException.NodeUnavailable if a node is not ready in time: it names the node, and the last failed
     *     attempt is the cause; or if there is no list of nodes in time
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
