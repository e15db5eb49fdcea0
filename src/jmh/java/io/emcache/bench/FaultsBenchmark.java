package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import io.emcache.bench.FaultCalls.Caller;
import io.emcache.bench.FaultCalls.Verb;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long after its deadline a real call ends when a server misbehaves, for gets and sets from platform threads, from
 * virtual threads and as futures. A healthy server comes first, as a control, and beside each case stands the longest
 * pause that the machine itself made. Then what a cluster of three real servers does when one of them or all are gone. Fails
 * only if a call does not end at all.
 */
public final class FaultsBenchmark {
    private static final String USAGE = """
            usage: FaultsBenchmark ADDRESS YARDSTICK [OPTION VALUE]...

              --timeout-ms T     the deadline of each call (100)
              --concurrency N    calls at once (16)
              --rounds N         how often (10)
              --fault NAME       only this one: never-answers, answers-late, half-an-answer, closes-in-mid-answer,
                                 never-reads, accepts-only, black-hole; of three real servers: stopped, killed,
                                 all-gone
              --outage-s S       how long one of three servers is away; all of them are for six times as long (10)
              --pin CPUS         where scripts/bench pinned everything to, such as 0
              --json FILE        where to write the results
            """;
    private static final Set<String> OPTIONS =
            Set.of("--timeout-ms", "--concurrency", "--rounds", "--fault", "--outage-s", "--pin", "--json");
    private static final long LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final int concurrency;
    private final int rounds;
    private final long timeoutNs;
    private final String placement;
    private final List<Result> results = new ArrayList<>();
    private final ClusterFaults clusterFaults;

    private record Result(String server, Caller caller, Verb verb, CallEndings endings, double hiccupMs) {}

    private FaultsBenchmark(Arguments arguments) throws UsageException, IOException {
        concurrency = arguments.integer("--concurrency", 16, 1);
        rounds = arguments.integer("--rounds", 10, 1);
        timeoutNs = TimeUnit.MILLISECONDS.toNanos(arguments.integer("--timeout-ms", 100, 1));
        placement = Placement.describe(arguments.text("--pin"));
        clusterFaults = new ClusterFaults(timeoutNs, arguments.integer("--outage-s", 10, 1));
    }

    /**
     * Runs all cases; exits with 1 if a call did not end within ten seconds after its deadline.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 2, OPTIONS);
            FaultsBenchmark benchmark = new FaultsBenchmark(arguments);
            benchmark.run(new Server(arguments.word(0)), arguments.text("--fault"));
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), benchmark.toMap());
                System.out.println("Results: " + json);
            }
            // Threads of calls that never end would keep this process.
            System.exit(benchmark.notEnded() == 0 ? 0 : 1);
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private void run(Server healthy, @Nullable String name) throws UsageException, IOException, InterruptedException {
        Fault fault = name == null ? null : Fault.named(name);
        ClusterFault clusterFault = name == null ? null : ClusterFault.named(name);
        if (name != null && fault == null && clusterFault == null) {
            throw new UsageException("no fault is called " + name);
        }
        if (clusterFault == null) {
            run(healthy, fault == null ? List.of(Fault.values()) : List.of(fault));
        }
        if (fault == null) {
            clusterFaults.run(clusterFault == null ? List.of(ClusterFault.values()) : List.of(clusterFault));
        }
    }

    private void run(Server healthy, List<Fault> faults) throws IOException, InterruptedException {
        System.out.printf(
                "Calls on servers that misbehave: deadline %d ms, %d rounds of %d calls at once%nPlacement: %s%n%n",
                TimeUnit.NANOSECONDS.toMillis(timeoutNs), rounds, concurrency, placement);
        System.out.printf("%77s%n", "end of a call, ms after its deadline");
        System.out.printf(
                "%-32s%-9s%-5s%7s%8s%8s%8s%9s  %s%n",
                "server", "caller", "verb", "calls", "p50", "p99", "max", "hiccup", "outcomes");
        run("healthy", healthy.node(), false);
        for (Fault fault : faults) {
            try (FaultyServer server = new FaultyServer(fault, timeoutNs + timeoutNs / 2)) {
                run(fault.description(), server.node(), fault == Fault.NEVER_READS);
            }
        }
        printSummary();
    }

    private void run(String server, String node, boolean fillBuffers) throws InterruptedException {
        for (Caller caller : Caller.values()) {
            for (Verb verb : Verb.values()) {
                try (MemcachedClient client = client(node)) {
                    HiccupMeter hiccups = new HiccupMeter();
                    CallEndings endings =
                            fillBuffers ? callAmongLarge(client, caller, verb) : call(client, caller, verb);
                    Result result = new Result(server, caller, verb, endings, hiccups.stopAndGetMs());
                    results.add(result);
                    print(result);
                }
            }
        }
    }

    private MemcachedClient client(String node) {
        Duration timeout = Duration.ofNanos(timeoutNs);
        return MemcachedClient.builder()
                .nodes(node)
                .timeout(timeout)
                .connectionTimeout(timeout.multipliedBy(5))
                .build();
    }

    private CallEndings callAmongLarge(MemcachedClient client, Caller caller, Verb verb) throws InterruptedException {
        BufferFiller filler = new BufferFiller(client);
        try {
            return call(client, caller, verb);
        } finally {
            filler.stop();
        }
    }

    /** The first round is not counted: it loads classes. */
    private CallEndings call(MemcachedClient client, Caller caller, Verb verb) throws InterruptedException {
        new FaultCalls(client, verb, concurrency, 1, timeoutNs).run(caller);
        return new FaultCalls(client, verb, concurrency, rounds, timeoutNs).run(caller);
    }

