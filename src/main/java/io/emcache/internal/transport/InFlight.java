package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a connection that are encoded and not yet answered, oldest first, each with the key bytes to check
 * its reply against. Owned by the holder of the driver token.
 *
 * <p>A command joins with its first byte encoded and leaves with the last byte of its reply consumed, whether or not
 * anybody still waits for it.
 */
final class InFlight {
    private final int mask;
    private final int[] ops;
    private final int[] opaques;
    private final int[] keyOffsets;
    private final int[] keyLengths;
    private final long[] keyEnds;
    private final long[] starts;
    private final @Nullable Slot[] slots;
    private final MemorySegment keys;
    private final long keysMask;

    private long keysHead;
    private long keysTail;
    private int head;
    private int tail;

    /**
     * @param capacity number of commands, a power of two
     * @param keys room for their keys, its size a power of two
     */
    InFlight(int capacity, MemorySegment keys) {
        this.mask = capacity - 1;
        this.ops = new int[capacity];
        this.opaques = new int[capacity];
        this.keyOffsets = new int[capacity];
        this.keyLengths = new int[capacity];
        this.keyEnds = new long[capacity];
        this.starts = new long[capacity];
        this.slots = new Slot[capacity];
        this.keys = keys;
        this.keysMask = keys.byteSize() - 1;
    }

    /**
     * Adds a command at the end; false if there is no room.
     *
     * @param slot who waits, or null for a command of the lane's own
     * @param start position in the stream of its first byte
     */
    boolean add(
            @Nullable Slot slot, int op, int opaque, long start, MemorySegment source, long keyOffset, int keyLength) {
        if (size() > mask) {
            return false;
        }
        long at = keysTail;
        long toEnd = keys.byteSize() - (at & keysMask);
        if (keyLength > toEnd) {
            at += toEnd;
        }
        if (at + keyLength - keysHead > keys.byteSize()) {
            return false;
        }
        int index = tail++ & mask;
        int offset = (int) (at & keysMask);
        MemorySegment.copy(source, keyOffset, keys, offset, keyLength);
        keysTail = at + keyLength;
        slots[index] = slot;
        ops[index] = op;
        opaques[index] = opaque;
        starts[index] = start;
        keyOffsets[index] = offset;
        keyLengths[index] = keyLength;
        keyEnds[index] = keysTail;
        return true;
    }

    boolean hasRoom(int keyLength) {
        long toEnd = keys.byteSize() - (keysTail & keysMask);
        long needed = keyLength > toEnd ? toEnd + keyLength : keyLength;
        return size() <= mask && keysTail + needed - keysHead <= keys.byteSize();
    }

    void removeHead() {
        int index = head++ & mask;
        slots[index] = null;
        keysHead = keyEnds[index];
    }

    boolean isEmpty() {
        return head == tail;
    }

    int size() {
        return tail - head;
    }

    @Nullable
    Slot headSlot() {
        return slots[head & mask];
    }

    int headOp() {
        return ops[head & mask];
    }

    int headOpaque() {
        return opaques[head & mask];
    }

    int headKeyOffset() {
        return keyOffsets[head & mask];
    }

    int headKeyLength() {
        return keyLengths[head & mask];
    }

    long headStart() {
        return starts[head & mask];
    }

    long secondStart() {
        return starts[(head + 1) & mask];
    }

    /**
     * Where a command ends, so that what is sent up to there is whole commands: as far behind a position of the stream as it may be,
     * and farther only if the first command does not end before.
     *
     * @param from the position
     * @param most how far it may be
     * @return a position; for ever if it is the end of the newest command
     */
    long endBehind(long from, long most) {
        int low = head;
        int high = tail;
        while (low != high) {
            int middle = low + (high - low) / 2;
            if (starts[middle & mask] > most) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low != head && starts[(low - 1) & mask] > from) {
            return starts[(low - 1) & mask];
        }
        return low == tail ? Long.MAX_VALUE : starts[low & mask];
    }

    /** The slot of the n-th command from the oldest. */
    @Nullable
    Slot slotAt(int n) {
        return slots[(head + n) & mask];
    }

    int opAt(int n) {
        return ops[(head + n) & mask];
    }

    /** Moves all positions back, when the stream starts anew. */
    void rebase(long start) {
        for (int i = head; i != tail; i++) {
            starts[i & mask] -= start;
        }
    }

    MemorySegment keys() {
        return keys;
    }
}
