package io.emcache.internal.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How much goes through a lane: what a pool grows and shrinks by. Written by the holder of the driver token, read by any
 * thread, each figure for itself.
 */
public final class LaneLoad {
    private static final VarHandle COMMANDS;
    private static final VarHandle TAKEN_AT;
    private static final VarHandle BLOCKED_SINCE;
    private static final VarHandle LONGEST_BLOCK;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COMMANDS = lookup.findVarHandle(LaneLoad.class, "commands", long.class);
            TAKEN_AT = lookup.findVarHandle(LaneLoad.class, "takenAtNs", long.class);
            BLOCKED_SINCE = lookup.findVarHandle(LaneLoad.class, "blockedSinceNs", long.class);
            LONGEST_BLOCK = lookup.findVarHandle(LaneLoad.class, "longestBlockNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long commands;

    @SuppressWarnings("unused") // through TAKEN_AT
    private long takenAtNs;

    private long blockedSinceNs = Long.MAX_VALUE;
    private long longestBlockNs;

    LaneLoad() {}

    /** So many commands have been taken from the ring. By the holder of the token. */
    void taken(int count, long nowNs) {
        COMMANDS.setOpaque(this, commands + count);
        TAKEN_AT.setOpaque(this, nowNs);
    }

    /** Whether commands had to be left in the ring for want of room. By the holder of the token. */
    void blocked(boolean now, long nowNs) {
        long sinceNs = blockedSinceNs;
        if (now != (sinceNs != Long.MAX_VALUE)) {
            if (!now && nowNs - sinceNs > longestBlockNs) {
                LONGEST_BLOCK.setOpaque(this, nowNs - sinceNs);
            }
            BLOCKED_SINCE.setOpaque(this, now ? nowNs : Long.MAX_VALUE);
        }
    }

    /**
     * Commands taken from the ring since the lane was made.
     *
     * @return a number that only grows
     */
    public long commands() {
        return (long) COMMANDS.getOpaque(this);
    }

    /**
     * When the last command was taken from the ring.
     *
     * @return nanoseconds of the client's clock, 0 before the first
     */
    public long takenAtNs() {
        return (long) TAKEN_AT.getOpaque(this);
    }

    /**
     * How long commands have waited in the ring for want of room, and begins anew. By the event loop; a wait that ends at the
     * same moment may be missed.
     *
     * @param nowNs the time, by the clock of the client
     * @return the longest wait since the last call, or the one that goes on, in nanoseconds
     */
    public long takeLongestBlockNs(long nowNs) {
        long longestNs = (long) LONGEST_BLOCK.getOpaque(this);
        if (longestNs != 0) {
            LONGEST_BLOCK.setOpaque(this, 0L);
        }
        long sinceNs = (long) BLOCKED_SINCE.getOpaque(this);
        return sinceNs == Long.MAX_VALUE ? longestNs : Math.max(longestNs, nowNs - sinceNs);
    }
}
