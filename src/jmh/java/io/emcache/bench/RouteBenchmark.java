package io.emcache.bench;

import io.emcache.internal.memory.KeyHashing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to choose a node for a key, natively and in Java. The key changes from call to call, so that no branch can learn its node. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class RouteBenchmark {

    /** Which implementation. */
    @Param({"native", "java"})
    public String hashing = "";

    /** Nodes to choose from. */
    @Param({"1", "8", "64", "1000"})
    public int nodes;

    /** Bytes of the key. */
    @Param({"8", "32", "250"})
    public int keyBytes;

    private long sequence;

    private KeyHashing subject = KeyHashing.inJava();
    private MemorySegment key = MemorySegment.NULL;
    private MemorySegment nodeHashes = MemorySegment.NULL;

    /** Chooses the implementation and makes a key and nodes. */
    @Setup
    public void setUp() {
        subject = Subjects.hashing(hashing);
        key = Arena.ofAuto().allocate(keyBytes);
        nodeHashes = Arena.ofAuto().allocate((long) nodes * Long.BYTES, Long.BYTES);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < nodes; i++) {
            nodeHashes.setAtIndex(ValueLayout.JAVA_LONG, i, random.nextLong());
        }
    }

    /**
     * Chooses a node.
     *
     * @return the node's index
     */
    @Benchmark
    public int route() {
        key.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, sequence++);
        return subject.route(key, keyBytes, nodeHashes, nodes);
    }
}
