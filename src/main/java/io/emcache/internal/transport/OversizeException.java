package io.emcache.internal.transport;

import java.io.Serial;

/** A value was longer than the client takes; its bytes were skipped. Immutable. */
public final class OversizeException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int sizeBytes;
    private final int limitBytes;

    OversizeException(int sizeBytes, int limitBytes) {
        super("a value of " + sizeBytes + " bytes is longer than " + limitBytes);
        this.sizeBytes = sizeBytes;
        this.limitBytes = limitBytes;
    }

    /**
     * Returns how long the value was.
     *
     * @return bytes
     */
    public int sizeBytes() {
        return sizeBytes;
    }

    /**
     * Returns how long it might have been.
     *
     * @return bytes
     */
    public int limitBytes() {
        return limitBytes;
    }
}
