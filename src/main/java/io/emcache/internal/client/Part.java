package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Slot;
import org.jspecify.annotations.Nullable;

/**
 * One command of a call for many keys, with what has come of it. Not safe for threads: guarded by its call.
 *
 * @param <K> the type of the keys
 * @param <V> what is known of a key in the end
 */
abstract class Part<K, V> {
    final int op;

    /** How often it was sent. */
    int attempts;

    final Node node;

    /** Where it is, if a calling thread is to await it. */
    @Nullable
    Slot slot;

    Part(int op, Node node) {
        this.op = op;
        this.node = node;
    }

    /** How many parts may be on their way to its node at once. */
    abstract int window();

    /** How many parts are worth a system call. */
    abstract int burst();

    /** How long the value is that it carries. */
    abstract int valueBytes();

    /**
     * Puts the command into the ring of a lane.
     *
     * @return the slot, or null if the lanes of the node are full now
     */
    @Nullable
    abstract Slot submit(Scope scope, long deadlineNs, @Nullable Completion completion);

    /** The caller is about to get its arrays back. */
    abstract void detach();

    /** Takes what the slot of an answer has; called before the slot is given back, by the driver of the lane too. */
    abstract void take(Slot slot);

    abstract void answered(int outcome, Results<K, V> results);

    abstract void failed(MemcachedException failure, Results<K, V> results);
}
