package io.emcache.internal.client;

import io.emcache.internal.cluster.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * What a call for many keys has for one node: a node that is slow keeps nothing from the others. Not safe for threads:
 * guarded by its call.
 *
 * @param <K> the type of the keys
 * @param <V> what is known of a key in the end
 */
final class Share<K, V> {
    /** Parts that were sent and have not ended. */
    int outstanding;

    /** Parts to be sent, in this order. */
    final ArrayDeque<Part<K, V>> waiting = new ArrayDeque<>();

    /** Parts that a calling thread is to await, oldest first. */
    final ArrayDeque<Part<K, V>> sent = new ArrayDeque<>();

    /** Shares all parts out, none of which was sent. The nodes are in the order of their first part. */
    static <K, V> List<Share<K, V>> of(Collection<Part<K, V>> parts) {
        IdentityHashMap<Node, Share<K, V>> byNode = new IdentityHashMap<>();
        List<Share<K, V>> shares = new ArrayList<>();
        for (Part<K, V> part : parts) {
            Share<K, V> share = byNode.get(part.node);
            if (share == null) {
                share = new Share<>();
                byNode.put(part.node, share);
                shares.add(share);
            }
            share.waiting.add(part);
        }
        return shares;
    }

    /** Whether there is a part to send, and the window of its kind is open. */
    boolean maySend() {
        return !waiting.isEmpty() && outstanding < waiting.element().window();
    }
}
