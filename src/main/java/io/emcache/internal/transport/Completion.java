package io.emcache.internal.transport;

import org.jspecify.annotations.Nullable;

/**
 * Where the reply to an asynchronous command goes. The driver of the lane calls {@link #take} once, under the driver
 * token, or the event loop calls {@link #giveUp}; afterwards {@link #finish} runs once on the completion executor.
 */
public interface Completion {
    /**
     * Copies out of the slot what this completion wants to keep: the slot is reused once this returns. Must not run
     * user code, block or throw.
     *
     * @param slot the slot, with outcome and value set
     */
    void take(Slot slot);

    /**
     * The command is given up without a reply. Must not run user code, block or throw.
     *
     * @param lane the lane that the command went to
     * @param code one of {@link Outcome}
     * @param phase how far it got, one of the phases of {@link Slot}
     */
    void giveUp(Lane lane, int code, int phase);

    /** Finishes the user's future. May run user code. */
    void finish();

    /**
     * Says whether {@link #finish} will run code that depends on it, which may take long or block.
     *
     * @return true if there are dependents
     */
    boolean hasDependents();

    /**
     * Says where {@link #finish} has to run: on the event loop, with the value still in place, or on the completion
     * executor.
     *
     * @return true for the event loop
     */
    default boolean runsOnLoop() {
        return false;
    }

    /**
     * Says whether a write that was not sent is sent again, so that its slot must have the value: the caller may have changed
     * its own by then.
     *
     * @return true if so
     */
    default boolean sendsAgain() {
        return false;
    }

    /**
     * The next of the same batch. For the transport only.
     *
     * @return the next, or null
     */
    @Nullable
    Completion next();

    /**
     * Links batches. For the transport only.
     *
     * @param next the next, or null
     */
    void next(@Nullable Completion next);
}
