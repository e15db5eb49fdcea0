package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The gets at the end of a queue in flight that were drained in one go and are not encoded yet: they become one multi-key get, in
 * which equal keys are asked once. Owned by the holder of the driver token; empty between two drains.
 */
final class GetBatch {
    private static final int MOST_BYTES = 8192;
    private static final int TABLE_SIZE = 256;
    private static final int TABLE_MASK = TABLE_SIZE - 1;
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final int maxKeys;
    private final int[] rounds = new int[TABLE_SIZE];
    private final int[] hashes = new int[TABLE_SIZE];
    private final int[] positions = new int[TABLE_SIZE];
    private final InFlight inFlight;

    private int op;
    private int first;
    private int size;
    private int keys;
    private int bytes;
    private int round = 1;

    /**
     * @param maxKeys the most keys of a batch, 2 to {@link LaneSettings#MOST_BATCH_KEYS}
     * @param inFlight where the gets stand
     */
    GetBatch(int maxKeys, InFlight inFlight) {
        this.maxKeys = maxKeys;
        this.inFlight = inFlight;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How many gets there are, each for a key that may be that of another one. */
    int size() {
        return size;
    }

    int op() {
        return op;
    }

    /** Where in the queue the oldest is. */
    int first() {
        return first;
    }

    /** Whether such a get may go with those that are here. */
    boolean takes(int op, int keyLength) {
        return size == 0 || (this.op == op && keys < maxKeys && bytesWith(keyLength) <= MOST_BYTES);
    }

    /** Bytes of all keys, one more and the spaces before them. */
    int bytesWith(int keyLength) {
        return bytes + keyLength + 1;
    }

    /** The get that was added to the queue last, with this key in it, goes with those that are here. */
    void add(int op, MemorySegment message, long keyOffset, int keyLength) {
        int position = inFlight.tail() - 1;
        if (size++ == 0) {
            this.op = op;
            first = position;
        }
        int hash = hash(message, keyOffset, keyLength);
        int at = hash & TABLE_MASK;
        while (rounds[at] == round) {
            if (hashes[at] == hash && isKeyOf(positions[at], message, keyOffset, keyLength)) {
                inFlight.isTwinOf(positions[at]);
                return;
            }
            at = (at + 1) & TABLE_MASK;
        }
        rounds[at] = round;
        hashes[at] = hash;
        positions[at] = position;
        keys++;
        bytes += keyLength + 1;
    }

    private boolean isKeyOf(int position, MemorySegment message, long keyOffset, int keyLength) {
        long at = inFlight.keyOffset(position);
        return inFlight.keyLength(position) == keyLength
                && MemorySegment.mismatch(
                                message, keyOffset, keyOffset + keyLength, inFlight.keys(), at, at + keyLength)
                        < 0;
    }

    private static int hash(MemorySegment message, long keyOffset, int keyLength) {
        long hash = keyLength;
        int last = keyLength - Long.BYTES;
        if (last < 0) {
            for (int i = 0; i < keyLength; i++) {
                hash = hash * MULTIPLIER + message.get(ValueLayout.JAVA_BYTE, keyOffset + i);
            }
        } else {
            for (int i = 0; i < last; i += Long.BYTES) {
                hash = mix(hash, message.get(ValueLayout.JAVA_LONG_UNALIGNED, keyOffset + i));
            }
            hash = mix(hash, message.get(ValueLayout.JAVA_LONG_UNALIGNED, keyOffset + last));
        }
        return (int) ((hash * MULTIPLIER) >>> 32);
    }

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }

    /** Everything was encoded. */
    void clear() {
        size = 0;
        keys = 0;
        bytes = 0;
        if (++round == 0) {
            Arrays.fill(rounds, 0);
            round = 1;
        }
    }
}
