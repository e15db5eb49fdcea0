package io.emcache;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator asks of a cluster: all nodes at once, or one by {@link #node(String)}. Safe for all threads; from
 * {@code MemcachedClient.admin()}.
 *
 * <p>A command for all nodes has one deadline and is sent to all of them before it waits. Its result has the answers of
 * the nodes by {@link NodeAddress#identity()} in {@link MultiResult#hits()}, and in {@link MultiResult#failures()} why the
 * others did not answer; nothing is a miss. So one dead node does not hide the others, and {@code orThrow()} is for those
 * who want all or nothing. Commands without an answer of their own give how long each node took.
 *
 * {@snippet :
 * MultiResult<String, ServerStats> stats = client.admin().stats();
 * stats.hits().forEach((node, s) -> log.info("{} has {} items", node, s.longValue("curr_items")));
 * stats.failures().forEach((node, failure) -> log.warn("{} does not answer", node, failure));
 * }
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface AdminClient {

    /**
     * Returns the nodes.
     *
     * @return their identities; unmodifiable
     */
    List<String> nodes();

    /**
     * Returns the commands for one node.
     *
     * @param identity {@link NodeAddress#identity()} of a node of this client
     * @return its commands
     * @throws IllegalArgumentException if there is no such node
     */
    NodeAdmin node(String identity);

    /**
     * Asks all nodes for their version, as {@link NodeAdmin#version()}.
     *
     * @return versions and failures by node
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, String> version();

    /**
     * Asks all nodes for statistics, as {@link NodeAdmin#stats(String...)}.
     *
     * @param arguments none for the general ones
     * @return statistics and failures by node
     * @throws IllegalArgumentException as {@link NodeAdmin#stats(String...)}
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, ServerStats> stats(String... arguments);

    /**
     * Sets the counters of all nodes to zero.
     *
     * @return times and failures by node
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, Duration> resetStats();

    /**
     * Makes all items of all nodes expire now. Look at the failures: a node among them may keep its items.
     *
     * @return times and failures by node
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, Duration> flushAll();

    /**
     * Makes all items of all nodes expire that are stored before a time to come. Look at the failures: a node among them
     * may keep its items.
     *
     * @param delay how long from now; rounded up to seconds
     * @return times and failures by node
     * @throws IllegalArgumentException if the delay is negative
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, Duration> flushAll(Duration delay);

    /**
     * Sets how much all nodes log, as {@link NodeAdmin#verbosity(int)}.
     *
     * @param level 0 for nothing, up to 3
     * @return times and failures by node
     * @throws IllegalArgumentException if the level is negative
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, Duration> verbosity(int level);

    /**
     * Sets how much memory each node uses for items, as {@link NodeAdmin#cacheMemlimit(int)}.
     *
     * @param megabytes at least 1
     * @return times and failures by node
     * @throws IllegalArgumentException if it is less than 1
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, Duration> cacheMemlimit(int megabytes);

    /**
     * Asks all nodes for a sign of life.
     *
     * @return times and failures by node
     * @throws MemcachedException.Interrupted if the calling thread is interrupted
     * @throws MemcachedException.Closed if the client was closed before the call
     */
    MultiResult<String, Duration> ping();

    /**
     * Asks the node of a key what it knows of the item. Changes nothing of it, not even when it was last used. Needs a
     * server with meta commands.
     *
     * @param key the key
     * @return what the server knows, or null on a miss
     * @throws MemcachedException on any failure
     */
    @Nullable
    ItemDebug debug(String key);

    /**
     * Asks the node of a key what it knows of the item, as {@link #debug(String)}.
     *
     * @param key the key
     * @return what the server knows, or null on a miss
     * @throws MemcachedException on any failure
     */
    @Nullable
    ItemDebug debug(Key key);
}
