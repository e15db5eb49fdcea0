package io.emcache.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one unit of something costs when there are more and more of it: a row for each number of units. The rows take
 * turns, and each round begins with another of them, so that a drift of the machine favours none. Beside the costs it
 * shows, within each round, how they compare with the row above: where that is more than {@value #CLIFF}, cost grows faster
 * than work. For one thread.
 */
final class ScaleTable {
    private static final double CLIFF = 2;
    private static final double LEAST_HIT_PERCENT = 99;
    private static final int WIDTH = 28;

    private final String title;
    private final String unit;
    private final List<String> costs;
    private final List<Row> rows = new ArrayList<>();

    /** A turn with a number of units. */
    interface Work {

        Result run(int units, long durationNs) throws InterruptedException;
    }

    /**
     * What came of a turn.
     *
     * @param hitPercent the share of gets that found a value of the right size
     * @param costs what a unit cost, in the order of the table's columns; less is better
     */
    record Result(double hitPercent, List<Double> costs) {}

    private record Row(int units, List<Result> results) {

        Spread cost(int column) {
            return Spread.of(results, result -> result.costs.get(column));
        }

        Spread step(int column, Row above) {
            List<Double> steps = new ArrayList<>();
            for (int round = 0; round < results.size(); round++) {
                steps.add(results.get(round).costs.get(column)
                        / above.results.get(round).costs.get(column));
            }
            return Spread.of(steps, Double::doubleValue);
        }
    }

    /**
     * Makes a table without results.
     *
     * @param title what is done
     * @param unit what there is more and more of
     * @param units how many of it, row by row
     * @param costs the names of the columns, each with its unit of measure
     */
    ScaleTable(String title, String unit, int[] units, String... costs) {
        this.title = title;
        this.unit = unit;
        this.costs = List.of(costs);
        Arrays.stream(units).forEach(each -> rows.add(new Row(each, new ArrayList<>())));
    }

    void run(int rounds, double seconds, double warmupSeconds, Work work) throws IOException, InterruptedException {
        for (Row row : rows) {
            work.run(row.units, (long) (warmupSeconds * 1e9));
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < rows.size(); i++) {
                Row row = rows.get((round + i) % rows.size());
                row.results.add(work.run(row.units, (long) (seconds * 1e9)));
            }
        }
        print();
    }

    private void print() {
        System.out.println(title + ": median (least .. most)\n");
        printHeader(unit);
        for (Row row : rows) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-14d", row.units));
            for (int column = 0; column < costs.size(); column++) {
                line.append(text(row.cost(column), ""));
            }
            System.out.println(line);
        }
        System.out.println();
        printHeader("to row above");
        for (int i = 1; i < rows.size(); i++) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-14d", rows.get(i).units));
            for (int column = 0; column < costs.size(); column++) {
                Spread step = rows.get(i).step(column, rows.get(i - 1));
                line.append(text(step, step.median() > CLIFF ? "! " : ""));
            }
            System.out.println(line);
        }
        System.out.println();
    }

    private void printHeader(String first) {
        StringBuilder header = new StringBuilder(String.format(Locale.ROOT, "%-14s", first));
        costs.forEach(cost -> header.append(right(cost)));
        System.out.println(header);
    }

    private static String text(Spread spread, String mark) {
        return right(
                mark + number(spread.median()) + " (" + number(spread.min()) + " .. " + number(spread.max()) + ")");
    }

    private static String number(double number) {
        int decimals = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", number);
    }

    private static String right(String text) {
        return " ".repeat(Math.max(1, WIDTH - text.length())) + text;
    }

    boolean isValid() {
        return rows.stream()
                .allMatch(row -> row.results.stream().allMatch(result -> result.hitPercent >= LEAST_HIT_PERCENT));
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("title", title);
        map.put("unit", unit);
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            all.add(toMap(rows.get(i), i == 0 ? null : rows.get(i - 1)));
        }
        map.put("rows", all);
        return map;
    }

    private Map<String, Object> toMap(Row row, @Nullable Row above) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("units", row.units);
        for (int column = 0; column < costs.size(); column++) {
            int index = column;
            Map<String, Object> cost = row.cost(column).toMap();
            cost.put(
                    "turns",
                    row.results.stream().map(result -> result.costs.get(index)).toList());
            if (above != null) {
                cost.put("toRowAbove", row.step(column, above).toMap());
            }
            map.put(costs.get(column), cost);
        }
        return map;
    }
}
