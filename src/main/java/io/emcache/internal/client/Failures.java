package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.internal.cluster.Cluster;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.internal.transport.AuthenticationException;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns outcomes that are no answers into exceptions. Stateless. */
final class Failures {
    /** {@code process_update_command} of memcached. */
    private static final String TOO_LARGE = "SERVER_ERROR object too large for cache";

    private static final String NOT_A_NUMBER = "CLIENT_ERROR cannot increment or decrement non-numeric value";

    private Failures() {}

    static MemcachedException unavailable(Node node) {
        return unavailable("the node does not answer", node.identity(), node.lastFailure());
    }

    /** Nothing was sent to a node that has no connection. */
    private static MemcachedException unavailable(String what, String node, @Nullable Throwable cause) {
        return cause instanceof AuthenticationException e
                ? new MemcachedException.Authentication(String.valueOf(e.getMessage()), node, e)
                : new MemcachedException.NodeUnavailable(what, node, false, cause);
    }

    /** There is no node to send to, or all were purged since they do not answer. */
    static MemcachedException noNode(Cluster cluster, @Nullable Throwable undiscovered) {
        List<Node> nodes = cluster.nodes();
        return nodes.isEmpty()
                ? new MemcachedException.NodeUnavailable("the client knows of no node", null, false, undiscovered)
                : new MemcachedException.NodeUnavailable(
                        "no node answers, nodes=" + nodes.size(),
                        null,
                        false,
                        nodes.getFirst().lastFailure());
    }

    static MemcachedException notReady(Node node, long elapsedNs) {
        return unavailable(
                "no connection in service after " + Duration.ofNanos(elapsedNs).toMillis() + " ms",
                node.identity(),
                node.lastFailure());
    }

    /** The deadline of a call with many keys passed before this part of it was sent. */
    static MemcachedException late(Node node, long elapsedNs) {
        return new MemcachedException.Timeout(
                "no time was left to send it",
                node.identity(),
                Phase.QUEUED,
                Duration.ofNanos(elapsedNs),
                node.calls(),
                false);
    }

    /**
     * The exception for an outcome.
     *
     * @param outcome code and phase
     * @param lane where the command went
     * @param valueBytes how long the value was that the command carried, 0 without one
     * @param text the server's line, if it sent one
     * @param cause why the connection was lost, if it was
     */
    static MemcachedException of(
            int op,
            int outcome,
            Lane lane,
            long elapsedNs,
            int valueBytes,
            @Nullable String text,
            @Nullable Throwable cause) {
        String node = lane.node();
        boolean write = !OpCode.isRead(op);
        int phase = Outcome.phase(outcome);
        boolean unknown = write && phase != Slot.QUEUED;
        return switch (Outcome.code(outcome)) {
            case Outcome.TIMEOUT, Outcome.OVERDUE ->
                new MemcachedException.Timeout(
                        "no reply in time",
                        node,
                        lane.phaseOf(phase),
                        Duration.ofNanos(elapsedNs),
                        lane.calls(),
                        unknown);
            case Outcome.INTERRUPTED ->
                new MemcachedException.Interrupted("interrupted while waiting for the reply", node, unknown);
            case Outcome.SERVER_ERROR, Outcome.CLIENT_ERROR -> refused(op, node, valueBytes, String.valueOf(text));
            case Outcome.UNSUPPORTED -> new MemcachedException.Unsupported(String.valueOf(text), node);
            case Outcome.LOST -> new MemcachedException.NodeUnavailable("the connection was lost", node, write, cause);
            case Outcome.UNSENT -> unavailable("the node does not answer", node, cause);
            case Outcome.VIOLATION ->
                new MemcachedException.ProtocolViolation(
                        "the connection was closed because its replies cannot be trusted", node, write, cause);
            case Outcome.CLOSED -> new MemcachedException.Closed("the client is closed", node, unknown);
            case Outcome.OUT_OF_MEMORY -> new MemcachedException.ValueTooLarge("no memory for the value", node, -1, -1);
            case Outcome.TOO_LARGE -> tooLarge(node, cause);
            default -> new MemcachedException.ProtocolViolation("an outcome without a meaning", node, write, cause);
        };
    }

    private static MemcachedException refused(int op, String node, int valueBytes, String text) {
        if (OpCode.carriesData(op) && text.startsWith(TOO_LARGE)) {
            String what = op == OpCode.SET
                    ? "the server refused the value, and has deleted an older one"
                    : "the server refused the value, and may have deleted an older one";
            return new MemcachedException.ValueTooLarge(what, node, valueBytes, -1);
        }
        if (OpCode.isCounter(op) && text.startsWith(NOT_A_NUMBER)) {
            return new MemcachedException.NotANumber("the value is not a number", node);
        }
        String what = text.startsWith("SERVER_ERROR") ? "the server failed" : "the server refused the command";
        return new MemcachedException.ServerError(what, node, text, false);
    }

    private static MemcachedException tooLarge(String node, @Nullable Throwable cause) {
        long sizeBytes = cause instanceof ProtocolException e ? e.valueBytes() : -1;
        long limitBytes = cause instanceof ProtocolException e ? e.limitBytes() : -1;
        return new MemcachedException.ValueTooLarge(
                "the value is larger than what may be read", node, sizeBytes, limitBytes);
    }
}
