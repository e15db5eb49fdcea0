package io.emcache.bench;

import io.emcache.bench.Measurement.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sync calls of many threads, each with one after the other, all of them timed. What ends after the turn does not
 * count as an operation, so that the last of many callers do not make the turn longer; its latency counts. For one
 * thread.
 */
final class CallerLoad implements ContenderLoad {
    private static final long PATIENCE_MS = 30_000;

    private final boolean virtual;
    private final Operation operation;
    private final List<Keys> keys = new ArrayList<>();

    CallerLoad(Operation operation, Keys keys, int callers, boolean virtual) {
        this.operation = operation;
        this.virtual = virtual;
        for (int i = 0; i < callers; i++) {
            this.keys.add(keys.forCaller(i));
        }
    }

    private static final class Caller implements Runnable {
        private long endNs;

        private final Operation operation;
        private final Keys keys;
        private final Histogram latencyNs;
        private final CountDownLatch ready;
        private final CountDownLatch start;
        private final Tally tally = new Tally();

        Caller(Operation operation, Keys keys, Histogram latencyNs, CountDownLatch ready, CountDownLatch start) {
            this.operation = operation;
            this.keys = keys;
            this.latencyNs = latencyNs;
            this.ready = ready;
            this.start = start;
        }

        @Override
        public void run() {
            ready.countDown();
            try {
                start.await();
            } catch (InterruptedException e) {
                return;
            }
            long before = System.nanoTime();
            while (true) {
                boolean success = succeeds();
                long now = System.nanoTime();
                latencyNs.recordValue(Math.min(now - before, LONGEST_NS));
                if (now - endNs > 0) {
                    return;
                }
                before = now;
                tally.ops++;
                if (success) {
                    tally.succeeded++;
                }
            }
        }

        private boolean succeeds() {
            try {
                return operation.run(keys.next());
            } catch (Exception e) {
                tally.failure = e;
                return false;
            }
        }
    }

    @Override
    public Measurement runFor(long durationNs) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(keys.size());
        CountDownLatch start = new CountDownLatch(1);
        // One for each would be gigabytes, and carriers are few.
        Histogram shared = virtual ? new ConcurrentHistogram(LONGEST_NS, 3) : null;
        List<Caller> callers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        ThreadFactory factory = virtual
                ? Thread.ofVirtual().factory()
                : Thread.ofPlatform().daemon().name("caller-", 0).factory();
        for (Keys each : keys) {
            Histogram own = shared != null ? shared : ContenderLoad.histogram();
            Caller caller = new Caller(operation, each, own, ready, start);
            callers.add(caller);
            Thread thread = factory.newThread(caller);
            threads.add(thread);
            thread.start();
        }
        ready.await();
        ResourceMeter meter = new ResourceMeter();
        meter.start();
        long startNs = System.nanoTime();
        callers.forEach(caller -> caller.endNs = startNs + durationNs);
        start.countDown();
        TimeUnit.NANOSECONDS.sleep(durationNs - (System.nanoTime() - startNs));
        meter.stop();
        join(threads);
        return result(callers, durationNs, meter, shared);
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())));
            if (thread.isAlive()) {
                throw new IllegalStateException("a call does not end");
            }
        }
    }

    private static Measurement result(
            List<Caller> callers, long durationNs, ResourceMeter meter, @Nullable Histogram shared) {
        Tally tally = new Tally();
        Histogram latencyNs = ContenderLoad.histogram();
        if (shared != null) {
            latencyNs.add(shared);
        }
        for (Caller caller : callers) {
            tally.add(caller.tally);
            if (shared == null) {
                latencyNs.add(caller.latencyNs);
            }
        }
        return Measurement.of(tally, durationNs, meter, latencyNs);
    }
}
