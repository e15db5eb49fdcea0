package io.emcache.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The turns of one case, and what they come to. For one thread. */
final class CaseResult {
    private static final int MOST_NINES = 4;

    private final Scenario scenario;
    private final Map<String, Row> rows = new LinkedHashMap<>();

    private static final class Row {
        private final List<Measurement> turns = new ArrayList<>();

        @Nullable
        private String error;

        private boolean isValid() {
            return error == null && !turns.isEmpty() && turns.stream().allMatch(Measurement::isValid);
        }

        @Nullable
        private Spread spread(Metric metric) {
            List<Double> numbers = turns.stream()
                    .map(turn -> turn.number(metric))
                    .filter(Double::isFinite)
                    .toList();
            return numbers.isEmpty() ? null : Spread.of(numbers, Double::doubleValue);
        }

        private double median(Metric metric) {
            Spread spread = spread(metric);
            return spread == null ? Double.NaN : spread.median();
        }

        @Nullable
        private String message() {
            if (error != null) {
                return error;
            }
            return turns.stream()
                    .map(Measurement::failure)
                    .filter(failure -> failure != null)
                    .findFirst()
                    .orElse(null);
        }
    }

    CaseResult(Scenario scenario) {
        this.scenario = scenario;
    }

    void add(String label) {
        rows.put(label, new Row());
    }

    void add(String label, Measurement turn) {
        row(label).turns.add(turn);
    }

    void fail(String label, @Nullable String message) {
        row(label).error = message == null ? "it failed" : message;
    }

    private Row row(String label) {
        return rows.computeIfAbsent(label, name -> new Row());
    }

    boolean isValid() {
        return rows.values().stream().allMatch(Row::isValid);
    }

    void print() {
        System.out.printf(
                "%n%-28s%12s%24s%10s%10s%10s%9s%10s%9s%n",
                scenario.name(),
                "ops/s",
                "(least .. most)",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "CPU us",
                "bytes",
                "right %");
        rows.forEach((label, row) -> {
            Spread ops = row.spread(Metric.OPS);
            System.out.printf(
                    "%-28s%12s%24s%10s%10s%10s%9s%10s%9s%s%n",
                    label,
                    ops == null ? "-" : String.format(Locale.ROOT, "%,.0f", ops.median()),
                    ops == null ? "" : String.format(Locale.ROOT, "(%,.0f .. %,.0f)", ops.min(), ops.max()),
                    cell(row, Metric.P50, 1),
                    cell(row, Metric.P99, 1),
                    cell(row, Metric.P999, 1),
                    cell(row, Metric.CPU, 2),
                    cell(row, Metric.BYTES, 0),
                    cell(row, Metric.SUCCESS, 2),
                    row.isValid() ? "" : "  VOID");
            if (row.message() != null) {
                System.out.println("    " + row.message());
            }
        });
    }

    private static String cell(Row row, Metric metric, int decimals) {
        double median = row.median(metric);
        return Double.isNaN(median) ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", median);
    }

    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = scenario.toMap();
        map.put(
                "contenders",
                rows.entrySet().stream()
                        .map(entry -> toMap(entry.getKey(), entry.getValue()))
                        .toList());
        return map;
    }

    private static Map<String, @Nullable Object> toMap(String label, Row row) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("name", label);
        map.put("valid", row.isValid());
        map.put("message", row.message());
        for (Metric metric : Metric.values()) {
            Spread spread = row.spread(metric);
            if (spread != null) {
                map.put(metric.key, spread.toMap());
            }
        }
        List<List<Double>> percentiles = percentiles(row.turns);
        if (!percentiles.isEmpty()) {
            map.put("latencyUsByPercentile", percentiles);
        }
        map.put("turns", row.turns.stream().map(Measurement::toMap).toList());
        return map;
    }

    /** Pairs of percentile and latency in microseconds, over all turns. */
    private static List<List<Double>> percentiles(List<Measurement> turns) {
        Histogram sum = ContenderLoad.histogram();
        for (Measurement turn : turns) {
            if (turn.latencyNs() != null) {
                sum.add(turn.latencyNs());
            }
        }
        List<List<Double>> pairs = new ArrayList<>();
        if (sum.getTotalCount() > 0) {
            for (int nines = 0; nines <= MOST_NINES; nines++) {
                for (double share : new double[] {1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15}) {
                    double percentile = 100 - 100 * share * Math.pow(10, -nines);
                    // What fewer than ten operations say is an accident.
                    if ((100 - percentile) / 100 * sum.getTotalCount() >= 10) {
                        pairs.add(List.of(percentile, sum.getValueAtPercentile(percentile) / 1e3));
                    }
                }
            }
        }
        return pairs;
    }
}
