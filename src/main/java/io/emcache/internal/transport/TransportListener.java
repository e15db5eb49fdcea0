package io.emcache.internal.transport;

import org.jspecify.annotations.Nullable;

/** Is told what no caller learns. Called on whatever thread drives; must not block or throw. */
public interface TransportListener {
    /**
     * A command that nobody waits for has failed.
     *
     * @param node the identity of the node
     * @param op one of {@link io.emcache.internal.protocol.OpCode}
     * @param outcome code and phase, see {@link Outcome}
     * @param text the error line of the server, or null
     */
    void noReplyFailed(String node, int op, int outcome, @Nullable String text);

    /**
     * A completion that runs on the event loop has thrown.
     *
     * @param failure what it threw
     */
    void callbackFailed(Throwable failure);

    /**
     * A completion that runs on the event loop has kept it.
     *
     * @param elapsedNs for how long, in nanoseconds
     */
    void callbackSlow(long elapsedNs);
}
