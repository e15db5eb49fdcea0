package io.emcache.internal.cluster;

import org.jspecify.annotations.Nullable;

/**
 * Is told what becomes of nodes and connections. Called on event loops and background threads, for one node in the order in which
 * it happened; must not block or throw. Nodes go by their identity.
 */
public interface ClusterListener {
    /**
     * Keys are placed on a node from now on.
     *
     * @param node which
     */
    void nodeAdded(String node);

    /**
     * No key is placed on a node any more.
     *
     * @param node which
     */
    void nodeRemoved(String node);

    /**
     * A node answers, for the first time or again.
     *
     * @param node which
     */
    void nodeHealthy(String node);

    /**
     * A node does not answer.
     *
     * @param node which
     * @param cause what the last connection or attempt failed with
     */
    void nodeUnhealthy(String node, Throwable cause);

    /**
     * A connection came into service.
     *
     * @param node the node
     * @param connection unlike any other's of the client
     */
    void connectionOpened(String node, long connection);

    /**
     * A connection that was in service has ended.
     *
     * @param node the node
     * @param connection what it was opened with
     * @param cause why, or null if it was not needed any more
     */
    void connectionClosed(String node, long connection, @Nullable Throwable cause);

    /**
     * An attempt to connect has failed.
     *
     * @param node the node
     * @param cause why
     */
    void connectionRefused(String node, Throwable cause);

    /**
     * The nodes could not be discovered; they stay as they are.
     *
     * @param reason what happened
     */
    void discoveryFailed(String reason);
}
