package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.memory.CollectedMemory;
import io.emcache.internal.memory.Md5;
import io.emcache.spi.NodeLocator.Placement;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The ring of ketama: a node stands at 160 points, more or fewer by its weight, and has the keys between the point before and its own. Four
 * points are the MD5 of {@code name-number}, a key is the first four bytes of its own, little-endian and unsigned. Immutable; safe for all threads.
 */
final class KetamaPlacement implements Placement {
    private static final int DIGESTS = 160 / Md5.WORDS;
    private static final int MOST_DIGITS = 11;
    private static final long INDEX_MASK = 0xffff_ffffL;

    /** The points in rising order, each with its top bit turned over, so that a signed comparison will do. */
    private final int[] points;
    /** Whose they are. */
    private final int[] owners;

    /** Of two nodes at one point the first has it. */
    private KetamaPlacement(long[] pointsAndOwners) {
        Arrays.sort(pointsAndOwners);
        this.points = new int[pointsAndOwners.length];
        this.owners = new int[pointsAndOwners.length];
        for (int i = 0; i < pointsAndOwners.length; i++) {
            points[i] = (int) (pointsAndOwners[i] >> Integer.SIZE);
            owners[i] = (int) pointsAndOwners[i];
        }
    }

    /** As libmemcached with {@code MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED}. */
    static KetamaPlacement libmemcached(List<NodeAddress> nodes) {
        return new KetamaPlacement(ring(nodes, true, NodeNames::libmemcached));
    }

    /** As spymemcached's {@code KetamaNodeLocator}, which gives a point that two nodes share to the last of them. */
    static KetamaPlacement spymemcached(List<NodeAddress> nodes) {
        int last = nodes.size() - 1;
        KetamaPlacement reversed =
                new KetamaPlacement(ring(nodes.reversed(), Weights.differ(nodes), NodeNames::spymemcached));
        Arrays.setAll(reversed.owners, i -> last - reversed.owners[i]);
        return reversed;
    }

    private static long[] ring(List<NodeAddress> nodes, boolean weighted, Function<NodeAddress, String> naming) {
        float sum = Weights.sum(nodes);
        int[] digests = new int[nodes.size()];
        Arrays.setAll(digests, i -> weighted ? digests(nodes.get(i).weight(), sum, digests.length) : DIGESTS);
        long[] ring = new long[Arrays.stream(digests).sum() * Md5.WORDS];
        int[] words = new int[Md5.WORDS];
        int size = 0;
        for (int i = 0; i < digests.length; i++) {
            byte[] name = NodeNames.utf8(naming.apply(nodes.get(i)) + "-");
            try (CollectedMemory text = NodeNames.memory(name.length + MOST_DIGITS)) {
                NodeNames.copy(name, text, 0);
                for (int number = 0; number < digests[i]; number++) {
                    byte[] digits = NodeNames.utf8(Integer.toString(number));
                    NodeNames.copy(digits, text, name.length);
                    Md5.digest(text.segment(), name.length + digits.length, words);
                    for (int word : words) {
                        ring[size++] = (long) ordered(word) << Integer.SIZE | (i & INDEX_MASK);
                    }
                }
            }
        }
        return ring;
    }

    /** In float, step by step, as libmemcached and spymemcached do: whoever rounds otherwise has other points. */
    private static int digests(float weight, float sum, int nodeCount) {
        float share = weight / sum;
        return (int) Math.floor(share * (DIGESTS * Md5.WORDS) / Md5.WORDS * nodeCount + 1e-10f);
    }

    private static int ordered(int unsigned) {
        return unsigned ^ Integer.MIN_VALUE;
    }

    @Override
    public int locate(MemorySegment key, int length) {
        int wanted = ordered(Md5.firstWord(key, length));
        int low = 0;
        int high = points.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (points[middle] < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return owners[low == points.length ? 0 : low];
    }
}
