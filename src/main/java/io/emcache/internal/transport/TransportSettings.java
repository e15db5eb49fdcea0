package io.emcache.internal.transport;

import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * What the loops of a client need. Immutable.
 *
 * @param driving who runs the loops
 * @param idle makes the idle strategy of a loop thread
 * @param loops how many loops
 * @param lanes what all lanes have in common
 * @param completions runs users' code
 * @param resolver runs what asks the name service
 */
record TransportSettings(
        Driving driving,
        Supplier<IdleStrategy> idle,
        int loops,
        LaneSettings lanes,
        Executor completions,
        Executor resolver) {}
