package io.emcache.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The off-heap memory of one client: leases slabs, bounded in bytes. Safe for all threads, without locks.
 *
 * <p>Sizes up to 1 MiB are rounded up to a power of two of at least 4 KiB and kept for the next lease when they come back, at most eight and
 * at most 1 MiB of each size; a lease that finds one allocates nothing. Larger ones are rounded up to whole pages and freed when they come
 * back. Each slab is a shared arena of its own, so opening and closing one costs tens of microseconds.
 */
public final class SlabPool implements AutoCloseable {

    private static final int ALIGNMENT_BYTES = 64;
    private static final int PAGE_BYTES = 4096;
    private static final int SMALLEST_SHIFT = 12;
    private static final int LARGEST_SHIFT = 20;
    private static final int SIZE_CLASSES = LARGEST_SHIFT - SMALLEST_SHIFT + 1;
    private static final int NOT_POOLED = -1;
    private static final int KEPT_PER_CLASS = 8;
    private static final long KEPT_BYTES_PER_CLASS = 1L << LARGEST_SHIFT;

    private volatile boolean closed;

    private final AtomicLong limitBytes;
    private final AtomicLong reservedBytes = new AtomicLong();
    private final AtomicLong leasedBytes = new AtomicLong();
    private final AtomicInteger trimRound = new AtomicInteger();
    private final FreeList[] freeLists = new FreeList[SIZE_CLASSES];

