package io.emcache.internal.transport;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
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
import org.openjdk.jmh.infra.Control;

/** What one 64-byte command costs in each ring: written and read by one thread, or handed from one to another. */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
@SuppressWarnings("NullAway.Init")
public class RingBenchmark {
    private static final int CAPACITY_BYTES = 256 * 1024;
    private static final int MESSAGE_BYTES = 64;
    private static final int BATCH = 16;

    /** Which ring. */
    @Param({"agrona", "varhandle"})
    public String ringName = "";

    private long sum;
    private Arena arena;
    private CommandRing ring;
    private CommandRing.Handler handler;

    /** Makes an empty ring. */
    @Setup(Level.Iteration)
    public void open() {
        arena = Arena.ofShared();
        MemorySegment memory = arena.allocate(CommandRing.requiredBytes(CAPACITY_BYTES), 64);
        ring = ringName.equals("agrona")
                ? new AgronaCommandRing(memory, CAPACITY_BYTES)
                : new VarHandleCommandRing(memory, CAPACITY_BYTES);
        MemorySegment segment = ring.segment();
        handler = (offset, length) -> {
            for (int at = 0; at < length; at += Long.BYTES) {
                sum += segment.get(ValueLayout.JAVA_LONG, offset + (long) at);
            }
            return true;
        };
    }

    /** Frees the ring. */
    @TearDown(Level.Iteration)
    public void close() {
        arena.close();
    }

    /**
     * One message: write, then read.
     *
     * @return a checksum
     */
    @Benchmark
    @Group("single")
    @GroupThreads(1)
    public long single() {
        write();
        ring.drain(handler, 1);
        return sum;
    }

    /**
     * Sixteen messages are written, then read. The result is for all sixteen.
     *
     * @return a checksum
     */
    @Benchmark
    @Group("singleBatchOf16")
    @GroupThreads(1)
    public long singleBatchOf16() {
        for (int i = 0; i < BATCH; i++) {
            write();
        }
        ring.drain(handler, BATCH);
        return sum;
    }

    /**
     * The producer of a pair of threads; an operation is a message that found room.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("pair")
    @GroupThreads(1)
    public void produce(Control control) {
        while (!write() && !control.stopMeasurement) {
            Thread.onSpinWait();
        }
    }

    /**
     * The consumer of a pair of threads; an operation is a message that was there.
     *
     * @param control says when the iteration ends
     * @return a checksum
     */
    @Benchmark
    @Group("pair")
    @GroupThreads(1)
    public long consume(Control control) {
        while (ring.drain(handler, 1) == 0 && !control.stopMeasurement) {
            Thread.onSpinWait();
        }
        return sum;
    }

    private boolean write() {
        int offset = ring.claim(MESSAGE_BYTES);
        if (offset == CommandRing.FULL) {
            return false;
        }
        MemorySegment segment = ring.segment();
        for (int at = 0; at < MESSAGE_BYTES; at += Long.BYTES) {
            segment.set(ValueLayout.JAVA_LONG, offset + (long) at, at);
        }
        ring.commit(offset);
        return true;
    }
}
