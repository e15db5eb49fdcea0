package io.emcache.bench;

import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import io.emcache.Ttl;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One direct command at a time on real servers. With {@code -prof gc} it shows what each allocates. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class DirectBenchmark {
    private static final int STEP = 7919;
    private static final Ttl TTL = Ttl.of(Duration.ofHours(1));

    private final MemorySegment missing = segment("no-such-key");
    private final MemorySegment counter = segment("counter");
    private int next;
    private int bytes;
    private MemorySegment[] keys;
    private DirectReply.@Nullable Result result;
    private DirectRequest request;

    /**
     * Stores the counter and makes a request.
     *
     * @param with servers and client
     */
    @Setup
    public void open(EndToEnd with) {
        keys = IntStream.range(0, with.keys.count())
                .mapToObj(i -> segment(with.keys.at(i)))
                .toArray(MemorySegment[]::new);
        with.client.set("counter", new byte[] {'0'});
        request = with.client.direct().newRequest(reply -> {
            bytes += reply.valueLength();
            result = reply.result();
        });
        request.value(MemorySegment.ofArray(with.value));
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }

    private DirectRequest withKey() {
        next = (next + STEP) % keys.length;
        return request.key(keys[next]);
    }

    private int await(DirectRequest.Offer offer, DirectReply.Result expected) {
        if (offer != DirectRequest.Offer.ACCEPTED) {
            throw new IllegalStateException("not taken: " + offer);
        }
        while (request.isPending()) {
            Thread.onSpinWait();
        }
        if (result != expected) {
            throw new IllegalStateException("not " + expected + " but " + result);
        }
        return bytes;
    }

    /**
     * A get that finds a value.
     *
     * @return value bytes seen so far
     */
    @Benchmark
    public int get() {
        return await(withKey().get(), DirectReply.Result.HIT);
    }

    /**
     * A get that finds nothing.
     *
     * @return value bytes seen so far
     */
    @Benchmark
    public int getMiss() {
        return await(request.key(missing).get(), DirectReply.Result.MISS);
    }

    /**
     * A set.
     *
     * @return value bytes seen so far
     */
    @Benchmark
    public int set() {
        return await(withKey().set(TTL), DirectReply.Result.DONE);
    }

    /**
     * A delete that finds nothing.
     *
     * @return value bytes seen so far
     */
    @Benchmark
    public int delete() {
        return await(request.key(missing).delete(), DirectReply.Result.NOT_FOUND);
    }

    /**
     * A touch.
     *
     * @return value bytes seen so far
     */
    @Benchmark
    public int touch() {
        return await(withKey().touch(TTL), DirectReply.Result.DONE);
    }

    /**
     * An increment.
     *
     * @return value bytes seen so far
     */
    @Benchmark
    public int increment() {
        return await(request.key(counter).increment(1), DirectReply.Result.DONE);
    }
}
