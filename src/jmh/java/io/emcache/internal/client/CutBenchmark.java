package io.emcache.internal.client;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.internal.protocol.OpCode;
import java.time.Duration;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a read of many keys over eight nodes costs before anything is sent: validate, route, cut. Without servers. */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init")
public class CutBenchmark {
    private static final int NODES = 8;

    /** How many keys. */
    @Param({"3", "15", "16", "32", "100", "1000"})
    public int keys;

    private Engine engine;
    private Scope scope;
    private ReadMany<String, byte[]> read;

    /** Makes a client that never connects, and keys of 32 characters. */
    @Setup
    public void setUp() {
        ClientOptions.Builder options = MemcachedClient.builder();
        options.nodes(
                IntStream.rangeClosed(1, NODES).mapToObj(i -> "10.0.0." + i).toArray(String[]::new));
        engine = new Engine(options.options());
        engine.cluster().loadHashing();
        scope = Scope.of(engine);
        List<String> texts = IntStream.range(0, keys)
                .mapToObj(i -> "%032d".formatted(i * 7919))
                .toList();
        read = ReadMany.of(new ManyRead<>(OpCode.GET_MANY, OpCode.GET, (value, _) -> value), texts, Terms.NONE);
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() {
        engine.close(Duration.ZERO);
    }

    /**
     * Cuts the read.
     *
     * @return the parts
     */
    @Benchmark
    public List<Part<String, byte[]>> cut() {
        return read.parts(scope);
    }
}
