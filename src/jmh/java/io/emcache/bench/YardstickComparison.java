package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Gets of one thread against the yardstick, a plain C client on one blocking socket: the two take turns on the same
 * server, and what counts is the ratio within each pair of turns. The order changes from pair to pair, so that a drift
 * of the machine does not favour one.
 */
public final class YardstickComparison {
    private static final String USAGE = """
            usage: YardstickComparison ADDRESS YARDSTICK get|async [OPTION VALUE]...

              get      one get after the other, beside the yardstick's mg 1
              async    many gets in flight, beside the yardstick's mg WINDOW; with autobatching beside its multi KEYS, one get
                       with so many keys

              --pairs N      pairs of turns, at least 5 (5)
              --seconds S    length of a turn (3)
              --warmup S     length of the client's warm-up (5)
              --window N     gets in flight with async (256)
              --batch KEYS   autobatching of so many keys at most with async; 0 for none (0)
              --pin CPUS     where scripts/bench pinned everything to, such as 0
              --json FILE    where to write the results
            """;
    private static final Set<String> OPTIONS =
            Set.of("--pairs", "--seconds", "--warmup", "--window", "--batch", "--pin", "--json");

    private final boolean async;
    private final int pairs;
    private final int window;
    private final int batchKeys;
    private final double seconds;
    private final double warmupSeconds;
    private final String placement;
    private final Server server;
    private final Yardstick yardstick;
    private final ComparisonReport report;

    private YardstickComparison(Arguments arguments) throws UsageException, IOException {
        String mode = arguments.word(2);
        async = mode.equals("async");
        if (!async && !mode.equals("get")) {
            throw new UsageException("get or async, not " + mode);
        }
        pairs = arguments.integer("--pairs", 5, 5);
        window = async ? arguments.integer("--window", 256, 1) : 1;
        batchKeys = async ? arguments.integer("--batch", 0, 0) : 0;
        seconds = arguments.number("--seconds", 3, 0.1);
        warmupSeconds = arguments.number("--warmup", 5, 0);
        placement = Placement.describe(arguments.text("--pin"));
        server = new Server(arguments.word(0));
        yardstick = new Yardstick(Path.of(arguments.word(1)), server);
        report = new ComparisonReport(async ? Metric.OF_MANY_IN_FLIGHT : Metric.OF_ONE_AT_A_TIME);
    }

    /**
     * Runs the comparison.
     *
     * @param args see the usage that it prints when there are none
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 3, OPTIONS);
            YardstickComparison comparison = new YardstickComparison(arguments);
            boolean valid = comparison.run();
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), comparison.toMap());
                System.out.println("Results: " + json);
            }
            if (!valid) {
                System.err.println("Too many gets missed, so these numbers say nothing.");
                System.exit(1);
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private boolean run() throws IOException, InterruptedException {
        System.out.println(title());
        System.out.println("Placement: " + placement);
        yardstick.fill();
        try (MemcachedClient client = server.connect(batchKeys)) {
            Keys keys = new Keys();
            Load load = async ? new AsyncGets(client.async(), keys, window) : new SyncGets(client, keys);
            load.runFor(nanos(warmupSeconds));
            report.printHeader();
            for (int i = 0; i < pairs; i++) {
                report.add(i % 2 == 0 ? clientFirst(load) : yardstickFirst(load));
            }
        }
        report.printSummary();
        return report.isValid();
    }

    private Pair clientFirst(Load load) throws IOException, InterruptedException {
        Turn client = load.runFor(nanos(seconds));
        return new Pair(client, plain());
    }

    private Pair yardstickFirst(Load load) throws IOException, InterruptedException {
        Turn plain = plain();
        return new Pair(load.runFor(nanos(seconds)), plain);
    }

    private Turn plain() throws IOException, InterruptedException {
        return batchKeys == 0
                ? yardstick.gets(window, seconds)
                : yardstick.turn("multi", batchKeys, seconds, Keys.VALUE_BYTES, Keys.COUNT);
    }

    private String title() {
        String what = async ? "Async gets of one thread, " + window + " in flight" : "Sync gets of one thread";
        return what + ", values of " + Keys.VALUE_BYTES + " bytes, against the yardstick's "
                + (batchKeys == 0 ? "mg " + window : "multi " + batchKeys) + "; " + pairs
                + " pairs of " + seconds + " s turns";
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", async ? "async" : "get");
        map.put("time", Instant.now().toString());
        map.put("java", System.getProperty("java.vm.version"));
        map.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("placement", placement);
        map.put("window", window);
        map.put("batchKeys", batchKeys);
        map.put("secondsPerTurn", seconds);
        map.put("valueBytes", Keys.VALUE_BYTES);
        map.putAll(report.toMap());
        return map;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /** One turn of each contender. */
    record Pair(Turn client, Turn yardstick) {

        double ratio(Metric metric) {
            return metric.of(client) / metric.of(yardstick);
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("emcache", client.toMap());
            map.put("yardstick", yardstick.toMap());
            return map;
        }
    }

    /** A number that both contenders have. */
    enum Metric {
        OPS("ops/s", 0) {
            @Override
            double of(Turn turn) {
                return turn.opsPerSecond();
            }
        },
        P50("p50 us", 1) {
            @Override
            double of(Turn turn) {
                return turn.p50Us();
            }
        },
        P99("p99 us", 1) {
            @Override
            double of(Turn turn) {
                return turn.p99Us();
            }
        },
        P999("p99.9 us", 1) {
            @Override
            double of(Turn turn) {
                return turn.p999Us();
            }
        },
        CPU("CPU us/op", 2) {
            @Override
            double of(Turn turn) {
                return turn.cpuPerOpUs();
            }
        };

        static final List<Metric> OF_ONE_AT_A_TIME = List.of(OPS, P50, P99, P999, CPU);

        /** Without what a short turn has too few of. */
        static final List<Metric> OF_SHORT_TURNS = List.of(OPS, P50, P99, CPU);

        /** The yardstick times windows, the client does not: only what is counted can be compared. */
        static final List<Metric> OF_MANY_IN_FLIGHT = List.of(OPS, CPU);

        final int decimals;
        final String label;

        Metric(String label, int decimals) {
            this.label = label;
            this.decimals = decimals;
        }

        abstract double of(Turn turn);
    }
}
