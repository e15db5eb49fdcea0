package io.emcache.internal.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Riders of one lane that park without a time-out. Their deadlines are the loop's to watch ({@link Lane#expire}); should a
 * user's code keep it from that, they are woken from here, up to a second late. Safe for all threads.
 */
final class RiderWatch {
    private static final long ROUND_MS = 1000;
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(Slot[].class);
    private static final VarHandle PLANNED;

    static {
        try {
            PLANNED = MethodHandles.lookup().findVarHandle(RiderWatch.class, "planned", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile boolean planned;

    private final @Nullable Slot[] slots;
    private final LaneSettings settings;

    RiderWatch(@Nullable Slot[] slots, LaneSettings settings) {
        this.slots = slots;
        this.settings = settings;
    }

    void watch(Slot slot) {
        slot.watched = true;
        VarHandle.fullFence();
        plan();
    }

    private void plan() {
        if (planned || !PLANNED.compareAndSet(this, false, true)) {
            return;
        }
        try {
            CompletableFuture.delayedExecutor(ROUND_MS, TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(this::look);
        } catch (RuntimeException | OutOfMemoryError e) {
            planned = false; // no thread for it: the loop is left, and the next rider tries again
            settings.counters().loopFailures.increment();
        }
    }

    /** Wakes those whose deadline has passed, and comes back while there are others. */
    private void look() {
        planned = false;
        VarHandle.fullFence();
        long nowNs = settings.clock().nowNs();
        boolean others = false;
        for (int i = 0; i < slots.length; i++) {
            Slot slot = (Slot) SLOTS.getAcquire(slots, i);
            if (slot != null && slot.watched && slot.isPending()) {
                others = true;
                if (slot.deadlineNs - nowNs <= 0) {
                    LockSupport.unpark(slot.rider());
                }
            }
        }
        if (others) {
            plan();
        }
    }
}
