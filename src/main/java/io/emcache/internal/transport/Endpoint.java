package io.emcache.internal.transport;

import io.emcache.NodeAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;

/** Where a node is: turns its address into a channel. Immutable; safe for all threads. */
final class Endpoint {
    private static final int KEEPALIVE_SECONDS = 13;
    private static final int KEEPALIVE_PROBES = 3;

    private final NodeAddress address;

    Endpoint(NodeAddress address) {
        this.address = address;
    }

    NodeAddress address() {
        return address;
    }

    /** Whether {@link #resolve} asks no name service. */
    boolean isResolved() {
        return address.isUnix() || isLiteral(Objects.requireNonNull(address.host()));
    }

    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /** Looks the address up; may block on the name service. The n-th attempt takes the n-th address of the host. */
    SocketAddress resolve(int attempt) throws IOException {
        SocketAddress[] all = all();
        return all[Math.floorMod(attempt, all.length)];
    }

    /** All addresses of the host, at least one; may block on the name service. */
    SocketAddress[] all() throws IOException {
        if (address.isUnix()) {
            return new SocketAddress[] {UnixDomainSocketAddress.of(Objects.requireNonNull(address.path()))};
        }
        InetAddress[] all = InetAddress.getAllByName(address.host());
        SocketAddress[] addresses = new SocketAddress[all.length];
        for (int i = 0; i < all.length; i++) {
            addresses[i] = new InetSocketAddress(all[i], address.port());
        }
        return addresses;
    }

    /** An unconnected, non-blocking channel with the options that this client wants. */
    SocketChannel open() throws IOException {
        SocketChannel channel =
                address.isUnix() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.configureBlocking(false);
            if (!address.isUnix()) {
                setTcpOptions(channel);
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return channel;
    }

    private static void setTcpOptions(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_SECONDS);
            channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
        }
    }

    @Override
    public String toString() {
        return address.identity();
    }
}
