package io.emcache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened inside a client and that no call reports. Immutable and safe for all threads; see
 * {@link ClientEvents}. New kinds are added in minor releases, so a {@code switch} over them needs a default.
 */
public sealed interface ClientEvent {

    /**
     * A write that was sent without asking for a reply failed, or may have failed.
     *
     * @param node {@link NodeAddress#identity()} of the node it was for
     * @param command the command, such as {@code set}; neither key nor value
     * @param reason what the server said, or why the connection was lost; null when nothing is known
     */
    record NoReplyFailed(
            String node, String command, @Nullable String reason) implements ClientEvent {}

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
