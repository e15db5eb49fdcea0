package io.emcache.internal.client;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import io.emcache.internal.transport.TransportCounters;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A client whose counters and gauges a test may read. Safe for all threads. */
public final class ObservedClient implements AutoCloseable {
    private final Engine engine;
    private final SyncClient client;

    /**
     * The end of one command.
     *
     * @param code one of {@link Outcome}
     * @param value the value of a hit
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Answer(int code, byte @Nullable [] value) {}

    /**
     * Makes a client that has not connected yet.
     *
     * @param options its options
     */
    public ObservedClient(ClientOptions options) {
        engine = new Engine(options);
        client = new SyncClient(Scope.of(engine));
    }

    /**
     * Makes a client and waits for its connections.
     *
     * @param options its options
     * @return the client
     */
    public static ObservedClient connect(ClientOptions options) {
        ObservedClient observed = new ObservedClient(options);
        try {
            observed.client.awaitReady(Duration.ofSeconds(10));
        } catch (RuntimeException e) {
            observed.close();
            throw e;
        }
        return observed;
    }

    /**
     * Returns the client.
     *
     * @return always the same one
     */
    public MemcachedClient client() {
        return client;
    }

    /**
     * Returns what was counted.
     *
     * @return the counters of all its lanes
     */
    public TransportCounters counters() {
        return engine.counters();
    }

    /**
     * Returns how many calls are inside all lanes.
     *
     * @return a gauge, 0 when nothing is going on
     */
    public int calls() {
        return engine.cluster().calls();
    }

    /**
     * Returns the off-heap bytes that are leased now.
     *
     * @return a gauge
     */
    public long leasedBytes() {
        return engine.slabs().leasedBytes();
    }

    /**
     * Sends one get with a deadline of its own, without a second attempt.
     *
     * @param key the key
     * @param timeout time until it is given up
     * @return how it ended
     */
    public Answer get(String key, Duration timeout) {
        Slot slot =
                Scope.of(engine).submit(OpCode.GET, key, Terms.NONE, null, engine.nowNs() + timeout.toNanos(), null);
        Lane lane = slot.lane();
        int outcome = lane.await(slot);
        if (Outcome.isAbandoned(outcome)) {
            return new Answer(Outcome.code(outcome), null);
        }
        byte[] value = slot.value();
        lane.release(slot);
        return new Answer(outcome, value);
    }

    @Override
    public void close() {
        client.close();
    }

    @Override
    public String toString() {
        return client.toString();
    }
}
