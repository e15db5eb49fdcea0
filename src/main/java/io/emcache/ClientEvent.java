package io.emcache;

import java.time.Duration;

/**
 * Something that happened inside a client and that no call reports. Immutable and safe for all threads; see
 * {@link ClientEvents}. New kinds are added in minor releases, so a {@code switch} over them needs a default.
 */
public sealed interface ClientEvent {

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
        private static final int MAX_REASON_LENGTH = 256;

        /** Makes the event. */
        public NoReplyFailed {
            reason = SafeText.quotable(reason, MAX_REASON_LENGTH);
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
}
