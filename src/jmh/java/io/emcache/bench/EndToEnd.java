package io.emcache.bench;

import io.emcache.MemcachedClient;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What benchmarks of whole calls share: real servers, a client of them, and keys that all have a value. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class EndToEnd {
    /** Of all values together, so that nothing is evicted from one server. */
    private static final int MOST_STORED_BYTES = 100 << 20;

    /** How the servers are reached. */
    @Param
    public Transport transport;

    /** How many servers. */
    @Param({"1"})
    public int nodes;

    /** How long each value is, in bytes. */
    @Param({"100"})
    public int valueBytes;

    byte[] value;
    Keys keys;
    MemcachedClient client;
    private OwnServers servers;

    /** Starts the servers, connects and stores all keys: fewer when the values are large. */
    @Setup
    public void open() {
        servers = OwnServers.start(transport, nodes);
        client = servers.connect();
        value = new byte[valueBytes];
        keys = new Keys(Math.min(Keys.COUNT, MOST_STORED_BYTES / valueBytes));
        keys.storeAll(client, value);
    }

    /** Closes the client and ends the servers. */
    @TearDown
    public void close() {
        client.close();
        servers.close();
    }
}
