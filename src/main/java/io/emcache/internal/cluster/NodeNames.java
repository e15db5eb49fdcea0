package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.memory.CollectedMemory;
import io.emcache.internal.memory.KeyHashing;
import io.emcache.internal.memory.MemoryTag;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * What locators call a node. An id that was given stands for the name in all of them, so that a node can have any name; one that reads as host
 * and port, as those of a discovery do, is taken for a node of that name. Stateless; nothing is looked up.
 */
final class NodeNames {
    private static final String UNIX_PORT = ":0";

    private NodeNames() {}

    /** {@link KeyHashing#hash64} of each identity in UTF-8, with seed 0. */
    static long[] identityHashes(List<NodeAddress> nodes) {
        long[] hashes = new long[nodes.size()];
        for (int i = 0; i < hashes.length; i++) {
            byte[] identity = utf8(nodes.get(i).identity());
            try (CollectedMemory memory = memory(identity.length)) {
                copy(identity, memory, 0);
                hashes[i] = KeyHashing.inJava().hash64(memory.segment(), identity.length, 0);
            }
        }
        return hashes;
    }

    /** As emcache for Python has it: host and port with nothing between, or the path. */
    static String emcache(NodeAddress address) {
        NodeAddress node = named(address);
        return node.isUnix() || hasId(node) ? node.identity() : node.host() + node.port();
    }

    /** As libmemcached has it: its own port is left out, a unix socket has port 0, and no host stands in brackets. */
    static String libmemcached(NodeAddress address) {
        NodeAddress node = named(address);
        if (hasId(node)) {
            return node.identity();
        }
        if (node.isUnix()) {
            return node.identity() + UNIX_PORT;
        }
        return node.port() == NodeAddress.DEFAULT_PORT
                ? Objects.requireNonNull(node.host())
                : node.host() + ":" + node.port();
    }

    /** As spymemcached has it for an IP address, which Java writes in full; for a name it would be the name, a slash and an address as well. */
    static String spymemcached(NodeAddress address) {
        NodeAddress node = named(address);
        String host = node.host();
        if (host == null || hasId(node)) {
            return node.identity();
        }
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(host), node.port())
                    .toString()
                    .substring(1);
        } catch (IllegalArgumentException _) {
            return node.identity(); // a name
        }
    }

    private static NodeAddress named(NodeAddress node) {
        if (hasId(node)) {
            try {
                NodeAddress name = NodeAddress.parse(node.identity());
                return name.identity().equals(node.identity()) ? name : node;
            } catch (IllegalArgumentException e) {
                return node; // some other name
            }
        }
        return node;
    }

    private static boolean hasId(NodeAddress node) {
        String host = node.host();
        NodeAddress plain = host != null
                ? NodeAddress.tcp(host, node.port())
                : NodeAddress.unix(Objects.requireNonNull(node.path()));
        return !plain.identity().equals(node.identity());
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static CollectedMemory memory(int sizeBytes) {
        return CollectedMemory.allocate(MemoryTag.ROUTER, sizeBytes, Long.BYTES);
    }

    static void copy(byte[] text, CollectedMemory memory, int offset) {
        MemorySegment.copy(text, 0, memory.segment(), ValueLayout.JAVA_BYTE, offset, text.length);
    }
}
