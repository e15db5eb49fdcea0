package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.memory.CollectedMemory;
import io.emcache.internal.memory.KeyHashing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998) over nodes of one weight. With {@code hash} the first 64 bits of MurmurHash3 x64_128 with
 * seed 0, the node with the highest {@code fmix64(hash(key) ^ hash(identity))}, unsigned, has the key. Only nodes with one hash can tie, and of
 * them the first has it. Immutable; safe for all threads.
 */
final class RendezvousPlacement implements OffHeapPlacement {
    private final int nodeCount;
    private final Hashing hashing;
    private final CollectedMemory memory;
    private final MemorySegment hashes;

    RendezvousPlacement(List<NodeAddress> nodes, Hashing hashing) {
        long[] identityHashes = NodeNames.identityHashes(nodes);
        this.nodeCount = nodes.size();
        this.hashing = hashing;
        this.memory = NodeNames.memory(Long.BYTES * nodeCount);
        this.hashes = memory.segment();
        MemorySegment.copy(identityHashes, 0, hashes, ValueLayout.JAVA_LONG, 0, nodeCount);
    }

    @Override
    public int locate(MemorySegment key, int length) {
        return hashing.current().route(key, length, hashes, nodeCount);
    }

    void locateMany(MemorySegment keys, MemorySegment offsets, int keyCount, MemorySegment chosen) {
        KeyHashing hashing = this.hashing.current();
        int atOnce = Math.max(1, KeyHashing.MAX_PAIRS_PER_CALL / nodeCount);
        for (int first = 0; first < keyCount; first += atOnce) {
            long at = (long) first * Integer.BYTES;
            int count = Math.min(atOnce, keyCount - first);
            hashing.routeMany(keys, offsets.asSlice(at), count, hashes, nodeCount, chosen.asSlice(at));
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
