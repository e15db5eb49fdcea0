package io.emcache.bench;

import io.emcache.StoreResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** One sync call at a time on real servers. With {@code -prof gc} it shows what a call allocates. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SyncBenchmark {

    /**
     * A get that finds a value.
     *
     * @param with servers and client
     * @return the value
     */
    @Benchmark
    public byte[] get(EndToEnd with) {
        byte[] found = with.client.get(with.keys.next());
        if (found == null) {
            throw new IllegalStateException("a key that was stored is missing");
        }
        return found;
    }

    /**
     * A get that finds nothing.
     *
     * @param with servers and client
     * @return null
     */
    @Benchmark
    public byte[] getMiss(EndToEnd with) {
        return with.client.get("no-such-key");
    }

    /**
     * A set.
     *
     * @param with servers and client
     * @return that it was stored
     */
    @Benchmark
    public StoreResult set(EndToEnd with) {
        return with.client.set(with.keys.next(), with.value);
    }
}
