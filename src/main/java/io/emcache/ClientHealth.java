package io.emcache;

import java.util.List;

/**
 * Whether a client does its work, at the moment it was asked. Immutable and safe for all threads. Components are added in
 * minor releases.
 *
 * @param loops the event loops
 * @param nodes how many nodes there are
 * @param healthyNodes how many of them answer
 */
public record ClientHealth(List<Loop> loops, int nodes, int healthyNodes) {
    /** Makes a report. */
    public ClientHealth {
        loops = List.copyOf(loops);
    }

    /**
     * Returns whether all loops work and all nodes answer. A cache that lacks a node may still be worth using.
     *
     * @return whether nothing is wrong
     */
    public boolean isHealthy() {
        return nodes > 0
                && healthyNodes == nodes
                && loops.stream().noneMatch(loop -> loop.state() == State.STUCK || loop.state() == State.ENDED);
    }

    /** What an event loop does. */
    public enum State {
        /** It was not started, because the client was not used. */
        NEW,
        /** It takes its turns. */
        RUNNING,
        /** It waits for something to do. */
        IDLE,
        /** One turn of it has lasted for more than a second: something on it blocks. */
        STUCK,
        /** It has ended: the client is closed, or its loop died twice. */
        ENDED
    }

    /**
     * One event loop.
     *
     * @param name the name of its thread
     * @param state what it does
     * @param turns how many turns it has begun
     */
    public record Loop(String name, State state, long turns) {}
}
