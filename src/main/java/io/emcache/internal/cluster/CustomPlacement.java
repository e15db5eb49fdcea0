package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.spi.NodeLocator;
import io.emcache.spi.NodeLocator.Placement;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/** The user's placement, whose answers are checked. As safe for threads as that is. */
final class CustomPlacement implements Placement {
    private final int nodeCount;
    private final NodeLocator locator;
    private final Placement placement;

    CustomPlacement(NodeLocator locator, List<NodeAddress> nodes) {
        this.nodeCount = nodes.size();
        this.locator = locator;
        this.placement = Objects.requireNonNull(place(locator, nodes), "placement");
    }

    /** What is wrong with a user's class is no reason for the event loop to give a connection up. */
    private static Placement place(NodeLocator locator, List<NodeAddress> nodes) {
        try {
            return locator.place(nodes);
        } catch (Error e) {
            throw new IllegalStateException("a custom locator failed [locator=" + locator + "]", e);
        }
    }

    @Override
    public int locate(MemorySegment key, int length) {
        int chosen = placement.locate(key, length);
        if (chosen < 0 || chosen >= nodeCount) {
            throw new IllegalStateException("a custom locator chose no node [locator=" + locator + ", index=" + chosen
                    + ", nodes=" + nodeCount + "]");
        }
        return chosen;
    }
}
