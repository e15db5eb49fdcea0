package io.emcache.internal.memory;

import java.util.concurrent.atomic.AtomicLong;

/** What a piece of off-heap memory is for. Every off-heap byte is counted under one tag. Safe for all threads. */
@SuppressWarnings("ImmutableEnumChecker") // the counter is the point
public enum MemoryTag {
    /** A lane: its command ring, the keys in flight, encoded requests, and bytes read and not yet parsed. */
    LANE,
    /** Keys being encoded and routed. */
    SCRATCH,
    /** Values too large for the ring. */
    VALUE,
    /** Node hashes of the router. */
    ROUTER,
    /** Records of an encrypted connection. */
    TLS,
    /** Slabs given back and kept for the next lease. */
    POOLED;

    private final AtomicLong usedBytes = new AtomicLong();

    /**
     * Returns how many bytes are allocated under this tag now, over all clients of the process.
     *
     * @return the bytes in use
     */
    public long usedBytes() {
        return usedBytes.get();
    }

    void add(long bytes) {
        usedBytes.addAndGet(bytes);
    }
}
