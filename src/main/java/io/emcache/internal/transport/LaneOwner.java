package io.emcache.internal.transport;

import io.emcache.internal.telemetry.NodeTelemetry;

/** What a lane asks and tells whoever opened it. All methods are called by the event loop of the lane and must not block. */
public interface LaneOwner {
    /**
     * Where is counted what happens with the node; asked when a lane is made.
     *
     * @return always the same
     */
    NodeTelemetry telemetry();

    /**
     * Whether the lane may try to connect now. A lane that may not is to be {@link Lane#start started} again.
     *
     * @param lane the lane
     * @return false to have it wait
     */
    boolean mayConnect(Lane lane);

    /**
     * The lane has a connection in service.
     *
     * @param lane the lane
     * @param elapsedNs how long the attempt took until the server had answered, in nanoseconds
     */
    void connected(Lane lane, long elapsedNs);

    /**
     * A connection that was in service has ended.
     *
     * @param lane the lane
     * @param cause why
     * @param stalled whether the server stopped answering
     */
    void disconnected(Lane lane, Throwable cause, boolean stalled);

    /**
     * An attempt to connect has failed.
     *
     * @param lane the lane
     * @param cause why
     */
    void connectFailed(Lane lane, Throwable cause);

    /**
     * A lane that was {@link Lane#drain drained} has ended for good.
     *
     * @param lane the lane
     * @param wasInService whether it had a connection until now
     */
    void drained(Lane lane, boolean wasInService);

    /**
     * Whether a lane of the node is in service.
     *
     * @return true if commands could go there
     */
    boolean hasConnection();

    /**
     * Whether commands that wait for a connection of the lane should fail now.
     *
     * @return true if there is no hope for them
     */
    boolean isUnavailable();
}