    private static void print(Result result) {
        CallEndings endings = result.endings();
        System.out.printf(
                Locale.ROOT,
                "%-32s%-9s%-5s%7d%8.1f%8.1f%8.1f%9.1f  %s%s%n",
                result.server(),
                result.caller().name().toLowerCase(Locale.ROOT),
                result.verb().name().toLowerCase(Locale.ROOT),
                endings.ended(),
                endings.percentileMs(50),
                endings.percentileMs(99),
                endings.percentileMs(100),
                result.hiccupMs(),
                outcomes(endings),
                endings.missing() == 0 ? "" : ", NO END " + endings.missing());
    }

    private static String outcomes(CallEndings endings) {
        return endings.outcomes().entrySet().stream()
                .map(outcome -> outcome.getKey() + " " + outcome.getValue())
                .collect(Collectors.joining(", "));
    }

    private void printSummary() {
        System.out.printf(
                """

                hiccup: how long the machine itself kept a sleeping thread waiting meanwhile, at most

                %d calls ended, %d of them later than %d ms after their deadline (less the hiccup: %d)
                %d calls did not end within %d s

                """,
                results.stream().mapToInt(result -> result.endings().ended()).sum(),
                endedLaterThan(LIMIT_NS),
                TimeUnit.NANOSECONDS.toMillis(LIMIT_NS),
                endedLateUnexplained(),
                notEnded(),
                TimeUnit.NANOSECONDS.toSeconds(FaultCalls.FOREVER_NS));
    }

    /** Calls that are later than the limit even without what the machine itself may have added. */
    private long endedLateUnexplained() {
        return results.stream()
                .mapToLong(result -> result.endings().laterThan(LIMIT_NS + (long) (result.hiccupMs() * 1e6)))
                .sum();
    }

    private long endedLaterThan(long limitNs) {
        return results.stream()
                .mapToLong(result -> result.endings().laterThan(limitNs))
                .sum();
    }

    private long notEnded() {
        long missing =
                results.stream().mapToLong(result -> result.endings().missing()).sum();
        return missing + endedLaterThan(FaultCalls.FOREVER_NS) + clusterFaults.notEnded();
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", "faults");
        map.put("time", Instant.now().toString());
        map.put("java", System.getProperty("java.vm.version"));
        map.put("placement", placement);
        map.put("timeoutMs", TimeUnit.NANOSECONDS.toMillis(timeoutNs));
        map.put("callsAtOnce", concurrency);
        map.put("laterThan50Ms", endedLaterThan(LIMIT_NS));
        map.put("laterThan50MsAndHiccup", endedLateUnexplained());
        map.put("notEnded", notEnded());
        map.put("cases", results.stream().map(FaultsBenchmark::toMap).toList());
        map.put("clusterCases", clusterFaults.toList());
        return map;
    }

    private static Map<String, Object> toMap(Result result) {
        CallEndings endings = result.endings();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("server", result.server());
        map.put("caller", result.caller());
        map.put("verb", result.verb());
        map.put("calls", endings.ended());
        map.put("notEnded", endings.missing());
        map.put("p50Ms", endings.percentileMs(50));
        map.put("p99Ms", endings.percentileMs(99));
        map.put("maxMs", endings.percentileMs(100));
        map.put("hiccupMs", result.hiccupMs());
        map.put("outcomes", endings.outcomes());
        return map;
    }
}
