package io.emcache.internal.client;

import io.emcache.internal.transport.TransportListener;
import org.jspecify.annotations.Nullable;

/** Nobody listens. Stateless. */
final class UnheardEvents implements TransportListener {
    @Override
    public void noReplyFailed(String node, int op, int outcome, @Nullable String text) {}

    @Override
    public void callbackFailed(Throwable failure) {}

    @Override
    public void callbackSlow(long elapsedNs) {}
}
