package io.emcache.bench;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import io.emcache.bench.ClusterCalls.Span;
import io.emcache.testkit.MemcachedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What the other nodes of a cluster notice while the TLS handshakes with one of them stall, again and again. Three real
 * servers are under a steady load; in each round one of them is replaced for a while by a listener that takes connections
 * and says nothing, and comes back. What counts are the ratios within each round; that of after to before shows what is
 * noise.
 */
public final class HandshakeBenchmark {
    private static final String USAGE = """
            usage: HandshakeBenchmark [OPTION VALUE]...

              --rounds N                   how often one server is replaced (5)
              --seconds S                  how long it is, and how long is measured before and after (5)
              --timeout-ms T               the deadline of each call (100)
              --connection-timeout-ms T    after which a handshake is given up, and tried anew (200)
              --connections N              to each node, all of which stall (4)
              --pin CPUS                   where scripts/bench pinned everything to, such as 0
              --json FILE                  where to write the results
            """;
    private static final Set<String> OPTIONS = Set.of(
            "--rounds", "--seconds", "--timeout-ms", "--connection-timeout-ms", "--connections", "--pin", "--json");
    private static final String[] ARGUMENTS = {"-t", "1", "-m", "64"};
    private static final int WARM_UP_SECONDS = 5;
    private static final int SETTLE_SECONDS = 1;
    private static final int PATIENCE_SECONDS = 60;
    private static final int LONGEST_BACKLOG = 4096;
    private static final Map<String, ToDoubleFunction<Span>> NUMBERS = new LinkedHashMap<>();

    static {
        NUMBERS.put("sync p50 us", span -> span.syncUs(50));
        NUMBERS.put("sync p99 us", span -> span.syncUs(99));
        NUMBERS.put("async p50 us", span -> span.asyncUs(50));
        NUMBERS.put("async p99 us", span -> span.asyncUs(99));
    }

    private final int rounds;
    private final int connections;
    private final long spanMs;
    private final long timeoutNs;
    private final Duration connectionTimeout;
    private final String placement;
    private final List<Round> results = new ArrayList<>();

    private long missing;

    private record Round(Span before, Span during, Span after, long stalled, double backMs, double hiccupMs) {

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            NUMBERS.forEach((name, number) -> map.put(
                    name,
                    Map.of(
                            "before", number.applyAsDouble(before),
                            "during", number.applyAsDouble(during),
                            "after", number.applyAsDouble(after))));
            map.put("stalled", stalled);
            map.put("failuresOfOthers", failuresOfOthers());
            map.put("backMs", backMs);
            map.put("hiccupMs", hiccupMs);
            return map;
        }

