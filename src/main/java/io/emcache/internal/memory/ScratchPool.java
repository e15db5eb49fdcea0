package io.emcache.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Leases places to encode keys into. Safe for all threads, without locks; nothing is allocated unless more threads encode at the same time
 * than there are places near theirs.
 *
 * <p>The places lie in one piece of memory that the collector frees: so a caller that is still inside while the client closes does no harm,
 * and a native call need not hold the arena open, which costs two atomic operations a segment. It is counted until {@link #close}.
 */
public final class ScratchPool implements AutoCloseable {

    private static final int PLACES = 64;
    private static final int PROBES = 4;
    private static final int STRIDE_BYTES = 512;
    private static final int TAKEN_OFFSET = STRIDE_BYTES - 64;
    private static final int TOTAL_BYTES = PLACES * STRIDE_BYTES;

    private final AtomicBoolean closed = new AtomicBoolean();
    private final SlabPool slabs;
    private final KeyScratch[] places = new KeyScratch[PLACES];

    /**
     * Makes a pool and allocates its 32 KiB.
     *
     * @param slabs where to lease from when there are not enough places
     */
    public ScratchPool(SlabPool slabs) {
        this.slabs = slabs;
        MemorySegment memory = Arena.ofAuto().allocate(TOTAL_BYTES, STRIDE_BYTES);
        for (int i = 0; i < PLACES; i++) {
            MemorySegment place = memory.asSlice((long) i * STRIDE_BYTES, STRIDE_BYTES);
            places[i] =
                    new KeyScratch(place.asSlice(0, KeyScratch.SIZE_BYTES), place.asSlice(TAKEN_OFFSET, Integer.BYTES));
        }
        MemoryTag.SCRATCH.add(TOTAL_BYTES);
    }

    /**
     * Leases a place; the calling thread must release it, and should do so before it waits for anything.
     *
     * @return a place, or null if all near ones are taken and the slab pool refused
     */
    public @Nullable KeyScratch lease() {
        int home = (int) Thread.currentThread().threadId();
        for (int i = 0; i < PROBES; i++) {
            KeyScratch scratch = places[(home + i) & (PLACES - 1)];
            if (scratch.tryTake()) {
                return scratch;
            }
        }
        return leaseOverflow();
    }

    /** Counts the memory as given back. Leased places stay usable. Does nothing the second time. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            MemoryTag.SCRATCH.add(-TOTAL_BYTES);
        }
    }

    private @Nullable KeyScratch leaseOverflow() {
        Slab slab = slabs.lease(MemoryTag.SCRATCH, KeyScratch.SIZE_BYTES + Integer.BYTES);
        return slab == null ? null : new KeyScratch(slab);
    }
}
