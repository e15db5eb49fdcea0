package io.emcache.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One case of the comparison. Immutable.
 *
 * @param name what one types to choose it
 * @param group the heading that it is reported under
 * @param callers how its operations are called for
 * @param sets whether they are sets, else gets
 * @param concurrency threads, or operations in flight
 * @param nodes how many servers the keys are on
 * @param valueBytes size of each value
 * @param keys how many there are
 * @param ratePerSecond operations a second of all callers together, 0 for as many as they can
 */
record Scenario(
        String name,
        Group group,
        Callers callers,
        boolean sets,
        int concurrency,
        int nodes,
        int valueBytes,
        int keys,
        int ratePerSecond) {

    static final int MOST_NODES = 8;
    static final int LARGE_VALUE_BYTES = 100 << 10;
    static final int LARGE_KEYS = 1000;

    /** Keys of the longest multi-key get that a client would send. */
    private static final int MOST_IN_MULTI = 100;

    private static final int[] THREADS = {1, 8, 32, 128};
    private static final int[] IN_FLIGHT = {8, 32, 256};
    private static final int[] NODES = {1, 2, 4, MOST_NODES};
    private static final int[] RATES = {4000, 16_000};
    private static final int VIRTUAL_THREADS = 10_000;
    private static final int MANY_NODES_CONCURRENCY = 32;
    private static final int PACED_THREADS = 16;

    /** Who makes the calls. */
    enum Callers {
        PLATFORM_THREADS("threads"),
        VIRTUAL_THREADS("virtual threads"),
        ONE_ASYNC("in flight"),
        /** Async where a client has that, else as many threads. */
        ASYNC_OR_THREADS("in flight");

        final String unit;

        Callers(String unit) {
            this.unit = unit;
        }
    }

    /** What belongs together in the report. */
    enum Group {
        SYNC("Sync calls"),
        ASYNC("Async calls of one thread"),
        NODES("Nodes"),
        LARGE("Values of 100 KB"),
        PACED("Fixed rate");

        final String title;

        Group(String title) {
            this.title = title;
        }
    }

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        for (int threads : THREADS) {
            all.add(small("sync-get-" + threads, Group.SYNC, Callers.PLATFORM_THREADS, false, threads, 1));
        }
        all.add(small("sync-set-32", Group.SYNC, Callers.PLATFORM_THREADS, true, 32, 1));
        all.add(small(
                "virtual-get-" + VIRTUAL_THREADS, Group.SYNC, Callers.VIRTUAL_THREADS, false, VIRTUAL_THREADS, 1));
        for (int inFlight : IN_FLIGHT) {
            all.add(small("async-get-" + inFlight, Group.ASYNC, Callers.ONE_ASYNC, false, inFlight, 1));
        }
        for (int inFlight : new int[] {32, 256}) {
            all.add(small("async-set-" + inFlight, Group.ASYNC, Callers.ONE_ASYNC, true, inFlight, 1));
        }
        addNodes(all);
        for (int concurrency : new int[] {1, 8}) {
            Callers callers = concurrency == 1 ? Callers.PLATFORM_THREADS : Callers.ASYNC_OR_THREADS;
            all.add(large("large-set-" + concurrency, callers, true, concurrency));
            all.add(large("large-get-" + concurrency, callers, false, concurrency));
        }
        for (int rate : RATES) {
            all.add(new Scenario(
                    "paced-get-" + rate,
                    Group.PACED,
                    Callers.PLATFORM_THREADS,
                    false,
                    PACED_THREADS,
                    1,
                    Keys.VALUE_BYTES,
                    Keys.COUNT,
                    rate));
        }
        return all;
    }

    /** As in emcache's published table: first the sets, then the gets. */
    private static void addNodes(List<Scenario> all) {
        for (int nodes : NODES) {
            for (boolean sets : new boolean[] {true, false}) {
                String name = "nodes-" + nodes + (sets ? "-set" : "-get");
                all.add(small(name, Group.NODES, Callers.ASYNC_OR_THREADS, sets, MANY_NODES_CONCURRENCY, nodes));
            }
        }
        int perNode = MANY_NODES_CONCURRENCY * MOST_NODES;
        all.add(small(
                "nodes-" + MOST_NODES + "-get-" + perNode,
                Group.NODES,
                Callers.ASYNC_OR_THREADS,
                false,
                perNode,
                MOST_NODES));
    }

    private static Scenario small(String name, Group group, Callers callers, boolean sets, int concurrency, int nodes) {
        return new Scenario(name, group, callers, sets, concurrency, nodes, Keys.VALUE_BYTES, Keys.COUNT, 0);
    }

    private static Scenario large(String name, Callers callers, boolean sets, int concurrency) {
        return new Scenario(name, Group.LARGE, callers, sets, concurrency, 1, LARGE_VALUE_BYTES, LARGE_KEYS, 0);
    }

    static Scenario of(String name) {
        return all().stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no case is called " + name));
    }

    boolean isLarge() {
        return valueBytes == LARGE_VALUE_BYTES;
    }

    boolean isPaced() {
        return ratePerSecond > 0;
    }

    /** Autobatching joins small gets that come together, and changes nothing else. */
    boolean canRun(Entrant entrant) {
        boolean batches = !sets && concurrency > 1 && !isLarge() && !isPaced();
        return (entrant.client().async || callers != Callers.ONE_ASYNC) && (batches || !entrant.isBatching());
    }

    String title() {
        StringBuilder title = new StringBuilder();
        title.append(sets ? "set, " : "get, ");
        title.append(concurrency == 1 ? "1 thread" : String.format(Locale.ROOT, "%,d %s", concurrency, callers.unit));
        if (isPaced()) {
            title.append(String.format(Locale.ROOT, ", %,d a second", ratePerSecond));
        }
        if (group == Group.NODES) {
            title.append(", ").append(nodes).append(nodes == 1 ? " node" : " nodes");
        }
        if (isLarge()) {
            title.append(", 100 KB");
        }
        return title.toString();
    }

    /** What the plain C client sends that this case can be set beside; it has one connection to one server. */
    List<YardstickForm> yardsticks() {
        boolean manyThreads = callers != Callers.ONE_ASYNC && callers != Callers.ASYNC_OR_THREADS && concurrency > 1;
        if (nodes > 1 || isPaced() || manyThreads) {
            return List.of();
        }
        if (sets) {
            return List.of(new YardstickForm("set", concurrency));
        }
        if (isLarge() || concurrency == 1) {
            return List.of(new YardstickForm("mg", concurrency));
        }
        return List.of(
                new YardstickForm("mg", concurrency), new YardstickForm("multi", Math.min(concurrency, MOST_IN_MULTI)));
    }

    /** Commands of one form, so many in a window. */
    record YardstickForm(String form, int window) {

        String label() {
            return "yardstick " + form + " " + window;
        }
    }

    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("group", group.title);
        map.put("title", title());
        map.put("verb", sets ? "set" : "get");
        map.put("callers", callers.name());
        map.put("concurrency", concurrency);
        map.put("nodes", nodes);
        map.put("valueBytes", valueBytes);
        map.put("keys", keys);
        map.put("ratePerSecond", ratePerSecond);
        return map;
    }
}
