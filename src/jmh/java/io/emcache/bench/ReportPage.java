package io.emcache.bench;

import io.emcache.bench.ReportData.Case;
import io.emcache.bench.ReportData.Row;
import java.util.Comparator;
import java.util.Formatter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The page with the tables of one comparison or several, in Markdown. For one thread. */
final class ReportPage {
    private static final String OPS = "opsPerSecond";
    private static final String CPU = "cpuUsPerOp";
    private static final String OURS = "emcache";
    private static final String BATCHED = "emcache?autobatching=true";
    private static final String NONE = "–";

    private final List<ReportData> runs;
    private final List<ReportScale> scales;
    private final Formatter page = new Formatter(Locale.ROOT);

    /** A row of the table of ratios: what of ours is divided by what of the other. */
    private record Ratio(
            String title, String aim, String ours, String metric, boolean inverse, String scenario, String other) {
        private static final String BEST_PEER = "best peer";
        private static final String P50 = "p50Us";
        private static final String P99 = "p99Us";

        private static Ratio ofOps(String title, String aim, String scenario, String other) {
            return new Ratio(title, aim, OURS, OPS, false, scenario, other);
        }

        private static Ratio ofBatchedOps(String title, String aim, String scenario, String other) {
            return new Ratio(title + ", autobatching", aim, BATCHED, OPS, false, scenario, other);
        }

        private static Ratio ofSyncGet(String title, String aim, String metric) {
            return new Ratio(title, aim, OURS, metric, false, "sync-get-1", "yardstick mg 1");
        }

        private boolean isToBestPeer() {
            return other.equals(BEST_PEER);
        }
    }

    private static final List<Ratio> RATIOS = List.of(
            Ratio.ofSyncGet("sync get, 1 thread, p50 to the yardstick's", "≤ 1.10", Ratio.P50),
            Ratio.ofSyncGet("sync get, 1 thread, p99 to the yardstick's", "≤ 1.3", Ratio.P99),
            new Ratio(
                    "sync get, 1 thread, p50 of the best peer to ours",
                    "≥ 2",
                    OURS,
                    Ratio.P50,
                    true,
                    "sync-get-1",
                    Ratio.BEST_PEER),
            Ratio.ofOps("sync get, 32 threads, ops to the best peer's", "≥ 1.5", "sync-get-32", Ratio.BEST_PEER),
            Ratio.ofOps("sync set, 32 threads, ops to the best peer's", "", "sync-set-32", Ratio.BEST_PEER),
            Ratio.ofOps(
                    "sync get, 10,000 virtual threads, ops to the best peer's",
                    "≥ 2",
                    "virtual-get-10000",
                    Ratio.BEST_PEER),
            Ratio.ofOps("async get, 32 in flight, ops to the best peer's", "", "async-get-32", Ratio.BEST_PEER),
            Ratio.ofBatchedOps(
                    "async get, 32 in flight, ops to the yardstick's multi 32",
                    "≥ 0.6",
                    "async-get-32",
                    "yardstick multi 32"),
            Ratio.ofOps("async get, 256 in flight, ops to the best peer's", "≥ 3", "async-get-256", Ratio.BEST_PEER),
            Ratio.ofBatchedOps(
                    "async get, 256 in flight, ops to the best peer's", "≥ 3", "async-get-256", Ratio.BEST_PEER),
            Ratio.ofOps(
                    "async get, 256 in flight, ops to the yardstick's mg 256",
                    "≥ 0.6",
                    "async-get-256",
                    "yardstick mg 256"),
            Ratio.ofBatchedOps(
                    "async get, 256 in flight, ops to the yardstick's multi 100",
                    "≥ 0.5",
                    "async-get-256",
                    "yardstick multi 100"),
            Ratio.ofOps("async set, 256 in flight, ops to the best peer's", "≥ 2.5", "async-set-256", Ratio.BEST_PEER),
            Ratio.ofOps("8 nodes, 32 in flight, gets to the best peer's", "≥ 3", "nodes-8-get", Ratio.BEST_PEER),
            Ratio.ofOps("8 nodes, 256 in flight, gets to the best peer's", "≥ 3", "nodes-8-get-256", Ratio.BEST_PEER),
            Ratio.ofOps(
                    "set of 100 KB, 1 thread, bytes a second to the yardstick's",
                    "≥ 0.8",
                    "large-set-1",
                    "yardstick set 1"),
            Ratio.ofOps(
                    "get of 100 KB, 1 thread, bytes a second to the yardstick's",
                    "≥ 0.8",
                    "large-get-1",
                    "yardstick mg 1"),
            Ratio.ofOps(
                    "set of 100 KB, 8 in flight, bytes a second to the yardstick's",
                    "≥ 0.8",
                    "large-set-8",
                    "yardstick set 8"),
            Ratio.ofOps(
                    "get of 100 KB, 8 in flight, bytes a second to the yardstick's",
                    "≥ 0.8",
                    "large-get-8",
                    "yardstick mg 8"));

