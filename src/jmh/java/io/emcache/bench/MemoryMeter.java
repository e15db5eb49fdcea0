package io.emcache.bench;

import io.emcache.internal.memory.MemoryTag;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;

/**
 * How much more memory this process holds than when the meter was started: what a collection leaves of the heap, and
 * what clients count off it. To be used while nothing else allocates; each look collects. For one thread.
 */
final class MemoryMeter {
    private long heapBytes;
    private long offHeapBytes;

    void start() {
        heapBytes = -liveBytes();
        offHeapBytes = -countedBytes();
    }

    void stop() {
        heapBytes += liveBytes();
        offHeapBytes += countedBytes();
    }

    long heapBytes() {
        return heapBytes;
    }

    long offHeapBytes() {
        return offHeapBytes;
    }

    private static long countedBytes() {
        long bytes = 0;
        for (MemoryTag tag : MemoryTag.values()) {
            bytes += tag.usedBytes();
        }
        return bytes;
    }

    /** The second collection finds what the references of the first have kept. */
    private static long liveBytes() {
        System.gc();
        System.gc();
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage left = pool.getCollectionUsage();
            if (pool.getType() == MemoryType.HEAP && left != null) {
                bytes += left.getUsed();
            }
        }
        return bytes;
    }
}
