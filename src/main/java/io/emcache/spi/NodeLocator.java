package io.emcache.spi;

import io.emcache.NodeAddress;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Places keys on nodes. An implementation must be safe for all threads; {@link #place} is called each time the nodes
 * change, its result for every call.
 */
public interface NodeLocator {
    /**
     * Makes the placement for a list of nodes.
     *
     * @param nodes at least one, unmodifiable; identities differ, and the order means nothing
     * @return the placement
     */
    Placement place(List<NodeAddress> nodes);

    /** Where keys belong as long as the nodes are the same. Safe for all threads. */
    interface Placement {
        /**
         * Returns the node of a key: always the same for the same bytes. It runs on the caller's thread, must not block
         * or throw, and for the sake of speed should not allocate.
         *
         * @param key begins with the key; valid during the call only
         * @param length the key's length in bytes
         * @return the index of the node in the list that was given to {@link NodeLocator#place}
         */
        int locate(MemorySegment key, int length);
    }
}
