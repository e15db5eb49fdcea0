package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.StoreResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One sync call on a real server, values of 100 bytes. With {@code -prof gc} it shows what a call allocates. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class GetBenchmark {
    /** How the server is reached. */
    @Param
    public Transport transport;

    private final byte[] value = new byte[Keys.VALUE_BYTES];
    private final Keys keys = new Keys();
    private OwnServer server;
    private MemcachedClient client;

    /** Starts a server, connects and stores all keys. */
    @Setup
    public void open() {
        server = OwnServer.start(transport);
        client = server.connect();
        keys.storeAll(client);
    }

    /** Closes the client and ends the server. */
    @TearDown
    public void close() {
        client.close();
        server.close();
    }

    /**
     * A get that finds a value.
     *
     * @return the value
     */
    @Benchmark
    public byte[] getHit() {
        byte[] found = client.get(keys.next());
        if (found == null) {
            throw new IllegalStateException("a key that was stored is missing");
        }
        return found;
    }

    /**
     * A get that finds nothing.
     *
     * @return null
     */
    @Benchmark
    public byte[] getMiss() {
        return client.get("no-such-key");
    }

    /**
     * A set.
     *
     * @return that it was stored
     */
    @Benchmark
    public StoreResult set() {
        return client.set(keys.next(), value);
    }
}
