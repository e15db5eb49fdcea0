package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import io.emcache.bench.Contest.Contender;
import io.emcache.bench.YardstickComparison.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether cost grows with work and no faster: what a connection, a node and a key cost when there are many, in time and
 * memory; and what the direct face spares beside the async one. All cases of a part take turns, round after round.
 */
public final class ScaleBenchmark {
    private static final String USAGE = """
            usage: ScaleBenchmark ADDRESS,ADDRESS YARDSTICK [OPTION VALUE]...

            The second server has room for a million keys; the first takes a thousand connections and more.

              --part NAME    only one: direct, connections, nodes or getAll
              --rounds N     how often each case has its turn (5)
              --seconds S    length of a turn (2)
              --warmup S     length of a case's warm-up (2)
              --keys N       the most keys of a getAll (1000000)
              --pin CPUS     where scripts/bench pinned everything to, such as 0
              --command TEXT what was typed, for the report
              --json FILE    where to write the results
            """;
    private static final Set<String> OPTIONS =
            Set.of("--part", "--rounds", "--seconds", "--warmup", "--keys", "--pin", "--command", "--json");
    private static final List<String> PARTS = List.of("direct", "connections", "nodes", "getAll");
    private static final int[] CONNECTIONS = {1, 2, 4, 8, 16, 32, 64};
    private static final int[] NODES = {1, 10, 100, 1000};
    private static final int LEAST_KEYS = 1000;
    private static final int DIRECT_IN_FLIGHT = 256;
    private static final int CONNECTIONS_IN_FLIGHT = 64;
    private static final int NODES_IN_FLIGHT = 32;

    private final int rounds;
    private final int mostKeys;
    private final double seconds;
    private final double warmupSeconds;

    private boolean valid = true;

    private final String command;
    private final String placement;
    private final Server server;
    private final Server large;
    private final Path yardstick;
    private final Map<String, Object> results = new LinkedHashMap<>();
    private final @Nullable String part;

    private ScaleBenchmark(Arguments arguments) throws UsageException, IOException {
        rounds = arguments.integer("--rounds", 5, 1);
        mostKeys = arguments.integer("--keys", 1_000_000, LEAST_KEYS);
        seconds = arguments.number("--seconds", 2, 0.1);
        warmupSeconds = arguments.number("--warmup", 2, 0);
        placement = Placement.describe(arguments.text("--pin"));
        command = Objects.requireNonNullElse(arguments.text("--command"), "");
        part = arguments.text("--part");
        if (part != null && !PARTS.contains(part)) {
            throw new UsageException("--part needs one of " + PARTS + ", not " + part);
        }
        String[] addresses = arguments.word(0).split(",", -1);
        if (addresses.length != 2) {
            throw new UsageException("two servers are needed, not " + addresses.length);
        }
        server = new Server(addresses[0]);
        large = new Server(addresses[1]);
        yardstick = Path.of(arguments.word(1));
    }

    /**
     * Runs all parts, or one; exits with 1 if gets missed.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 2, OPTIONS);
            ScaleBenchmark benchmark = new ScaleBenchmark(arguments);
            benchmark.run();
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), benchmark.toMap());
                System.out.println("Results: " + json);
            }
            if (!benchmark.valid) {
                System.err.println("Too many gets missed, so these numbers say nothing.");
                System.exit(1);
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private void run() throws IOException, InterruptedException {
        System.out.printf(
                Locale.ROOT,
                "Whether cost grows with work; %d rounds of %.1f s turns, values of %d bytes%nPlacement: %s%n%n",
                rounds,
                seconds,
                Keys.VALUE_BYTES,
                placement);
        for (String each : part == null ? PARTS : List.of(part)) {
            switch (each) {
                case "direct" -> measureDirect();
                case "connections" -> measureConnections();
                case "nodes" -> measureNodes();
                default -> measureGetAll();
            }
        }
    }

    private void measureDirect() throws IOException, InterruptedException {
        fill();
        Contest contest = new Contest(
                "Direct gets beside async ones, " + DIRECT_IN_FLIGHT + " in flight", Metric.OF_MANY_IN_FLIGHT);
        Keys keys = new Keys();
        DirectKeys directKeys = new DirectKeys(keys);
        try (MemcachedClient client = server.connect()) {
            Contender async = contest.enter("async", new AsyncGets(client.async(), keys, DIRECT_IN_FLIGHT));
            Contender window = contest.enter(
                    "direct, offered by one thread",
                    new DirectWindow(client.direct(), keys, directKeys, DIRECT_IN_FLIGHT));
            Contender chains = contest.enter(
                    "direct, offered by callbacks",
                    new DirectChains(client.direct(), keys, directKeys, DIRECT_IN_FLIGHT));
            contest.compare(window, async);
            contest.compare(chains, async);
            contest.run(rounds, seconds, warmupSeconds);
        }
        valid &= contest.isValid();
        results.put("direct", contest.toMap());
    }

    private void measureConnections() throws IOException, InterruptedException {
        fill();
        ScaleTable table = new ScaleTable(
                "Connections of one client to one server; gets of " + CONNECTIONS_IN_FLIGHT
                        + " threads, then of one thread with " + CONNECTIONS_IN_FLIGHT + " in flight",
                "connections",
                CONNECTIONS,
                "heap KB each",
                "off-heap KB each",
                "CPU us/sync get",
                "us/sync get",
                "CPU us/async get",
                "us/async get");
        ScaleCosts costs = new ScaleCosts(server, new Keys());
        run("connections", table, (connections, ns) -> costs.ofConnection(connections, CONNECTIONS_IN_FLIGHT, ns));
    }

    private void measureNodes() throws IOException, InterruptedException {
        fill();
        ScaleTable table = new ScaleTable(
                "Nodes, one server under many identities; async gets of one thread, " + NODES_IN_FLIGHT + " in flight",
                "nodes",
                NODES,
                "ms to connect each",
                "heap KB each",
                "off-heap KB each",
                "CPU us/get",
                "us/get");
        ScaleCosts costs = new ScaleCosts(server, new Keys());
        run("nodes", table, (nodes, ns) -> costs.ofNode(nodes, NODES_IN_FLIGHT, ns));
    }

    private void measureGetAll() throws IOException, InterruptedException {
        int[] counts =
                IntStream.iterate(LEAST_KEYS, n -> n <= mostKeys, n -> 10 * n).toArray();
        Keys keys = new Keys(counts[counts.length - 1]);
        ScaleTable table =
                new ScaleTable("Keys of one getAll, sync", "keys", counts, "us/key", "CPU us/key", "heap bytes/key");
        ScaleCosts costs = new ScaleCosts(large, keys);
        try (MemcachedClient client = large.connect()) {
            keys.storeAll(client);
            run("getAll", table, (count, ns) -> costs.ofKey(client, count, ns));
        }
    }

    private void fill() throws IOException, InterruptedException {
        new Yardstick(yardstick, server).fill();
    }

    private void run(String name, ScaleTable table, ScaleTable.Work work) throws IOException, InterruptedException {
        table.run(rounds, seconds, warmupSeconds, work);
        valid &= table.isValid();
        results.put(name, table.toMap());
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", "scale");
        map.put("time", Instant.now().toString());
        map.put("command", command);
        map.put("java", System.getProperty("java.vm.version"));
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("placement", placement);
        map.put("rounds", rounds);
        map.put("secondsPerTurn", seconds);
        map.put("valueBytes", Keys.VALUE_BYTES);
        map.putAll(results);
        return map;
    }
}
