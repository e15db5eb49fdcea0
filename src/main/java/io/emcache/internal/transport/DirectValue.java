package io.emcache.internal.transport;

import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.memory.SlabPool;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The value of a hit that is read where it was received. One that does not arrive whole, or must make room, is gathered in
 * leased memory. Owned by the holder of the driver token.
 */
final class DirectValue {
    private boolean receiving;
    private int length;
    private int filled;
    private long offset;

    private final SlabPool slabs;
    private final MemorySegment received;

    private @Nullable Slab slab;

    /**
     * @param received where replies are received, read-only
     */
    DirectValue(SlabPool slabs, MemorySegment received) {
        this.slabs = slabs;
        this.received = received;
    }

    /** A value of this length follows. */
    void begin(int length) {
        release();
        this.receiving = true;
        this.length = length;
    }

    /** Bytes of the value, if one was begun; false if there is no memory for them. */
    boolean add(MemorySegment in, long at, int count) {
        if (!receiving) {
            return true;
        }
        if (filled == 0 && count == length) {
            offset = at;
            filled = count;
            return true;
        }
        Slab slab = gather();
        if (slab == null) {
            receiving = false;
            return false;
        }
        MemorySegment.copy(in, at, slab.segment(), filled, count);
        filled += count;
        return true;
    }

    private @Nullable Slab gather() {
        if (slab == null) {
            slab = slabs.lease(MemoryTag.VALUE, length);
        }
        return slab;
    }

    /** What was received is about to move: takes a value that lies there along; false if there is no memory for it. */
    boolean keep() {
        if (!receiving || slab != null || filled == 0) {
            return true;
        }
        Slab slab = gather();
        if (slab == null) {
            receiving = false;
            return false;
        }
        MemorySegment.copy(received, offset, slab.segment(), 0, length);
        return true;
    }

    /** The value, if one was received, is whole: shows it to the owner of the slot. It stays until {@link #release}. */
    void handOver(Slot slot) {
        Slab slab = this.slab;
        if (receiving) {
            slot.directSegment = slab == null ? received : slab.segment().asReadOnly();
            slot.directOffset = slab == null ? offset : 0;
            slot.directLength = length;
        }
    }

    /** Nobody reads the value any more. */
    void release() {
        Slab slab = this.slab;
        receiving = false;
        filled = 0;
        offset = 0;
        if (slab != null) {
            this.slab = null;
            slab.release();
        }
    }
}
