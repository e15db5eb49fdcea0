package io.emcache.internal.telemetry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What went over one lane, counted by the holder of its driver token, so that it takes no more than plain additions and
 * opaque stores: nothing is allocated but the counts of a kind of command, when the first one of it is answered. Any
 * thread may read.
 */
public final class LaneTelemetry {
    /** Reads without a change. */
    public static final int READ = 0;
    /** Whatever changes an item. */
    public static final int WRITE = 1;
    /** Commands about the server. */
    public static final int OTHER = 2;

    private static final int KINDS = 3;
    private static final VarHandle ANSWERED;
    private static final VarHandle FAILED;
    private static final VarHandle BYTES_IN;
    private static final VarHandle BYTES_OUT;
    private static final VarHandle LATENCIES = MethodHandles.arrayElementVarHandle(LatencyCounts[].class);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ANSWERED = lookup.findVarHandle(LaneTelemetry.class, "answered", long.class);
            FAILED = lookup.findVarHandle(LaneTelemetry.class, "failed", long.class);
            BYTES_IN = lookup.findVarHandle(LaneTelemetry.class, "bytesIn", long.class);
            BYTES_OUT = lookup.findVarHandle(LaneTelemetry.class, "bytesOut", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long answered;
    private long failed;
    private long bytesIn;
    private long bytesOut;

    private final NodeTelemetry node;
    private final @Nullable LatencyCounts[] latencies = new LatencyCounts[KINDS];

    LaneTelemetry(NodeTelemetry node) {
        this.node = node;
    }

    /** A command ended with an answer. */
    public void answered() {
        ANSWERED.setOpaque(this, answered + 1);
    }

    /** A command ended otherwise, but not at its deadline: that is {@link NodeTelemetry#timedOut}. */
    public void failed() {
        FAILED.setOpaque(this, failed + 1);
    }

    /**
     * Bytes were read.
     *
     * @param count how many
     */
    public void read(long count) {
        BYTES_IN.setOpaque(this, bytesIn + count);
    }

    /**
     * Bytes were written.
     *
     * @param count how many
     */
    public void wrote(long count) {
        BYTES_OUT.setOpaque(this, bytesOut + count);
    }

    /**
     * The reply to a command was read.
     *
     * @param kind {@link #READ}, {@link #WRITE} or {@link #OTHER}
     * @param elapsedNs since its call began
     */
    public void replied(int kind, long elapsedNs) {
        LatencyCounts counts = latencies[kind];
        if (counts == null) {
            counts = new LatencyCounts();
            LATENCIES.setRelease(latencies, kind, counts);
        }
        counts.record(elapsedNs);
        if (elapsedNs >= FlightEvents.slowCallNs()) {
            FlightEvents.slowCall(node.node(), kind, elapsedNs);
        }
    }

    /**
     * The node that the lane leads to.
     *
     * @return what is counted for all of its lanes
     */
    public NodeTelemetry node() {
        return node;
    }

    /** The lane has ended, nobody is inside any more: what was counted stays with the node. Once, after the last count. */
    public void end() {
        node.laneEnded(this);
    }

    long answeredSoFar() {
        return (long) ANSWERED.getOpaque(this);
    }

    long failedSoFar() {
        return (long) FAILED.getOpaque(this);
    }

    long bytesInSoFar() {
        return (long) BYTES_IN.getOpaque(this);
    }

    long bytesOutSoFar() {
        return (long) BYTES_OUT.getOpaque(this);
    }

    void addLatenciesTo(Histogram histogram, int kind) {
        LatencyCounts counts = (LatencyCounts) LATENCIES.getAcquire(latencies, kind);
        if (counts != null) {
            counts.addTo(histogram);
        }
    }
}
