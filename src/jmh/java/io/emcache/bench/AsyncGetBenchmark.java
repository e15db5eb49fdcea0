package io.emcache.bench;

import io.emcache.MemcachedClient;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Async gets of one thread on a real server, of 100 bytes each. {@code -prof gc} shows what a get allocates. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class AsyncGetBenchmark {
    /** How the server is reached. */
    @Param
    public Transport transport;

    /** How many gets are in flight. */
    @Param({"1", "256"})
    public int window;

    private OwnServer server;
    private MemcachedClient client;
    private GetWindow gets;

    /** Starts a server, connects and stores all keys. */
    @Setup
    public void open() {
        server = OwnServer.start(transport);
        client = server.connect();
        Keys keys = new Keys();
        keys.storeAll(client);
        gets = new GetWindow(client.async(), keys, window);
    }

    /** Waits for the gets in flight. */
    @TearDown(Level.Iteration)
    public void drain() {
        gets.drain();
        if (gets.hits() != gets.ended()) {
            throw new IllegalStateException("a key that was stored is missing");
        }
    }

    /** Closes the client and ends the server. */
    @TearDown
    public void close() {
        client.close();
        server.close();
    }

    /** One get more, after the oldest has ended. */
    @Benchmark
    public void get() {
        gets.next();
    }
}
