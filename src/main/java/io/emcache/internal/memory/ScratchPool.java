package io.emcache.internal.memory;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Leases places to encode keys into. Safe for all threads, without locks; nothing is allocated unless more threads encode at the same time
 * than there are places near theirs.
 *
 * <p>The places lie in one piece of {@link CollectedMemory}: a caller that is still inside while the client closes does no harm, and native
 * calls on a place are cheap.
 */
public final class ScratchPool implements AutoCloseable {

    private static final int PLACES = 64;
    private static final int PROBES = 4;
    private static final int STRIDE_BYTES = 512;
    private static final int TAKEN_OFFSET = STRIDE_BYTES - 64;
    private static final int TOTAL_BYTES = PLACES * STRIDE_BYTES;

    private final SlabPool slabs;
    private final CollectedMemory memory;
    private final KeyScratch[] places = new KeyScratch[PLACES];

    /**
     * Makes a pool and allocates its 32 KiB.
     *
     * @param slabs where to lease from when there are not enough places
     */
    public ScratchPool(SlabPool slabs) {
        this.slabs = slabs;
        this.memory = CollectedMemory.allocate(MemoryTag.SCRATCH, TOTAL_BYTES, STRIDE_BYTES);
        for (int i = 0; i < PLACES; i++) {
            MemorySegment place = memory.segment().asSlice((long) i * STRIDE_BYTES, STRIDE_BYTES);
            places[i] =
                    new KeyScratch(place.asSlice(0, KeyScratch.SIZE_BYTES), place.asSlice(TAKEN_OFFSET, Integer.BYTES));
        }
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
        memory.close();
    }

    private @Nullable KeyScratch leaseOverflow() {
        Slab slab = slabs.lease(MemoryTag.SCRATCH, KeyScratch.SIZE_BYTES + Integer.BYTES);
        return slab == null ? null : new KeyScratch(slab);
    }
}
