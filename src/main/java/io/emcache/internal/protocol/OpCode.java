package io.emcache.internal.protocol;

/** The commands a client can put into a ring message. Stateless; safe for all threads. */
public final class OpCode {
    /** Reads the value of one key. */
    public static final int GET = 1;

    /** Stores a value whatever is there. */
    public static final int SET = 2;

    /** Deletes one key. */
    public static final int DELETE = 3;

    /** Reads the values of the keys of a key block; keys that are missing are not answered. */
    public static final int GET_MANY = 4;

    /** Asks the server for its version. */
    public static final int VERSION = 5;

    /** Asks the server for a sign of life. */
    public static final int NOOP = 6;

    private OpCode() {}

    /**
     * Whether a command leaves the server as it was, so that it may be sent a second time.
     *
     * @param op one of the constants of this class
     * @return true for everything that does not write
     */
    public static boolean isRead(int op) {
        return op != SET && op != DELETE;
    }

    /**
     * Whether a data block follows the command line.
     *
     * @param op one of the constants of this class
     * @return true if the command carries a value
     */
    public static boolean carriesData(int op) {
        return op == SET;
    }
}
