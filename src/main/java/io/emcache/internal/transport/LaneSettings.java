package io.emcache.internal.transport;

import io.emcache.internal.memory.SlabPool;

/**
 * What all lanes of a client have in common. Immutable.
 *
 * @param maxInFlight commands encoded and not answered, a power of two
 * @param ringBytes capacity of the command ring, a power of two
 * @param maxCalls calls inside a lane at a time
 * @param maxBytes bytes of commands inside a lane at a time
 * @param largestValueBytes the largest value that is read
 * @param connectionTimeoutNs from the start of an attempt to connect until the server has answered
 * @param heartbeatNs idle time after which the server is asked for a sign of life
 * @param minStallNs the least time without progress after which a connection counts as dead
 * @param forceClassic never speak the meta protocol
 * @param security how connections are encrypted, and who the client is
 * @param clock the time
 * @param slabs where memory comes from
 * @param counters where things are counted
 * @param listener who is told what no caller learns
 */
public record LaneSettings(
        int maxInFlight,
        int ringBytes,
        int maxCalls,
        long maxBytes,
        int largestValueBytes,
        long connectionTimeoutNs,
        long heartbeatNs,
        long minStallNs,
        boolean forceClassic,
        Security security,
        NanoClock clock,
        SlabPool slabs,
        TransportCounters counters,
        TransportListener listener) {}
