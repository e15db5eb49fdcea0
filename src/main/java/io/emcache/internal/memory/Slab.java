package io.emcache.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A leased piece of off-heap memory. {@link #release} may be called from any thread, once; the contents and the buffer's position belong to
 * the lease holder, who hands them to another thread only by a safe publication of its own.
 *
 * <p>A slab that was leased before holds the bytes of its last owner; a new one holds zeros.
 */
public final class Slab {

    private static final VarHandle LEASED;

    static {
        try {
            LEASED = MethodHandles.lookup().findVarHandle(Slab.class, "leased", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long sizeBytes;
    private final int sizeClass;

    private int pooledInRound;

    @SuppressWarnings("UnusedVariable") // written through LEASED
    private volatile boolean leased;

    private final SlabPool pool;
    private final Arena arena;
    private final MemorySegment segment;
    private final ByteBuffer buffer;
    private MemoryTag tag;

    Slab(SlabPool pool, int sizeClass, Arena arena, MemorySegment segment) {
        this.pool = pool;
        this.sizeClass = sizeClass;
        this.arena = arena;
        this.segment = segment;
        this.sizeBytes = segment.byteSize();
        this.buffer = segment.asByteBuffer();
        this.tag = MemoryTag.POOLED;
    }

    /**
     * Returns the memory, all of it, aligned to a cache line. It is shared: any thread may use it until the slab is released.
     *
     * @return the memory
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Returns the one direct buffer over the memory, for channels. Its byte order is big-endian; a lease starts with position 0 and limit at
     * the capacity.
     *
     * @return always the same buffer
     */
    public ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Returns the size, which may be larger than what was asked for.
     *
     * @return the size in bytes
     */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Returns what the lease was taken for.
     *
     * @return the tag under which the bytes are counted
     */
    public MemoryTag tag() {
        return tag;
    }

    /**
     * Gives the memory back. The holder must not use the slab, its segment or its buffer any more, nor may anyone still be reading or
     * writing them.
     *
     * @throws IllegalStateException if the slab is not leased; a slab that was leased again meanwhile cannot be told from the new lease
     */
    public void release() {
        if (!LEASED.compareAndSet(this, true, false)) {
            throw notLeased();
        }
        pool.giveBack(this);
    }

    void lease(MemoryTag newTag) {
        tag = newTag;
        buffer.clear();
        LEASED.setRelease(this, true);
    }

    int sizeClass() {
        return sizeClass;
    }

    int pooledInRound() {
        return pooledInRound;
    }

    void pooledInRound(int round) {
        pooledInRound = round;
    }

    void free() {
        arena.close();
    }

    private IllegalStateException notLeased() {
        return new IllegalStateException("slab is not leased [sizeBytes=" + sizeBytes + ", tag=" + tag + "]");
    }
}
