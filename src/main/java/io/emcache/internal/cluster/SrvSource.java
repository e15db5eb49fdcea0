package io.emcache.internal.cluster;

import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.spi.NodeDiscovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.jspecify.annotations.Nullable;

/**
 * Each SRV record of {@code _memcached._tcp.NAME} is a node {@code target:port}. Of several priorities only the lowest
 * number counts, as RFC 2782 has it. Weights are ignored: they are meant for a choice among equals, and Kubernetes makes
 * them out of the number of pods, so that every node would change with every other. Nodes are in the order of their
 * identities, since name servers shuffle theirs.
 *
 * <p>Asks by the JDK's own provider, with a socket of its own for each call. Stateless; safe for all threads.
 */
final class SrvSource implements NodeDiscovery {
    /** Asks the name servers of the system. */
    static final String SYSTEM_SERVERS = "dns:";

    private static final String SERVICE = "_memcached._tcp.";
    private static final String FACTORY = "com.sun.jndi.dns.DnsContextFactory";
    private static final String FIRST_TIMEOUT_MS = "com.sun.jndi.dns.timeout.initial";
    private static final String ATTEMPTS = "com.sun.jndi.dns.timeout.retries";
    private static final int FIELDS = 4;

    private final List<NodeAddress> names;
    private final String servers;

    /**
     * Makes a source.
     *
     * @param names what to look up; ports do not matter
     * @param servers the URL of a name server, {@code dns://host:port}, or {@link #SYSTEM_SERVERS}
     */
    SrvSource(List<NodeAddress> names, String servers) {
        this.names = List.copyOf(names);
        this.servers = servers;
    }

    /** If one of the names cannot be looked up, there is no list at all. */
    @Override
    public List<NodeAddress> discover(Duration timeout) throws NamingException {
        Map<String, NodeAddress> nodes = new TreeMap<>();
        InitialDirContext context = open(timeout);
        try {
            for (NodeAddress name : names) {
                for (NodeAddress node : lookUp(context, serviceName(name))) {
                    nodes.put(node.identity(), node);
                }
            }
        } finally {
            context.close();
        }
        return List.copyOf(nodes.values());
    }

    /** Two attempts, of which the second waits twice as long, share the time. */
    private InitialDirContext open(Duration timeout) throws NamingException {
        Properties settings = new Properties();
        settings.put(Context.INITIAL_CONTEXT_FACTORY, FACTORY);
        settings.put(Context.PROVIDER_URL, servers);
        settings.put(FIRST_TIMEOUT_MS, String.valueOf(Math.max(1, timeout.toMillis() / 3)));
        settings.put(ATTEMPTS, "2");
        try {
            return new InitialDirContext(settings);
        } catch (NoInitialContextException e) {
            throw new MemcachedException.NodeUnavailable(
                    "SRV records are read by the module jdk.naming.dns, which this runtime has not", null, false, e);
        }
    }

    private static String serviceName(NodeAddress name) {
        String host = Objects.requireNonNull(name.host());
        if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address has no SRV records: " + name);
        }
        return host.startsWith("_") ? host : SERVICE + host;
    }

    /** The name is no URL, so it goes to the provider for DNS, which makes no objects: attributes are strings. */
    @SuppressWarnings("BanJNDI")
    private static List<NodeAddress> lookUp(InitialDirContext context, String name) throws NamingException {
        Attribute records = context.getAttributes(name, new String[] {"SRV"}).get("SRV");
        List<NodeAddress> nodes = new ArrayList<>();
        int best = Integer.MAX_VALUE;
        for (int i = 0; records != null && i < records.size(); i++) {
            String[] fields = String.valueOf(records.get(i)).split(" ", -1);
            if (fields.length != FIELDS) {
                throw new NamingException("an SRV record is not priority, weight, port and target");
            }
            int priority = Integer.parseInt(fields[0]);
            NodeAddress node = node(fields[2], fields[3]);
            if (priority < best) {
                best = priority;
                nodes.clear();
            }
            if (priority == best && node != null) {
                nodes.add(node);
            }
        }
        return nodes;
    }

    /** Null if the target is the root, which says that the service is not there. */
    private static @Nullable NodeAddress node(String port, String target) {
        String host = target.endsWith(".") ? target.substring(0, target.length() - 1) : target;
        return host.isEmpty() ? null : NodeAddress.tcp(host, Integer.parseInt(port));
    }
}
