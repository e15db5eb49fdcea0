package io.emcache.internal.transport;

import java.io.Serial;

/** The client is closed. Immutable. */
final class ShutdownException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    ShutdownException() {
        super("the client is closed");
    }
}
