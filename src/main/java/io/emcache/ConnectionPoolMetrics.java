package io.emcache;

import java.time.Duration;
import java.util.Map;

/**
 * The connections to one node and what went through them, since the node joined. Immutable and safe for all threads. Its
 * figures are read one after the other while calls go on, so they need not agree to the last call. Components are added
 * in minor releases.
 *
 * @param curConnections connections in service now
 * @param connectionsCreated connections that came into service
 * @param connectionsCreatedWithError attempts to connect that failed
 * @param connectionsPurged connections closed because they were not needed any more
 * @param connectionsClosed connections that ended otherwise: lost, given up or closed by the server
 * @param operationsExecuted commands that were answered as asked, be it with a miss or a no
 * @param operationsExecutedWithError commands that were answered with an error, lost their connection or ran out of time; not
 *     those that were cancelled, interrupted or refused at once
 * @param operationsWaited commands that found no connection in service, or none that was free
 * @param createConnectionAvg mean time from the beginning of an attempt until the connection was in service, of the last 100
 * @param createConnectionP50 half of the last 100 took so long at most
 * @param createConnectionP99 99 of the last 100 took so long at most
 * @param createConnectionUpper the longest of the last 100
 * @param inFlight calls inside, waiting or on their way
 * @param queuedBytes bytes of the requests of those calls
 * @param bytesIn bytes read
 * @param bytesOut bytes written
 * @param timeouts calls that ended at their deadline, by how far they had got; all phases are there
 */
public record ConnectionPoolMetrics(
        int curConnections,
        long connectionsCreated,
        long connectionsCreatedWithError,
        long connectionsPurged,
        long connectionsClosed,
        long operationsExecuted,
        long operationsExecutedWithError,
        long operationsWaited,
        Duration createConnectionAvg,
        Duration createConnectionP50,
        Duration createConnectionP99,
        Duration createConnectionUpper,
        int inFlight,
        long queuedBytes,
        long bytesIn,
        long bytesOut,
        Map<MemcachedException.Timeout.Phase, Long> timeouts) {
    /** Makes the metrics. */
    public ConnectionPoolMetrics {
        timeouts = Map.copyOf(timeouts);
    }
}
