package io.emcache.internal.transport;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The server took the connection and said that it will not serve it. Immutable. */
sealed class RefusedException extends RuntimeException permits AuthenticationException {
    @Serial
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        this(message, null);
    }

    RefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
