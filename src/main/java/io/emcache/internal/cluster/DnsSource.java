package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.spi.NodeDiscovery;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Each address of the given names is a node {@code ip:port}, as the names of headless services want it. A name that has
 * addresses of both families means the same servers twice, so only those of the family that the JDK puts first count.
 * Nodes are in the order of their identities, since name servers shuffle theirs.
 *
 * <p>Blocks without regard to the time-out and to interrupts, because the JDK cannot do better: whoever calls must be able
 * to leave it behind. How old an answer may be is up to the JDK's cache. Stateless; safe for all threads.
 */
final class DnsSource implements NodeDiscovery {
    /** A name service. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String name) throws UnknownHostException;
    }

    private final List<NodeAddress> names;
    private final Resolver resolver;

    DnsSource(List<NodeAddress> names, Resolver resolver) {
        this.names = List.copyOf(names);
        this.resolver = resolver;
    }

    /** If one of the names cannot be looked up, there is no list at all. */
    @Override
    public List<NodeAddress> discover(Duration timeout) throws UnknownHostException {
        Map<String, NodeAddress> nodes = new TreeMap<>();
        for (NodeAddress name : names) {
            InetAddress[] addresses = resolver.resolve(Objects.requireNonNull(name.host()));
            for (InetAddress address : addresses) {
                if (address.getClass() == addresses[0].getClass()) {
                    NodeAddress node = NodeAddress.tcp(address.getHostAddress(), name.port());
                    nodes.put(node.identity(), node);
                }
            }
        }
        return List.copyOf(nodes.values());
    }
}
