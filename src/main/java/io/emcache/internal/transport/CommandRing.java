package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;

/**
 * A bounded queue of commands in off-heap memory: many producers, one consumer.
 *
 * <p>{@link #claim}, {@link #commit}, {@link #abort}, {@link #hasWork} and {@link #usedBytes} may be called by any thread
 * and are lock-free. {@link #drain} belongs to one thread at a time, the holder of the driver token; it may pass from
 * thread to thread if the hand-over orders what came before it (the token's release and acquire do).
 *
 * <p>The ring borrows its memory and never frees it. Whoever frees it must know that no call is inside: an implementation
 * need not notice, and a claim may then write into memory that has another owner. The lane's admission word sees to that.
 *
 * <p>Commands of one producer are consumed in the order of its claims; a command that is claimed and not yet committed
 * holds back all that were claimed after it.
 */
interface CommandRing {
    /** What {@link #claim} returns when there is no room now. */
    int FULL = -1;

    /** The smallest capacity of a ring in bytes. */
    int MIN_CAPACITY_BYTES = 64;

    /** Bytes behind the messages that hold the positions. */
    int TRAILER_BYTES = 768;

    /** Alignment of the memory, and of every offset that {@link #claim} returns, in bytes. */
    int ALIGNMENT_BYTES = 8;

    /**
     * Returns the size of the memory that a ring needs.
     *
     * @param capacity room for messages and their headers in bytes, a power of two, at least {@link #MIN_CAPACITY_BYTES}
     * @return the bytes that messages and positions take together
     * @throws IllegalArgumentException if the capacity is not such a power of two
     */
    static long requiredBytes(int capacity) {
        if (capacity < MIN_CAPACITY_BYTES || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("ring capacity must be a power of two of at least " + MIN_CAPACITY_BYTES
                    + ", capacity=" + capacity);
        }
        return (long) capacity + TRAILER_BYTES;
    }

    /**
     * Reserves room for one message. The caller writes {@code length} bytes at the returned offset of {@link #segment()}
     * and then calls {@link #commit} or {@link #abort}, exactly one of them and in any case, so in {@code finally}. The
     * bytes are not cleared by contract: write all of them.
     *
     * @param length length of the message in bytes, 0 to {@link #maxMessageLength()}
     * @return the offset of the message, a multiple of {@link #ALIGNMENT_BYTES}, or {@link #FULL}
     * @throws IllegalArgumentException if the length is negative or too large
     */
    int claim(int length);

    /**
     * Publishes a claimed message. What the caller wrote before is seen by the handler.
     *
     * @param offset what {@link #claim} returned
     * @throws IllegalStateException if this claim is seen to be committed or aborted already
     */
    void commit(int offset);

    /**
     * Gives a claimed message up: the handler never sees it.
     *
     * @param offset what {@link #claim} returned
     * @throws IllegalStateException if this claim is seen to be committed or aborted already
     */
    void abort(int offset);

    /**
     * Hands committed messages to the handler, oldest first, until the limit is reached, the handler refuses one, the
     * oldest message is not committed yet, or none is left. Their room is given back to producers before this returns.
     *
     * <p>A message whose handler throws counts as consumed and is not seen again; the throwable goes on to the caller
     * after the progress up to and with that message was published.
     *
     * @param handler called on this thread; it may claim from this ring but not drain it
     * @param limit the most messages to consume; none are if it is not positive
     * @return how many messages were consumed
     */
    int drain(Handler handler, int limit);

    /**
     * Returns whether something is claimed or committed and not consumed yet. A claim that is not committed counts, and so
     * may what an abort, or the wrap at the end of the memory, left for the next {@link #drain} to skip. {@code false} was
     * true at one moment during this call; {@code true} may be out of date at once.
     *
     * @return whether a drain, now or soon, has something to do
     */
    boolean hasWork();

    /**
     * Returns how many bytes are taken by messages, their headers and padding: a gauge, exact only while nothing moves.
     *
     * @return 0 to the capacity
     */
    int usedBytes();

    /**
     * Returns the length of the longest message: an eighth of the capacity.
     *
     * @return the length in bytes
     */
    int maxMessageLength();

    /**
     * Returns the memory of the messages, without the positions behind them. Offsets of {@link #claim} and
     * {@link Handler#onCommand} count from its start.
     *
     * @return always the same segment
     */
    MemorySegment segment();

    /** Consumes commands. Called by the thread that drains, and by no other. */
    @FunctionalInterface
    interface Handler {
        /**
         * Consumes one message in place. Its bytes are gone when the drain returns: copy what must outlive it.
         *
         * @param offset where the message begins in {@link CommandRing#segment()}
         * @param length its length in bytes, as it was claimed
         * @return false to leave this message and all after it in the ring (back-pressure); the next drain begins with it
         */
        boolean onCommand(int offset, int length);
    }
}
