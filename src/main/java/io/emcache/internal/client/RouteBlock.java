package io.emcache.internal.client;

import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.protocol.KeyCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;

/**
 * Some keys of a call that has many, laid end to end so that they are routed at once. To be filled again and again, by one thread, which gives
 * the slab back afterwards.
 */
final class RouteBlock {
    /** The most keys of a block. */
    static final int KEYS = 60;

    /** With fewer keys than this, memory for them costs more than it saves. */
    static final int WORTHWHILE_KEYS = 16;

    private static final int OFFSETS_BYTES = (KEYS + 1) * Integer.BYTES;
    private static final int CHOSEN_BYTES = KEYS * Integer.BYTES;
    private static final int HEAD_BYTES = OFFSETS_BYTES + CHOSEN_BYTES;

    /** What the longest keys need, with room behind the last for its writer. */
    static final int SIZE_BYTES = HEAD_BYTES + KEYS * KeyCodec.MAX_KEY_BYTES + KeyScratch.SIZE_BYTES;

    private final KeySpace space;
    private final MemorySegment offsets;
    private final MemorySegment chosen;
    private final MemorySegment bytes;
    private final int[] lengths = new int[KEYS];
    private final Node[] nodes = new Node[KEYS];

    RouteBlock(KeySpace space, Slab slab) {
        MemorySegment segment = slab.segment();
        this.space = space;
        this.offsets = segment.asSlice(0, OFFSETS_BYTES);
        this.chosen = segment.asSlice(OFFSETS_BYTES, CHOSEN_BYTES);
        this.bytes = segment.asSlice(HEAD_BYTES);
        offsets.set(ValueLayout.JAVA_INT, 0, 0);
    }

    /**
     * Takes the next keys in place of the last, and routes them.
     *
     * @return how many, 0 if there is no further one
     * @throws io.emcache.MemcachedException.NodeUnavailable if there is no node
     */
    int fill(Iterator<?> from, Engine engine) {
        int count = 0;
        int end = 0;
        while (count < KEYS && from.hasNext()) {
            Object key = from.next();
            MemorySegment place = bytes.asSlice(end, KeyScratch.SIZE_BYTES);
            int length = space.encode(key, place);
            end += KeySpace.routesByWire(key) ? length : space.encodeRoute(key, place);
            lengths[count] = length;
            count++;
            offsets.setAtIndex(ValueLayout.JAVA_INT, count, end);
        }
        if (!engine.cluster().routeMany(bytes, offsets, count, chosen, nodes)) {
            throw engine.noNode();
        }
        return count;
    }

    /** The length of a key as it is sent. */
    int length(int index) {
        return lengths[index];
    }

    Node node(int index) {
        return nodes[index];
    }
}