        private long failuresOfOthers() {
            return before.failuresOfOthers() + during.failuresOfOthers() + after.failuresOfOthers();
        }
    }

    private HandshakeBenchmark(Arguments arguments) throws UsageException, IOException {
        rounds = arguments.integer("--rounds", 5, 1);
        connections = arguments.integer("--connections", 4, 1);
        spanMs = (long) (arguments.number("--seconds", 5, 0.1) * 1e3);
        timeoutNs = TimeUnit.MILLISECONDS.toNanos(arguments.integer("--timeout-ms", 100, 1));
        connectionTimeout = Duration.ofMillis(arguments.integer("--connection-timeout-ms", 200, 1));
        placement = Placement.describe(arguments.text("--pin"));
    }

    /**
     * Runs it; exits with 1 if a call did not end, or no handshake stalled.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 0, OPTIONS);
            HandshakeBenchmark benchmark = new HandshakeBenchmark(arguments);
            benchmark.run();
            benchmark.print();
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), benchmark.toMap());
                System.out.println("Results: " + json);
            }
            System.exit(benchmark.isValid() ? 0 : 1);
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private void run() throws IOException, InterruptedException {
        System.out.printf(
                Locale.ROOT,
                "Handshakes that stall with one of three nodes: deadline %d ms, %d connections a node, each given up after"
                        + " %d ms;%n%d rounds, %.1f s each before, during and after; at most 12000 calls a second%n"
                        + "Placement: %s%n%n",
                TimeUnit.NANOSECONDS.toMillis(timeoutNs),
                connections,
                connectionTimeout.toMillis(),
                rounds,
                spanMs / 1e3,
                placement);
        TlsCertificates certificates = new TlsCertificates();
        try (MemcachedServer victim = certificates.start(ARGUMENTS);
                MemcachedServer second = certificates.start(ARGUMENTS);
                MemcachedServer third = certificates.start(ARGUMENTS);
                MemcachedClient client = client(certificates, victim, second, third);
                ClusterCalls calls = new ClusterCalls(client, timeoutNs)) {
            // The first handshakes load classes, which takes longer than later ones may.
            client.awaitReady(Duration.ofSeconds(PATIENCE_SECONDS));
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            // The first is not counted: it loads classes.
            for (int i = 0; i <= rounds; i++) {
                Round round = round(client, victim, calls);
                if (i > 0) {
                    results.add(round);
                }
            }
            missing = calls.stopAndGetMissing();
        }
    }

    private MemcachedClient client(TlsCertificates certificates, MemcachedServer... servers) {
        return MemcachedClient.builder()
                .nodes(Arrays.stream(servers).map(MemcachedServer::address).toArray(String[]::new))
                .tls(certificates.clientOptions().build())
                .connections(connections)
                .timeout(Duration.ofNanos(timeoutNs))
                .connectionTimeout(connectionTimeout)
                .build();
    }

    private Round round(MemcachedClient client, MemcachedServer victim, ClusterCalls calls)
            throws IOException, InterruptedException {
        String node = victim.address();
        HiccupMeter hiccups = new HiccupMeter();
        Span before = calls.next(node);
        TimeUnit.MILLISECONDS.sleep(spanMs);

        long failedBefore = failedAttempts(client);
        victim.kill();
        Span during;
        try (ServerSocket _ = new ServerSocket(victim.port(), LONGEST_BACKLOG, InetAddress.getLoopbackAddress())) {
            during = calls.next(node);
            TimeUnit.MILLISECONDS.sleep(spanMs);
            calls.next(node);
        }
        long stalled = failedAttempts(client) - failedBefore;

        Span back = calls.next(node);
        victim.restart();
        double backMs = awaitAnswer(back, node);
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        Span after = calls.next(node);
        TimeUnit.MILLISECONDS.sleep(spanMs);
        calls.next(node);
        return new Round(before, during, after, stalled, backMs, hiccups.stopAndGetMs());
    }

    private static double awaitAnswer(Span span, String node) throws InterruptedException {
        long startNs = System.nanoTime();
        Long firstNs = span.firstAnswerNs(node);
        while (firstNs == null) {
            if (System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new IllegalStateException("the client has not come back to " + node);
            }
            TimeUnit.MILLISECONDS.sleep(1);
            firstNs = span.firstAnswerNs(node);
        }
        return (firstNs - startNs) / 1e6;
    }

    private static long failedAttempts(MemcachedClient client) {
        return client.cluster().connectionPoolMetrics().values().stream()
                .mapToLong(ConnectionPoolMetrics::connectionsCreatedWithError)
                .sum();
    }

    private void print() {
        System.out.printf(
                "%-16s%10s%10s%10s%25s%25s%n",
                "other nodes", "before", "during", "after", "during/before", "after/before");
        NUMBERS.forEach((name, number) -> System.out.printf(
                Locale.ROOT,
                "%-16s%10.0f%10.0f%10.0f%25s%25s%n",
                name,
                median(round -> number.applyAsDouble(round.before)),
                median(round -> number.applyAsDouble(round.during)),
                median(round -> number.applyAsDouble(round.after)),
                ratio(round -> number.applyAsDouble(round.during) / number.applyAsDouble(round.before)),
                ratio(round -> number.applyAsDouble(round.after) / number.applyAsDouble(round.before))));
        System.out.printf(
                Locale.ROOT,
                """

                handshakes that stalled in a round: %.0f; calls to the other nodes that failed: %d; calls that did not end: %d
                the node is back %.0f ms after it answers again; longest hiccup of the machine in a round: %.1f ms

                """,
                median(Round::stalled),
                results.stream().mapToLong(Round::failuresOfOthers).sum(),
                missing,
                median(Round::backMs),
                median(Round::hiccupMs));
    }

    private double median(ToDoubleFunction<Round> number) {
        return Spread.of(results, number).median();
    }

    private String ratio(ToDoubleFunction<Round> ratio) {
        Spread spread = Spread.of(results, ratio);
        return String.format(Locale.ROOT, "%.2f (%.2f .. %.2f)", spread.median(), spread.min(), spread.max());
    }

    private boolean isValid() {
        return missing == 0 && results.stream().allMatch(round -> round.stalled > 0);
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", "handshake");
        map.put("time", Instant.now().toString());
        map.put("java", System.getProperty("java.vm.version"));
        map.put("placement", placement);
        map.put("timeoutMs", TimeUnit.NANOSECONDS.toMillis(timeoutNs));
        map.put("connectionTimeoutMs", connectionTimeout.toMillis());
        map.put("connectionsPerNode", connections);
        map.put("secondsPerSpan", spanMs / 1e3);
        map.put("notEnded", missing);
        map.put("rounds", results.stream().map(Round::toMap).toList());
        return map;
    }
}
