package io.emcache.internal.telemetry;

import io.emcache.MemcachedException.Timeout.Phase;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.SingleWriterRecorder;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What counting adds to a command, and a recorder of HdrHistogram's own beside it. The events are switched off, as they are
 * unless somebody records.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class TelemetryBenchmark {
    private static final int VALUES = 1024;

    private int next;
    private final long[] elapsedNs = new long[VALUES];
    private NodeTelemetry node;
    private LaneTelemetry lane;
    private SingleWriterRecorder recorder;

    /** Times around 20 µs, as of calls to a server on the same machine. */
    @Setup
    public void open() {
        node = new NodeTelemetry("10.0.0.1:11211");
        lane = node.openLane();
        recorder = new SingleWriterRecorder(1_000, TimeUnit.SECONDS.toNanos(60), 2);
        for (int i = 0; i < VALUES; i++) {
            elapsedNs[i] = 15_000 + (i * 7919L) % 20_000;
        }
    }

    /** Ends the lane. */
    @TearDown
    public void close() {
        lane.end();
    }

    private long elapsed() {
        return elapsedNs[next++ & (VALUES - 1)];
    }

    /**
     * The time that a value costs without anything.
     *
     * @return the value
     */
    @Benchmark
    public long nothing() {
        return elapsed();
    }

    /** The latency of a command. */
    @Benchmark
    public void latency() {
        lane.replied(LaneTelemetry.READ, elapsed());
    }

    /** The same by HdrHistogram's recorder. */
    @Benchmark
    public void latencyByRecorder() {
        recorder.recordValue(elapsed());
    }

    /** All that is counted of a command that is alone in its write and its read, without the clock. */
    @Benchmark
    public void command() {
        lane.wrote(24);
        lane.read(140);
        lane.replied(LaneTelemetry.READ, elapsed());
        lane.answered();
    }

    /**
     * One look at the clock.
     *
     * @return the time
     */
    @Benchmark
    public long clock() {
        return System.nanoTime();
    }

    /** A slow call while nobody records. */
    @Benchmark
    public void slowCallUnheard() {
        lane.replied(LaneTelemetry.READ, 30_000_000);
    }

    /** A time-out while nobody records. */
    @Benchmark
    public void timeOutUnheard() {
        node.timedOut(Phase.WRITTEN, elapsed());
    }
}
