package io.emcache.internal.transport;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Slots of one call in lanes of several nodes. Its thread waits at one lane at a time; what becomes of a slot elsewhere
 * calls it away from there, so that a node that does not answer keeps nothing from the others. Belongs to the thread that
 * made it, but for what drivers do.
 *
 * <p>The driver ends the slot, sets {@code called} and then reads {@code place}; the thread sets {@code place}, and reads
 * {@code called} after it has said that it sleeps. So either it does not sleep, or it is woken.
 */
public final class SlotGroup {
    private volatile boolean hearsAnswers;
    private volatile boolean called;

    private final Thread owner = Thread.currentThread();

    private volatile @Nullable Lane place;

    /** Makes the group of a call of the current thread, which is called away by failures only. */
    public SlotGroup() {}

    /** From now on answers call as well: something waits for their slots' room. */
    public void hearAnswers() {
        hearsAnswers = true;
        called = true; // for those that were here before
    }

    /**
     * Says where the thread is about to wait.
     *
     * @param lane the lane of the slot that it awaits next
     */
    public void waitAt(Lane lane) {
        place = lane;
    }

    /** Before the thread looks at its slots: what ends from here on calls again. */
    public void answerCall() {
        called = false;
        VarHandle.fullFence();
    }

    boolean isCalled() {
        return called;
    }

    /** A slot of the group has ended so: by its driver, under the token of its lane. */
    void ended(int outcome) {
        if (hearsAnswers || !Outcome.isAnswer(outcome)) {
            called = true;
            if (Thread.currentThread() != owner) {
                wake();
            }
        }
    }

    private void wake() {
        Lane place = this.place;
        if (place != null) {
            place.wakeDriver();
        }
        LockSupport.unpark(owner);
    }
}
