package io.emcache.internal.transport;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The server does not serve a client that it does not know, or the client could not learn who it is. Immutable. */
public final class AuthenticationException extends RefusedException {
    @Serial
    private static final long serialVersionUID = 1L;

    AuthenticationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
