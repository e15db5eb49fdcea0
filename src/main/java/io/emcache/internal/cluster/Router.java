package io.emcache.internal.cluster;

import io.emcache.internal.memory.CollectedMemory;
import io.emcache.internal.memory.KeyHashing;
import io.emcache.internal.memory.MemoryTag;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Which node a key belongs to: rendezvous hashing (Thaler and Ravishankar, 1998) on murmur3. The key is hashed once; the
 * node with the highest mix of that hash and its identity hash has it. Immutable but for the hashing in use, of which
 * both kinds agree; safe for all threads.
 */
final class Router {
    private final Node[] nodes;
    private final CollectedMemory hashes;
    private volatile KeyHashing hashing = KeyHashing.inJava();

    Router(List<Node> nodes) {
        this.nodes = nodes.toArray(Node[]::new);
        this.hashes = CollectedMemory.allocate(MemoryTag.ROUTER, (long) Long.BYTES * nodes.size(), Long.BYTES);
        for (int i = 0; i < this.nodes.length; i++) {
            byte[] identity = this.nodes[i].identity().getBytes(StandardCharsets.UTF_8);
            long hash = hashing.hash64(MemorySegment.ofArray(identity), identity.length, 0);
            hashes.segment().setAtIndex(ValueLayout.JAVA_LONG, i, hash);
        }
    }

    Node route(MemorySegment key, int length) {
        return nodes.length == 1 ? nodes[0] : nodes[hashing.route(key, length, hashes.segment(), nodes.length)];
    }

    /** From now on with the hashing that suits this machine best; loading it may take a tenth of a second. */
    void loadHashing() {
        hashing = KeyHashing.get();
    }

    void close() {
        hashes.close();
    }
}
