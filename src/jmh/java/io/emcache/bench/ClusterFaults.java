package io.emcache.bench;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.MemcachedClient;
import io.emcache.bench.ClusterCalls.Span;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.ServerCluster;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Three real servers under a steady load of which one is stopped or killed, or all are killed, for a while: what the others
 * notice, when calls end, how fast the client is back, and what it uses meanwhile. For one thread.
 */
final class ClusterFaults {
    private static final int SERVERS = 3;
    private static final int WARM_UP_SECONDS = 5;
    private static final int BEFORE_SECONDS = 10;
    private static final int PATIENCE_SECONDS = 30;

    private final int outageSeconds;
    private final long timeoutNs;
    private final List<Result> results = new ArrayList<>();

    private record Usage(double heapMb, double offHeapMb) {}

    private record Result(
            ClusterFault fault,
            int outageSeconds,
            Span before,
            Span during,
            double latestMs,
            double hiccupMs,
            double backMs,
            double attemptsPerSecond,
            Usage usedBefore,
            Usage usedDuring,
            long missing) {}

    /**
     * Plans the runs.
     *
     * @param timeoutNs the deadline of each call
     * @param outageSeconds how long a server is away; all are away for six times as long
     */
    ClusterFaults(long timeoutNs, int outageSeconds) {
        this.timeoutNs = timeoutNs;
        this.outageSeconds = outageSeconds;
    }

    void run(List<ClusterFault> faults) throws InterruptedException {
        System.out.printf(
                """
                Three real servers, deadline %d ms, outage %d s (all gone: %d s), at most 12000 calls a second

                %57s
                %-22s%18s%18s%9s%9s%9s%9s%16s%16s%8s
                %-22s%9s%9s%9s%9s%9s%9s%9s%9s%16s%16s%8s
                """,
                TimeUnit.NANOSECONDS.toMillis(timeoutNs),
                outageSeconds,
                6 * outageSeconds,
                "p99 of the other nodes, us",
                "",
                "sync",
                "async",
                "latest",
                "hiccup",
                "back",
                "attempts",
                "heap, MB",
                "off-heap, MB",
                "no end",
                "fault",
                "before",
                "during",
                "before",
                "during",
                "ms",
                "ms",
                "ms",
                "/ s",
                "before  during",
                "before  during",
                "calls");
        for (ClusterFault fault : faults) {
            Result result = run(fault);
            results.add(result);
            print(result);
        }
        System.out.printf("""

                latest: the most time after its deadline that a call ended; hiccup: how long the machine itself kept a sleeping
                thread waiting meanwhile, at most; back: from the return of the last server to the first answer of it;
                attempts: connections that failed, per second and node that was away

                """);
    }

    private Result run(ClusterFault fault) throws InterruptedException {
        try (ServerCluster servers = ServerCluster.start(SERVERS, "-t", "1", "-m", "64");
                MemcachedClient client = connect(servers);
                ClusterCalls calls = new ClusterCalls(client, timeoutNs)) {
            MemcachedServer victim = servers.server(0);
            String left = fault == ClusterFault.ALL_GONE ? null : victim.address();
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            HiccupMeter hiccups = new HiccupMeter();
            Span before = calls.next(left);
            TimeUnit.SECONDS.sleep(BEFORE_SECONDS);
            Usage usedBefore = usage();

            Span during = calls.next(left);
            long attemptsBefore = attempts(client);
            long startNs = System.nanoTime();
            int seconds = begin(fault, servers, victim);
            TimeUnit.SECONDS.sleep(seconds);
            Usage usedDuring = usage();
            double attempts = (attempts(client) - attemptsBefore) / ((System.nanoTime() - startNs) / 1e9);

            Span after = calls.next(left);
            long returnedNs = end(fault, servers, victim);
            double backMs = backMs(
                    after,
                    fault == ClusterFault.ALL_GONE ? servers.addresses() : List.of(victim.address()),
                    returnedNs);
            TimeUnit.SECONDS.sleep(2);
            double hiccupMs = hiccups.stopAndGetMs();
            long missing = calls.stopAndGetMissing();
            return new Result(
                    fault,
                    seconds,
                    before,
                    during,
                    Math.max(Math.max(before.latestMs(), during.latestMs()), after.latestMs()),
                    hiccupMs,
                    backMs,
                    attempts / (fault == ClusterFault.ALL_GONE ? SERVERS : 1),
                    usedBefore,
                    usedDuring,
                    missing);
        }
    }

