package io.emcache.internal.protocol;

/** The commands a client can put into a ring message. Stateless; safe for all threads. */
public final class OpCode {
    /** Reads the value of one key. */
    public static final int GET = 1;

    /** Stores a value whatever is there. */
    public static final int SET = 2;

    /** Deletes one key, with {@link CommandLayout#COMPARE_CAS} only if the item has that CAS. */
    public static final int DELETE = 3;

    /** Reads the values of the keys of a key block; keys that are missing are not answered. */
    public static final int GET_MANY = 4;

    /** Asks the server for its version. */
    public static final int VERSION = 5;

    /** Asks the server for a sign of life. */
    public static final int NOOP = 6;

    /** Reads one key with all that the server tells about it. */
    public static final int GET_ITEM = 7;

    /** Reads the value of one key and gives it a new exptime. */
    public static final int GAT = 8;

    /** {@link #GET_ITEM} and a new exptime. */
    public static final int GAT_ITEM = 9;

    /**
     * {@link #GET_ITEM} that takes part in the choice of who computes a missing value (exptime: of the placeholder made on a
     * miss) or one about to expire (item flags: less than so many seconds from now, 0 for never). Meta only.
     */
    public static final int LEASE = 10;

    /** Stores a value if the key has none. */
    public static final int ADD = 11;

    /** Stores a value if the key has one. */
    public static final int REPLACE = 12;

    /** Puts bytes behind a value; with {@link CommandLayout#CREATE} makes the item if there is none. */
    public static final int APPEND = 13;

    /** Puts bytes before a value; with {@link CommandLayout#CREATE} makes the item if there is none. */
    public static final int PREPEND = 14;

    /** Stores a value if the item has the given CAS. */
    public static final int CAS = 15;

    /** Gives one key a new exptime. */
    public static final int TOUCH = 16;

    /** Adds to a counter; with {@link CommandLayout#CREATE} makes it (extra: with this number) if there is none. */
    public static final int INCREMENT = 17;

    /** Takes from a counter, as {@link #INCREMENT}. */
    public static final int DECREMENT = 18;

    /** Marks an item as stale. Meta only. */
    public static final int INVALIDATE = 19;

    /** {@link #GET_MANY} as {@link #GET_ITEM} reads. */
    public static final int GET_ITEM_MANY = 20;

    /** {@link #GET_MANY} with a new exptime for each. */
    public static final int GAT_MANY = 21;

    /** {@link #GET_ITEM_MANY} with a new exptime for each. */
    public static final int GAT_ITEM_MANY = 22;

    /** Statistics; the key is the arguments, maybe none. */
    public static final int STATS = 23;

    /** Sets the counters of the server to zero. */
    public static final int STATS_RESET = 24;

    /** Makes all items expire, in as many seconds as the CAS says. */
    public static final int FLUSH_ALL = 25;

    /** Sets how much the server logs; the CAS is the level. */
    public static final int VERBOSITY = 26;

    /** Sets how much memory the server uses for items; the CAS is the size in megabytes. */
    public static final int CACHE_MEMLIMIT = 27;

    /** Asks what the server knows of an item. Meta only. */
    public static final int META_DEBUG = 28;

    /** Added to the code of a command whose replies, if there are any, end with that to a fence. */
    static final int QUIET = 0x40;

    /** Added to the code of a read that is one key of a multi-key get. */
    private static final int BATCHED = 0x20;

    /** Ends a multi-key get that was made of several reads, behind the last of them: the line that says that all were looked at. */
    public static final int END_OF_BATCH = BATCHED;

    private static final int READS = 1;
    private static final int DATA = 2;
    private static final int ITEM = 4;
    private static final int MANY = 8;
    private static final int COUNTER = 16;
    private static final int NEW_EXPTIME = 32;
    private static final int FETCHES = 64;
    private static final int WRITES = 128;
    private static final byte[] TRAITS = new byte[2 * QUIET];

    static {
        set(READS, GET, GET_MANY, VERSION, NOOP, GET_ITEM, GAT, GAT_ITEM, GET_ITEM_MANY, GAT_MANY, GAT_ITEM_MANY);
        set(READS, STATS, META_DEBUG);
        set(FETCHES, GET, GET_MANY, GET_ITEM, GAT, GAT_ITEM, GET_ITEM_MANY, GAT_MANY, GAT_ITEM_MANY, LEASE);
        set(DATA, SET, ADD, REPLACE, APPEND, PREPEND, CAS);
        set(ITEM, GET_ITEM, GAT_ITEM, LEASE, GET_ITEM_MANY, GAT_ITEM_MANY);
        set(MANY, GET_MANY, GET_ITEM_MANY, GAT_MANY, GAT_ITEM_MANY);
        set(COUNTER, INCREMENT, DECREMENT);
        set(NEW_EXPTIME, GAT, GAT_ITEM, GAT_MANY, GAT_ITEM_MANY, TOUCH);
        set(WRITES, SET, ADD, REPLACE, APPEND, PREPEND, CAS, INCREMENT, DECREMENT, DELETE, INVALIDATE);
        set(WRITES, GAT, GAT_ITEM, GAT_MANY, GAT_ITEM_MANY, TOUCH);
    }

