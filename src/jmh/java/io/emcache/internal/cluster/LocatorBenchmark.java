package io.emcache.internal.cluster;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.KeyHashing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** What the router takes for a key, by locator, with nodes of one weight and of different weights. The key changes from call to call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init")
public class LocatorBenchmark {
    /** Which implementation of hashing. */
    @Param({"native", "java"})
    public String hashing = "";

    /** How keys are placed. */
    @Param
    public Locator locator;

    /** The highest weight of a node; the others follow below it, down to 1 and again. */
    @Param({"1", "4"})
    public int weights;

    /** Nodes to choose from. */
    @Param({"8"})
    public int nodes;

    /** Bytes of the key. */
    @Param({"32"})
    public int keyBytes;

    private long sequence;

    private Router router;
    private MemorySegment key;

    /** Makes a router and a key. */
    @Setup
    public void setUp() {
        KeyHashing subject = hashing.equals("native") ? KeyHashing.get() : KeyHashing.inJava();
        if (subject.isNative() != hashing.equals("native")) {
            throw new IllegalStateException("no native library here");
        }
        List<NodeAddress> addresses = IntStream.range(0, nodes)
                .mapToObj(i -> NodeAddress.tcp("cache-%d.example.com".formatted(i), 11211)
                        .withWeight(locator == Locator.EMCACHE ? 1 : weights - i % weights))
                .toList();
        router = new Router(addresses, locator, null, new Hashing(subject));
        key = Arena.ofAuto().allocate(keyBytes);
    }

    /** Counts the memory back. */
    @TearDown
    public void tearDown() {
        router.close();
    }

    /**
     * Chooses a node.
     *
     * @return the node's index
     */
    @Benchmark
    public int route() {
        key.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, sequence++);
        return router.route(key, keyBytes);
    }
}
