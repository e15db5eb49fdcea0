package io.emcache.bench;

import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.Ttl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The first thing a newcomer runs: stores and reads through a real server, then shows how long a get takes beside plain
 * C.
 */
public final class Quickstart {
    private static final int GETS = 200_000;
    private static final int TURNS = 5;
    private static final int SECONDS_PER_TURN = 1;
    private static final int WARMUP_SECONDS = 4;

    private final Server server;
    private final Yardstick yardstick;

    private Quickstart(Server server, Path yardstick) {
        this.server = server;
        this.yardstick = new Yardstick(yardstick, server);
    }

    /**
     * Runs it; exits with 1 if the server cannot be used or gets miss.
     *
     * @param args the address of a server and the path of the yardstick
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 2) {
            System.err.println("usage: Quickstart ADDRESS YARDSTICK");
            System.exit(2);
        }
        showLogOfClient();
        boolean good = false;
        try {
            good = new Quickstart(new Server(args[0]), Path.of(args[1])).run();
        } catch (MemcachedException e) {
            System.err.println("It did not work: " + e.getMessage());
        }
        if (!good) {
            System.exit(1);
        }
    }

    /** The client says once in its log what it uses of this machine and this JVM. */
    private static void showLogOfClient() {
        String logger = "org.slf4j.simpleLogger.";
        System.setProperty(logger + "log.io.emcache", "info");
        System.setProperty(logger + "logFile", "System.out");
        System.setProperty(logger + "showThreadName", "false");
        System.setProperty(logger + "showLogName", "false");
    }

    private boolean run() throws IOException, InterruptedException {
        System.out.println("\nemcache for Java, with a real memcached at " + server.address() + "\n");
        try (MemcachedClient client = server.connect()) {
            storeAndRead(client);
            return measure(client);
        }
    }

    private static void storeAndRead(MemcachedClient client) {
        Ttl ttl = Ttl.of(Duration.ofMinutes(5));
        System.out.println();
        show("set(\"greeting\", ..., 5 minutes)", client.set("greeting", bytes("Hello, memcached"), ttl));
        show("set(\"fruit\", ..., 5 minutes)", client.set("fruit", bytes("apple"), ttl));
        byte[] greeting = client.get("greeting");
        byte[] nothing = client.get("nothing");
        show("get(\"greeting\")", text(greeting));
        show("get(\"nothing\")", text(nothing));
        MultiResult<String, byte[]> all = client.getAll(List.of("greeting", "fruit", "nothing"));
        show("getAll(greeting, fruit, nothing)", "found " + all.hits().keySet() + ", missed " + all.misses());
        show("delete(\"fruit\")", client.delete("fruit"));
        byte[] deleted = client.get("fruit");
        show("get(\"fruit\")", text(deleted));
        int hits = all.hits().size() + found(greeting) + found(nothing) + found(deleted);
        int misses = all.misses().size() + 3 - found(greeting) - found(nothing) - found(deleted);
        System.out.println("\n  " + hits + " hits, " + misses + " misses");
    }

    private static void show(String call, Object result) {
        System.out.printf("  %-38s %s%n", call, result);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte @Nullable [] value) {
        return value == null ? "null, a miss" : '"' + new String(value, StandardCharsets.UTF_8) + '"';
    }

    private static int found(byte @Nullable [] value) {
        return value == null ? 0 : 1;
    }

    private boolean measure(MemcachedClient client) throws IOException, InterruptedException {
        System.out.printf(
                Locale.ROOT,
                "%nNow %,d keys with %d bytes each, and %,d gets by one thread, in %d turns with the yardstick,%n"
                        + "a plain C program on one blocking socket. This takes about %d seconds.%n%n",
                Keys.COUNT,
                Keys.VALUE_BYTES,
                GETS,
                TURNS,
                2 * TURNS * SECONDS_PER_TURN + WARMUP_SECONDS + 3);
        yardstick.fill();
        SyncGets gets = new SyncGets(client, new Keys());
        gets.runFor(TimeUnit.SECONDS.toNanos(WARMUP_SECONDS));
        Histogram latencyNs = new Histogram(3);
        List<Turn> ours = new ArrayList<>();
        List<Turn> plain = new ArrayList<>();
        for (int i = 0; i < TURNS; i++) {
            ours.add(gets.run(GETS / TURNS));
            gets.addLatenciesTo(latencyNs);
            plain.add(yardstick.gets(1, SECONDS_PER_TURN));
        }
        return report(latencyNs, ours, plain);
    }

    private static boolean report(Histogram latencyNs, List<Turn> ours, List<Turn> plain) {
        double[] client = {
            latencyNs.getValueAtPercentile(50) / 1e3,
            latencyNs.getValueAtPercentile(99) / 1e3,
            latencyNs.getValueAtPercentile(99.9) / 1e3
        };
        double[] yardstick = {median(plain, Turn::p50Us), median(plain, Turn::p99Us), median(plain, Turn::p999Us)};
        System.out.printf("  %-24s%10s%10s%10s%10s%n", "microseconds per get", "p50", "p99", "p99.9", "hits");
        row("emcache for Java", client, ours);
        row("the yardstick in C", yardstick, plain);
        System.out.printf(
                Locale.ROOT,
                "  %-24s%10.2f%10.2f%10.2f%n%n",
                "ratio",
                client[0] / yardstick[0],
                client[1] / yardstick[1],
                client[2] / yardstick[2]);
        boolean good = ours.stream().allMatch(Turn::isValid);
        if (!good) {
            System.err.println("Keys that were just stored were not found, so something is wrong with this server.");
        }
        return good;
    }

    private static void row(String contender, double[] us, List<Turn> turns) {
        System.out.printf(
                Locale.ROOT,
                "  %-24s%10.1f%10.1f%10.1f%9.1f%%%n",
                contender,
                us[0],
                us[1],
                us[2],
                Spread.of(turns, Turn::hitPercent).min());
    }

    private static double median(List<Turn> turns, ToDoubleFunction<Turn> number) {
        return Spread.of(turns, number).median();
    }
}
