package io.emcache.internal.transport;

import org.jspecify.annotations.Nullable;

/**
 * Where the reply to an asynchronous command goes. The driver of the lane calls {@link #take} once, under the driver
 * token, and afterwards {@link #complete} runs once on the completion executor.
 */
public abstract class Completion {
    @Nullable
    Completion next;

    /** For subclasses. */
    protected Completion() {}

    /**
     * Copies out of the slot what this completion wants to keep: the slot is reused once this returns. Must not run
     * user code, block or throw.
     *
     * @param slot the slot, with outcome and value set
     */
    protected abstract void take(Slot slot);

    /**
     * The command is given up without a reply. Called instead of {@link #take}, by the event loop.
     *
     * @param code one of {@link Outcome}
     * @param phase how far it got, one of the phases of {@link Slot}
     */
    protected abstract void giveUp(int code, int phase);

    /** Finishes the user's future. May run user code. */
    protected abstract void complete();

    /**
     * Says whether {@link #complete} will run code that depends on it, which may take long or block.
     *
     * @return true if there are dependents
     */
    protected abstract boolean hasDependents();
}
