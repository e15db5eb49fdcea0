package io.emcache.spi;

import io.emcache.NodeAddress;
import java.time.Duration;
import java.util.List;

/**
 * Says which nodes there are. It is asked again and again, by one thread at a time, which serves nothing else. That thread is
 * interrupted when the answer takes too long and when the client is closed, and as long as it has not come back the
 * discovery is not asked again.
 */
@FunctionalInterface
public interface NodeDiscovery {
    /**
     * Returns the nodes that there are now. May block.
     *
     * @param timeout how long the client is going to wait for the answer
     * @return all nodes, each identity once. An empty list counts as a failure: after one, as after an exception, the
     *     client keeps the nodes it has
     * @throws Exception if it cannot be said now
     */
    List<NodeAddress> discover(Duration timeout) throws Exception;
}
