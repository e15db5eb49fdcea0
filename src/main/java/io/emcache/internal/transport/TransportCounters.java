package io.emcache.internal.transport;

import java.util.concurrent.atomic.LongAdder;

/** What happened, counted. Safe for all threads. */
public final class TransportCounters {
    /** Lanes with work that nobody drove: always 0 unless the token protocol has a hole. */
    public final LongAdder orphaned = new LongAdder();

    /** Replies that belong to no command or to another one. */
    public final LongAdder desyncDetected = new LongAdder();

    /** Connections that reached service. */
    public final LongAdder connectionsOpened = new LongAdder();

    /** Connections that were in service and ended. */
    public final LongAdder connectionsLost = new LongAdder();

    /** Attempts to connect that failed. */
    public final LongAdder connectFailures = new LongAdder();

    /** Connections closed because the oldest command made no progress. */
    public final LongAdder stalls = new LongAdder();

    /** Completions that the executor refused and that were finished where they were found. */
    public final LongAdder rejectedCompletions = new LongAdder();

    /** Completions whose dependents threw out of the future. */
    public final LongAdder failedCompletions = new LongAdder();

    /** Sockets whose close failed. */
    public final LongAdder closeFailures = new LongAdder();

    /** Throwables that came out of a duty cycle and closed its lane. */
    public final LongAdder dutyFailures = new LongAdder();

    /** Event loops that ended unasked. */
    public final LongAdder loopDeaths = new LongAdder();

    /** Turns of an event loop that ended in an exception. */
    public final LongAdder loopFailures = new LongAdder();

    /** Commands that nobody waited for and that failed. */
    public final LongAdder noReplyFailures = new LongAdder();

    /** Completions on the event loop that threw. */
    public final LongAdder failedCallbacks = new LongAdder();

    /** Leases that could not be given back, so that others wait for their end. */
    public final LongAdder leasesKept = new LongAdder();

    /** Makes counters that start at 0. */
    public TransportCounters() {}
}
