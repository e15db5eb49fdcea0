package io.emcache.internal.transport;

import java.io.Serial;

/** The oldest command made no progress for too long: the connection counts as dead. Immutable. */
final class StallException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    StallException() {
        super("the server stopped answering");
    }
}
