package io.emcache.bench;

import io.emcache.bench.ReportData.Case;
import io.emcache.bench.ReportData.Row;
import io.emcache.bench.ReportPlot.Panel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The pictures of a comparison. Immutable. */
final class ReportPlots {
    private static final String OPS = "opsPerSecond";
    private static final String SYNC = "Sync calls";
    private static final String ASYNC = "Async calls of one thread";
    private static final String NODES = "Nodes";
    private static final String PACED = "Fixed rate";
    private static final List<String> ALLOCATION_CASES =
            List.of("sync-get-1", "sync-set-32", "async-get-256", "async-set-256");

    private final ReportData data;

    ReportPlots(ReportData data) {
        this.data = data;
    }

    /** Texts of SVG files by name without suffix; none of what the results have nothing about. */
    Map<String, String> toSvgs() {
        Map<String, String> svgs = new LinkedHashMap<>();
        put(svgs, "throughput", throughput());
        put(svgs, "latency", latency());
        put(svgs, "nodes", nodes());
        ReportBars allocation = allocation();
        if (!allocation.isEmpty()) {
            svgs.put("allocation", allocation.toSvg());
        }
        return svgs;
    }

    private static void put(Map<String, String> svgs, String name, ReportPlot plot) {
        if (!plot.isEmpty()) {
            svgs.put(name, plot.toSvg());
        }
    }

    private ReportPlot throughput() {
        ReportPlot plot = new ReportPlot("Gets a second by concurrency");
        plot.add(byConcurrency(SYNC, "Gets a second, sync", "threads"));
        plot.add(byConcurrency(ASYNC, "Gets a second, async, one thread", "in flight"));
        return plot;
    }

    private Panel byConcurrency(String group, String heading, String xLabel) {
        Panel panel = new Panel(heading, xLabel, false);
        int x = 0;
        for (Case each : data.cases()) {
            if (each.text("group").equals(group) && each.text("verb").equals("get")) {
                boolean virtual = each.text("callers").startsWith("VIRTUAL");
                int concurrency = each.number("concurrency");
                panel.addTick(x, virtual ? concurrency / 1000 + " k virtual" : Integer.toString(concurrency));
                for (Row row : each.rows()) {
                    addPoint(panel, row.isYardstick() ? withoutWindow(row.name()) : row.name(), x, row);
                }
                x++;
            }
        }
        return panel;
    }

    private static String withoutWindow(String yardstick) {
        return yardstick.substring(0, yardstick.lastIndexOf(' '));
    }

    private static void addPoint(Panel panel, String name, double x, Row row) {
        Spread ops = row.spread(OPS);
        if (row.isValid() && ops != null) {
            panel.addPoint(name, x, ops);
        }
    }

    private ReportPlot latency() {
        ReportPlot plot = new ReportPlot("Latency by percentile at a fixed rate, from when each call was due");
        for (Case each : data.cases()) {
            if (each.text("group").equals(PACED)) {
                String heading =
                        String.format(Locale.ROOT, "µs at %,d sync gets a second", each.number("ratePerSecond"));
                Panel panel = new Panel(heading, "percentile", true);
                String[] labels = {"0", "90", "99", "99.9", "99.99"};
                for (int nines = 0; nines < labels.length; nines++) {
                    panel.addTick(nines, labels[nines]);
                }
                each.rows().stream()
                        .filter(Row::isValid)
                        .forEach(row -> row.percentiles().stream()
                                .filter(pair -> nines(pair[0]) < labels.length - 1 + 0.01)
                                .forEach(pair -> panel.addPoint(
                                        row.name(), nines(pair[0]), new Spread(pair[1], pair[1], pair[1]))));
                plot.add(panel);
            }
        }
        return plot;
    }

    /** How many nines a percentile begins with. */
    private static double nines(double percentile) {
        return -Math.log10(1 - percentile / 100);
    }

    private ReportPlot nodes() {
        ReportPlot plot = new ReportPlot("Operations a second by number of nodes, 32 at a time");
        for (String verb : List.of("set", "get")) {
            Panel panel = new Panel(verb.equals("set") ? "Sets a second" : "Gets a second", "nodes", false);
            int x = 0;
            for (Case each : data.cases()) {
                if (each.text("group").equals(NODES)
                        && each.text("verb").equals(verb)
                        && each.number("concurrency") == 32) {
                    panel.addTick(x, Integer.toString(each.number("nodes")));
                    for (Row row : each.rows()) {
                        if (!row.isYardstick()) {
                            addPoint(panel, row.name(), x, row);
                        }
                    }
                    x++;
                }
            }
            plot.add(panel);
        }
        return plot;
    }

    private ReportBars allocation() {
        ReportBars bars = new ReportBars("Heap bytes allocated for one operation", "bytes");
        for (String name : ALLOCATION_CASES) {
            Case each = data.find(name);
            if (each != null) {
                bars.addGroup("Heap bytes of one " + each.text("title"));
                for (Row row : each.rows()) {
                    double bytes = row.median("bytesPerOp");
                    if (row.isValid() && !Double.isNaN(bytes)) {
                        bars.addBar(row.name(), bytes);
                    }
                }
            }
        }
        return bars;
    }
}
