package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.memory.CollectedMemory;
import io.emcache.internal.memory.KeyHashing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The placement of emcache for Python: {@link KeyHashing#routePython}. Immutable; safe for all threads. */
final class EmcachePlacement implements OffHeapPlacement {
    private final int nodeCount;
    private final Hashing hashing;
    private final CollectedMemory memory;
    private final MemorySegment offsets;
    private final MemorySegment ids;

    EmcachePlacement(List<NodeAddress> nodes, Hashing hashing) {
        if (Weights.differ(nodes)) {
            throw new IllegalArgumentException("the locator EMCACHE knows no weights: " + nodes);
        }
        byte[] all = NodeNames.utf8(
                String.join("", nodes.stream().map(NodeNames::emcache).toList()));
        this.nodeCount = nodes.size();
        this.hashing = hashing;
        int offsetBytes = (nodeCount + 1) * Integer.BYTES;
        this.memory = NodeNames.memory(offsetBytes + all.length);
        this.offsets = memory.segment().asSlice(0, offsetBytes);
        this.ids = memory.segment().asSlice(offsetBytes);
        NodeNames.copy(all, memory, offsetBytes);
        int end = 0;
        for (int i = 0; i < nodeCount; i++) {
            end += NodeNames.utf8(NodeNames.emcache(nodes.get(i))).length;
            offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1L, end);
        }
    }

    @Override
    public int locate(MemorySegment key, int length) {
        return hashing.current().routePython(key, length, ids, offsets, nodeCount);
    }

    @Override
    public void close() {
        memory.close();
    }
}
