package io.emcache.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.internal.protocol.CommandEncoder;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.Dialect;
import io.emcache.internal.protocol.OpCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
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

/** One ring message turned into the bytes of a command. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncoderBenchmark {
    private static final int VALUE_LENGTH = 100;

    /** How long the key is, in bytes. */
    @Param({"5", "11", "32", "100"})
    public int keyLength;

    /** Which commands. */
    @Param({"META", "CLASSIC"})
    public Dialect dialect;

    private CommandEncoder encoder;
    private MemorySegment get;
    private MemorySegment set;
    private MemorySegment out;
    private int opaque;

    /** Writes the messages. */
    @Setup
    public void setup() {
        encoder = dialect.encoder();
        byte[] key = "k".repeat(keyLength).getBytes(StandardCharsets.US_ASCII);
        get = message(OpCode.GET, key, 0);
        set = message(OpCode.SET, key, VALUE_LENGTH);
        out = Arena.ofAuto().allocate(encoder.maxEncodedLength(set, 0));
    }

    private static MemorySegment message(int op, byte[] key, int valueLength) {
        MemorySegment message = Arena.ofAuto().allocate(CommandLayout.length(key.length, valueLength));
        CommandLayout.putHeader(message, 0, 1, 1, op, 0, key.length, valueLength, 0, 300, 0);
        MemorySegment.copy(key, 0, message, JAVA_BYTE, CommandLayout.keyOffset(0), key.length);
        return message;
    }

    /**
     * Encodes a get.
     *
     * @return the bytes written
     */
    @Benchmark
    public int get() {
        return encoder.encode(get, 0, opaque++ & 0xFFFF, out, 0);
    }

    /**
     * Encodes a set of 100 bytes with a time to live.
     *
     * @return the bytes written
     */
    @Benchmark
    public int set() {
        return encoder.encode(set, 0, opaque++ & 0xFFFF, out, 0);
    }
}
