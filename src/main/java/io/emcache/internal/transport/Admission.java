package io.emcache.internal.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who is inside a lane, and how much they brought: one word of a CLOSED bit, a count of calls and a count of bytes.
 *
 * <p>Safe for all threads. It bounds the lane and it guards the lane's memory: everybody enters before touching the
 * lane, and whoever brings the count to zero after {@link #close} is told so and gives the memory back. Nobody else
 * may, because a claim on a ring over freed memory writes without an exception.
 */
final class Admission {
    /** Entered. */
    static final int ENTERED = 0;
    /** Refused: the bound of calls or bytes is reached. */
    static final int FULL = 1;
    /** Refused: the lane takes nothing any more. */
    static final int CLOSED = 2;

    /** What {@link #leave} returns while the lane is open. */
    static final int OPEN = -1;

    /** As many calls as the word has room for, each with a stay beside it. */
    static final int MOST_CALLS = 1 << 21;

    private static final int BYTE_BITS = 40;
    private static final long CALL = 1L << BYTE_BITS;
    private static final long BYTES_MASK = CALL - 1;
    private static final long CLOSED_BIT = Long.MIN_VALUE;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Admission.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int maxCalls;
    private final long maxBytes;

    @SuppressWarnings("unused") // through WORD
    private volatile long word;

    Admission(int maxCalls, long maxBytes) {
        this.maxCalls = maxCalls;
        this.maxBytes = maxBytes;
    }

    /** Enters with so many bytes, or says why not. An empty lane takes one call of any size. */
    int enter(long bytes) {
        for (; ; ) {
            long word = (long) WORD.getVolatile(this);
            if (word < 0) {
                return CLOSED;
            }
            long inside = word & BYTES_MASK;
            if (calls(word) >= maxCalls || (inside > 0 && inside + bytes > maxBytes) || bytes > BYTES_MASK - inside) {
                return FULL;
            }
            if (WORD.compareAndSet(this, word, word + CALL + bytes)) {
                return ENTERED;
            }
        }
    }

    /** One more stay for somebody who is inside already, closed or not, so that leaving twice is safe. */
    void hold() {
        WORD.getAndAdd(this, CALL);
    }

    /** Leaves; returns how many are left in a lane that is closed, else {@link #OPEN}. */
    int leave(long bytes) {
        long after = (long) WORD.getAndAdd(this, -(CALL + bytes)) - (CALL + bytes);
        return after < 0 ? calls(after) : OPEN;
    }

    /** Refuses everybody from now on. */
    void close() {
        WORD.getAndBitwiseOr(this, CLOSED_BIT);
    }

    boolean isClosed() {
        return (long) WORD.getVolatile(this) < 0;
    }

    /** How many calls are inside, the loop's own stay included. */
    int calls() {
        return calls((long) WORD.getVolatile(this));
    }

    long bytes() {
        return (long) WORD.getVolatile(this) & BYTES_MASK;
    }

    private static int calls(long word) {
        return (int) ((word & ~CLOSED_BIT) >>> BYTE_BITS);
    }
}
