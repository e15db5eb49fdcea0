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
    private static final int COLLECTIONS = 4;

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

    /** The least of what several collections leave: the serial collector lets some garbage lie but for each fourth time. */
    private static long liveBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least = Math.min(least, leftBytes());
        }
        return least;
    }

    private static long leftBytes() {
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
