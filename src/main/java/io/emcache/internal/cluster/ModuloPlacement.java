package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.spi.NodeLocator.Placement;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The hash of a key, unsigned, modulo the number of nodes: the first 64 bits of MurmurHash3 x64_128 with seed 0. A node of weight 3 counts as
 * three, one after the other. Almost every key moves when a node comes or goes. Immutable; safe for all threads.
 */
final class ModuloPlacement implements Placement {
    private final long places;
    private final Hashing hashing;
    /** The first place behind each node, if weights differ. */
    private final long[] ends;

    ModuloPlacement(List<NodeAddress> nodes, Hashing hashing) {
        boolean weighted = Weights.differ(nodes);
        this.places = weighted ? Weights.sum(nodes) : nodes.size();
        this.hashing = hashing;
        this.ends = new long[weighted ? nodes.size() : 0];
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += nodes.get(i).weight();
            ends[i] = end;
        }
    }

    @Override
    public int locate(MemorySegment key, int length) {
        long place = Long.remainderUnsigned(hashing.current().hash64(key, length, 0), places);
        return ends.length == 0 ? (int) place : owner(place);
    }

    private int owner(long place) {
        int node = 0;
        while (place >= ends[node]) {
            node++;
        }
        return node;
    }
}
