package io.emcache.internal.transport;

import java.io.Serial;

/** A well-formed reply that does not answer the command it would have to answer: nothing after it can be trusted. Immutable. */
final class DesyncException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    DesyncException(String message) {
        super(message);
    }
}
