package io.emcache.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The longest time for which this machine kept a thread from running that only sleeps: what is late by no more than
 * that is late through no fault of the client. Has a thread of its own; the rest is for one thread.
 */
final class HiccupMeter {
    private static final long SLEEP_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private volatile boolean stopped;
    private volatile long longestNs;

    private final Thread thread =
            Thread.ofPlatform().daemon().name("hiccup-meter").start(this::watch);

    private void watch() {
        long before = System.nanoTime();
        while (!stopped) {
            LockSupport.parkNanos(SLEEP_NS);
            long now = System.nanoTime();
            if (now - before - SLEEP_NS > longestNs) {
                longestNs = now - before - SLEEP_NS;
            }
            before = now;
        }
    }

    /** Ends the measurement. */
    double stopAndGetMs() {
        stopped = true;
        LockSupport.unpark(thread);
        return longestNs / 1e6;
    }
}
