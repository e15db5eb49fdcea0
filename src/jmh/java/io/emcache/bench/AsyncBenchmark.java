package io.emcache.bench;

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

/** Async calls of one thread on real servers. {@code -prof gc} shows what a call allocates. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class AsyncBenchmark {
    /** What a client lets wait for one node by default is more. */
    private static final int MOST_SET_BYTES = 8 << 20;

    /** How many calls are in flight; of sets of large values fewer. */
    @Param({"1", "256"})
    public int window;

    private GetWindow gets;
    private SetWindow sets;

    /**
     * Makes the windows.
     *
     * @param with servers and client
     */
    @Setup
    public void open(EndToEnd with) {
        gets = new GetWindow(with.client.async(), with.keys, window, with.valueBytes);
        sets = new SetWindow(with.client.async(), with.keys, setWindow(with.valueBytes), with.value);
    }

    private int setWindow(int valueBytes) {
        return Math.clamp(MOST_SET_BYTES / valueBytes, 1, window);
    }

    /** Waits for the calls in flight. */
    @TearDown(Level.Iteration)
    public void drain() {
        gets.drain();
        sets.drain();
        if (gets.hits() != gets.ended() || sets.hits() != sets.ended()) {
            throw new IllegalStateException("a key that was stored is missing, or a set was not done");
        }
    }

    /** One get more, after the oldest has ended. */
    @Benchmark
    public void get() {
        gets.next();
    }

    /** One set more, after the oldest has ended. */
    @Benchmark
    public void set() {
        sets.next();
    }
}