    private OpCode() {}

    private static void set(int trait, int... ops) {
        for (int op : ops) {
            TRAITS[op] |= (byte) trait;
            TRAITS[op | QUIET] |= (byte) trait;
            TRAITS[op | BATCHED] |= (byte) trait;
        }
    }

    private static boolean has(int op, int trait) {
        return (TRAITS[op] & trait) != 0;
    }

    /**
     * Whether a command may be sent a second time when its answer was lost. A new exptime counts from the second then.
     *
     * @param op one of the constants of this class
     * @return true for everything that does not write
     */
    public static boolean isRead(int op) {
        return has(op, READS);
    }

    /**
     * Whether the command asks for values.
     *
     * @param op one of the constants of this class
     * @return true for the whole get family
     */
    public static boolean isFetch(int op) {
        return has(op, FETCHES);
    }

    /**
     * Whether the command changes an item, be it only its expiry.
     *
     * @param op one of the constants of this class
     * @return false for gets without a new exptime, and for commands about the server
     */
    public static boolean isWrite(int op) {
        return has(op, WRITES);
    }

    /**
     * Whether a data block follows the command line.
     *
     * @param op one of the constants of this class
     * @return true if the command carries a value
     */
    public static boolean carriesData(int op) {
        return has(op, DATA);
    }

    /**
     * Whether the reply has more of the item than its value.
     *
     * @param op one of the constants of this class
     * @return true for the item commands
     */
    public static boolean wantsItem(int op) {
        return has(op, ITEM);
    }

    /**
     * Whether the command is for the keys of a key block.
     *
     * @param op one of the constants of this class
     * @return true for commands with many keys
     */
    public static boolean isMany(int op) {
        return has(op, MANY);
    }

    /**
     * Whether the reply is the number of a counter.
     *
     * @param op one of the constants of this class
     * @return true for {@link #INCREMENT} and {@link #DECREMENT}
     */
    public static boolean isCounter(int op) {
        return has(op, COUNTER);
    }

    /**
     * Whether the command always carries an exptime, 0 included.
     *
     * @param op one of the constants of this class
     * @return true for touch and get-and-touch
     */
    public static boolean givesExptime(int op) {
        return has(op, NEW_EXPTIME);
    }

    /**
     * Whether the command is an administrator's.
     *
     * @param op one of the constants of this class
     * @return true for statistics and for what changes the server itself
     */
    public static boolean isAdmin(int op) {
        return op >= STATS && op <= CACHE_MEMLIMIT;
    }

    /**
     * Whether a command harms nothing if it is answered by nothing and sent again, and a failing classic get cannot do worse to
     * it than that.
     *
     * @param op one of the constants of this class
     * @return true for gets, with a new exptime or without, and for a sign of life
     */
    public static boolean isPlainRead(int op) {
        return op == NOOP || op == END_OF_BATCH || (has(op, FETCHES) && has(op, READS));
    }

    /**
     * Returns the code of a read that is one key of a multi-key get.
     *
     * @param op {@link #GET} or {@link #GET_ITEM}
     * @return the op code, with a mark
     */
    public static int batched(int op) {
        return op | BATCHED;
    }

    /**
     * Whether a command as it was sent is a part of a multi-key get.
     *
     * @param wireOp an op code, with or without marks
     * @return true for what {@link #batched} gave, and for {@link #END_OF_BATCH}
     */
    public static boolean isBatched(int wireOp) {
        return (wireOp & BATCHED) != 0;
    }

    /**
     * Returns the op code of a command as it was sent.
     *
     * @param wireOp what {@link CommandEncoder#wireOp} or {@link #batched} gave
     * @return one of the constants of this class
     */
    public static int of(int wireOp) {
        return wireOp & ~(QUIET | BATCHED);
    }

    /**
     * Whether the replies to a command as it was sent end with that to a fence.
     *
     * @param wireOp what {@link CommandEncoder#wireOp} gave
     * @return true if it was sent quietly
     */
    public static boolean isQuiet(int wireOp) {
        return (wireOp & QUIET) != 0;
    }
}
