package io.emcache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed. The family is closed, so a {@code switch} over it is checked by the compiler. Expected outcomes,
 * such as a miss, are return values and never exceptions.
 *
 * <p>Immutable but for the suppressed exceptions, and safe for all threads. One instance may be the failure of several
 * calls that shared a connection.
 *
 * <p>A message reads {@code what [node=..., phase=..., elapsed=...]}. It never holds a value or a secret.
 */
public abstract sealed class MemcachedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeUnknown;
    private final @Nullable String node;

    private MemcachedException(
            String what, @Nullable String node, String details, boolean outcomeUnknown, @Nullable Throwable cause) {
        super(message(what, node, details, outcomeUnknown), cause);
        this.outcomeUnknown = outcomeUnknown;
        this.node = node;
    }

    /**
     * Returns whether the same call may succeed a little later although nothing is changed. It says nothing about
     * whether a repetition is harmless: see {@link #outcomeUnknown()}.
     *
     * @return whether to try again can help
     */
    public abstract boolean isRetryable();

    /**
     * Returns whether the server may have executed the request: a part of it was written and no answer to it was
     * understood. Without meaning for reads. After a write, {@code true} means that the server may hold the old state or
     * the new one, and that to repeat a command such as an append can apply it twice.
     *
     * @return whether the request may have been executed
     */
    public final boolean outcomeUnknown() {
        return outcomeUnknown;
    }

    /**
     * Returns the identity of the node the call was meant for.
     *
     * @return {@link NodeAddress#identity()} of the node, or null when the call failed before a node was chosen
     */
    public final @Nullable String node() {
        return node;
    }

    private static String message(String what, @Nullable String node, String details, boolean outcomeUnknown) {
        StringBuilder text = new StringBuilder(96).append(what);
        String separator = " [";
        if (node != null) {
            text.append(separator).append("node=").append(node);
            separator = ", ";
        }
        if (!details.isEmpty()) {
            text.append(separator).append(details);
            separator = ", ";
        }
        if (outcomeUnknown) {
            text.append(separator).append("outcome=unknown");
            separator = ", ";
        }
        return separator.equals(" [") ? what : text.append(']').toString();
    }

    /** The deadline of the call passed. */
    public static final class Timeout extends MemcachedException {
        private static final long serialVersionUID = 1L;

        private final int queueDepth;
        private final Phase phase;
        private final Duration elapsed;

        /**
         * Makes the failure.
         *
         * @param what what was attempted, such as {@code get timed out}
         * @param node the identity of the node, or null
         * @param phase how far the request had come
         * @param elapsed since the call was entered
         * @param queueDepth requests that waited on the connection then, this one included
         * @param outcomeUnknown whether the server may have executed the request
         */
        public Timeout(
                String what,
                @Nullable String node,
                Phase phase,
                Duration elapsed,
                int queueDepth,
                boolean outcomeUnknown) {
            super(what, node, details(phase, elapsed, queueDepth), outcomeUnknown, null);
            this.queueDepth = queueDepth;
            this.phase = phase;
            this.elapsed = elapsed;
        }

        @Override
        public boolean isRetryable() {
            return true;
        }

        /**
         * Returns how far the request had come.
         *
         * @return the phase at the deadline
         */
        public Phase phase() {
            return phase;
        }

        /**
         * Returns how long the call had taken.
         *
         * @return the time since the call was entered
         */
        public Duration elapsed() {
            return elapsed;
        }

        /**
         * Returns how much work the connection had.
         *
         * @return requests that waited on the connection at the deadline, this one included
         */
        public int queueDepth() {
            return queueDepth;
        }

        private static String details(Phase phase, Duration elapsed, int queueDepth) {
            return "phase=" + phase + ", elapsed=" + Durations.format(elapsed) + ", queued=" + queueDepth;
        }

        /** How far a request had come. */
        public enum Phase {
            /** It waited for its turn; no byte of it was written. */
            QUEUED,
            /** It waited for a connection; no byte of it was written. */
            CONNECTING,
            /** At least its first byte was written; no byte of its reply was read. */
            WRITTEN,
            /** A part of its reply was read. */
            RECEIVING
        }
    }

    /** A bound of the client on waiting operations or bytes was reached. Nothing was sent. */
    public static final class Overloaded extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what which bound was reached
         * @param node the identity of the node, or null
         */
        public Overloaded(String what, @Nullable String node) {
            super(what, node, "", false, null);
        }

        @Override
        public boolean isRetryable() {
            return true;
        }
    }

    /** The node cannot be reached, or the connection was lost before the reply was complete. */
    public static final class NodeUnavailable extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what happened to the connection
         * @param node the identity of the node, or null when there is none
         * @param outcomeUnknown whether the server may have executed the request
         * @param cause what the connection died of, or null
         */
        public NodeUnavailable(String what, @Nullable String node, boolean outcomeUnknown, @Nullable Throwable cause) {
            super(what, node, "", outcomeUnknown, cause);
        }

        @Override
        public boolean isRetryable() {
            return true;
        }
    }

    /** The client was closed before or during the call. */
    public static final class Closed extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what was attempted
         * @param node the identity of the node, or null
         * @param outcomeUnknown whether the server may have executed the request
         */
        public Closed(String what, @Nullable String node, boolean outcomeUnknown) {
            super(what, node, "", outcomeUnknown, null);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }

    /** The calling thread was interrupted before or while it waited. Its interrupt status is set. */
    public static final class Interrupted extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what was attempted
         * @param node the identity of the node, or null
         * @param outcomeUnknown whether the server may have executed the request
         */
        public Interrupted(String what, @Nullable String node, boolean outcomeUnknown) {
            super(what, node, "", outcomeUnknown, null);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }

    /** The server answered with an error line that belongs to this request alone. */
    public static final class ServerError extends MemcachedException {
        private static final long serialVersionUID = 1L;

        private static final int MAX_LINE_LENGTH = 256;

        private final String line;

        /**
         * Makes the failure.
         *
         * @param what what was attempted
         * @param node the identity of the node, or null
         * @param line the error line without its line end; cut at 256 characters, unprintable ones become {@code ?}
         * @param outcomeUnknown whether the server may have executed the request
         */
        public ServerError(String what, @Nullable String node, String line, boolean outcomeUnknown) {
            this(what, node, outcomeUnknown, SafeText.quotable(line, MAX_LINE_LENGTH));
        }

        private ServerError(String what, @Nullable String node, boolean outcomeUnknown, String line) {
            super(what, node, "server=" + line, outcomeUnknown, null);
            this.line = line;
        }

        /** True for {@code SERVER_ERROR} and {@code BUSY}, which are about the server's state; false for an error of the request. */
        @Override
        public boolean isRetryable() {
            return line.startsWith("SERVER_ERROR") || line.startsWith("BUSY");
        }

        /**
         * Returns what the server said.
         *
         * @return the error line, at most 256 characters, printable
         */
        public String line() {
            return line;
        }
    }

    /** The value of the key is no decimal number of at most 64 bits, so it cannot be counted up or down. It is unchanged. */
    public static final class NotANumber extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what was attempted
         * @param node the identity of the node, or null
         */
        public NotANumber(String what, @Nullable String node) {
            super(what, node, "", false, null);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }

    /** The server is too old for the command, or for one of its options, or was told to be. Nothing was sent. */
    public static final class Unsupported extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what the server lacks
         * @param node the identity of the node, or null
         */
        public Unsupported(String what, @Nullable String node) {
            super(what, node, "", false, null);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }

    /**
     * A value exceeds a limit: that of the client for writing or for reading, or that of the server. A server that refused
     * a {@code set} has also deleted the value that the key had before. Of the other commands that store it has kept it if
     * it is spoken to with the classic commands, and deleted it otherwise.
     */
    public static final class ValueTooLarge extends MemcachedException {
        private static final long serialVersionUID = 1L;

        private final long sizeBytes;
        private final long limitBytes;

        /**
         * Makes the failure.
         *
         * @param what what was attempted, and whose limit it is
         * @param node the identity of the node, or null
         * @param sizeBytes the size of the value in bytes, or -1 when it is not known
         * @param limitBytes the limit in bytes, or -1 when only the server knows it
         */
        public ValueTooLarge(String what, @Nullable String node, long sizeBytes, long limitBytes) {
            super(what, node, details(sizeBytes, limitBytes), false, null);
            this.sizeBytes = sizeBytes;
            this.limitBytes = limitBytes;
        }

        @Override
        public boolean isRetryable() {
            return false;
        }

        /**
         * Returns the size of the value.
         *
         * @return bytes, or -1 when it is not known
         */
        public long sizeBytes() {
            return sizeBytes;
        }

        /**
         * Returns the limit that was exceeded.
         *
         * @return bytes, or -1 when only the server knows it
         */
        public long limitBytes() {
            return limitBytes;
        }

        private static String details(long sizeBytes, long limitBytes) {
            String size = sizeBytes < 0 ? "" : "bytes=" + sizeBytes;
            String limit = limitBytes < 0 ? "" : "limit=" + limitBytes;
            return size + (size.isEmpty() || limit.isEmpty() ? "" : ", ") + limit;
        }
    }

    /**
     * The server sent what the protocol does not allow, or the replies and the requests no longer match. The connection
     * is closed, because no later reply on it can be trusted.
     */
    public static final class ProtocolViolation extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what which rule was broken; no bytes of a value
         * @param node the identity of the node, or null
         * @param outcomeUnknown whether the server may have executed the request
         * @param cause the parser's finding, or null
         */
        public ProtocolViolation(
                String what, @Nullable String node, boolean outcomeUnknown, @Nullable Throwable cause) {
            super(what, node, "", outcomeUnknown, cause);
        }

        @Override
        public boolean isRetryable() {
            return true;
        }
    }

    /** The server demands credentials or refuses those it was given. Nothing was executed. */
    public static final class Authentication extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what was refused; no secret
         * @param node the identity of the node, or null
         * @param cause the reason, or null
         */
        public Authentication(String what, @Nullable String node, @Nullable Throwable cause) {
            super(what, node, "", false, cause);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }

    /** A codec could not turn a value into bytes, or bytes into a value. */
    public static final class Codec extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure of a codec, which does not know the node.
         *
         * @param what which codec failed at what; no part of the value
         * @param cause the reason, or null; its message is not ours
         */
        public Codec(String what, @Nullable Throwable cause) {
            this(what, null, cause);
        }

        /**
         * Makes the failure.
         *
         * @param what which codec failed at what; no part of the value
         * @param node the identity of the node, or null
         * @param cause what the codec threw, or null
         */
        public Codec(String what, @Nullable String node, @Nullable Throwable cause) {
            super(what, node, "", false, cause);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }

    /** The key cannot be sent: it is empty, too long, or holds a byte that memcached's text protocol does not allow. */
    public static final class InvalidKey extends MemcachedException {
        private static final long serialVersionUID = 1L;

        /**
         * Makes the failure.
         *
         * @param what what is wrong with the key
         */
        public InvalidKey(String what) {
            super(what, null, "", false, null);
        }

        @Override
        public boolean isRetryable() {
            return false;
        }
    }
}
