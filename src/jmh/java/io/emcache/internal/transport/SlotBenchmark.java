package io.emcache.internal.transport;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.OpCode;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to take a slot and give it back: alone, and beside another thread that does the same. Without a server. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
@SuppressWarnings("NullAway.Init")
public class SlotBenchmark {
    private static final int KEY_BYTES = 11;

    private SlotIndexStack stack;
    private SlabPool slabs;
    private Transport transport;
    private Lane lane;

    /** Makes a stack, and a lane that never connects. */
    @Setup
    public void open() {
        slabs = new SlabPool(16 << 20);
        LaneSettings settings = TestLanes.settings(slabs);
        stack = new SlotIndexStack(settings.maxCalls());
        transport = new Transport(Driver.invoked(), 1, settings, ForkJoinPool.commonPool(), Runnable::run);
        lane = transport.open(NodeAddress.parse("127.0.0.1:1"), TestLanes.owner(), 0);
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        transport.close();
        slabs.close();
    }

    /**
     * The stack of free slots by itself.
     *
     * @return the slot's index
     */
    @Benchmark
    public int stack() {
        int index = stack.pop();
        stack.push(index);
        return index;
    }

    /**
     * The stack of free slots, shared by two threads.
     *
     * @return the slot's index
     */
    @Benchmark
    @Threads(2)
    public int stackByTwo() {
        return stack();
    }

    /**
     * A command's whole stay in the slot table of a lane: admitted, ended by the driver, retired.
     *
     * @return the slot's index
     */
    @Benchmark
    public int slot() {
        Slot slot = lane.begin(OpCode.GET, KEY_BYTES, Long.MAX_VALUE, null);
        if (slot == null) {
            throw new IllegalStateException("the lane is full");
        }
        slot.finish();
        lane.retire(slot);
        return slot.index;
    }

    /**
     * The same, by two threads in one lane.
     *
     * @return the slot's index
     */
    @Benchmark
    @Threads(2)
    public int slotByTwo() {
        return slot();
    }
}
