package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The {@link CommandRing} that needs no JVM flag: plain {@link MemorySegment} access through VarHandles.
 *
 * <p>A record is a header word and the message behind it, rounded up to 8 bytes. The low half of the header is a length,
 * the high half says what the record is; zero means that nobody wrote it yet. As a record may begin at any word, consumed
 * words are set to zero before the head moves past them. A message never wraps: what is left before the end of the memory
 * is filled with a padding record, claimed in the same step as the message. The head is read through a copy that
 * producers share, and afresh only when the copy says that the ring is full.
 *
 * <p>Positions count bytes and never wrap. Tail, copy of the head, and head lie two cache lines apart, since each is
 * written by other threads. The design of the positions is that of Agrona's {@code ManyToOneRingBuffer}.
 */
final class VarHandleCommandRing implements CommandRing {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();

    private static final int HEADER_BYTES = 8;
    private static final long TAIL_OFFSET = 128;
    private static final long HEAD_CACHE_OFFSET = 256;
    private static final long HEAD_OFFSET = 384;

    private static final long COMMITTED = 1L << 32;
    private static final long PADDING = 1L << 33;
    private static final long CLAIMED = 1L << 63;

    private final int capacity;
    private final int mask;
    private final int maxMessageLength;
    private final long tailIndex;
    private final long headCacheIndex;
    private final long headIndex;
    private final MemorySegment memory;
    private final MemorySegment messages;

    VarHandleCommandRing(MemorySegment memory, int capacity) {
        this.capacity = capacity;
        mask = capacity - 1;
        maxMessageLength = capacity >> 3;
        tailIndex = capacity + TAIL_OFFSET;
        headCacheIndex = capacity + HEAD_CACHE_OFFSET;
        headIndex = capacity + HEAD_OFFSET;
        this.memory = CommandRings.cleared(memory, capacity);
        messages = this.memory.asSlice(0, capacity);
    }

    @Override
    public int claim(int length) {
        if (length < 0 || length > maxMessageLength) {
            throw CommandRings.invalidLength(length, maxMessageLength);
        }
        MemorySegment memory = this.memory;
        int recordBytes = recordBytes(length);
        long head = (long) WORD.getAcquire(memory, headCacheIndex);
        long tail;
        int tailOffset;
        int paddingBytes;
        long claimedBytes;
        do {
            tail = (long) WORD.getAcquire(memory, tailIndex);
            tailOffset = (int) tail & mask;
            int endBytes = capacity - tailOffset;
            paddingBytes = recordBytes > endBytes ? endBytes : 0;
            claimedBytes = (long) paddingBytes + recordBytes;
            if (tail + claimedBytes - head > capacity) {
                head = (long) WORD.getAcquire(memory, headIndex);
                if (tail + claimedBytes - head > capacity) {
                    return FULL;
                }
                WORD.setRelease(memory, headCacheIndex, head);
            }
        } while (!WORD.compareAndSet(memory, tailIndex, tail, tail + claimedBytes));

        int recordOffset = tailOffset;
        if (paddingBytes != 0) {
            WORD.setRelease(memory, (long) tailOffset, PADDING | paddingBytes);
            recordOffset = 0;
        }
        WORD.set(memory, (long) recordOffset, CLAIMED | length);
        return recordOffset + HEADER_BYTES;
    }

    @Override
    public void commit(int offset) {
        long recordOffset = (long) offset - HEADER_BYTES;
        WORD.setRelease(memory, recordOffset, COMMITTED | claimedLength(recordOffset));
    }

    @Override
    public void abort(int offset) {
        long recordOffset = (long) offset - HEADER_BYTES;
        WORD.setRelease(memory, recordOffset, PADDING | recordBytes(claimedLength(recordOffset)));
    }

    @Override
    public int drain(Handler handler, int limit) {
        MemorySegment memory = this.memory;
        long head = (long) WORD.get(memory, headIndex);
        long end = head + capacity;
        long position = head;
        int count = 0;
        try {
            while (count < limit && position < end) {
                int recordOffset = (int) position & mask;
                long header = (long) WORD.getAcquire(memory, (long) recordOffset);
                if (header <= 0) {
                    break;
                }
                int length = (int) header;
                if ((header & PADDING) != 0) {
                    position += length;
                    continue;
                }
                int recordBytes = recordBytes(length);
                position += recordBytes;
                if (!handler.onCommand(recordOffset + HEADER_BYTES, length)) {
                    position -= recordBytes;
                    break;
                }
                count++;
            }
        } finally {
            if (position != head) {
                release(memory, head, position);
            }
        }
        return count;
    }

    @Override
    public boolean hasWork() {
        // The head first: a tail that equals it later says that nothing was there at that later moment.
        long head = (long) WORD.getVolatile(memory, headIndex);
        return head != (long) WORD.getVolatile(memory, tailIndex);
    }

    @Override
    public int usedBytes() {
        long head = (long) WORD.getVolatile(memory, headIndex);
        long tail = (long) WORD.getVolatile(memory, tailIndex);
        return (int) Math.min(tail - head, capacity);
    }

    @Override
    public int maxMessageLength() {
        return maxMessageLength;
    }

    @Override
    public MemorySegment segment() {
        return messages;
    }

    private static int recordBytes(int length) {
        return (length + HEADER_BYTES + (ALIGNMENT_BYTES - 1)) & -ALIGNMENT_BYTES;
    }

    private int claimedLength(long recordOffset) {
        long header = (long) WORD.get(messages, recordOffset);
        if (header >= 0) {
            throw notClaimed(recordOffset);
        }
        return (int) header;
    }

    private static IllegalStateException notClaimed(long recordOffset) {
        return new IllegalStateException(
                "ring message was committed or aborted already, offset=" + (recordOffset + HEADER_BYTES));
    }

    private void release(MemorySegment memory, long head, long position) {
        int offset = (int) head & mask;
        int bytes = (int) (position - head);
        int endBytes = capacity - offset;
        if (bytes <= endBytes) {
            zero(memory, offset, bytes);
        } else {
            zero(memory, offset, endBytes);
            zero(memory, 0, bytes - endBytes);
        }
        WORD.setRelease(memory, headIndex, position);
    }

    private static void zero(MemorySegment memory, int offset, int bytes) {
        memory.asSlice(offset, bytes).fill((byte) 0);
    }
}
