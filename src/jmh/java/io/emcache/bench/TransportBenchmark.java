package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.bench.Arguments.UsageException;
import io.emcache.bench.Contest.Contender;
import io.emcache.bench.YardstickComparison.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gets of one thread over a unix socket beside those over loopback TCP and the yardstick's on the same socket, or over
 * TLS beside those in the clear. Each transport has a server of its own, of the same kind. What counts are the ratios
 * within each round of turns.
 */
public final class TransportBenchmark {
    private static final String USAGE = """
            usage: TransportBenchmark YARDSTICK unix|tls [OPTION VALUE]...

              --rounds N     how often each contender has its turn (5)
              --seconds S    length of a turn (2)
              --warmup S     length of a contender's warm-up (5)
              --window N     gets in flight with async (256)
              --pin CPUS     where scripts/bench pinned everything to, such as 0
              --json FILE    where to write the results
            """;
    private static final Set<String> OPTIONS =
            Set.of("--rounds", "--seconds", "--warmup", "--window", "--pin", "--json");

    private final boolean tls;
    private final int rounds;
    private final int window;
    private final double seconds;
    private final double warmupSeconds;
    private final String placement;
    private final Path yardstick;
    private final Keys keys = new Keys();
    private final Contest sync;
    private final Contest async;
    private final List<Access> accesses = new ArrayList<>();
    private final Map<Transport, Contender> syncGets = new EnumMap<>(Transport.class);
    private final @Nullable EngineCosts engines;

    /** A client and the servers that it has for itself. */
    private record Access(Transport transport, OwnServers servers, MemcachedClient client) implements AutoCloseable {

        static Access open(Transport transport) {
            OwnServers servers = OwnServers.start(transport, 1);
            try {
                return new Access(transport, servers, servers.connect());
            } catch (Throwable e) {
                servers.close();
                throw e;
            }
        }

        String name() {
            return "emcache, " + transport.label();
        }

        @Override
        public void close() {
            client.close();
            servers.close();
        }
    }

    private TransportBenchmark(Arguments arguments) throws UsageException, IOException {
        String mode = arguments.word(1);
        tls = mode.equals("tls");
        if (!tls && !mode.equals("unix")) {
            throw new UsageException("unix or tls, not " + mode);
        }
        yardstick = Path.of(arguments.word(0));
        rounds = arguments.integer("--rounds", 5, 1);
        window = arguments.integer("--window", 256, 1);
        seconds = arguments.number("--seconds", 2, 0.1);
        warmupSeconds = arguments.number("--warmup", 5, 0);
        placement = Placement.describe(arguments.text("--pin"));
        sync = new Contest("Sync gets of one thread", Metric.OF_SHORT_TURNS);
        async = new Contest("Async gets of one thread, " + window + " in flight", Metric.OF_MANY_IN_FLIGHT);
        engines = tls ? new EngineCosts(Transport.TLS_1_3.label(), Transport.TLS_1_2.label()) : null;
    }

    /**
     * Runs the comparison.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 2, OPTIONS);
            TransportBenchmark benchmark = new TransportBenchmark(arguments);
            benchmark.run();
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), benchmark.toMap());
                System.out.println("Results: " + json);
            }
            if (!benchmark.sync.isValid() || !benchmark.async.isValid()) {
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
                "%s; %d rounds of %.1f s turns, values of %d bytes%nPlacement: %s%n%n",
                tls ? "TLS beside TCP" : "A unix socket beside TCP",
                rounds,
                seconds,
                Keys.VALUE_BYTES,
                placement);
        try {
            enter(tls ? List.of(Transport.TLS_1_3, Transport.TLS_1_2) : List.of(Transport.UNIX));
            sync.run(rounds, seconds, warmupSeconds);
            async.run(rounds, seconds, warmupSeconds);
            if (engines != null) {
                engines.run(rounds);
                printHeapBytes(engines);
            }
        } finally {
            accesses.forEach(Access::close);
        }
    }

    /** All transports are compared with TCP, and with the yardstick if it speaks them. */
    private void enter(List<Transport> transports) {
        Access tcp = open(Transport.TCP);
        Contender tcpSync = enterSync(tcp);
        syncGets.put(Transport.TCP, tcpSync);
        Contender tcpAsync = enterAsync(tcp);
        for (Transport transport : transports) {
            Access access = open(transport);
            Contender accessSync = enterSync(access);
            syncGets.put(transport, accessSync);
            Contender accessAsync = enterAsync(access);
            sync.compare(accessSync, tcpSync);
            async.compare(accessAsync, tcpAsync);
            if (!transport.isEncrypted()) {
                compareWithYardstick(access, accessSync, accessAsync);
                compareWithYardstick(tcp, tcpSync, tcpAsync);
            }
        }
    }

    private Access open(Transport transport) {
        Access access = Access.open(transport);
        accesses.add(access);
        keys.storeAll(access.client());
        return access;
    }

    private Contender enterSync(Access access) {
        return sync.enter(access.name(), new SyncGets(access.client(), keys));
    }

    private Contender enterAsync(Access access) {
        return async.enter(access.name(), new AsyncGets(access.client().async(), keys, window));
    }

    private void compareWithYardstick(Access access, Contender accessSync, Contender accessAsync) {
        Yardstick plain = new Yardstick(yardstick, access.servers().first());
        String name = "yardstick, " + access.transport().label();
        sync.compare(accessSync, sync.enter(name, plain, 1));
        async.compare(accessAsync, async.enter(name, plain, window));
    }

    private void printHeapBytes(EngineCosts engines) {
        double plain = syncGets.get(Transport.TCP).median(Turn::processBytesPerOp);
        System.out.printf(
                "%-24s%14s%14s%14s%14s%n", "heap bytes of a sync get", "all", "TCP's", "the engine's", "what is left");
        syncGets.forEach((transport, gets) -> {
            if (transport.isEncrypted()) {
                double all = gets.median(Turn::processBytesPerOp);
                double engine = engines.heapBytesOfGet(transport.label());
                System.out.printf(
                        Locale.ROOT,
                        "%-24s%14.1f%14.1f%14.1f%14.1f%n",
                        transport.label(),
                        all,
                        plain,
                        engine,
                        all - plain - engine);
            }
        });
        System.out.println();
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("benchmark", tls ? "tls" : "unix");
        map.put("time", Instant.now().toString());
        map.put("java", System.getProperty("java.vm.version"));
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("placement", placement);
        map.put("window", window);
        map.put("secondsPerTurn", seconds);
        map.put("valueBytes", Keys.VALUE_BYTES);
        map.put("sync", sync.toMap());
        map.put("async", async.toMap());
        if (engines != null) {
            map.put("engines", engines.toList());
        }
        return map;
    }
}