    private MemcachedClient connect(ServerCluster servers) {
        return MemcachedClient.builder()
                .nodes(servers.addresses().toArray(String[]::new))
                .timeout(Duration.ofNanos(timeoutNs))
                .connect();
    }

    private int begin(ClusterFault fault, ServerCluster servers, MemcachedServer victim) {
        switch (fault) {
            case STOPPED -> victim.suspend();
            case KILLED -> victim.kill();
            case ALL_GONE -> servers.killAll();
        }
        return fault == ClusterFault.ALL_GONE ? 6 * outageSeconds : outageSeconds;
    }

    /** Returns when the last server was back. */
    private static long end(ClusterFault fault, ServerCluster servers, MemcachedServer victim) {
        switch (fault) {
            case STOPPED -> victim.resume();
            case KILLED -> victim.restart();
            case ALL_GONE -> servers.heal();
        }
        return System.nanoTime();
    }

    private static double backMs(Span after, List<String> nodes, long returnedNs) throws InterruptedException {
        long latestNs = 0;
        for (String node : nodes) {
            Long firstNs = after.firstAnswerNs(node);
            while (firstNs == null && System.nanoTime() - returnedNs < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                TimeUnit.MILLISECONDS.sleep(1);
                firstNs = after.firstAnswerNs(node);
            }
            latestNs = Math.max(latestNs, firstNs == null ? Long.MAX_VALUE : firstNs - returnedNs);
        }
        return latestNs == Long.MAX_VALUE ? Double.NaN : latestNs / 1e6;
    }

    private static long attempts(MemcachedClient client) {
        return client.cluster().connectionPoolMetrics().values().stream()
                .mapToLong(ConnectionPoolMetrics::connectionsCreatedWithError)
                .sum();
    }

    private static Usage usage() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        long offHeapBytes = Arrays.stream(MemoryTag.values())
                .mapToLong(MemoryTag::usedBytes)
                .sum();
        return new Usage(memory.getHeapMemoryUsage().getUsed() / 1e6, offHeapBytes / 1e6);
    }

    private static void print(Result result) {
        boolean others = result.fault() != ClusterFault.ALL_GONE;
        System.out.printf(
                Locale.ROOT,
                "%-22s%9.0f%9.0f%9.0f%9.0f%9.1f%9.1f%9.0f%9.2f%8.1f%8.1f%8.1f%8.1f%8d%n",
                result.fault().description(),
                result.before().syncP99Us(),
                others ? result.during().syncP99Us() : Double.NaN,
                result.before().asyncP99Us(),
                others ? result.during().asyncP99Us() : Double.NaN,
                result.latestMs(),
                result.hiccupMs(),
                result.backMs(),
                result.attemptsPerSecond(),
                result.usedBefore().heapMb(),
                result.usedDuring().heapMb(),
                result.usedBefore().offHeapMb(),
                result.usedDuring().offHeapMb(),
                result.missing());
        if (others && result.during().failuresOfOthers() > 0) {
            System.out.println("    calls to the other nodes that failed: "
                    + result.during().failuresOfOthers());
        }
    }

    long notEnded() {
        return results.stream().mapToLong(Result::missing).sum();
    }

    List<Map<String, Object>> toList() {
        return results.stream().map(ClusterFaults::toMap).toList();
    }

    private static Map<String, Object> toMap(Result result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("fault", result.fault());
        map.put("outageSeconds", result.outageSeconds());
        map.put("answersBefore", result.before().answers());
        map.put("answersDuring", result.during().answers());
        map.put("failuresDuring", result.during().failures());
        if (result.fault() != ClusterFault.ALL_GONE) {
            map.put("failuresOfOthers", result.during().failuresOfOthers());
            map.put("syncP99UsBefore", result.before().syncP99Us());
            map.put("syncP99UsDuring", result.during().syncP99Us());
            map.put("asyncP99UsBefore", result.before().asyncP99Us());
            map.put("asyncP99UsDuring", result.during().asyncP99Us());
        }
        map.put("latestMsAfterDeadline", result.latestMs());
        map.put("hiccupMs", result.hiccupMs());
        map.put("backMs", result.backMs());
        map.put("attemptsPerSecondAndNode", result.attemptsPerSecond());
        map.put("heapMbBefore", result.usedBefore().heapMb());
        map.put("heapMbDuring", result.usedDuring().heapMb());
        map.put("offHeapMbBefore", result.usedBefore().offHeapMb());
        map.put("offHeapMbDuring", result.usedDuring().offHeapMb());
        map.put("notEnded", result.missing());
        return map;
    }
}
