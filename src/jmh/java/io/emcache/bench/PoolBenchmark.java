package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import java.io.IOException;
import java.nio.file.Files;
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

/**
 * What connections to one server are good for: gets a second with a fixed number of them, from sync threads and with many
 * futures in flight, and how a pool grows and shrinks while a load rises and falls.
 */
public final class PoolBenchmark {
    private static final String USAGE = """
            usage: PoolBenchmark ADDRESS YARDSTICK [OPTION VALUE]...

              --rounds N     turns of each case (5)
              --seconds S    length of a turn (2)
              --threads N    threads that call sync (8)
              --window N     gets in flight with async (256)
              --pin CPUS     where scripts/bench pinned everything to, such as 0
              --json FILE    where to write the results
              --svg FILE     where to draw how the pool grew and shrank
            """;
    private static final Set<String> OPTIONS =
            Set.of("--rounds", "--seconds", "--threads", "--window", "--pin", "--json", "--svg");
    private static final int[] CONNECTIONS = {1, 2, 4, 8};

    private final int rounds;
    private final int threads;
    private final int window;
    private final long turnNs;
    private final String placement;
    private final Server server;
    private final Map<Integer, List<Double>> syncOps = new LinkedHashMap<>();
    private final Map<Integer, List<Double>> asyncOps = new LinkedHashMap<>();

    private PoolBenchmark(Arguments arguments) throws UsageException, IOException {
        rounds = arguments.integer("--rounds", 5, 1);
        threads = arguments.integer("--threads", 8, 1);
        window = arguments.integer("--window", 256, 1);
        turnNs = (long) (arguments.number("--seconds", 2, 0.1) * 1e9);
        placement = Placement.describe(arguments.text("--pin"));
        server = new Server(arguments.word(0));
        for (int connections : CONNECTIONS) {
            syncOps.put(connections, new ArrayList<>());
            asyncOps.put(connections, new ArrayList<>());
        }
    }

    /**
     * Measures and prints.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 2, OPTIONS);
            PoolBenchmark benchmark = new PoolBenchmark(arguments);
            new Yardstick(Path.of(arguments.word(1)), benchmark.server).fill();
            benchmark.measureThroughput();
            List<PoolHistory.Sample> history = new PoolHistory(benchmark.server.node()).record();
            benchmark.write(arguments, history);
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private void measureThroughput() throws InterruptedException {
        System.out.printf(
                "Gets a second from one server by number of connections; %d rounds of %.1f s each%nPlacement: %s%n%n",
                rounds, turnNs / 1e9, placement);
        // Round after round, so that a drift of the machine does not favour one; the first is the warm-up.
        for (int round = 0; round <= rounds; round++) {
            for (int connections : CONNECTIONS) {
                try (MemcachedClient client = client(connections)) {
                    double sync = PoolLoad.sync(client, new Keys(), threads, turnNs);
                    double async = PoolLoad.async(client, window, turnNs);
                    if (round > 0) {
                        syncOps.get(connections).add(sync);
                        asyncOps.get(connections).add(async);
                    }
                }
            }
        }
        System.out.printf("%-14s%30s%30s%n", "connections", threads + " threads, sync", window + " in flight, async");
        for (int connections : CONNECTIONS) {
            System.out.printf("%-14d%30s%30s%n", connections, text(syncOps, connections), text(asyncOps, connections));
        }
        System.out.printf("%nmedian of the rounds, and the least and the most%n%n");
    }

    private static String text(Map<Integer, List<Double>> ops, int connections) {
        Spread spread = Spread.of(ops.get(connections), each -> each);
        return String.format(Locale.ROOT, "%,.0f (%,.0f-%,.0f)", spread.median(), spread.min(), spread.max());
    }

    private MemcachedClient client(int connections) {
        return MemcachedClient.builder()
                .nodes(server.node())
                .connections(connections)
                .timeout(Duration.ofSeconds(5))
                .connect();
    }

    private void write(Arguments arguments, List<PoolHistory.Sample> history) throws IOException {
        String json = arguments.text("--json");
        if (json != null) {
            Json.write(Path.of(json), toMap(history));
            System.out.println("Results: " + json);
        }
        String svg = arguments.text("--svg");
        if (svg != null) {
            Files.writeString(Path.of(svg), new PoolPlot(history).toSvg());
            System.out.println("Plot: " + svg);
        }
    }

    private Map<String, Object> toMap(List<PoolHistory.Sample> history) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", "pool");
        map.put("time", Instant.now().toString());
        map.put("java", System.getProperty("java.vm.version"));
        map.put("placement", placement);
        map.put("rounds", rounds);
        map.put("turnSeconds", turnNs / 1e9);
        map.put("threads", threads);
        map.put("window", window);
        map.put("cases", Arrays.stream(CONNECTIONS).mapToObj(this::toMap).toList());
        map.put("history", history.stream().map(PoolHistory.Sample::toMap).toList());
        return map;
    }

    private Map<String, Object> toMap(int connections) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("connections", connections);
        map.put(
                "syncOpsPerSecond",
                Spread.of(syncOps.get(connections), each -> each).toMap());
        map.put(
                "asyncOpsPerSecond",
                Spread.of(asyncOps.get(connections), each -> each).toMap());
        return map;
    }
}
