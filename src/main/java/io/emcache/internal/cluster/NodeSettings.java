package io.emcache.internal.cluster;

import io.emcache.internal.memory.SlabPool;

/**
 * What all nodes of a client have in common. Immutable.
 *
 * @param pool when the pool of a node grows and shrinks
 * @param maxCalls calls inside a node at a time
 * @param maxBytes bytes of requests inside a node at a time
 * @param memoryBytes how much off-heap memory a node may take
 * @param drainNs how long a node that was removed may go on with what is inside
 * @param minStallNs the least time without progress after which a connection counts as dead
 * @param slabs where the memory comes from
 * @param listener who is told
 */
record NodeSettings(
        PoolPolicy pool,
        int maxCalls,
        long maxBytes,
        long memoryBytes,
        long drainNs,
        long minStallNs,
        SlabPool slabs,
        ClusterListener listener) {}
