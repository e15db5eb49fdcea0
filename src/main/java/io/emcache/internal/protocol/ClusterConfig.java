package io.emcache.internal.protocol;

import io.emcache.NodeAddress;
import java.util.List;

/**
 * The nodes of a cluster as a discovery endpoint told them. Immutable; safe for all threads.
 *
 * @param version grows with each change of the cluster, not negative
 * @param nodes in the order of the answer, each identity once. The identity is {@code host:port}; the place is the IP
 *     address where the answer has one, else the host. Empty if the answer named none
 */
public record ClusterConfig(long version, List<NodeAddress> nodes) {
    /** Copies the list. */
    public ClusterConfig {
        nodes = List.copyOf(nodes);
    }
}
