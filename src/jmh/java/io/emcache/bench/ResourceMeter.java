package io.emcache.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process used since the meter was started: CPU time of all its threads, those of the client, the collector
 * and the compiler included, and heap bytes. Started, stopped and read by one thread, which is the one called the
 * caller.
 */
final class ResourceMeter {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private long cpuNs;
    private long callerBytes;
    private long processBytes;

    void start() {
        processBytes = -THREADS.getTotalThreadAllocatedBytes();
        callerBytes = -THREADS.getCurrentThreadAllocatedBytes();
        cpuNs = -SYSTEM.getProcessCpuTime();
    }

    void stop() {
        cpuNs += SYSTEM.getProcessCpuTime();
        callerBytes += THREADS.getCurrentThreadAllocatedBytes();
        processBytes += THREADS.getTotalThreadAllocatedBytes();
    }

    long cpuNs() {
        return cpuNs;
    }

    long callerBytes() {
        return callerBytes;
    }

    long processBytes() {
        return processBytes;
    }
}
