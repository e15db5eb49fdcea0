package io.emcache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened inside a client and that no call reports. Immutable and safe for all threads; see
 * {@link ClientEvents}. New kinds are added in minor releases, so a {@code switch} over them needs a default.
 */
public sealed interface ClientEvent {
    /** The longest text that an event repeats, in characters. */
    int MAX_TEXT_LENGTH = 256;

    /**
     * A write that was sent without asking for a reply failed, or may have failed.
     *
     * @param node {@link NodeAddress#identity()} of the node it was for
     * @param command what it was, such as {@code set}; neither key nor value
     * @param reason the error line of the server, or what happened to the connection; at most 256 characters, unprintable
     *     ones become {@code ?}
     * @param outcomeUnknown whether the server may have executed it nevertheless
     */
    record NoReplyFailed(String node, String command, String reason, boolean outcomeUnknown) implements ClientEvent {
        /** Makes the event. */
        public NoReplyFailed {
            reason = SafeText.quotable(reason, MAX_TEXT_LENGTH);
        }
    }

    /**
     * A callback of the direct face threw. Its connection goes on.
     *
     * @param cause what it threw
     */
    record CallbackFailed(Throwable cause) implements ClientEvent {}

    /**
     * A callback of the direct face took so long that it delayed other calls: such callbacks run on the thread that moves
     * the bytes.
     *
     * @param elapsed how long it ran
     */
    record CallbackSlow(Duration elapsed) implements ClientEvent {}

    /**
     * One turn of an event loop has lasted for more than a second and still lasts: something on it blocks, such as a callback
     * of the direct face. Told once for each such turn; {@link MemcachedClient#health()} says how it goes on. Somebody looks once
     * a second.
     *
     * @param loop the name of its thread
     */
    record LoopStuck(String loop) implements ClientEvent {}

    /**
     * A node has joined. Keys are placed on it from now on.
     *
     * @param node its identity
     */
    record NodeAdded(String node) implements ClientEvent {}

    /**
     * A node was removed, by the application or by a discovery.
     *
     * @param node its identity
     */
    record NodeRemoved(String node) implements ClientEvent {}

    /**
     * A node answers, for the first time or again.
     *
     * @param node its identity
     */
    record NodeHealthy(String node) implements ClientEvent {}

    /**
     * A node does not answer: calls to it fail at once until it does.
     *
     * @param node its identity
     * @param cause what the last connection or attempt failed with
     */
    record NodeUnhealthy(String node, Throwable cause) implements ClientEvent {}

    /**
     * A connection came into service.
     *
     * @param node the identity of its node
     * @param connection its number, unlike any other's of the client
     */
    record ConnectionOpened(String node, long connection) implements ClientEvent {}

    /**
     * A connection that was in service has ended.
     *
     * @param node the identity of its node
     * @param connection its number
     * @param cause why; null if the client did not need it any more
     */
    record ConnectionClosed(
            String node, long connection, @Nullable Throwable cause) implements ClientEvent {}

    /**
     * An attempt to connect has failed: nobody listens, the server serves no more connections, it does not answer.
     *
     * @param node the identity of the node
     * @param cause why
     */
    record ConnectionRefused(String node, Throwable cause) implements ClientEvent {}

    /**
     * A node demands credentials and was given none, or refuses those it was given. Calls to it fail with
     * {@link MemcachedException.Authentication} until it takes some; they are asked for anew at each attempt to connect.
     *
     * @param node the identity of the node
     * @param reason the error line of the server, or what else is wrong, and no secret; at most 256 characters, unprintable
     *     ones become {@code ?}
     */
    record AuthenticationFailed(String node, String reason) implements ClientEvent {
        /** Makes the event. */
        public AuthenticationFailed {
            reason = SafeText.quotable(reason, MAX_TEXT_LENGTH);
        }
    }

    /**
     * A discovery has not said which nodes there are, so the nodes stay as they are.
     *
     * @param reason what happened; at most 256 characters, unprintable ones become {@code ?}
     */
    record DiscoveryFailed(String reason) implements ClientEvent {
        /** Makes the event. */
        public DiscoveryFailed {
            reason = SafeText.quotable(reason, MAX_TEXT_LENGTH);
        }
    }
}
