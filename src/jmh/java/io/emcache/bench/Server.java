package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.NodeAddress;
import java.time.Duration;

/**
 * Where the real server of a benchmark is, as {@code scripts/memcached} prints it: {@code host:port} or the path of a
 * unix socket. Immutable.
 */
record Server(String address) {
    private static final Duration GENEROUS_TIMEOUT = Duration.ofSeconds(5);

    /** A client with the defaults but for the deadline: a pause of a busy machine is to show as latency, not end it. */
    MemcachedClient connect() {
        return MemcachedClient.builder().nodes(node()).timeout(GENEROUS_TIMEOUT).connect();
    }

    String node() {
        return isPath() ? "unix:" + address : address;
    }

    /** What the yardstick takes: a port of 127.0.0.1 or a path. */
    String yardstickTarget() {
        return isPath() ? address : Integer.toString(NodeAddress.parse(address).port());
    }

    private boolean isPath() {
        return address.startsWith("/");
    }
}
