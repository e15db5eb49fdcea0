package io.emcache.internal.client;

import io.emcache.internal.cluster.Cluster;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.CommandLayout;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Cuts the keys of one call into chunks: each for one node, of at most 100 keys and 8 KiB. Stateless. */
final class KeyBlocks {
    /** A server holds about 1 KB for each key of a classic multi-key get (memcached issue 1046). */
    static final int MAX_KEYS = 100;

    static final int MAX_BYTES = 8 * 1024;

    private KeyBlocks() {}

    /** The keys of one command. */
    static final class Chunk<K> {
        final Node node;
        final List<K> keys = new ArrayList<>();
        int blockLength;

        Chunk(Node node) {
            this.node = node;
        }
    }

    /**
     * Validates and routes every key, each once; the order within a chunk is that of the keys.
     *
     * @param maxBytes the longest block that a ring takes
     */
    static <K> List<Chunk<K>> cut(Set<K> keys, Cluster cluster, KeyScratch scratch, int maxBytes) {
        List<Chunk<K>> chunks = new ArrayList<>();
        IdentityHashMap<Node, Chunk<K>> open = new IdentityHashMap<>();
        for (K key : keys) {
            int length = Engine.encode(key, scratch);
            int entry = CommandLayout.BLOCK_KEY_PREFIX_LENGTH + length;
            Node node = cluster.route(scratch.segment(), length);
            Chunk<K> chunk = open.get(node);
            if (chunk == null || chunk.keys.size() == MAX_KEYS || chunk.blockLength + entry > maxBytes) {
                chunk = new Chunk<>(node);
                chunks.add(chunk);
                open.put(node, chunk);
            }
            chunk.keys.add(key);
            chunk.blockLength += entry;
        }
        return chunks;
    }
}