    /**
     * @param runs those of {@code scripts/bench compare}, at least one
     * @param scales those of {@code scripts/bench scale}
     */
    ReportPage(List<ReportData> runs, List<ReportScale> scales) {
        this.runs = runs;
        this.scales = scales;
    }

    /** @param pictures names of the pictures of each run, with the paths that the page shall have for them */
    String toMarkdown(List<Map<String, String>> pictures) {
        ReportData first = runs.getFirst();
        page.format("""
                # Benchmarks

                emcache for Java beside three other Java clients and the yardstick, a plain C program on one blocking socket
                (`native/yardstick/yardstick.c`), which is the limit to divide by. Made from the results by `scripts/report`; do not
                edit.

                """);
        addMachine(first);
        addMethod(first);
        addRatios();
        for (int i = 0; i < runs.size(); i++) {
            addRun(runs.get(i), pictures.get(i));
        }
        scales.forEach(scale -> scale.addTo(page));
        return page.toString();
    }

    private void addMachine(ReportData run) {
        page.format("## Where and how%n%n| | |%n|---|---|%n");
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("cpu", "CPU");
        labels.put("processors", "processors");
        labels.put("memoryGiB", "memory, GiB");
        labels.put("system", "system");
        labels.put("java", "Java");
        labels.put("memcached", "memcached");
        labels.forEach((key, label) ->
                page.format("| %s | %s |%n", label, text(run.machine().get(key))));
        page.format("| JVM of each client | `%s` |%n", run.text("jvmFlags"));
        for (ReportData each : runs) {
            page.format(
                    "| %s | `%s`, %s, %.0f min, collector %s |%n",
                    each.isPinned() ? "pinned" : "free",
                    each.text("command").replace("|", "\\|"),
                    each.text("time").substring(0, 10),
                    each.number("minutes"),
                    text(each.machine().get("collector")));
        }
        page.format("%n| client | version | settings |%n|---|---|---|%n");
        for (Map<String, @Nullable Object> contender : run.contenders()) {
            page.format(
                    "| %s | %s | %s |%n",
                    text(contender.get("name")), text(contender.get("version")), text(contender.get("settings")));
        }
        page.format("%n");
    }

    private static String text(@Nullable Object value) {
        return value instanceof Double number && number == Math.rint(number)
                ? String.format(Locale.ROOT, "%.0f", number)
                : String.valueOf(value);
    }

    private void addMethod(ReportData run) {
        page.format(
                """
                One `memcached -t 1 -m 256` a node on loopback (`-m 1024` for 100 KB), %d keys, 100-byte values (1000 keys for 100 KB),
                drawn at random. In each case all contenders take turns of %s s, %.0f rounds of them after %s s of warm-up, and the order moves on
                by one each round. Numbers are medians over the rounds, with the least and the most in brackets; ratios are taken within
                each round. A case in which fewer than 99 %% of a contender's operations found a value of the right size, or stored it, is void.

                Each client has a JVM of its own for each case: code compiled for it alone, its own heap, collector and CPU time. Values are
                bytes for all, neither converted nor compressed. Each client is set up as its own documentation says for speed; deadlines
                are 5 s. xmemcached has no futures: it is absent where one thread keeps many in flight, and has as many threads
                in *Nodes* and *Values of 100 KB*. CPU is that of the client's whole process, collector and compiler included;
                bytes are those that all its threads allocated on the heap.

                Latencies are HdrHistograms. *Corrected* is for coordinated omission, as if each caller had meant to call once a median.
                At a fixed rate the latency counts from when a call was due, whatever kept it from starting.

                """,
                Keys.COUNT,
                text(run.number("secondsPerTurn")),
                run.number("rounds"),
                text(run.number("warmUpSeconds")));
    }

    private void addRatios() {
        page.format("## In short%n%n| ratio | aim |");
        runs.forEach(run -> page.format(" %s |", run.isPinned() ? "all on one core" : "free"));
        page.format("%n|---|---|%s%n", "---|".repeat(runs.size()));
        for (Ratio ratio : RATIOS) {
            List<String> cells = runs.stream().map(run -> cell(run, ratio)).toList();
            if (!cells.stream().allMatch(NONE::equals)) {
                page.format("| %s | %s | %s |%n", ratio.title, ratio.aim, String.join(" | ", cells));
            }
        }
        List<String> cells = runs.stream().map(ReportPage::cpuOfNodes).toList();
        if (!cells.stream().allMatch(NONE::equals)) {
            page.format(
                    "| CPU time a get, 8 nodes to 1, 32 in flight a node (medians) | ≤ 1.4 | %s |%n",
                    String.join(" | ", cells));
        }
        page.format("%n");
    }

