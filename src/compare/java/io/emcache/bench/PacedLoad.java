package io.emcache.bench;

import io.emcache.bench.Measurement.Tally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Sync calls of a few threads at a fixed rate. The latency of a call counts from when it was due: what a slow call keeps
 * from starting is late, too, also what never started before the turn ended. Only where the thread was asleep
 * when the call was due it counts from its waking, because the slack of the timer is no fault of the client. For one
 * thread.
 */
final class PacedLoad implements ContenderLoad {
    private static final long PATIENCE_MS = 30_000;

    private final int ratePerSecond;
    private final Operation operation;
    private final List<Keys> keys = new ArrayList<>();

    PacedLoad(Operation operation, Keys keys, int callers, int ratePerSecond) {
        this.operation = operation;
        this.ratePerSecond = ratePerSecond;
        for (int i = 0; i < callers; i++) {
            this.keys.add(keys.forCaller(i));
        }
    }

    private static final class Caller implements Runnable {
        private final long firstNs;
        private final long intervalNs;
        private final long endNs;
        private final Operation operation;
        private final Keys keys;
        private final Histogram latencyNs = ContenderLoad.histogram();
        private final Tally tally = new Tally();

        Caller(Operation operation, Keys keys, long firstNs, long intervalNs, long endNs) {
            this.operation = operation;
            this.keys = keys;
            this.firstNs = firstNs;
            this.intervalNs = intervalNs;
            this.endNs = endNs;
        }

        @Override
        public void run() {
            long dueNs = firstNs;
            for (; dueNs - endNs < 0; dueNs += intervalNs) {
                long startNs = awaitDue(dueNs);
                if (startNs - endNs >= 0) {
                    break;
                }
                tally.ops++;
                if (succeeds()) {
                    tally.succeeded++;
                }
                record(System.nanoTime() - startNs);
            }
            for (; dueNs - endNs < 0; dueNs += intervalNs) {
                record(endNs - dueNs);
            }
        }

        /** Returns since when the call counts as late. */
        private static long awaitDue(long dueNs) {
            long now = System.nanoTime();
            if (now - dueNs >= 0) {
                return dueNs;
            }
            while (now - dueNs < 0) {
                LockSupport.parkNanos(dueNs - now);
                now = System.nanoTime();
            }
            return now;
        }

        private void record(long ns) {
            latencyNs.recordValue(Math.min(ns, LONGEST_NS));
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
        long intervalNs = TimeUnit.SECONDS.toNanos(keys.size()) / ratePerSecond;
        long startNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10);
        ResourceMeter meter = new ResourceMeter();
        List<Caller> callers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            long firstNs = startNs + intervalNs * i / keys.size();
            callers.add(new Caller(operation, keys.get(i), firstNs, intervalNs, startNs + durationNs));
            threads.add(Thread.ofPlatform().daemon().name("caller-" + i).unstarted(callers.get(i)));
        }
        meter.start();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            if (!thread.join(Duration.ofNanos(durationNs).plusMillis(PATIENCE_MS))) {
                throw new IllegalStateException("a call does not end");
            }
        }
        meter.stop();
        Tally tally = new Tally();
        Histogram latencyNs = ContenderLoad.histogram();
        for (Caller caller : callers) {
            tally.add(caller.tally);
            latencyNs.add(caller.latencyNs);
        }
        return Measurement.of(tally, durationNs, meter, latencyNs);
    }
}
