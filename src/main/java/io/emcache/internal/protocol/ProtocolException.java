package io.emcache.internal.protocol;

import java.io.Serial;

/**
 * The bytes from the server are not a memcached reply, or one larger than was agreed to. Where the next reply begins is
 * unknown from here on: the connection must be closed. Immutable; safe for all threads. The message never holds bytes
 * that were received, because they may belong to a value.
 */
public final class ProtocolException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Reason {
        /** A line that no memcached reply begins with, or that has too few or too many parts. */
        BAD_LINE,
        /** A line feed without a carriage return before it. */
        BAD_LINE_END,
        /** A line longer than the limit. */
        LINE_TOO_LONG,
        /** A number with a strange digit, without digits, or out of its range. */
        BAD_NUMBER,
        /** An opaque that is not four lower-case hexadecimal digits, the only form that is ever sent. */
        BAD_OPAQUE,
        /** A value longer than the limit. */
        VALUE_TOO_LARGE,
        /** A value that is not followed by CRLF. */
        BAD_TRAILER
    }

    private final Reason reason;

    ProtocolException(Reason reason, String what) {
        super(what + " [reason=" + reason + "]");
        this.reason = reason;
    }

    /**
     * Returns what was wrong.
     *
     * @return the reason, never null
     */
    public Reason reason() {
        return reason;
    }
}
