package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.memory.KeyHashing;
import io.emcache.spi.NodeLocator.Placement;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Rendezvous hashing over nodes of different weights, which have that share of the keys. Of {@code m = fmix64(hash(key) ^ hash(identity))}, as
 * in {@link RendezvousPlacement}, the upper 52 bits make a number between 0 and 1 that a {@code double} holds exactly,
 * {@code u = ((m >>> 12) + 0.5) / 2^52}; the node with the highest {@code -weight / ln(u)} has the key, on a tie the one with the higher
 * {@code hash(identity)}, unsigned. The logarithm is that of {@link StrictMath}, so that no two machines disagree. Immutable; safe for all threads.
 */
final class WeightedRendezvousPlacement implements Placement {
    private static final int UNUSED_BITS = 12;
    private static final double UNIT = 0x1p-52;

    /** More than what rounding can add to a bound. */
    private static final double SURELY = 1 - 1e-9;

    private final Hashing hashing;
    private final long[] hashes;
    private final double[] weights;

    WeightedRendezvousPlacement(List<NodeAddress> nodes, Hashing hashing) {
        this.hashing = hashing;
        this.hashes = NodeNames.identityHashes(nodes);
        this.weights = nodes.stream().mapToDouble(NodeAddress::weight).toArray();
    }

    @Override
    public int locate(MemorySegment key, int length) {
        long keyHash = hashing.current().hash64(key, length, 0);
        int chosen = 0;
        double highest = 0;
        for (int i = 0; i < hashes.length; i++) {
            double u = ((KeyHashing.mix(keyHash ^ hashes[i]) >>> UNUSED_BITS) + 0.5) * UNIT;
            double weight = weights[i];
            if (weight < highest * (1 - u) * SURELY) {
                continue; // as -ln(u) > 1 - u, its score is lower; most nodes need no logarithm
            }
            double score = -weight / StrictMath.log(u);
            if (score > highest || (score == highest && Long.compareUnsigned(hashes[i], hashes[chosen]) > 0)) {
                chosen = i;
                highest = score;
            }
        }
        return chosen;
    }
}
