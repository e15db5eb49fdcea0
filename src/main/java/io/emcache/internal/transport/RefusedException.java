package io.emcache.internal.transport;

import java.io.Serial;

/** The server took the connection and said that it will not serve it. Immutable. */
final class RefusedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
