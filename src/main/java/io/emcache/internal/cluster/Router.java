package io.emcache.internal.cluster;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.KeyHashing;
import io.emcache.spi.NodeLocator;
import io.emcache.spi.NodeLocator.Placement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of some nodes a key belongs to. Immutable; safe for all threads; nothing is allocated for a key. When nodes come or go a new one takes
 * its place, and who still holds the old one may go on using it, also after {@link #close}.
 */
final class Router {
    private final int nodeCount;
    private final @Nullable Placement placement;

    /**
     * Makes a router.
     *
     * @param nodes the nodes, of which there may be none; where they stand in this list is what the router answers with
     * @param locator the rule, unless there is a custom one
     * @param custom the user's rule, or null
     * @throws IllegalArgumentException if the nodes have different weights, of which the rule knows nothing
     */
    Router(List<NodeAddress> nodes, Locator locator, @Nullable NodeLocator custom) {
        this(nodes, locator, custom, Hashing.OF_PROCESS);
    }

    Router(List<NodeAddress> nodes, Locator locator, @Nullable NodeLocator custom, Hashing hashing) {
        List<NodeAddress> copy = List.copyOf(nodes);
        this.nodeCount = copy.size();
        this.placement = placement(copy, locator, custom, hashing);
    }

    private static @Nullable Placement placement(
            List<NodeAddress> nodes, Locator locator, @Nullable NodeLocator custom, Hashing hashing) {
        if (nodes.isEmpty() || (nodes.size() == 1 && custom == null)) {
            return null; // nothing to choose between
        }
        return custom != null ? new CustomPlacement(custom, nodes) : placement(nodes, locator, hashing);
    }

    private static Placement placement(List<NodeAddress> nodes, Locator locator, Hashing hashing) {
        return switch (locator) {
            case RENDEZVOUS ->
                Weights.differ(nodes)
                        ? new WeightedRendezvousPlacement(nodes, hashing)
                        : new RendezvousPlacement(nodes, hashing);
            case EMCACHE -> new EmcachePlacement(nodes, hashing);
            case KETAMA -> KetamaPlacement.libmemcached(nodes);
            case KETAMA_SPYMEMCACHED -> KetamaPlacement.spymemcached(nodes);
            case MODULO -> new ModuloPlacement(nodes, hashing);
        };
    }

    /**
     * The node of a key.
     *
     * @param key a native segment that starts with the key
     * @param length the key's length in bytes
     * @return the index of the node, or -1 if there is none
     */
    int route(MemorySegment key, int length) {
        Placement placement = this.placement;
        return placement == null ? nodeCount - 1 : placement.locate(key, length);
    }

    /**
     * The nodes of many keys, of each the one that {@link #route} gives.
     *
     * @param keys the keys, end to end, as for {@link KeyHashing#routeMany}
     * @param offsets {@code keyCount + 1} ints: key {@code i} reaches from offset {@code i} up to offset {@code i + 1}
     * @param keyCount how many keys there are
     * @param chosen receives {@code keyCount} indexes of nodes, as ints
     */
    void routeMany(MemorySegment keys, MemorySegment offsets, int keyCount, MemorySegment chosen) {
        if (placement instanceof RendezvousPlacement plain) {
            plain.locateMany(keys, offsets, keyCount, chosen);
            return;
        }
        for (int i = 0; i < keyCount; i++) {
            int start = offsets.getAtIndex(ValueLayout.JAVA_INT, i);
            int length = offsets.getAtIndex(ValueLayout.JAVA_INT, i + 1L) - start;
            chosen.setAtIndex(ValueLayout.JAVA_INT, i, route(keys.asSlice(start, length), length));
        }
    }

    /** Counts off-heap memory back, of this router, which a newer one has replaced or whose client has ended. */
    void close() {
        if (placement instanceof OffHeapPlacement counted) {
            counted.close();
        }
    }
}
