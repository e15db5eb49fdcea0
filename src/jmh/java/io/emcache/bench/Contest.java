package io.emcache.bench;

import io.emcache.bench.YardstickComparison.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Contenders that take turns. Each round begins with another of them, so that a drift of the machine favours none, and
 * what counts are the ratios within each round. For one thread.
 */
final class Contest {
    private static final int NAME_WIDTH = 38;
    private static final int NUMBER_WIDTH = 11;
    private static final int RATIO_WIDTH = 23;

    private final String title;
    private final List<Metric> metrics;
    private final List<Contender> contenders = new ArrayList<>();
    private final List<Comparison> comparisons = new ArrayList<>();

    /** What a contender does in one turn. */
    private interface Work {

        Turn runFor(double seconds) throws IOException, InterruptedException;
    }

    /** One that takes turns, and what they came to. */
    static final class Contender {
        private final String name;
        private final Work work;
        private final List<Turn> turns = new ArrayList<>();

        private Contender(String name, Work work) {
            this.name = name;
            this.work = work;
        }

        double median(ToDoubleFunction<Turn> number) {
            return Spread.of(turns, number).median();
        }

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", name);
            map.put("turns", turns.stream().map(Turn::toMap).toList());
            return map;
        }
    }

    private record Comparison(Contender contender, Contender other) {

        String name() {
            return contender.name + " / " + other.name;
        }

        Spread ratio(Metric metric) {
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < contender.turns.size(); round++) {
                ratios.add(metric.of(contender.turns.get(round)) / metric.of(other.turns.get(round)));
            }
            return Spread.of(ratios, Double::doubleValue);
        }
    }

    /**
     * Makes a contest without contenders.
     *
     * @param title what they do
     * @param metrics what is compared, of numbers that all of them have
     */
    Contest(String title, List<Metric> metrics) {
        this.title = title;
        this.metrics = metrics;
    }

    Contender enter(String name, Load load) {
        return add(name, seconds -> load.runFor((long) (seconds * 1e9)));
    }

    /** The yardstick sends windows of so many gets. */
    Contender enter(String name, Yardstick yardstick, int window) {
        return add(name, seconds -> yardstick.gets(window, seconds));
    }

    private Contender add(String name, Work work) {
        Contender contender = new Contender(name, work);
        contenders.add(contender);
        return contender;
    }

    /** The ratios of one to the other are to be shown. */
    void compare(Contender contender, Contender other) {
        comparisons.add(new Comparison(contender, other));
    }

    void run(int rounds, double seconds, double warmupSeconds) throws IOException, InterruptedException {
        for (Contender contender : contenders) {
            contender.work.runFor(warmupSeconds);
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < contenders.size(); i++) {
                Contender contender = contenders.get((round + i) % contenders.size());
                contender.turns.add(contender.work.runFor(seconds));
            }
        }
        print();
    }

    private void print() {
        StringBuilder header = new StringBuilder(pad("medians", NAME_WIDTH));
        metrics.forEach(metric -> header.append(right(metric.label, NUMBER_WIDTH)));
        System.out.println(title + "\n\n" + header + right("heap B/op", NUMBER_WIDTH) + right("hits %", NUMBER_WIDTH));
        for (Contender contender : contenders) {
            StringBuilder line = new StringBuilder(pad(contender.name, NAME_WIDTH));
            for (Metric metric : metrics) {
                line.append(number(contender.median(metric::of), metric.decimals));
            }
            line.append(number(contender.median(Turn::processBytesPerOp), 1));
            line.append(number(contender.median(Turn::hitPercent), 1));
            System.out.println(line);
        }
        StringBuilder ratios = new StringBuilder("\n" + pad("ratios (least .. most)", NAME_WIDTH));
        metrics.forEach(metric -> ratios.append(right(metric.label, RATIO_WIDTH)));
        System.out.println(ratios);
        for (Comparison comparison : comparisons) {
            StringBuilder line = new StringBuilder(pad(comparison.name(), NAME_WIDTH));
            for (Metric metric : metrics) {
                line.append(ratio(comparison.ratio(metric)));
            }
            System.out.println(line);
        }
        System.out.println();
    }

    private static String ratio(Spread ratio) {
        return right(
                String.format(Locale.ROOT, "%.2f (%.2f .. %.2f)", ratio.median(), ratio.min(), ratio.max()),
                RATIO_WIDTH);
    }

    private static String number(double number, int decimals) {
        String text = Double.isNaN(number) ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", number);
        return right(text, NUMBER_WIDTH);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    boolean isValid() {
        return contenders.stream()
                .allMatch(contender -> contender.turns.stream().allMatch(Turn::isValid));
    }

    Map<String, Object> toMap() {
        Map<String, Object> ratios = new LinkedHashMap<>();
        for (Comparison comparison : comparisons) {
            Map<String, Object> each = new LinkedHashMap<>();
            metrics.forEach(
                    metric -> each.put(metric.label, comparison.ratio(metric).toMap()));
            ratios.put(comparison.name(), each);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("title", title);
        map.put("ratios", ratios);
        map.put("contenders", contenders.stream().map(Contender::toMap).toList());
        return map;
    }
}
