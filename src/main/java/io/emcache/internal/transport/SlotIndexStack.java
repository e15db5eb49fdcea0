package io.emcache.internal.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The free list of slots: a last-in-first-out stack of the integers below a bound, so that the slot used last, whose
 * memory is still warm, is used next. Safe for all threads and lock-free; allocates nothing after construction.
 *
 * <p>This is Treiber's stack over an array of links (R. K. Treiber, "Systems Programming: Coping with Parallelism", 1986).
 * The head holds the top index together with a version that every change counts up, so that a top which went and came
 * back meanwhile (ABA) is noticed.
 *
 * <p>What a thread does before {@link #push} happens before what the thread that pops the same index does next.
 */
final class SlotIndexStack {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    private static final int INDEX_BITS = 21;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;
    private static final long ONE_VERSION = 1L << INDEX_BITS;

    /** The most indexes that a stack can hold. */
    static final int MAX_SIZE = (int) INDEX_MASK;

    /** The head stands alone in the middle of four cache lines, as every thread writes it. */
    private static final int HEAD = 16;

    private static final int HEAD_ARRAY_LENGTH = 32;

    private final long[] head = new long[HEAD_ARRAY_LENGTH];
    private final int[] next;

    /**
     * Makes a full stack with 0 on top.
     *
     * @param size how many indexes, 0 and up, it holds: 1 to {@link #MAX_SIZE}
     */
    SlotIndexStack(int size) {
        if (size < 1 || size > MAX_SIZE) {
            throw new IllegalArgumentException("invalid number of slots, size=" + size + ", max=" + MAX_SIZE);
        }
        next = new int[size];
        for (int index = 0; index < size - 1; index++) {
            next[index] = index + 2;
        }
        LONGS.setRelease(head, HEAD, 1L);
    }

    /**
     * Takes the index that was pushed last.
     *
     * @return the index, which is now the caller's alone, or -1 if the stack is empty
     */
    int pop() {
        long head = (long) LONGS.getAcquire(this.head, HEAD);
        while (true) {
            int index = (int) (head & INDEX_MASK) - 1;
            if (index < 0) {
                return -1;
            }
            // Another thread may take this index and write its link meanwhile: then the version differs.
            int below = (int) INTS.getOpaque(next, index);
            long witness = (long) LONGS.compareAndExchange(this.head, HEAD, head, changed(head, below));
            if (witness == head) {
                return index;
            }
            head = witness;
        }
    }

    /**
     * Gives an index back.
     *
     * @param index what {@link #pop} returned to this caller, or to one who passed it on; an index that is not out corrupts
     *     the stack
     * @throws ArrayIndexOutOfBoundsException if it never was in this stack
     */
    void push(int index) {
        long head = (long) LONGS.getAcquire(this.head, HEAD);
        while (true) {
            INTS.setOpaque(next, index, (int) (head & INDEX_MASK));
            long witness = (long) LONGS.compareAndExchange(this.head, HEAD, head, changed(head, index + 1));
            if (witness == head) {
                return;
            }
            head = witness;
        }
    }

    private static long changed(long head, int top) {
        return (head & ~INDEX_MASK) + ONE_VERSION + top;
    }
}