    /**
     * Makes an empty pool.
     *
     * @param limitBytes the most that may be allocated at a time, leased and kept together; positive
     * @throws IllegalArgumentException if the limit is not positive
     */
    public SlabPool(long limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limit must be positive [limitBytes=" + limitBytes + "]");
        }
        this.limitBytes = new AtomicLong(limitBytes);
        for (int i = 0; i < SIZE_CLASSES; i++) {
            freeLists[i] = new FreeList((int) Math.min(KEPT_PER_CLASS, KEPT_BYTES_PER_CLASS >>> (SMALLEST_SHIFT + i)));
        }
    }

    /**
     * Leases a slab; the caller must release it.
     *
     * @param tag what it is for; its bytes are counted there until they come back
     * @param minBytes the least size in bytes; not negative
     * @return a slab of at least that size, or null if the pool is closed, the limit would be passed or the process is out of native memory
     * @throws IllegalArgumentException if the size is negative
     */
    public @Nullable Slab lease(MemoryTag tag, long minBytes) {
        if (minBytes < 0) {
            throw new IllegalArgumentException("size must not be negative [minBytes=" + minBytes + "]");
        }
        if (closed) {
            return null;
        }
        int sizeClass = sizeClass(minBytes);
        if (sizeClass == NOT_POOLED) {
            return minBytes > limitBytes.get() ? null : leaseNew(tag, NOT_POOLED, roundUpToPage(minBytes));
        }
        Slab slab = freeLists[sizeClass].poll();
        if (slab == null) {
            return leaseNew(tag, sizeClass, 1L << (SMALLEST_SHIFT + sizeClass));
        }
        MemoryTag.POOLED.add(-slab.sizeBytes());
        countLease(slab, tag);
        return slab;
    }

    /**
     * Changes the limit. What is allocated above a lower one stays until it comes back.
     *
     * @param bytes how much more may be allocated at a time; less if negative
     */
    public void raiseLimit(long bytes) {
        limitBytes.addAndGet(bytes);
    }

    /**
     * Returns the bytes that are leased now.
     *
     * @return the bytes leased
     */
    public long leasedBytes() {
        return leasedBytes.get();
    }

    /**
     * Returns the bytes that are allocated now: leased, or kept for the next lease.
     *
     * @return the bytes allocated
     */
    public long reservedBytes() {
        return reservedBytes.get();
    }

    /** Frees the slabs that nobody has leased since the call before the last one. To be called now and then by a housekeeper. */
    public void trim() {
        int round = trimRound.incrementAndGet();
        for (FreeList freeList : freeLists) {
            freeList.trim(round);
        }
        drainIfClosed();
    }

    /** Frees what is not leased at once and the rest when it comes back. Leases fail from now on. Does nothing the second time. */
    @Override
    public void close() {
        closed = true;
        drain();
    }

    void giveBack(Slab slab) {
        long sizeBytes = slab.sizeBytes();
        int sizeClass = slab.sizeClass();
        leasedBytes.addAndGet(-sizeBytes);
        slab.tag().add(-sizeBytes);
        MemoryTag.POOLED.add(sizeBytes);
        if (closed || sizeClass == NOT_POOLED) {
            free(slab);
            return;
        }
        slab.pooledInRound(trimRound.get());
        if (!freeLists[sizeClass].offer(slab)) {
            free(slab);
            return;
        }
        drainIfClosed();
    }

    private @Nullable Slab leaseNew(MemoryTag tag, int sizeClass, long sizeBytes) {
        if (!reserve(sizeBytes)) {
            drain();
            if (!reserve(sizeBytes)) {
                return null;
            }
        }
        Slab slab = allocate(sizeClass, sizeBytes);
        if (slab == null) {
            reservedBytes.addAndGet(-sizeBytes);
            return null;
        }
        countLease(slab, tag);
        return slab;
    }

    private @Nullable Slab allocate(int sizeClass, long sizeBytes) {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment segment = arena.allocate(sizeBytes, ALIGNMENT_BYTES);
            return new Slab(this, sizeClass, arena, segment);
        } catch (OutOfMemoryError e) {
            arena.close();
            return null;
        }
    }

    private void countLease(Slab slab, MemoryTag tag) {
        long sizeBytes = slab.sizeBytes();
        tag.add(sizeBytes);
        leasedBytes.addAndGet(sizeBytes);
        slab.lease(tag);
    }

    private boolean reserve(long sizeBytes) {
        long reserved = reservedBytes.get();
        while (sizeBytes <= limitBytes.get() - reserved) {
            long witness = reservedBytes.compareAndExchange(reserved, reserved + sizeBytes);
            if (witness == reserved) {
                return true;
            }
            reserved = witness;
        }
        return false;
    }

    private void drainIfClosed() {
        if (closed) {
            drain();
        }
    }

    private void drain() {
        for (FreeList freeList : freeLists) {
            for (Slab slab = freeList.poll(); slab != null; slab = freeList.poll()) {
                free(slab);
            }
        }
    }

    private void free(Slab slab) {
        slab.free();
        MemoryTag.POOLED.add(-slab.sizeBytes());
        reservedBytes.addAndGet(-slab.sizeBytes());
    }

    private static int sizeClass(long minBytes) {
        if (minBytes > 1L << LARGEST_SHIFT) {
            return NOT_POOLED;
        }
        int shift = Long.SIZE - Long.numberOfLeadingZeros(Math.max(minBytes, 1) - 1);
        return Math.max(shift, SMALLEST_SHIFT) - SMALLEST_SHIFT;
    }

    private static long roundUpToPage(long bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /** A few places for idle slabs of one size. The lowest places are used first, so the highest ones hold what is idle for longest. */
    private final class FreeList {

        private final AtomicReferenceArray<@Nullable Slab> places;

        FreeList(int capacity) {
            places = new AtomicReferenceArray<>(capacity);
        }

        @Nullable
        Slab poll() {
            for (int i = 0; i < places.length(); i++) {
                Slab slab = places.get(i);
                if (slab != null && places.compareAndSet(i, slab, null)) {
                    return slab;
                }
            }
            return null;
        }

        boolean offer(Slab slab) {
            for (int i = 0; i < places.length(); i++) {
                if (places.get(i) == null && places.compareAndSet(i, null, slab)) {
                    return true;
                }
            }
            return false;
        }

        void trim(int round) {
            for (int i = 0; i < places.length(); i++) {
                Slab slab = places.getAndSet(i, null);
                if (slab == null) {
                    continue;
                }
                boolean idle = round - slab.pooledInRound() >= 2;
                if (idle || !places.compareAndSet(i, null, slab)) {
                    free(slab);
                }
            }
        }
    }
}
