package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.NodeAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Gets and sets on every node of a cluster at a steady pace that leaves the machine idle most of the time: sync ones, each
 * node with threads of its own, and async ones in small bursts. Whoever is late skips what is past. For one thread.
 */
final class ClusterCalls implements AutoCloseable {
    private static final int KEYS_PER_NODE = 100;
    private static final int SYNC_THREADS_PER_NODE = 2;
    private static final int BURST = 8;
    private static final long SYNC_PACE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long ASYNC_PACE_NS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final int SETS_PER_GET = 8;
    private static final byte[] VALUE = new byte[Keys.VALUE_BYTES];

    private volatile boolean stopped;

    private final MemcachedClient client;
    private final long timeoutNs;
    private final Map<String, String[]> keys = new LinkedHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private volatile Span span;

    /** What came of the calls that ended in one span of time. Safe for all threads. */
    static final class Span {
        private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);

        private final @Nullable String victim;
        private final Histogram syncNs = new ConcurrentHistogram(LONGEST_NS, 3);
        private final Histogram asyncNs = new ConcurrentHistogram(LONGEST_NS, 3);
        private final Histogram lateNs = new ConcurrentHistogram(LONGEST_NS, 3);
        private final LongAdder failures = new LongAdder();
        private final LongAdder failuresOfOthers = new LongAdder();
        private final Map<String, Long> firstAnswers = new LinkedHashMap<>();

        /** Latencies of the calls to {@code victim} are left out, to show those of the others; null for none. */
        Span(@Nullable String victim) {
            this.victim = victim;
        }

        private void add(String node, boolean async, long elapsedNs, long timeoutNs, @Nullable Throwable failure) {
            boolean other = !node.equals(victim);
            if (failure == null) {
                answered(node);
                if (other) {
                    (async ? asyncNs : syncNs).recordValue(Math.min(elapsedNs, LONGEST_NS));
                }
            } else {
                failures.increment();
                if (other) {
                    failuresOfOthers.increment();
                }
            }
            if (elapsedNs > timeoutNs) {
                lateNs.recordValue(Math.min(elapsedNs - timeoutNs, LONGEST_NS));
            }
        }

        private synchronized void answered(String node) {
            firstAnswers.putIfAbsent(node, System.nanoTime());
        }

        /** When a node answered a call in this span for the first time, or null. */
        synchronized @Nullable Long firstAnswerNs(String node) {
            return firstAnswers.get(node);
        }

        double syncP99Us() {
            return syncUs(99);
        }

        double asyncP99Us() {
            return asyncUs(99);
        }

        /** Latency of the sync calls that were answered, in microseconds. */
        double syncUs(double percentile) {
            return percentileUs(syncNs, percentile);
        }

        /** Latency of the async calls that were answered, in microseconds. */
        double asyncUs(double percentile) {
            return percentileUs(asyncNs, percentile);
        }

        private static double percentileUs(Histogram histogram, double percentile) {
            return histogram.getTotalCount() == 0 ? Double.NaN : histogram.getValueAtPercentile(percentile) / 1e3;
        }

        /** The most time after its deadline that a call ended, in milliseconds. */
        double latestMs() {
            return lateNs.getTotalCount() == 0 ? 0 : lateNs.getMaxValue() / 1e6;
        }

        long answers() {
            return syncNs.getTotalCount() + asyncNs.getTotalCount();
        }

        long failures() {
            return failures.sum();
        }

        long failuresOfOthers() {
            return failuresOfOthers.sum();
        }
    }

    /** Begins to call. */
    ClusterCalls(MemcachedClient client, long timeoutNs) {
        this.client = client;
        this.timeoutNs = timeoutNs;
        span = new Span(null);
        for (NodeAddress node : client.cluster().nodes()) {
            keys.put(node.identity(), keysOf(node));
        }
        keys.forEach((node, some) -> {
            for (int i = 0; i < SYNC_THREADS_PER_NODE; i++) {
                start(() -> callSync(node, some));
            }
            start(() -> callAsync(node, some));
        });
    }

    private String[] keysOf(NodeAddress node) {
        List<String> some = new ArrayList<>();
        for (int i = 0; some.size() < KEYS_PER_NODE; i++) {
            if (client.cluster().nodeOf("key:" + i).equals(node)) {
                some.add("key:" + i);
            }
        }
        return some.toArray(String[]::new);
    }

    private void start(Runnable calls) {
        threads.add(
                Thread.ofPlatform().daemon().name("caller-" + threads.size()).start(calls));
    }

    /** What ends from now on is counted here. */
    Span next(@Nullable String victim) {
        Span next = new Span(victim);
        span = next;
        return next;
    }

    private void callSync(String node, String[] some) {
        long nextNs = System.nanoTime();
        for (int i = 0; !stopped; i++) {
            String key = some[i % some.length];
            begun.increment();
            long enteredNs = System.nanoTime();
            Throwable failure = null;
            try {
                if (i % SETS_PER_GET == 0) {
                    client.set(key, VALUE);
                } else {
                    client.get(key);
                }
            } catch (RuntimeException e) {
                failure = e;
            }
            end(node, false, enteredNs, failure);
            nextNs = sleepUntil(nextNs + SYNC_PACE_NS);
        }
    }

    private void callAsync(String node, String[] some) {
        long nextNs = System.nanoTime();
        for (int i = 0; !stopped; i += BURST) {
            for (int j = i; j < i + BURST; j++) {
                String key = some[j % some.length];
                begun.increment();
                long enteredNs = System.nanoTime();
                CompletableFuture<?> future = j % SETS_PER_GET == 0
                        ? client.async().set(key, VALUE)
                        : client.async().get(key);
                CompletableFuture<?> _ = future.whenComplete((result, failure) -> end(node, true, enteredNs, failure));
            }
            nextNs = sleepUntil(nextNs + ASYNC_PACE_NS);
        }
    }

    private void end(String node, boolean async, long enteredNs, @Nullable Throwable failure) {
        span.add(node, async, System.nanoTime() - enteredNs, timeoutNs, failure);
        ended.increment();
    }

    /** Returns the time from which the next call is due. */
    private static long sleepUntil(long ns) {
        long nowNs = System.nanoTime();
        if (ns <= nowNs) {
            return nowNs;
        }
        LockSupport.parkNanos(ns - nowNs);
        return ns;
    }

    /** Ends the calls; returns how many did not end in good time. */
    long stopAndGetMissing() throws InterruptedException {
        stopped = true;
        long patienceEndNs = System.nanoTime() + timeoutNs + FaultCalls.FOREVER_NS;
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(patienceEndNs - System.nanoTime())));
        }
        while (begun.sum() != ended.sum() && System.nanoTime() < patienceEndNs) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return begun.sum() - ended.sum();
    }

    @Override
    public void close() {
        stopped = true;
    }
}
