package io.emcache.internal.transport;

import io.emcache.internal.protocol.ReplyLine;

/**
 * What a server told of an item beside its value; reused. Written by the driver of the lane before the command is done,
 * read by its owner after that.
 */
public final class ItemMeta {
    /** In place of seconds: the server did not say. */
    public static final long UNKNOWN = -2;

    /** As the time to live: the item does not expire. */
    public static final long NO_EXPIRY = -1;

    private static final int HAS_CAS = 1;
    private static final int HIT_BEFORE = 2;
    private static final int STALE = 4;
    private static final int WON = 8;
    private static final int ALREADY_WON = 16;

    private int marks;
    private long itemFlags;
    private long cas;
    private long ttlSeconds = UNKNOWN;
    private long lastAccessSeconds = UNKNOWN;
    private long sizeBytes = UNKNOWN;

    /** Makes one that knows nothing. */
    public ItemMeta() {}

    void read(ReplyLine line) {
        marks = (line.hasCas() ? HAS_CAS : 0)
                | (line.isHitBefore() ? HIT_BEFORE : 0)
                | (line.isStale() ? STALE : 0)
                | (line.isWon() ? WON : 0)
                | (line.isAlreadyWon() ? ALREADY_WON : 0);
        itemFlags = line.itemFlags();
        cas = line.cas();
        ttlSeconds = line.hasTtl() ? ttlOf(line.ttlSeconds()) : UNKNOWN;
        lastAccessSeconds = line.lastAccessSeconds() < 0 ? UNKNOWN : line.lastAccessSeconds();
        sizeBytes = line.sizeBytes() < 0 ? line.valueLength() : line.sizeBytes();
    }

    /** An item that a get-and-touch has just made expire has less than nothing left, which servers write without a sign. */
    private static long ttlOf(long seconds) {
        return seconds > Integer.MAX_VALUE ? 0 : seconds;
    }

    /**
     * Takes over what another one knows.
     *
     * @param other the other
     */
    public void copyFrom(ItemMeta other) {
        marks = other.marks;
        itemFlags = other.itemFlags;
        cas = other.cas;
        ttlSeconds = other.ttlSeconds;
        lastAccessSeconds = other.lastAccessSeconds;
        sizeBytes = other.sizeBytes;
    }

    /**
     * Returns the client flags.
     *
     * @return unsigned, more than 32 bits only from a server that was built so
     */
    public long itemFlags() {
        return itemFlags;
    }

    /**
     * Whether the server said the CAS.
     *
     * @return true if it did
     */
    public boolean hasCas() {
        return (marks & HAS_CAS) != 0;
    }

    /**
     * Returns the CAS.
     *
     * @return unsigned; 0 if the server does not keep any
     */
    public long cas() {
        return cas;
    }

    /**
     * Returns the remaining time to live.
     *
     * @return seconds, {@link #NO_EXPIRY} or {@link #UNKNOWN}
     */
    public long ttlSeconds() {
        return ttlSeconds;
    }

    /**
     * Returns the time since the last access.
     *
     * @return seconds or {@link #UNKNOWN}
     */
    public long lastAccessSeconds() {
        return lastAccessSeconds;
    }

    /**
     * Returns the size of the value.
     *
     * @return bytes
     */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Whether the item was hit before.
     *
     * @return true if the server said so
     */
    public boolean isHitBefore() {
        return (marks & HIT_BEFORE) != 0;
    }

    /**
     * Whether the item is marked as stale.
     *
     * @return true if the server said so
     */
    public boolean isStale() {
        return (marks & STALE) != 0;
    }

    /**
     * Whether this reply won the right to compute the value anew.
     *
     * @return true if the server said so
     */
    public boolean isWon() {
        return (marks & WON) != 0;
    }

    /**
     * Whether another client has won it.
     *
     * @return true if the server said so
     */
    public boolean isAlreadyWon() {
        return (marks & ALREADY_WON) != 0;
    }
}
