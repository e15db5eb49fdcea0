package io.emcache.internal.client;

import io.emcache.ClientEvent;
import io.emcache.MemcachedException;
import io.emcache.internal.cluster.ClusterListener;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.telemetry.EventDispatcher;
import io.emcache.internal.telemetry.FlightEvents;
import io.emcache.internal.transport.AuthenticationException;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import io.emcache.internal.transport.TransportListener;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes events of what transport and cluster tell, if anybody listens. Safe for all threads; does not block. */
final class EventSource implements TransportListener, ClusterListener {
    private final EventDispatcher dispatcher;

    EventSource(EventDispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    public void noReplyFailed(String node, int op, int outcome, @Nullable String text) {
        if (dispatcher.isHeard()) {
            int code = Outcome.code(outcome);
            boolean refused = code == Outcome.SERVER_ERROR || code == Outcome.CLIENT_ERROR;
            boolean unknown = !refused && Outcome.phase(outcome) != Slot.QUEUED;
            String reason = text != null ? text : reason(code);
            dispatcher.publish(new ClientEvent.NoReplyFailed(node, command(op), reason, unknown));
        }
    }

    void noReplyFailed(int op, MemcachedException failure) {
        if (dispatcher.isHeard()) {
            String node = Objects.requireNonNullElse(failure.node(), "");
            String reason = String.valueOf(failure.getMessage());
            dispatcher.publish(new ClientEvent.NoReplyFailed(node, command(op), reason, failure.outcomeUnknown()));
        }
    }

    @Override
    public void callbackFailed(Throwable failure) {
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.CallbackFailed(failure));
        }
    }

    @Override
    public void callbackSlow(long elapsedNs) {
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.CallbackSlow(Duration.ofNanos(elapsedNs)));
        }
    }

    @Override
    public void nodeAdded(String node) {
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.NodeAdded(node));
        }
    }

    @Override
    public void nodeRemoved(String node) {
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.NodeRemoved(node));
        }
    }

    @Override
    public void nodeHealthy(String node) {
        FlightEvents.nodeHealth(node, true, null);
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.NodeHealthy(node));
        }
    }

    @Override
    public void nodeUnhealthy(String node, Throwable cause) {
        FlightEvents.nodeHealth(node, false, cause);
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.NodeUnhealthy(node, cause));
        }
    }

    @Override
    public void connectionOpened(String node, long connection) {
        FlightEvents.connectionOpened(node, connection);
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.ConnectionOpened(node, connection));
        }
    }

    @Override
    public void connectionClosed(String node, long connection, @Nullable Throwable cause) {
        FlightEvents.connectionClosed(node, connection, cause);
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.ConnectionClosed(node, connection, cause));
        }
    }

    @Override
    public void connectionRefused(String node, Throwable cause) {
        FlightEvents.connectionFailed(node, cause);
        if (dispatcher.isHeard()) {
            dispatcher.publish(
                    cause instanceof AuthenticationException
                            ? new ClientEvent.AuthenticationFailed(node, String.valueOf(cause.getMessage()))
                            : new ClientEvent.ConnectionRefused(node, cause));
        }
    }

    @Override
    public void discoveryFailed(String reason) {
        if (dispatcher.isHeard()) {
            dispatcher.publish(new ClientEvent.DiscoveryFailed(reason));
        }
    }

    private static String reason(int code) {
        return switch (code) {
            case Outcome.TIMEOUT, Outcome.OVERDUE -> "no reply in time";
            case Outcome.LOST -> "the connection was lost";
            case Outcome.UNSENT -> "the node does not answer";
            case Outcome.VIOLATION -> "the connection was closed because its replies cannot be trusted";
            case Outcome.CLOSED -> "the client is closed";
            case Outcome.UNSUPPORTED -> "the server does not know the command";
            default -> "outcome " + code;
        };
    }

    private static String command(int op) {
        return switch (op) {
            case OpCode.SET -> "set";
            case OpCode.ADD -> "add";
            case OpCode.REPLACE -> "replace";
            case OpCode.APPEND -> "append";
            case OpCode.PREPEND -> "prepend";
            case OpCode.CAS -> "cas";
            case OpCode.DELETE -> "delete";
            case OpCode.TOUCH -> "touch";
            case OpCode.INCREMENT -> "increment";
            case OpCode.DECREMENT -> "decrement";
            case OpCode.INVALIDATE -> "invalidate";
            case OpCode.FLUSH_ALL -> "flush_all";
            default -> "op " + op;
        };
    }
}
