package io.emcache.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The results of one run of {@code scripts/bench compare}, as they stand in its JSON. Immutable. */
final class ReportData {
    private final Map<String, @Nullable Object> root;
    private final List<Case> cases;

    ReportData(Map<String, @Nullable Object> root) {
        if (!"compare".equals(root.get("benchmark"))) {
            throw new IllegalArgumentException("not the results of scripts/bench compare");
        }
        this.root = root;
        cases = objects(root, "cases").stream().map(Case::new).toList();
    }

    /** One case of the comparison, with a row for each contender. */
    static final class Case {
        private final Map<String, @Nullable Object> map;
        private final List<Row> rows;

        private Case(Map<String, @Nullable Object> map) {
            this.map = map;
            rows = objects(map, "contenders").stream().map(Row::new).toList();
        }

        String text(String key) {
            return ReportData.text(map, key);
        }

        int number(String key) {
            return (int) ReportData.number(map, key);
        }

        List<Row> rows() {
            return rows;
        }

        /** The row of this name, or null if it did not take part or says nothing. */
        @Nullable
        Row row(String name) {
            return rows.stream()
                    .filter(row -> row.isValid() && row.name().equals(name))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** What one contender did in one case. */
    static final class Row {
        private final Map<String, @Nullable Object> map;

        private Row(Map<String, @Nullable Object> map) {
            this.map = map;
        }

        String name() {
            return text(map, "name");
        }

        boolean isValid() {
            return Boolean.TRUE.equals(map.get("valid"));
        }

        boolean isYardstick() {
            return name().startsWith("yardstick");
        }

        @Nullable
        String message() {
            return (String) map.get("message");
        }

        /** Median and extremes over the rounds, or null if it cannot tell. */
        @Nullable
        Spread spread(String metric) {
            if (!(map.get(metric) instanceof Map<?, ?> spread)) {
                return null;
            }
            return new Spread(
                    ((Double) spread.get("median")), ((Double) spread.get("min")), ((Double) spread.get("max")));
        }

        double median(String metric) {
            Spread spread = spread(metric);
            return spread == null ? Double.NaN : spread.median();
        }

        /** The ratio of this row to another, round by round; null if one of them cannot tell. */
        @Nullable
        Spread ratio(String metric, Row other) {
            List<Double> ratios = new ArrayList<>();
            List<Map<String, @Nullable Object>> mine = objects(map, "turns");
            List<Map<String, @Nullable Object>> theirs = objects(other.map, "turns");
            for (int i = 0; i < Math.min(mine.size(), theirs.size()); i++) {
                if (mine.get(i).get(metric) instanceof Double a && theirs.get(i).get(metric) instanceof Double b) {
                    ratios.add(a / b);
                }
            }
            return ratios.isEmpty() ? null : Spread.of(ratios, Double::doubleValue);
        }

        /** Pairs of percentile and latency in microseconds; empty if its operations were not timed. */
        List<double[]> percentiles() {
            List<double[]> pairs = new ArrayList<>();
            if (map.get("latencyUsByPercentile") instanceof List<?> list) {
                for (Object item : list) {
                    List<?> pair = (List<?>) item;
                    pairs.add(new double[] {(Double) pair.get(0), (Double) pair.get(1)});
                }
            }
            return pairs;
        }
    }

    String text(String key) {
        return text(root, key);
    }

    double number(String key) {
        return number(root, key);
    }

    boolean isPinned() {
        return Boolean.TRUE.equals(root.get("pinned"));
    }

    Map<String, @Nullable Object> machine() {
        return object(root.get("machine"));
    }

    /** Name, version and settings of each. */
    List<Map<String, @Nullable Object>> contenders() {
        return objects(root, "contenders");
    }

    List<Case> cases() {
        return cases;
    }

    /** The case of this name, or null if it was left out. */
    @Nullable
    Case find(String name) {
        return cases.stream()
                .filter(each -> each.text("name").equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String text(Map<String, @Nullable Object> map, String key) {
        return String.valueOf(map.get(key));
    }

    private static double number(Map<String, @Nullable Object> map, String key) {
        return map.get(key) instanceof Double number ? number : Double.NaN;
    }

    @SuppressWarnings("unchecked") // The keys of what JsonReader reads are texts.
    static Map<String, @Nullable Object> object(@Nullable Object value) {
        if (!(value instanceof Map<?, ?>)) {
            throw new IllegalArgumentException("an object was expected, not " + value);
        }
        return (Map<String, @Nullable Object>) value;
    }

    static List<Map<String, @Nullable Object>> objects(Map<String, @Nullable Object> map, String key) {
        List<Map<String, @Nullable Object>> objects = new ArrayList<>();
        if (map.get(key) instanceof List<?> list) {
            list.forEach(item -> objects.add(object(item)));
        }
        return objects;
    }
}
