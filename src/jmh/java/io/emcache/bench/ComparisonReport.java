package io.emcache.bench;

import io.emcache.bench.YardstickComparison.Metric;
import io.emcache.bench.YardstickComparison.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Prints the turns as they come and the medians at the end. For one thread. */
final class ComparisonReport {
    private final List<Metric> metrics;
    private final List<Pair> pairs = new ArrayList<>();

    ComparisonReport(List<Metric> metrics) {
        this.metrics = metrics;
    }

    void printHeader() {
        StringBuilder line = new StringBuilder(String.format("%n%-6s%-11s", "pair", ""));
        metrics.forEach(metric -> line.append(String.format("%11s", metric.label)));
        System.out.println(line);
    }

    void add(Pair pair) {
        pairs.add(pair);
        printTurn(Integer.toString(pairs.size()), "emcache", pair.client());
        printTurn("", "yardstick", pair.yardstick());
    }

    private void printTurn(String number, String contender, Turn turn) {
        StringBuilder line = new StringBuilder(String.format("%-6s%-11s", number, contender));
        metrics.forEach(metric -> line.append(cell(11, metric.of(turn), metric.decimals)));
        System.out.println(line);
    }

    void printSummary() {
        System.out.printf("%n%-32s%10s%11s%9s%18s%n", "medians", "emcache", "yardstick", "ratio", "(least .. most)");
        for (Metric metric : metrics) {
            Spread ratio = Spread.of(pairs, pair -> pair.ratio(metric));
            System.out.printf(
                    "%-32s%s%s%s%18s%n",
                    metric.label,
                    cell(10, median(pair -> metric.of(pair.client())), metric.decimals),
                    cell(11, median(pair -> metric.of(pair.yardstick())), metric.decimals),
                    cell(9, ratio.median(), 2),
                    String.format(Locale.ROOT, "(%.2f .. %.2f)", ratio.min(), ratio.max()));
        }
        printOwn("hits, %", 1, Turn::hitPercent);
        printOwn("heap bytes/op, calling thread", 1, Turn::callerBytesPerOp);
        printOwn("heap bytes/op, all threads", 1, Turn::processBytesPerOp);
        System.out.println();
    }

    private void printOwn(String label, int decimals, ToDoubleFunction<Turn> number) {
        System.out.printf(
                "%-32s%s%s%n",
                label,
                cell(10, median(pair -> number.applyAsDouble(pair.client())), decimals),
                cell(11, median(pair -> number.applyAsDouble(pair.yardstick())), decimals));
    }

    private double median(ToDoubleFunction<Pair> number) {
        return Spread.of(pairs, number).median();
    }

    private static String cell(int width, double number, int decimals) {
        String text = Double.isNaN(number) ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", number);
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    boolean isValid() {
        return pairs.stream()
                .allMatch(pair -> pair.client().isValid() && pair.yardstick().isValid());
    }

    Map<String, Object> toMap() {
        Map<String, Object> ratios = new LinkedHashMap<>();
        metrics.forEach(metric -> ratios.put(
                metric.label, Spread.of(pairs, pair -> pair.ratio(metric)).toMap()));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ratios", ratios);
        map.put("pairs", pairs.stream().map(Pair::toMap).toList());
        return map;
    }
}
