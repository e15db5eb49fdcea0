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
        /** A binary key that is not padded base64, or too long. */
        BAD_KEY,
        /** A value longer than the limit. */
        VALUE_TOO_LARGE,
        /** A value that is not followed by CRLF. */
        BAD_TRAILER
    }

    private final long valueBytes;
    private final long limitBytes;
    private final Reason reason;

    ProtocolException(Reason reason, String what) {
        this(reason, what + " [reason=" + reason + "]", -1, -1);
    }

    private ProtocolException(Reason reason, String message, long valueBytes, long limitBytes) {
        super(message);
        this.reason = reason;
        this.valueBytes = valueBytes;
        this.limitBytes = limitBytes;
    }

    /** A value announced with more bytes than the limit; the number is unsigned. */
    static ProtocolException valueTooLarge(long valueBytes, long limitBytes) {
        String message = "a value is larger than the limit [reason=" + Reason.VALUE_TOO_LARGE + ", valueBytes="
                + Long.toUnsignedString(valueBytes) + ", limitBytes=" + limitBytes + "]";
        long known = valueBytes < 0 ? Long.MAX_VALUE : valueBytes;
        return new ProtocolException(Reason.VALUE_TOO_LARGE, message, known, limitBytes);
    }

    /**
     * Returns what was wrong.
     *
     * @return the reason, never null
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Returns the size of a value that was too large.
     *
     * @return bytes, as the server announced them, at most {@link Long#MAX_VALUE}; -1 for other reasons
     */
    public long valueBytes() {
        return valueBytes;
    }

    /**
     * Returns the limit that a value exceeded.
     *
     * @return bytes; -1 for other reasons
     */
    public long limitBytes() {
        return limitBytes;
    }
}
