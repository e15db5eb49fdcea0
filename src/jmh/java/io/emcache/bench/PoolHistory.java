package io.emcache.bench;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.MemcachedClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How the pool of one node grows and shrinks while threads that call sync come and go. The pool gives up what it does not
 * need after two seconds in place of a minute, so that it can be watched. For one thread.
 */
final class PoolHistory {
    private static final Duration UNUSED = Duration.ofSeconds(2);
    private static final long STEP_NS = TimeUnit.SECONDS.toNanos(4);
    private static final long SAMPLE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Threads that call, step by step. */
    private static final int[] STEPS = {1, 2, 4, 8, 16, 8, 4, 2, 1, 0, 8, 0};

    private volatile int active;
    private volatile boolean stopped;

    private final String node;

    /**
     * One look at the pool.
     *
     * @param seconds since the beginning
     * @param callers threads that call
     * @param connections connections in service
     * @param ops gets a second since the last look
     */
    record Sample(double seconds, int callers, int connections, double ops) {
        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("seconds", seconds);
            map.put("callers", callers);
            map.put("connections", connections);
            map.put("ops", ops);
            return map;
        }
    }

    PoolHistory(String node) {
        this.node = node;
    }

    List<Sample> record() throws InterruptedException {
        System.out.println("The pool while threads come and go");
        List<Sample> samples = new ArrayList<>();
        try (MemcachedClient client = MemcachedClient.builder()
                .nodes(node)
                .minConnections(1)
                .maxConnections(8)
                .purgeUnusedConnectionsAfter(UNUSED)
                .timeout(Duration.ofSeconds(5))
                .connect()) {
            List<Thread> callers = startCallers(client, 16);
            try {
                watch(client, samples);
            } finally {
                stopped = true;
            }
            for (Thread caller : callers) {
                caller.join();
            }
        }
        return samples;
    }

    private List<Thread> startCallers(MemcachedClient client, int most) {
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            int number = i;
            callers.add(Thread.ofPlatform().daemon().start(() -> call(client, number)));
        }
        return callers;
    }

    private void call(MemcachedClient client, int number) {
        Keys keys = new Keys();
        try {
            while (!stopped) {
                if (number < active) {
                    client.get(keys.next());
                } else {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch(MemcachedClient client, List<Sample> samples) throws InterruptedException {
        long startNs = System.nanoTime();
        long lastNs = startNs;
        long lastOps = 0;
        for (int step = 0; step < STEPS.length; step++) {
            active = STEPS[step];
            while (System.nanoTime() - startNs < (step + 1) * STEP_NS) {
                TimeUnit.NANOSECONDS.sleep(SAMPLE_NS);
                ConnectionPoolMetrics pool = client.cluster()
                        .connectionPoolMetrics()
                        .values()
                        .iterator()
                        .next();
                long nowNs = System.nanoTime();
                double ops = (pool.operationsExecuted() - lastOps) * 1e9 / (nowNs - lastNs);
                samples.add(new Sample((nowNs - startNs) / 1e9, active, pool.curConnections(), ops));
                lastNs = nowNs;
                lastOps = pool.operationsExecuted();
            }
            Sample last = samples.getLast();
            System.out.printf("  %2d callers: %d connections%n", last.callers(), last.connections());
        }
        System.out.println();
    }
}
