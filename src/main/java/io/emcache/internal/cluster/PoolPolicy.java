package io.emcache.internal.cluster;

import java.util.concurrent.TimeUnit;

/**
 * When the pool of a node grows and shrinks. Immutable; decides by what it is told and nothing else.
 *
 * @param min never fewer lanes
 * @param max never more
 * @param unusedNs after how long without a command a lane is given up, in nanoseconds; 0 for never
 * @param processors how many threads can drive at once
 */
record PoolPolicy(int min, int max, long unusedNs, int processors) {
    /** A command that waits in a ring for longer would rather have a connection of its own. */
    private static final long LONGEST_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** One call in so many that finds all lanes busy is enough. */
    private static final int BUSY_SHARE = 10;

    /** Fewer calls in one interval are an accident. */
    private static final int LEAST_BUSY_CALLS = 10;

    /** The pool keeps its size. */
    boolean isFixed() {
        return min == max;
    }

    /**
     * Whether one more lane could be driven while all others are. Without a processor for it, it would only take commands
     * from the batches of the others: fewer of them in each system call.
     *
     * @param lanes how many there are
     * @param ofOthers how many of them serve work that does not drive
     */
    boolean hasDriverForMore(int lanes, int ofOthers) {
        return lanes - ofOthers < processors;
    }

    /**
     * Whether one more lane is wanted.
     *
     * @param lanes how many there are
     * @param inService how many of them have a connection in service
     * @param commands taken from the rings in the last interval
     * @param busyCalls calls of the last interval that found every lane driven by others or deep
     * @param longestWaitNs the longest wait of a command in a ring in the last interval
     */
    boolean grows(int lanes, int inService, long commands, long busyCalls, long longestWaitNs) {
        boolean settled = inService == lanes;
        boolean busy = busyCalls >= LEAST_BUSY_CALLS && busyCalls * BUSY_SHARE >= commands;
        return settled && lanes < max && (busy || longestWaitNs > LONGEST_WAIT_NS);
    }

    /**
     * Whether a lane is given up.
     *
     * @param lanes how many there are
     * @param idleNs since when no command was taken from the ring of this one
     * @param callsInside how many calls are inside it
     */
    boolean shrinks(int lanes, long idleNs, int callsInside) {
        return lanes > min && unusedNs > 0 && idleNs >= unusedNs && callsInside == 0;
    }
}
