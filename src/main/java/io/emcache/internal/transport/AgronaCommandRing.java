package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The {@link CommandRing} over Agrona's {@link ManyToOneRingBuffer}. Agrona reaches the memory by address: a call after the
 * memory was freed is not noticed, it writes or reads what is there now.
 *
 * <p>A claim that does not fit before the end of the memory, nor yet at its start, is refused but leaves padding behind,
 * which the next drain skips.
 */
final class AgronaCommandRing implements CommandRing {
    private static final int COMMAND_TYPE_ID = 1;

    private final int mask;
    private final int maxMessageLength;
    private final MemorySegment messages;
    private final ManyToOneRingBuffer ring;
    private final Reader reader = new Reader();

    AgronaCommandRing(MemorySegment memory, int capacity) {
        mask = capacity - 1;
        MemorySegment cleared = CommandRings.cleared(memory, capacity);
        messages = cleared.asSlice(0, capacity);
        MemorySegment used = cleared.asSlice(0, (long) capacity + RingBufferDescriptor.TRAILER_LENGTH);
        ring = new ManyToOneRingBuffer(new UnsafeBuffer(used.asByteBuffer()));
        maxMessageLength = ring.maxMsgLength();
    }

    @Override
    public int claim(int length) {
        int offset = ring.tryClaim(COMMAND_TYPE_ID, length);
        return offset == RingBuffer.INSUFFICIENT_CAPACITY ? FULL : offset;
    }

    @Override
    public void commit(int offset) {
        ring.commit(offset);
    }

    @Override
    public void abort(int offset) {
        ring.abort(offset);
    }

    @Override
    public int drain(Handler handler, int limit) {
        Reader reader = this.reader;
        reader.handler = handler;
        reader.refused = false;
        int count = ring.controlledRead(reader, limit);
        if (count < limit && !reader.refused && stoppedAtEnd()) {
            count += ring.controlledRead(reader, limit - count);
        }
        return count;
    }

    /** One read of Agrona's never goes past the end of the memory. */
    private boolean stoppedAtEnd() {
        return ((int) ring.consumerPosition() & mask) == 0;
    }

    @Override
    public boolean hasWork() {
        // The head first: a tail that equals it later says that nothing was there at that later moment.
        long head = ring.consumerPosition();
        return head != ring.producerPosition();
    }

    @Override
    public int usedBytes() {
        return ring.size();
    }

    @Override
    public int maxMessageLength() {
        return maxMessageLength;
    }

    @Override
    public MemorySegment segment() {
        return messages;
    }

    /** Made once, so that a drain allocates nothing. Single-threaded: its owner is the thread that drains. */
    private static final class Reader implements ControlledMessageHandler {
        private boolean refused;
        private Handler handler = (offset, length) -> false;

        @Override
        public Action onMessage(int typeId, MutableDirectBuffer buffer, int offset, int length) {
            if (handler.onCommand(offset, length)) {
                return Action.CONTINUE;
            }
            refused = true;
            return Action.ABORT;
        }
    }
}
