package io.emcache.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Several real servers that a test kills, freezes and brings back one by one, each on its own port all the time. At the
 * end, however the test ends, none is left. Safe for all threads.
 */
public final class ServerCluster implements AutoCloseable {
    private final List<MemcachedServer> servers = new ArrayList<>();

    private ServerCluster() {}

    /**
     * Starts servers and waits until they answer.
     *
     * @param count how many
     * @param args further arguments of each memcached
     * @return the running servers
     */
    public static ServerCluster start(int count, String... args) {
        ServerCluster cluster = new ServerCluster();
        try {
            for (int i = 0; i < count; i++) {
                cluster.servers.add(MemcachedServer.start(args));
            }
            return cluster;
        } catch (Throwable e) {
            cluster.close();
            throw e;
        }
    }

    /**
     * Returns one of the servers.
     *
     * @param index which, from 0 on
     * @return always the same for the same number
     */
    public MemcachedServer server(int index) {
        return servers.get(index);
    }

    /**
     * Returns all servers.
     *
     * @return them in the order of their numbers
     */
    public List<MemcachedServer> servers() {
        return List.copyOf(servers);
    }

    /**
     * Returns the server with an address.
     *
     * @param address as {@link MemcachedServer#address()} gives it
     * @return the server
     */
    public MemcachedServer at(String address) {
        return servers.stream()
                .filter(server -> server.address().equals(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no server is at " + address));
    }

    /**
     * Returns how many servers there are.
     *
     * @return the number, those that do not run included
     */
    public int size() {
        return servers.size();
    }

    /**
     * Returns how a client names the nodes.
     *
     * @return the addresses in the order of their numbers
     */
    public List<String> addresses() {
        return servers.stream().map(MemcachedServer::address).toList();
    }

    /**
     * Returns the URI a client connects to.
     *
     * @return {@code memcached://} and all addresses
     */
    public String uri() {
        return servers.stream().map(MemcachedServer::address).collect(Collectors.joining(",", "memcached://", ""));
    }

    /** Kills all servers (SIGKILL). */
    public void killAll() {
        servers.forEach(MemcachedServer::kill);
    }

    /** Brings every server back: thaws those that are frozen, starts those that do not run. The others go on. */
    public void heal() {
        servers.forEach(MemcachedServer::heal);
    }

    /** Ends all servers, frozen ones too. Idempotent. */
    @Override
    public void close() {
        servers.forEach(MemcachedServer::close);
    }
}
