package io.emcache.internal.transport;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * What calling threads do in a lane once their command is published: they drive it, ride on whoever drives, or leave it to
 * the loop, by the rules of {@link Lane}. Safe for all threads.
 */
final class Callers {
    private final Lane lane;
    private final Wire wire;
    private final Duty duty;
    private final EventLoop loop;
    private final NanoClock clock;

    Callers(Lane lane, Wire wire, Duty duty, EventLoop loop) {
        this.lane = lane;
        this.wire = wire;
        this.duty = duty;
        this.loop = loop;
        this.clock = lane.settings().clock();
    }

    /** {@link Lane#await}. */
    int await(Slot slot) {
        if (!loop.callersDrive() || Thread.currentThread().isVirtual()) {
            return loop.isInvoked() ? awaitInvoked(slot) : awaitRiding(slot);
        }
        VarHandle.fullFence();
        boolean woken = false;
        while (slot.isPending()) {
            if (lane.isActive() && !wire.awaitsDirect() && duty.tryTake()) {
                duty.driveFor(slot);
            } else {
                if (!woken) {
                    woken = true;
                    noteBusy();
                    wakeWhoeverDrives();
                }
                ride(slot, true);
            }
            int givenUp = giveUpIfDue(slot);
            if (givenUp != Outcome.NONE) {
                return givenUp;
            }
            if (slot.isCalledAway() && slot.isPending()) {
                goAway(slot);
                return Outcome.NONE;
            }
        }
        leaveRide(slot);
        return slot.outcome;
    }

    /** Somebody else drives; a lane without a connection was counted on the way in. */
    private void noteBusy() {
        if (lane.isActive()) {
            lane.telemetry().node().waited();
        }
    }

    /** The deadline of a virtual thread is watched by the loop: a park with a time-out costs it more than all else here. */
    private int awaitRiding(Slot slot) {
        boolean watched = Thread.currentThread().isVirtual();
        if (watched) {
            lane.watch(slot);
        }
        kick(watched ? slot.deadlineNs : Long.MAX_VALUE);
        while (slot.isPending()) {
            ride(slot, false);
            if (slot.isPending() && isPast(slot.deadlineNs)) {
                readOnce();
            }
            int givenUp = giveUpIfDue(slot);
            if (givenUp != Outcome.NONE) {
                return givenUp;
            }
            if (slot.isCalledAway() && slot.isPending()) {
                return Outcome.NONE;
            }
        }
        return slot.outcome;
    }

    private int awaitInvoked(Slot slot) {
        kick(Long.MAX_VALUE);
        while (slot.isPending()) {
            if (loop.poll() == 0) {
                Thread.yield();
            }
            int givenUp = giveUpIfDue(slot);
            if (givenUp != Outcome.NONE) {
                return givenUp;
            }
            if (slot.isCalledAway() && slot.isPending()) {
                return Outcome.NONE;
            }
        }
        return slot.outcome;
    }

    private void wakeWhoeverDrives() {
        duty.wakeDriver();
        if (!lane.isActive() || wire.awaitsDirect()) {
            askOrBury();
        }
    }

    /** Nobody looks after a closed lane: who comes late cleans up. */
    private void askOrBury() {
        if (lane.state() == Lane.CLOSED) {
            duty.bury();
        } else {
            loop.request(lane);
        }
    }

    /** Parks until something changes: the reply, a hint to drive, a call from elsewhere, the deadline, an interrupt. */
    private void ride(Slot slot, boolean mayDrive) {
        slot.ride(Thread.currentThread(), mayDrive);
        VarHandle.fullFence();
        boolean waits = slot.isPending() && !slot.isCalledAway();
        if (waits && !(mayDrive && lane.isActive() && !duty.isTaken() && !wire.awaitsDirect())) {
            long leftNs = slot.deadlineNs - clock.nowNs();
            if (leftNs > 0) {
                park(slot, leftNs);
            }
        }
        slot.endRide();
    }

    private void park(Slot slot, long leftNs) {
        if (slot.watched) {
            LockSupport.park(lane);
        } else {
            LockSupport.parkNanos(lane, leftNs);
        }
    }

    private int giveUpIfDue(Slot slot) {
        if (!slot.isPending()) {
            return Outcome.NONE;
        }
        if (Thread.currentThread().isInterrupted()) {
            return giveUp(slot, Outcome.INTERRUPTED, 0);
        }
        long nowNs = clock.nowNs();
        return slot.deadlineNs - nowNs > 0 ? Outcome.NONE : giveUp(slot, Outcome.TIMEOUT, slot.elapsedNs(nowNs));
    }

    private int giveUp(Slot slot, int code, long elapsedNs) {
        int generation = slot.generation();
        lane.hold(); // once abandoned, the slot may be freed by others while this thread is still here
        try {
            if (!slot.abandon(generation)) {
                return Outcome.NONE;
            }
            int phase = slot.phaseWhenAbandoned(generation);
            if (code == Outcome.TIMEOUT) {
                lane.timedOut(phase, elapsedNs);
            }
            leaveRide(slot);
            return Outcome.of(code, phase);
        } finally {
            lane.leave(0);
        }
    }

    private boolean isPast(long deadlineNs) {
        return deadlineNs - clock.nowNs() <= 0;
    }

    /** A rider that was hinted to drive and will not must see that somebody does. */
    private void leaveRide(Slot slot) {
        if (slot.hinted && duty.tryTake()) {
            duty.leave();
        }
    }

    /**
     * A rider that goes for a while. Its slot stays pending, so who leaves may count on it just now: either that one sees
     * that no thread rides any more, or this thread sees the hint.
     */
    private void goAway(Slot slot) {
        VarHandle.fullFence();
        if (slot.hinted) {
            if (duty.tryTake()) {
                duty.leave();
            } else {
                loop.request(lane);
            }
        }
    }

    /**
     * Writes at once if the lane is idle and the loop away, and has the loop look after the reply. A loop at work takes the
     * command together with others: one write for all that is queued. Inside a turn all is left to it.
     *
     * @param deadlineNs when the loop must look at the lane, or {@link Long#MAX_VALUE} if the caller watches the time itself
     */
    void kick(long deadlineNs) {
        VarHandle.fullFence();
        lane.noteDeadline(deadlineNs);
        boolean idle = lane.isActive() && wire.inFlight() == 0 && loop.callersDrive() && loop.isAway();
        if (idle && !loop.isAnyInTurn() && duty.tryTake()) {
            duty.driveOnce();
        } else {
            duty.wakeDriver();
        }
        askOrBury();
    }

    /** {@link Lane#flush}. */
    void flush() {
        VarHandle.fullFence();
        if (loop.callersDrive() && lane.isActive() && duty.tryTake()) {
            duty.driveOnce();
        } else {
            wakeWhoeverDrives();
            loop.request(lane);
        }
    }

    /** {@link Lane#readOnce}. */
    void readOnce() {
        if (loop.callersDrive() && lane.isActive() && duty.tryTake()) {
            duty.driveOnce();
        }
    }
}
