package io.emcache.internal.transport;

import io.emcache.NodeAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;

/**
 * As whom a node is asked for and verified: an id that reads as host and port, as those of a discovery do, is the name, wherever the
 * node is now. Immutable.
 *
 * @param host what a certificate has to name, and with the port what sessions are remembered by
 * @param serverNames what the server is told to be called; empty for an IP address
 */
record TlsPeer(String host, int port, List<SNIServerName> serverNames) {
    static TlsPeer of(NodeAddress node) {
        NodeAddress named = named(node);
        String host = Objects.requireNonNull(named.host(), "a unix socket");
        if (isAddress(host)) {
            int zone = host.indexOf('%');
            return new TlsPeer(zone < 0 ? host : host.substring(0, zone), named.port(), List.of());
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        try {
            SNIHostName serverName = new SNIHostName(name);
            return new TlsPeer(serverName.getAsciiName(), named.port(), List.of(serverName));
        } catch (IllegalArgumentException e) {
            return new TlsPeer(name, named.port(), List.of()); // such as one with an underscore
        }
    }

    private static NodeAddress named(NodeAddress node) {
        try {
            NodeAddress name = NodeAddress.parse(node.identity());
            return name.host() != null && name.identity().equals(node.identity()) ? name : node;
        } catch (IllegalArgumentException e) {
            return node;
        }
    }

    private static boolean isAddress(String host) {
        if (host.indexOf(':') >= 0) {
            return true;
        }
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Fails early, and with a reason, where the check of the name could not succeed.
     *
     * @throws TlsException if this is neither an IP address nor a name as they stand in certificates
     */
    void checkCanBeVerified() throws TlsException {
        if (serverNames.isEmpty() && !isAddress(host)) {
            throw new TlsException(
                    "no certificate can name the host " + TlsText.safe(host)
                            + ": a host name has letters, digits, hyphens and dots; use another name or its IP address",
                    null);
        }
    }
}
