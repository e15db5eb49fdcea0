package io.emcache.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Off-heap memory that the collector frees, for what threads read without a lease, such as a table that a newer one replaces while it is in
 * use. Safe for all threads.
 *
 * <p>Nobody can be left with freed memory, and a native call need not hold an arena open, which costs two atomic operations a segment. The
 * price is that the bytes go back later than they are counted back.
 */
public final class CollectedMemory implements AutoCloseable {

    private final AtomicBoolean closed = new AtomicBoolean();
    private final MemoryTag tag;
    private final MemorySegment segment;

    private CollectedMemory(MemoryTag tag, MemorySegment segment) {
        this.tag = tag;
        this.segment = segment;
    }

    /**
     * Allocates zeroed memory and counts it until {@link #close}.
     *
     * @param tag what it is for
     * @param sizeBytes the size in bytes, positive
     * @param alignmentBytes a power of two
     * @return the memory
     */
    public static CollectedMemory allocate(MemoryTag tag, long sizeBytes, long alignmentBytes) {
        MemorySegment segment = Arena.ofAuto().allocate(sizeBytes, alignmentBytes);
        tag.add(sizeBytes);
        return new CollectedMemory(tag, segment);
    }

    /**
     * Returns the memory, which stays usable as long as somebody holds this segment or a slice of it.
     *
     * @return the memory
     */
    public MemorySegment segment() {
        return segment;
    }

    /** Counts the bytes back; the collector frees them when nobody can reach them any more. Does nothing the second time. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            tag.add(-segment.byteSize());
        }
    }
}
