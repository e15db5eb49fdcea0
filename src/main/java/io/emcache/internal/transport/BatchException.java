package io.emcache.internal.transport;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A multi-key get that the client has made of several gets has failed, so that it cannot be said which of them, or of the reads
 * before it, is to blame. The connection ends, and each of them is asked once more, alone. Immutable.
 */
final class BatchException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
