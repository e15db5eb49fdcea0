package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
import java.util.function.ToDoubleFunction;

/**
 * How the kinds of use get along in one client: sync gets of one thread, alone and beside async gets, with one connection
 * and two; then async gets over several nodes with one, two and three event loops. All cases take turns, round after
 * round, so that a drift of the machine favours none.
 */
public final class MixedBenchmark {
    private static final String USAGE = """
            usage: MixedBenchmark ADDRESS,ADDRESS,... YARDSTICK [OPTION VALUE]...

            The sync gets go to the first of the nodes.

              --rounds N         how often each case has its turn (5)
              --seconds S        length of a turn (2)
              --warmup S         length of a case's warm-up (2)
              --window N         async gets in flight (256)
              --pin CPUS         where scripts/bench pinned everything to, such as 0
              --json FILE        where to write the results
            """;
    private static final Set<String> OPTIONS =
            Set.of("--rounds", "--seconds", "--warmup", "--window", "--pin", "--json");

    private final int rounds;
    private final int window;
    private final double seconds;
    private final double warmupSeconds;
    private final String placement;
    private final List<Server> servers = new ArrayList<>();
    private final List<Case> cases = new ArrayList<>();

    /** One way of use, and what its turns came to. */
    private static final class Case {
        private final String name;
        private final MemcachedClient client;
        private final Load load;
        private final int besideWindow;
        private final List<Turn> turns = new ArrayList<>();
        private final List<Double> parkedPercent = new ArrayList<>();
        private final List<Double> besideOps = new ArrayList<>();

        Case(String name, MemcachedClient client, Load load, int besideWindow) {
            this.name = name;
            this.client = client;
            this.load = load;
            this.besideWindow = besideWindow;
        }

        private void run(double seconds, boolean counts) throws InterruptedException {
            AsyncLoad beside = besideWindow == 0 ? null : new AsyncLoad(client.async(), besideWindow);
            long parks = parks();
            Turn turn = load.runFor(nanos(seconds));
            parks = parks() - parks;
            double ops = beside == null ? 0 : beside.stop();
            if (counts) {
                turns.add(turn);
                parkedPercent.add(100 * parks / (turn.opsPerSecond() * seconds));
                besideOps.add(ops);
            }
        }

        /** A caller that drives does not park. */
        private static long parks() {
            long self = Thread.currentThread().threadId();
            return ManagementFactory.getThreadMXBean().getThreadInfo(self).getWaitedCount();
        }

        private double median(ToDoubleFunction<Turn> number) {
            return Spread.of(turns, number).median();
        }

        private static double median(List<Double> numbers) {
            return Spread.of(numbers, Double::doubleValue).median();
        }

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", name);
            map.put("parkedPercent", parkedPercent);
            map.put("besideOpsPerSecond", besideOps);
            map.put("turns", turns.stream().map(Turn::toMap).toList());
            return map;
        }
    }

    private MixedBenchmark(Arguments arguments) throws UsageException, IOException {
        rounds = arguments.integer("--rounds", 5, 1);
        window = arguments.integer("--window", 256, 1);
        seconds = arguments.number("--seconds", 2, 0.1);
        warmupSeconds = arguments.number("--warmup", 2, 0);
        placement = Placement.describe(arguments.text("--pin"));
        for (String address : arguments.word(0).split(",", -1)) {
            servers.add(new Server(address));
        }
    }

    /**
     * Runs all cases.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 2, OPTIONS);
            MixedBenchmark benchmark = new MixedBenchmark(arguments);
            benchmark.run(Path.of(arguments.word(1)));
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), benchmark.toMap());
                System.out.println("Results: " + json);
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private void run(Path yardstick) throws IOException, InterruptedException {
        for (Server server : servers) {
            new Yardstick(yardstick, server).fill();
        }
        System.out.printf(
                Locale.ROOT,
                "Mixed use of one client: %d rounds of %.1f s turns, values of %d bytes, %d async gets in flight%n"
                        + "Placement: %s%n%n",
                rounds,
                seconds,
                Keys.VALUE_BYTES,
                window,
                placement);
        try {
            addCases();
            for (Case each : cases) {
                each.run(warmupSeconds, false);
            }
            for (int round = 0; round < rounds; round++) {
                for (Case each : cases) {
                    each.run(seconds, true);
                }
            }
        } finally {
            cases.forEach(each -> each.client.close());
        }
        print();
    }

    private void addCases() {
        for (int connections = 1; connections <= 2; connections++) {
            for (int beside : new int[] {0, window}) {
                MemcachedClient client = connect(servers.subList(0, 1), connections, 1);
                String name = "sync, connections=" + connections + (beside == 0 ? ", alone" : ", beside async");
                cases.add(new Case(name, client, new SyncGets(client, new Keys()), beside));
            }
        }
        for (int loops = 1; loops <= 3; loops++) {
            MemcachedClient client = connect(servers, 1, loops);
            String name = "async, nodes=" + servers.size() + ", eventLoops=" + loops;
            cases.add(new Case(name, client, new AsyncGets(client.async(), new Keys(), window), 0));
        }
    }

    private static MemcachedClient connect(List<Server> servers, int connections, int loops) {
        return MemcachedClient.builder()
                .nodes(servers.stream().map(Server::node).toArray(String[]::new))
                .connections(connections)
                .eventLoops(loops)
                .timeout(Duration.ofSeconds(5))
                .connect();
    }

    private void print() {
        System.out.printf(
                "%-34s%10s%9s%9s%10s%10s%13s%8s%n",
                "medians", "ops/s", "p50 us", "p99 us", "CPU us/op", "parked %", "beside ops/s", "hits %");
        for (Case each : cases) {
            boolean timed = !Double.isNaN(each.median(Turn::p50Us));
            System.out.printf(
                    Locale.ROOT,
                    "%-34s%10.0f%9s%9s%10.2f%10s%13.0f%8.1f%n",
                    each.name,
                    each.median(Turn::opsPerSecond),
                    timed ? String.format(Locale.ROOT, "%.1f", each.median(Turn::p50Us)) : "-",
                    timed ? String.format(Locale.ROOT, "%.1f", each.median(Turn::p99Us)) : "-",
                    each.median(Turn::cpuPerOpUs),
                    timed ? String.format(Locale.ROOT, "%.2f", Case.median(each.parkedPercent)) : "-",
                    Case.median(each.besideOps),
                    each.median(Turn::hitPercent));
        }
        System.out.println();
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", "mixed");
        map.put("time", Instant.now().toString());
        map.put("java", System.getProperty("java.vm.version"));
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("placement", placement);
        map.put("window", window);
        map.put("secondsPerTurn", seconds);
        map.put("valueBytes", Keys.VALUE_BYTES);
        map.put("cases", cases.stream().map(Case::toMap).toList());
        return map;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
