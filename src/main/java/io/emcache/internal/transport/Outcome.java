package io.emcache.internal.transport;

/** How a command ended, as a code. Constants only. */
public final class Outcome {
    /** Nothing yet. */
    public static final int NONE = 0;
    /** The key is there; the slot has the value. */
    public static final int HIT = 1;
    /** The key is not there. */
    public static final int MISS = 2;
    /** Stored, deleted or done. */
    public static final int DONE = 3;
    /** The command's condition did not hold. */
    public static final int NOT_STORED = 4;
    /** The item has another CAS value. */
    public static final int EXISTS = 5;
    /** The item to change is not there. */
    public static final int NOT_FOUND = 6;
    /** The server answered {@code SERVER_ERROR}; the slot has its line. */
    public static final int SERVER_ERROR = 7;
    /** The server answered {@code CLIENT_ERROR} or {@code ERROR}; the slot has its line. */
    public static final int CLIENT_ERROR = 8;
    /** The deadline passed. */
    public static final int TIMEOUT = 9;
    /** The connection died after a byte of the command was written. */
    public static final int LOST = 10;
    /** Not executed: no byte of the command was written. */
    public static final int UNSENT = 11;
    /** The bytes of the connection cannot be trusted any more. */
    public static final int VIOLATION = 12;
    /** The client was closed. */
    public static final int CLOSED = 13;
    /** There was no memory for the value. */
    public static final int OUT_OF_MEMORY = 14;
    /** The owner was interrupted. */
    public static final int INTERRUPTED = 15;
    /** The value exceeds what may be read. */
    public static final int TOO_LARGE = 16;
    /** The connection was given up because of this command's deadline; unlike after a time-out, the slot is its owner's. */
    public static final int OVERDUE = 17;

    /** The server does not know the command; nothing was sent. The slot says what it lacks. */
    public static final int UNSUPPORTED = 18;

    private static final int CODE_BITS = 8;

    private Outcome() {}

    /**
     * Joins a code and the phase in which it was reached.
     *
     * @param code one of the constants of this class
     * @param phase one of the phases of {@link Slot}
     * @return both in one number
     */
    public static int of(int code, int phase) {
        return code | phase << CODE_BITS;
    }

    /**
     * Takes the code out of what {@link #of} made.
     *
     * @param outcome code and phase
     * @return one of the constants of this class
     */
    public static int code(int outcome) {
        return outcome & ((1 << CODE_BITS) - 1);
    }

    /**
     * Takes the phase out of what {@link #of} made.
     *
     * @param outcome code and phase
     * @return one of the phases of {@link Slot}
     */
    public static int phase(int outcome) {
        return outcome >>> CODE_BITS;
    }

    /**
     * Says whether the server answered the command as asked, be it with a no.
     *
     * @param outcome a code, with or without a phase
     * @return false for errors and for everything without a reply
     */
    public static boolean isAnswer(int outcome) {
        int code = code(outcome);
        return code >= HIT && code <= NOT_FOUND;
    }

    /**
     * Says whether the owner gave the slot up, so that it is not its own any more.
     *
     * @param outcome a code, with or without a phase
     * @return true for a time-out and for an interrupt
     */
    public static boolean isAbandoned(int outcome) {
        int code = code(outcome);
        return code == TIMEOUT || code == INTERRUPTED;
    }
}
