package io.emcache.testkit;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Safe for all threads. The few things about threads and waiting that all parts of the kit share. */
final class TestThreads {
    /** How long the kit waits for something that must happen before it calls the test failed. */
    static final Duration GUARD = Duration.ofSeconds(10);

    private TestThreads() {}

    /**
     * Starts a daemon thread. The kit uses platform threads, so that a test which pins or starves the carriers of virtual
     * threads cannot stop the server it talks to.
     */
    static Thread startDaemon(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name("testkit-" + name).start(task);
    }

    /**
     * Polls the condition each millisecond until it holds; returns whether it did within the time. Waits on when
     * interrupted, and keeps the interrupt status: tests that interrupt themselves clean up as well.
     */
    static boolean await(Duration atMost, BooleanSupplier condition) {
        long startNs = System.nanoTime();
        boolean interrupted = false;
        boolean held = condition.getAsBoolean();
        while (!held && System.nanoTime() - startNs < atMost.toNanos()) {
            interrupted |= !sleepMs(1) && Thread.interrupted();
            held = condition.getAsBoolean();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return held;
    }

    /** Interrupts the thread and waits for its end; returns whether it ended within {@link #GUARD}. */
    static boolean stop(Thread thread) {
        thread.interrupt();
        return await(GUARD, () -> !thread.isAlive());
    }

    /** Sleeps; returns false, with the interrupt status set, if interrupted. */
    static boolean sleepMs(long ms) {
        try {
            Thread.sleep(ms);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Closes a socket whose end is wanted; that it cannot be closed any more is a failure of the kit. */
    static void close(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close " + closeable, e);
        }
    }
}
