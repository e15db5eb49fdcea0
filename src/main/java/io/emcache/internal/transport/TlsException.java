package io.emcache.internal.transport;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Encryption failed: nobody is talked to in the clear instead. The message says what is wrong with which certificate or file. Immutable. */
final class TlsException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    TlsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
