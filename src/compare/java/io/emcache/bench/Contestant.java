package io.emcache.bench;

import io.emcache.bench.Scenario.Callers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The process of one contender in one case. It connects, warms up and says that it is ready; then it reads lines, each
 * the length of a turn in nanoseconds, and answers each with a line of JSON, until its input ends. Whatever a client
 * prints goes to standard error.
 */
public final class Contestant {
    private static final int FILLERS = 32;

    private final Scenario scenario;
    private final Contender contender;
    private final Keys keys;
    private final byte[] value;

    private Contestant(Scenario scenario, Contender contender) {
        this.scenario = scenario;
        this.contender = contender;
        keys = new Keys(scenario.keys());
        value = new byte[scenario.valueBytes()];
    }

    /**
     * Takes part in one case.
     *
     * @param args the contender, the case, the servers separated by commas, the length of the warm-up in nanoseconds
     */
    public static void main(String[] args) {
        PrintStream out = System.out;
        System.setOut(System.err);
        // Some clients leave threads behind that would keep this process, and some do so when they cannot be made.
        try {
            List<InetSocketAddress> nodes = new ArrayList<>();
            for (String address : args[2].split(",", -1)) {
                int colon = address.lastIndexOf(':');
                nodes.add(new InetSocketAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
            }
            Contender contender = Entrant.of(args[0]).open(nodes);
            new Contestant(Scenario.of(args[1]), contender).run(Long.parseLong(args[3]), out);
            Runtime.getRuntime().halt(0);
        } catch (Throwable e) {
            out.println(Json.line(Map.of("error", e.toString())));
            out.flush();
            Runtime.getRuntime().halt(1);
        }
    }

    private void run(long warmUpNs, PrintStream out) throws IOException, InterruptedException {
        if (scenario.nodes() > 1) {
            fill();
        }
        ContenderLoad load = load();
        load.runFor(warmUpNs);
        out.println(Json.line(Map.of("ready", true)));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            // What the turn of another left behind is not to be collected in this one.
            System.gc();
            Measurement turn = load.runFor(Long.parseLong(line));
            out.println(Json.line(turn.toMapWithLatencies()));
        }
    }

    /** Each client places the keys in its own way, so each has to store them. */
    private void fill() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < FILLERS; i++) {
            int first = i;
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                for (int key = first; key < keys.count(); key += FILLERS) {
                    store(keys.at(key));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void store(String key) {
        try {
            contender.set(key, value);
        } catch (Exception e) {
            throw new IllegalStateException("cannot store " + key, e);
        }
    }

    private ContenderLoad load() {
        int concurrency = scenario.concurrency();
        boolean async = scenario.callers() == Callers.ONE_ASYNC || scenario.callers() == Callers.ASYNC_OR_THREADS;
        if (async && contender instanceof AsyncContender asyncContender) {
            return new WindowLoad(starter(asyncContender), keys.forCaller(0), concurrency);
        }
        Operation operation = operation();
        return scenario.isPaced()
                ? new PacedLoad(operation, keys, concurrency, scenario.ratePerSecond())
                : new CallerLoad(operation, keys, concurrency, scenario.callers() == Callers.VIRTUAL_THREADS);
    }

    private Operation operation() {
        return scenario.sets() ? key -> contender.set(key, value) : key -> isRight(contender.get(key));
    }

    private WindowLoad.Starter starter(AsyncContender async) {
        return scenario.sets()
                ? new WindowLoad.Starter() {
                    @Override
                    public Future<?> start(String key) {
                        return async.startSet(key, value);
                    }

                    @Override
                    public boolean isSuccess(@Nullable Object result) {
                        return async.isStored(result);
                    }
                }
                : new WindowLoad.Starter() {
                    @Override
                    public Future<?> start(String key) {
                        return async.startGet(key);
                    }

                    @Override
                    public boolean isSuccess(@Nullable Object result) {
                        return isRight((byte[]) result);
                    }
                };
    }

    private boolean isRight(byte @Nullable [] found) {
        return found != null && found.length == value.length;
    }
}
