package io.emcache;

import java.util.List;
import java.util.Map;

/**
 * The nodes of a client: which there are, how they are, what goes through them. Safe for all threads; from
 * {@link MemcachedClient#cluster()}. No method blocks. Lists and maps are unmodifiable, those by node are by
 * {@link NodeAddress#identity()}, in the order of the list that names them; a node that was added comes last.
 *
 * {@snippet :
 * ClusterManagement cluster = client.cluster();
 * cluster.unhealthyNodes().forEach(node -> log.warn("{} does not answer", node));
 * cluster.connectionPoolMetrics().forEach((node, pool) -> log.info("{} has {} connections", node, pool.curConnections()));
 * cluster.latencies().forEach((node, latencies) -> log.info("{} p99 {}", node, latencies.read().percentile(99)));
 * }
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface ClusterManagement {
    /**
     * Returns the nodes that keys are placed on.
     *
     * @return empty before the first list of a discovery
     */
    List<NodeAddress> nodes();

    /**
     * Returns the nodes with a connection that has answered.
     *
     * @return some of {@link #nodes()}
     */
    List<NodeAddress> healthyNodes();

    /**
     * Returns the other nodes: they do not answer, or were not asked yet.
     *
     * @return some of {@link #nodes()}
     */
    List<NodeAddress> unhealthyNodes();

    /**
     * Returns the node that a key belongs to now.
     *
     * @param key the key, behind the prefix of a view
     * @return its node
     * @throws MemcachedException.InvalidKey if the key is refused
     * @throws MemcachedException.NodeUnavailable if there is no node to place keys on
     */
    NodeAddress nodeOf(String key);

    /**
     * Does what {@link #nodeOf(String)} does.
     *
     * @param key the key, behind the prefix of a view
     * @return its node
     * @throws MemcachedException as there
     */
    NodeAddress nodeOf(Key key);

    /**
     * Returns the connections to each node and what went through them.
     *
     * @return the metrics by node
     */
    Map<String, ConnectionPoolMetrics> connectionPoolMetrics();

    /**
     * Returns how long the calls to each node took.
     *
     * @return the latencies by node
     */
    Map<String, NodeLatencies> latencies();

    /**
     * Adds a node. It is connected to first: keys are placed on it once the first attempt has succeeded or failed. The keys that are
     * its own by then are missed, until they are stored again. All clients of the cluster should learn of it.
     *
     * @param node the node
     * @return false if there is a node with this identity already
     * @throws IllegalArgumentException if the locator cannot place keys on it, such as {@link Locator#EMCACHE} on nodes of
     *     different weights
     * @throws MemcachedException.Closed if the client is closed
     * @throws IllegalStateException if the nodes are discovered
     */
    boolean addNode(NodeAddress node);

    /**
     * Removes a node. Its keys belong to the others at once; calls that are on their way to it go on until they are
     * answered, for {@link ClientOptions#timeout()} or a second at most, whichever is longer, and then its connections are
     * closed.
     *
     * @param identity {@link NodeAddress#identity()} of a node
     * @return false if there is none
     * @throws MemcachedException.Closed if the client is closed
     * @throws IllegalStateException if the nodes are discovered, or this is the only one
     */
    boolean removeNode(String identity);
}
