package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import java.util.List;

/** The weights of nodes. Stateless. */
final class Weights {
    private Weights() {}

    /** Whether they change anything: equal ones do not, however large they are. */
    static boolean differ(List<NodeAddress> nodes) {
        int first = nodes.getFirst().weight();
        for (NodeAddress node : nodes) {
            if (node.weight() != first) {
                return true;
            }
        }
        return false;
    }

    static long sum(List<NodeAddress> nodes) {
        long sum = 0;
        for (NodeAddress node : nodes) {
            sum += node.weight();
        }
        return sum;
    }
}
