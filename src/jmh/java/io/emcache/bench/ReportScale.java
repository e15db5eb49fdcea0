package io.emcache.bench;

import java.util.Formatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The results of one run of {@code scripts/bench scale}, as they stand in its JSON, and their part of the page. Immutable. */
final class ReportScale {
    private static final String DIRECT = "direct";
    private static final List<String> TABLES = List.of("connections", "nodes", "getAll");
    private static final Set<String> NO_COSTS = Set.of("units");

    private final Map<String, @Nullable Object> root;

    ReportScale(Map<String, @Nullable Object> root) {
        this.root = root;
    }

    static boolean isScale(Map<String, @Nullable Object> root) {
        return "scale".equals(root.get("benchmark"));
    }

    void addTo(Formatter page) {
        page.format("## Cost grows with work%n%n");
        page.format(
                "`%s`, %s. Placement: %s.%n%n",
                root.get("command"), String.valueOf(root.get("time")).substring(0, 10), root.get("placement"));
        if (root.get(DIRECT) != null) {
            addDirect(page, ReportData.object(root.get(DIRECT)));
        }
        for (String table : TABLES) {
            if (root.get(table) != null) {
                addTable(page, ReportData.object(root.get(table)));
            }
        }
    }

    private static void addDirect(Formatter page, Map<String, @Nullable Object> direct) {
        page.format("### %s%n%n| | ops | CPU per operation |%n|---|---|---|%n", direct.get("title"));
        ReportData.object(direct.get("ratios")).forEach((name, value) -> {
            Map<String, @Nullable Object> ratio = ReportData.object(value);
            page.format("| %s | %s | %s |%n", name, cell(ratio.get("ops/s"), true), cell(ratio.get("CPU us/op"), true));
        });
        page.format("%n| | heap bytes per operation |%n|---|--:|%n");
        for (Map<String, @Nullable Object> contender : ReportData.objects(direct, "contenders")) {
            List<Map<String, @Nullable Object>> turns = ReportData.objects(contender, "turns");
            Spread bytes = Spread.of(turns, turn -> ((Double) turn.get("processBytesPerOp")));
            page.format(Locale.ROOT, "| %s | %.1f |%n", contender.get("name"), bytes.median());
        }
        page.format("%n");
    }

    private static void addTable(Formatter page, Map<String, @Nullable Object> table) {
        List<Map<String, @Nullable Object>> rows = ReportData.objects(table, "rows");
        Set<String> costs = new LinkedHashSet<>(rows.getFirst().keySet());
        costs.removeAll(NO_COSTS);
        page.format("### %s%n%n| %s |", table.get("title"), table.get("unit"));
        costs.forEach(cost -> page.format(" %s |", cost));
        page.format("%n|--:|%s%n", "---|".repeat(costs.size()));
        for (Map<String, @Nullable Object> row : rows) {
            page.format("| %s |", whole(row.get("units")));
            for (String cost : costs) {
                Map<String, @Nullable Object> spread = ReportData.object(row.get(cost));
                page.format(" %s", cell(spread, false));
                if (spread.get("toRowAbove") != null) {
                    page.format(
                            ", × %s",
                            number(ReportData.object(spread.get("toRowAbove")).get("median")));
                }
                page.format(" |");
            }
            page.format("%n");
        }
        page.format("%n");
    }

    private static String cell(@Nullable Object spread, boolean bold) {
        Map<String, @Nullable Object> map = ReportData.object(spread);
        String mark = bold ? "**" : "";
        return mark + number(map.get("median")) + mark + " (" + number(map.get("min")) + " .. " + number(map.get("max"))
                + ")";
    }

    private static String whole(@Nullable Object value) {
        return value instanceof Double each ? String.format(Locale.ROOT, "%,.0f", each) : String.valueOf(value);
    }

    private static String number(@Nullable Object value) {
        double number = value instanceof Double each ? each : Double.NaN;
        int decimals = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f", number);
    }
}
