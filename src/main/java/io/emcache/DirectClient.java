package io.emcache;

/**
 * The face of {@link MemcachedClient} that allocates nothing: keys and values are memory, replies come to a callback on the
 * event loop and are read where they were received. Safe for all threads.
 *
 * {@snippet :
 * DirectRequest request = client.direct().newRequest(reply -> {
 *     if (reply.result() == DirectReply.Result.HIT) {
 *         book.update(reply.segment(), reply.valueOffset(), reply.valueLength());
 *     }
 * });
 * DirectRequest.Offer offer = request.key(symbols, 0, 4).get(); // again and again, without allocating
 * }
 *
 * <p>It is for services that have measured that they need it. Nothing is sent a second time by itself.
 */
public interface DirectClient {
    /**
     * Makes a request object, to be kept and used again and again.
     *
     * @param callback is told how each request ended
     * @return a request that waits for its first command
     */
    DirectRequest newRequest(DirectCallback callback);
}