    private static String cell(ReportData run, Ratio ratio) {
        Case scenario = run.find(ratio.scenario);
        Row ours = scenario == null ? null : scenario.row(ratio.ours);
        if (scenario == null || ours == null) {
            return NONE;
        }
        Row other = ratio.isToBestPeer() ? bestPeer(scenario, ratio) : scenario.row(ratio.other);
        if (other == null) {
            return NONE;
        }
        Spread spread = ratio.inverse ? other.ratio(ratio.metric, ours) : ours.ratio(ratio.metric, other);
        if (spread == null) {
            return NONE;
        }
        String name = ratio.isToBestPeer() ? " " + other.name() : "";
        return String.format(
                Locale.ROOT, "**%.2f** (%.2f .. %.2f)%s", spread.median(), spread.min(), spread.max(), name);
    }

    @Nullable
    private static Row bestPeer(Case scenario, Ratio ratio) {
        Comparator<Row> byMetric = Comparator.comparingDouble(row -> row.median(ratio.metric));
        return scenario.rows().stream()
                .filter(row ->
                        row.isValid() && !row.isYardstick() && !row.name().startsWith(OURS))
                .filter(row -> !Double.isNaN(row.median(ratio.metric)))
                .max(ratio.inverse ? byMetric.reversed() : byMetric)
                .orElse(null);
    }

    private static String cpuOfNodes(ReportData run) {
        Case one = run.find("nodes-1-get");
        Case many = run.find("nodes-8-get-256");
        Row atOne = one == null ? null : one.row(OURS);
        Row atMany = many == null ? null : many.row(OURS);
        return atOne == null || atMany == null
                ? NONE
                : String.format(Locale.ROOT, "**%.2f**", atMany.median(CPU) / atOne.median(CPU));
    }

    private void addRun(ReportData run, Map<String, String> pictures) {
        page.format(
                "## %s%n%nPlacement: %s.%n%n",
                run.isPinned() ? "All on one core" : "Free machine", run.text("placement"));
        pictures.forEach((name, path) -> page.format("![%s](%s)%n%n", name, path));
        Set<String> groups = new LinkedHashSet<>();
        run.cases().forEach(each -> groups.add(each.text("group")));
        for (String group : groups) {
            addGroup(
                    group,
                    run.cases().stream()
                            .filter(each -> each.text("group").equals(group))
                            .toList());
        }
    }

    private void addGroup(String group, List<Case> cases) {
        boolean timed = cases.stream()
                .flatMap(each -> each.rows().stream())
                .anyMatch(row -> !Double.isNaN(row.median("correctedP99Us")));
        boolean average = group.equals("Nodes");
        page.format(
                "### %s%n%n| | client | ops/s | emcache / it |%s%s CPU µs | bytes | right %% |%n",
                group, average ? " mean µs |" : "", timed ? " p50 µs | p99 µs | p99.9 µs | corrected p99.9 |" : "");
        page.format("|---|---|--:|--:|%s%s--:|--:|--:|%n", average ? "--:|" : "", timed ? "--:|--:|--:|--:|" : "");
        for (Case each : cases) {
            String title = each.text("title");
            for (Row row : each.rows()) {
                addRow(title, each, row, average, timed);
                title = "";
            }
        }
        page.format("%n");
    }

    private void addRow(String title, Case scenario, Row row, boolean average, boolean timed) {
        page.format("| %s | %s | ", title, row.name());
        Spread ops = row.spread(OPS);
        if (ops == null || !row.isValid()) {
            page.format(
                    "void: %s |%n",
                    row.message() == null ? "too few were right" : row.message().replace("|", "\\|"));
            return;
        }
        Row ours = scenario.row(OURS);
        Spread ratio = ours == null || ours == row ? null : ours.ratio(OPS, row);
        page.format(
                "%,.0f (%,.0f .. %,.0f) | %s |",
                ops.median(), ops.min(), ops.max(), ratio == null ? "" : number(ratio.median(), 2));
        if (average) {
            // Little's law, which holds for those that are not timed one by one, too.
            page.format(" %.0f |", scenario.number("concurrency") * 1e6 / ops.median());
        }
        if (timed) {
            for (String metric : List.of("p50Us", "p99Us", "p999Us", "correctedP999Us")) {
                page.format(" %s |", number(row.median(metric), 1));
            }
        }
        page.format(
                " %s | %s | %s |%n",
                number(row.median(CPU), 2),
                number(row.median("bytesPerOp"), 0),
                number(row.median("successPercent"), 1));
    }

    private static String number(double value, int decimals) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
