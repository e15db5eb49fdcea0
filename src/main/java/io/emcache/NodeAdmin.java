package io.emcache;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * What an administrator asks of one node. Safe for all threads; from {@link AdminClient#node(String)}.
 *
 * <p>Deadline, interrupts and failures are those of {@link MemcachedClient}. A command that the server refuses fails with
 * {@link MemcachedException.ServerError}, which holds the line it sent, and harms no other call.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface NodeAdmin {

    /**
     * Returns which node it is.
     *
     * @return {@link NodeAddress#identity()}
     */
    String identity();

    /**
     * Asks for the version.
     *
     * @return such as {@code 1.6.38}
     * @throws MemcachedException on any failure
     */
    String version();

    /**
     * Asks for statistics.
     *
     * @param arguments none for the general ones; else what memcached's {@code stats} takes, such as {@code settings},
     *     {@code items}, {@code slabs}, {@code sizes}, {@code conns}, or {@code detail} and {@code dump}
     * @return the statistics
     * @throws IllegalArgumentException if an argument is empty, has a character that is not visible ASCII, or all are too
     *     long together; and for {@code reset}, which has a method of its own, {@code cachedump}, in whose answer a key
     *     may look like something else (see {@link #keys()}), {@code sizes_enable} and {@code sizes_disable}, whose
     *     answers do not end
     * @throws MemcachedException on any failure; {@link MemcachedException.ServerError} if the server does not know the
     *     arguments
     */
    ServerStats stats(String... arguments);

    /**
     * Sets the counters of the server to zero.
     *
     * @throws MemcachedException on any failure
     */
    void resetStats();

    /**
     * Makes all items of the node expire now.
     *
     * @throws MemcachedException on any failure; {@link MemcachedException.ServerError} if the server was told not to
     *     allow it
     */
    void flushAll();

    /**
     * Makes all items of the node expire that are stored before a time to come.
     *
     * @param delay how long from now; rounded up to seconds
     * @throws IllegalArgumentException if the delay is negative
     * @throws MemcachedException as {@link #flushAll()}
     */
    void flushAll(Duration delay);

    /**
     * Sets how much the server logs.
     *
     * @param level 0 for nothing, up to 3
     * @throws IllegalArgumentException if the level is negative
     * @throws MemcachedException on any failure
     */
    void verbosity(int level);

    /**
     * Sets how much memory the server uses for items.
     *
     * @param megabytes at least 1; servers take no less than 8 or so
     * @throws IllegalArgumentException if it is less than 1
     * @throws MemcachedException on any failure; {@link MemcachedException.ServerError} if it is too little for the server
     */
    void cacheMemlimit(int megabytes);

    /**
     * Asks for a sign of life.
     *
     * @return how long it took, waiting for a turn included
     * @throws MemcachedException on any failure
     */
    Duration ping();

    /**
     * Lists the items of the node, without their values, while they may be changing: an item that moves meanwhile may
     * come twice or not at all. Needs memcached 1.4.31, and 1.5.6 or so to know where the list ends.
     *
     * <p>The stream is lazy and has a connection of its own, which its first item opens and its end or a failure closes;
     * close the stream, best with try-with-resources, for all other cases. What is not asked for is not read, so a slow
     * consumer slows the server's crawler down and nothing else. A server lists for one client at a time, and not while
     * it looks for expired items by itself: then the stream fails with a retryable
     * {@link MemcachedException.ServerError} ({@code BUSY}).
     *
     * <p>Connecting may take {@link ClientOptions#connectionTimeout()}; waiting for more may take the longer of
     * {@link ClientOptions#timeout()} and 10 s. Failures are thrown by the operation that consumes the stream.
     *
     * {@snippet :
     * try (Stream<DumpedKey> keys = client.admin().node("10.0.0.1:11211").keys()) {
     *     long old = keys.filter(key -> key.lastAccess().isBefore(yesterday)).count();
     * }
     * }
     *
     * @return the items, in no order; to be closed
     * @throws MemcachedException.Closed if the client is closed
     */
    Stream<DumpedKey> keys();
}
