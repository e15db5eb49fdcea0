package io.emcache.internal.client;

import io.emcache.DirectCallback;
import io.emcache.DirectClient;
import io.emcache.DirectRequest;
import java.util.Objects;

/** The face whose replies come to callbacks on the event loop. Safe for all threads. */
final class DirectFace implements DirectClient {
    private final Engine engine;
    private final KeySpace keys;
    private final long timeoutNs;

    DirectFace(Engine engine, KeySpace keys, long timeoutNs) {
        this.engine = engine;
        this.keys = keys;
        this.timeoutNs = timeoutNs;
    }

    @Override
    public DirectRequest newRequest(DirectCallback callback) {
        return new DirectCall(engine, keys, timeoutNs, Objects.requireNonNull(callback, "callback"));
    }
}
