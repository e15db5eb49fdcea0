package io.emcache.testkit;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A point at which a script waits until the test lets it go on. Opens once, for all who wait. Safe for all threads. */
public final class Gate {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    /** Makes a closed gate. */
    public Gate() {}

    /** Lets all pass, now and from now on. */
    public void open() {
        opened.countDown();
    }

    /**
     * Waits until the gate is open. Called by the script.
     *
     * @throws InterruptedException if the server is closed meanwhile
     */
    public void pass() throws InterruptedException {
        reached.countDown();
        opened.await();
    }

    /**
     * Waits, for at most 10 s, until a script stands at the gate or went through it. Called by the test.
     *
     * @throws AssertionError if none came
     */
    public void awaitReached() {
        try {
            if (!reached.await(TestThreads.GUARD.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("no script reached the gate within " + TestThreads.GUARD);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a script to reach the gate", e);
        }
    }
}
