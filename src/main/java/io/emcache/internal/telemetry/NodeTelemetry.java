package io.emcache.internal.telemetry;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeLatencies;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * What happened with one node, since it joined. Safe for all threads. What happens for each command is counted by lane, in
 * {@link LaneTelemetry}, and added up when it is asked for.
 */
public final class NodeTelemetry {
    private static final int KEPT_CONNECTS = 100;

    private final String node;
    private final LongAdder connectionsCreated = new LongAdder();
    private final LongAdder connectionsFailed = new LongAdder();
    private final LongAdder connectionsPurged = new LongAdder();
    private final LongAdder connectionsClosed = new LongAdder();
    private final LongAdder waited = new LongAdder();
    private final Map<Phase, LongAdder> timeouts = new EnumMap<>(Phase.class);

    private final Object lock = new Object();
    /** Of the last connections, the oldest is overwritten first. Guarded by the lock, as is what follows. */
    private final long[] connectNs = new long[KEPT_CONNECTS];

    private int connects;
    private final List<LaneTelemetry> lanes = new ArrayList<>();
    private final Deque<LaneTelemetry> endedLanes = new ArrayDeque<>();

    /**
     * Begins with everything at 0.
     *
     * @param node the identity of the node
     */
    public NodeTelemetry(String node) {
        this.node = node;
        for (Phase phase : Phase.values()) {
            timeouts.put(phase, new LongAdder());
        }
    }

    String node() {
        return node;
    }

    /**
     * A lane is made. It goes on with what a lane counted that has ended, so that a node has as many as it ever had lanes
     * at a time.
     *
     * @return for the holder of the driver token, to be {@link LaneTelemetry#end ended}
     */
    public LaneTelemetry openLane() {
        synchronized (lock) {
            LaneTelemetry lane = endedLanes.poll();
            if (lane == null) {
                lane = new LaneTelemetry(this);
                lanes.add(lane);
            }
            return lane;
        }
    }

    void laneEnded(LaneTelemetry lane) {
        synchronized (lock) {
            endedLanes.push(lane);
        }
    }

    /**
     * A connection came into service.
     *
     * @param elapsedNs since the attempt began
     */
    public void connectionCreated(long elapsedNs) {
        connectionsCreated.increment();
        synchronized (lock) {
            connectNs[connects % KEPT_CONNECTS] = elapsedNs;
            connects = connects + 1 < 2 * KEPT_CONNECTS ? connects + 1 : KEPT_CONNECTS;
        }
    }

    /** An attempt to connect failed. */
    public void connectionFailed() {
        connectionsFailed.increment();
    }

    /** A connection that was in service was closed because it was not needed any more. */
    public void connectionPurged() {
        connectionsPurged.increment();
    }

    /** A connection that was in service ended otherwise. */
    public void connectionClosed() {
        connectionsClosed.increment();
    }

    /** A command found no connection in service when it came, or none that was free. */
    public void waited() {
        waited.increment();
    }

    /**
     * A call ended at its deadline.
     *
     * @param phase how far it had got
     * @param elapsedNs since it began
     */
    public void timedOut(Phase phase, long elapsedNs) {
        Objects.requireNonNull(timeouts.get(phase)).increment();
        FlightEvents.callTimeout(node, phase, elapsedNs);
    }

    /**
     * All figures, read one after the other.
     *
     * @param connections how many are in service now
     * @param calls how many are inside now
     * @param queuedBytes what their requests have
     * @return a copy
     */
    public ConnectionPoolMetrics metrics(int connections, int calls, long queuedBytes) {
        List<LaneTelemetry> lanes;
        long[] times;
        synchronized (lock) {
            lanes = List.copyOf(this.lanes);
            times = Arrays.copyOf(connectNs, Math.min(connects, KEPT_CONNECTS));
        }
        Arrays.sort(times);
        Map<Phase, Long> timeouts = new EnumMap<>(Phase.class);
        long timedOut = 0;
        for (Map.Entry<Phase, LongAdder> entry : this.timeouts.entrySet()) {
            long count = entry.getValue().sum();
            timedOut += count;
            timeouts.put(entry.getKey(), count);
        }
        return new ConnectionPoolMetrics(
                connections,
                connectionsCreated.sum(),
                connectionsFailed.sum(),
                connectionsPurged.sum(),
                connectionsClosed.sum(),
                sum(lanes, LaneTelemetry::answeredSoFar),
                sum(lanes, LaneTelemetry::failedSoFar) + timedOut,
                waited.sum(),
                mean(times),
                percentile(times, 50),
                percentile(times, 99),
                percentile(times, 100),
                calls,
                queuedBytes,
                sum(lanes, LaneTelemetry::bytesInSoFar),
                sum(lanes, LaneTelemetry::bytesOutSoFar),
                timeouts);
    }

    private static long sum(List<LaneTelemetry> lanes, ToLongFunction<LaneTelemetry> figure) {
        return lanes.stream().mapToLong(figure).sum();
    }

    private static Duration mean(long[] times) {
        return Duration.ofNanos((long) Arrays.stream(times).average().orElse(0));
    }

    /** Of sorted times the least that so many are not above. */
    private static Duration percentile(long[] times, int percentile) {
        int rank = (times.length * percentile + 99) / 100;
        return Duration.ofNanos(rank == 0 ? 0 : times[rank - 1]);
    }

    /**
     * How long commands took, without stopping those who count.
     *
     * @return a copy
     */
    public NodeLatencies latencies() {
        return new NodeLatencies(
                latenciesOf(LaneTelemetry.READ), latenciesOf(LaneTelemetry.WRITE), latenciesOf(LaneTelemetry.OTHER));
    }

    private HistogramSnapshot latenciesOf(int kind) {
        List<LaneTelemetry> lanes;
        synchronized (lock) {
            lanes = List.copyOf(this.lanes);
        }
        Histogram histogram = LatencyCounts.emptyHistogram();
        lanes.forEach(lane -> lane.addLatenciesTo(histogram, kind));
        return new HistogramSnapshot(histogram);
    }
}
