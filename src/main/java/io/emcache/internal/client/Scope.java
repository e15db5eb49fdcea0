package io.emcache.internal.client;

import java.time.InstantSource;

/**
 * What all calls of one view of a client have in common. Immutable.
 *
 * @param engine does the work
 * @param timeoutNs the time that each call has
 */
record Scope(Engine engine, long timeoutNs) {
    InstantSource clock() {
        return engine.options().wallClock();
    }
}
