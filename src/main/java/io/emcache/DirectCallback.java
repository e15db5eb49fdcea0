package io.emcache;

/**
 * Is told how a {@link DirectRequest} ended. Called on the event loop, which serves many connections: it must not block, and
 * a sync call on the same client throws {@link IllegalStateException}. It may offer new requests, the same one included. What
 * it throws is reported and harms nobody else; how long it takes is watched.
 */
@FunctionalInterface
public interface DirectCallback {
    /**
     * A request has ended, exactly once for each {@link DirectRequest.Offer#ACCEPTED}.
     *
     * @param reply what came of it. It and the memory it shows are valid until this method returns or offers the same request
     *     again
     */
    void onReply(DirectReply reply);
}
