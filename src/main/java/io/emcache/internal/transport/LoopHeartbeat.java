package io.emcache.internal.transport;

import io.emcache.ClientHealth.State;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * Shows from outside whether an event loop takes its turns. Written by the thread that runs the loop, which costs it a few
 * stores and no look at a clock but after a sleep; any thread may read.
 */
final class LoopHeartbeat {
    private static final long STUCK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final VarHandle TURNS;
    private static final VarHandle BUSY_SINCE;
    private static final VarHandle RESTING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TURNS = lookup.findVarHandle(LoopHeartbeat.class, "turns", long.class);
            BUSY_SINCE = lookup.findVarHandle(LoopHeartbeat.class, "busySinceNs", long.class);
            RESTING = lookup.findVarHandle(LoopHeartbeat.class, "resting", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long turns;

    @SuppressWarnings("unused") // through BUSY_SINCE
    private long busySinceNs;

    private boolean resting = true;

    private final NanoClock clock;

    LoopHeartbeat(NanoClock clock) {
        this.clock = clock;
    }

    /** A turn begins now. */
    void beginTurn(long nowNs) {
        TURNS.setOpaque(this, turns + 1);
        busyFrom(nowNs);
    }

    /** From here on there is nothing to do: the loop sleeps, or its turn is over. */
    void rest() {
        RESTING.setRelease(this, true);
    }

    /** There is something to do again, if there was nothing. */
    void wake() {
        if (resting) {
            busyFrom(clock.nowNs());
        }
    }

    /** The time comes first: who sees the loop busy must not count from before its sleep. */
    private void busyFrom(long nowNs) {
        BUSY_SINCE.setOpaque(this, nowNs);
        RESTING.setRelease(this, false);
    }

    /** How many turns have begun. Any thread. */
    long turns() {
        return (long) TURNS.getOpaque(this);
    }

    /** What the loop does, if it has not ended. Any thread. */
    State state() {
        if (turns() == 0) {
            return State.NEW;
        }
        if (isResting()) {
            return State.IDLE;
        }
        long sinceNs = (long) BUSY_SINCE.getOpaque(this);
        if (clock.nowNs() - sinceNs <= STUCK_NS) {
            return State.RUNNING;
        }
        boolean still = !isResting() && (long) BUSY_SINCE.getOpaque(this) == sinceNs;
        return still ? State.STUCK : State.RUNNING;
    }

    /** Whether the turn that it is in has lasted longer than one without a user's code in it should. Any thread. */
    boolean isLate() {
        return !isResting() && clock.nowNs() - (long) BUSY_SINCE.getOpaque(this) > LATE_NS;
    }

    private boolean isResting() {
        return (boolean) RESTING.getAcquire(this);
    }
}
