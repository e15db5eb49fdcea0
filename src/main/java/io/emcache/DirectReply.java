package io.emcache;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What came of a {@link DirectRequest}. Belongs to the thread that runs the callback, until the callback returns or offers the
 * request again. Nothing here allocates but {@link #value()} and {@link #failure()}.
 */
public interface DirectReply {
    /** How a request ended. */
    enum Result {
        /** The key has a value: it is shown here. */
        HIT,
        /** The key has no value. */
        MISS,
        /** Stored, deleted, touched or counted. */
        DONE,
        /** The condition of {@code add}, {@code replace}, {@code append} or {@code prepend} did not hold. */
        NOT_STORED,
        /** The item has another CAS than was asked for. */
        EXISTS,
        /** There was no item to change. */
        NOT_FOUND,
        /** It failed: see {@link #failure()}. */
        FAILED
    }

    /**
     * The request that this is the reply to.
     *
     * @return the request, free for the next command
     */
    DirectRequest request();

    /**
     * How the request ended.
     *
     * @return the result, never null
     */
    Result result();

    /**
     * The memory that the value of a hit lies in: {@link #valueLength()} bytes from {@link #valueOffset()} on, and before and
     * behind them what belongs to others.
     *
     * @return read-only memory; empty unless the result is a hit
     */
    MemorySegment segment();

    /**
     * Where in {@link #segment()} the value begins.
     *
     * @return an offset in bytes
     */
    long valueOffset();

    /**
     * How long the value is.
     *
     * @return bytes; 0 unless the result is a hit
     */
    int valueLength();

    /**
     * The value as a segment of its own. Allocates the view, copies nothing.
     *
     * @return read-only memory with the same limits of validity; empty unless the result is a hit
     */
    MemorySegment value();

    /**
     * The client flags of the item, for {@link DirectRequest#getItem()} and {@link DirectRequest#gatItem(Ttl)}.
     *
     * @return unsigned 32 bits; 0 unless the result is a hit
     */
    long flags();

    /**
     * The CAS of the item, for {@link DirectRequest#getItem()} and {@link DirectRequest#gatItem(Ttl)}.
     *
     * @return unsigned; 0 if the server keeps none, or the result is no hit
     */
    long cas();

    /**
     * The number of the counter after {@code increment} or {@code decrement} was done.
     *
     * @return unsigned
     */
    long counter();

    /**
     * Why the request failed. Allocates.
     *
     * @return the failure, null unless the result is {@link Result#FAILED}
     */
    @Nullable
    MemcachedException failure();
}
