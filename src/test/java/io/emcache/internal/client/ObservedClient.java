package io.emcache.internal.client;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.internal.cluster.Cluster;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import io.emcache.internal.transport.TransportCounters;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
     * A command as it goes to the server.
     *
     * @param op one of {@link OpCode}, for one key
     * @param key its key, one byte a character, at most 2 kB long
     * @param value its value, if it has one
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record RawCommand(int op, String key, byte @Nullable [] value) {}

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
     * Returns the nodes.
     *
     * @return always the same cluster
     */
    public Cluster cluster() {
        return engine.cluster();
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
        long nowNs = engine.nowNs();
        Slot slot = Scope.of(engine).submit(OpCode.GET, key, Terms.NONE, null, nowNs, nowNs + timeout.toNanos(), null);
        return await(slot);
    }

    /**
     * Sends commands one behind the other, with keys that nobody looks at, and waits for all of them. None is sent twice.
     *
     * @param commands the commands
     * @param timeout time until they are given up
     * @return how each ended, in their order; {@link Outcome#NONE} for one that found no room
     */
    public List<Answer> pipeline(List<RawCommand> commands, Duration timeout) {
        long deadlineNs = engine.nowNs() + timeout.toNanos();
        List<@Nullable Slot> slots = new ArrayList<>();
        for (RawCommand command : commands) {
            slots.add(publish(command, deadlineNs));
        }
        return slots.stream().map(ObservedClient::await).toList();
    }

    private @Nullable Slot publish(RawCommand command, long deadlineNs) {
        MemorySegment key = MemorySegment.ofArray(command.key().getBytes(StandardCharsets.ISO_8859_1));
        byte[] value = command.value();
        int keyBytes = (int) key.byteSize();
        Slot slot = engine.cluster()
                .route(key, keyBytes)
                .begin(command.op(), keyBytes + (value == null ? 0 : value.length), deadlineNs, null);
        return slot != null && slot.lane().publish(slot, key, keyBytes, value) ? slot : null;
    }

    private static Answer await(@Nullable Slot slot) {
        if (slot == null) {
            return new Answer(Outcome.NONE, null);
        }
        Lane lane = slot.lane();
        int outcome = lane.await(slot);
        if (Outcome.isAbandoned(outcome)) {
            return new Answer(Outcome.code(outcome), null);
        }
        byte[] value = slot.value();
        lane.release(slot);
        return new Answer(Outcome.code(outcome), value);
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
