package io.emcache.bench;

import io.emcache.MultiResult;
import java.util.ArrayList;
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
import org.openjdk.jmh.annotations.Warmup;

/** One read of many keys at a time on real servers; the result is for all keys. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class GetAllBenchmark {
    private static final int LISTS = 64;

    /** How many keys are read at once. */
    @Param({"100"})
    public int batchKeys;

    private int next;
    private final List<List<String>> lists = new ArrayList<>();

    /**
     * Chooses the keys to read.
     *
     * @param with servers and client
     */
    @Setup
    public void choose(EndToEnd with) {
        int count = with.keys.count();
        for (int i = 0; i < LISTS; i++) {
            int first = i * batchKeys;
            lists.add(IntStream.range(first, first + batchKeys)
                    .mapToObj(index -> with.keys.at(index % count))
                    .toList());
        }
    }

    private List<String> nextKeys() {
        return lists.get(next++ % LISTS);
    }

    private MultiResult<String, byte[]> complete(MultiResult<String, byte[]> result) {
        if (result.hits().size() != batchKeys) {
            throw new IllegalStateException("not all keys were found: " + result);
        }
        return result;
    }

    /**
     * By the sync face.
     *
     * @param with servers and client
     * @return the values
     */
    @Benchmark
    public MultiResult<String, byte[]> sync(EndToEnd with) {
        return complete(with.client.getAll(nextKeys()));
    }

    /**
     * By the async face, and waited for.
     *
     * @param with servers and client
     * @return the values
     */
    @Benchmark
    public MultiResult<String, byte[]> async(EndToEnd with) {
        return complete(with.client.async().getAll(nextKeys()).join());
    }
}
