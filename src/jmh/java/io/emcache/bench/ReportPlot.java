package io.emcache.bench;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Panels of lines, one line for each contender, and below each point's median the least and the most as a thin stroke.
 * In colours that can be read on white and on dark, without a background. For one thread.
 */
final class ReportPlot {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 380;
    private static final int TOP = 84;
    private static final int BOTTOM = 330;
    private static final int GAP = 74;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int KEY_STEP = 197;
    private static final int KEY_COLUMNS = 4;
    private static final int STEPS = 5;
    private static final String TEXT = "#7a828c";

    private final String title;
    private final List<Panel> panels = new ArrayList<>();

    /** One pair of axes. */
    static final class Panel {
        private final String heading;
        private final String xLabel;
        private final boolean logarithmic;
        private final Map<Double, String> ticks = new LinkedHashMap<>();
        private final Map<String, List<Point>> lines = new LinkedHashMap<>();

        /**
         * @param heading what it shows
         * @param xLabel what the ticks are
         * @param logarithmic whether each power of ten of the values is as high as the next, else they start at 0
         */
        Panel(String heading, String xLabel, boolean logarithmic) {
            this.heading = heading;
            this.xLabel = xLabel;
            this.logarithmic = logarithmic;
        }

        void addTick(double x, String label) {
            ticks.put(x, label);
        }

        void addPoint(String contender, double x, Spread y) {
            lines.computeIfAbsent(contender, name -> new ArrayList<>()).add(new Point(x, y));
        }

        boolean isEmpty() {
            return lines.isEmpty();
        }

        private double lowest() {
            if (!logarithmic) {
                return 0;
            }
            double least = lines.values().stream()
                    .flatMap(List::stream)
                    .mapToDouble(point -> point.y.min())
                    .min()
                    .orElse(1);
            return Math.floor(Math.log10(least));
        }

        private double highest() {
            double most = lines.values().stream()
                    .flatMap(List::stream)
                    .mapToDouble(point -> point.y.max())
                    .max()
                    .orElse(1);
            return logarithmic ? Math.ceil(Math.log10(most)) : step(most) * Math.ceil(most / step(most));
        }

        /** A round number of which a few make up the axis. */
        private double step(double most) {
            double unit = Math.pow(10, Math.floor(Math.log10(most / STEPS)));
            for (int factor : new int[] {1, 2, 5}) {
                if (most / (unit * factor) <= STEPS) {
                    return unit * factor;
                }
            }
            return unit * 10;
        }
    }

    private record Point(double x, Spread y) {}

    ReportPlot(String title) {
        this.title = title;
    }

    void add(Panel panel) {
        if (!panel.isEmpty()) {
            panels.add(panel);
        }
    }

    boolean isEmpty() {
        return panels.isEmpty();
    }

    String toSvg() {
        Formatter svg = new Formatter(Locale.ROOT);
        openSvg(svg, title, WIDTH, HEIGHT);
        List<String> names = panels.stream()
                .flatMap(panel -> panel.lines.keySet().stream())
                .distinct()
                .toList();
        for (int i = 0; i < names.size(); i++) {
            int x = LEFT + i % KEY_COLUMNS * KEY_STEP;
            int y = 22 + i / KEY_COLUMNS * 20;
            svg.format(
                    "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
                    x, y - 6, colour(names.get(i)), x + 24, y, shown(names.get(i)));
        }
        int width = (WIDTH - LEFT - RIGHT - GAP * (panels.size() - 1)) / panels.size();
        for (int i = 0; i < panels.size(); i++) {
            draw(svg, panels.get(i), LEFT + i * (width + GAP), width);
        }
        return svg.format("</svg>%n").toString();
    }

    static void openSvg(Formatter svg, String title, int width, int height) {
        svg.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="sans-serif" \
                font-size="13" fill="%s">
                <title>%s</title>
                """, width, height, TEXT, title);
    }

    /** A contender as a picture names it: parameters that are switched on by their names. */
    static String shown(String contender) {
        return contender.replace("?", ", ").replace("=true", "");
    }

    /** The colour of a contender, the same in all plots. */
    static String colour(String contender) {
        String name = contender.split("[ ?-]", 2)[0];
        boolean variant = contender.length() > name.length();
        return switch (name) {
            case "emcache" -> variant ? "#22a7b8" : "#2f81f7";
            case "spymemcached" -> variant ? "#b0620f" : "#d9730d";
            case "xmemcached" -> variant ? "#b05fc4" : "#8f6bd8";
            case "folsom" -> variant ? "#7ba23f" : "#2ea043";
            default -> contender.contains("multi") ? "#b3a46a" : "#8a93a0";
        };
    }

    private static void draw(Formatter svg, Panel panel, int left, int width) {
        svg.format("<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>%n", left, TOP - 14, panel.heading);
        double lowest = panel.lowest();
        double highest = Math.max(panel.highest(), lowest + 1);
        double step = panel.logarithmic ? 1 : panel.step(highest);
        for (double value = lowest; value <= highest + step / 2; value += step) {
            double y = y(value, lowest, highest);
            svg.format(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-opacity=\"0.3\"/>%n",
                    left, left + width, y, y, TEXT);
            svg.format(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    left - 8, y + 4, abbreviated(panel.logarithmic ? Math.pow(10, value) : value));
        }
        double first = panel.ticks.keySet().stream().mapToDouble(x -> x).min().orElse(0);
        double last = panel.ticks.keySet().stream().mapToDouble(x -> x).max().orElse(1);
        panel.ticks.forEach((x, label) -> svg.format(
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                x(x, first, last, left, width), BOTTOM + 20, label));
        svg.format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n", left + width, BOTTOM + 40, panel.xLabel);
        panel.lines.forEach((name, points) -> {
            String dashes = name.startsWith("yardstick") ? " stroke-dasharray=\"5 4\"" : "";
            Formatter line = new Formatter(Locale.ROOT);
            for (Point point : points) {
                double x = x(point.x, first, last, left, width);
                line.format("%.1f,%.1f ", x, y(scaled(panel, point.y.median()), lowest, highest));
            }
            svg.format(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>%n",
                    line.toString().strip(), colour(name), dashes);
            if (!panel.logarithmic) {
                drawSpreads(svg, panel, points, colour(name), new double[] {first, last, left, width, lowest, highest});
            }
        });
    }

    private static void drawSpreads(Formatter svg, Panel panel, List<Point> points, String colour, double[] frame) {
        for (Point point : points) {
            double x = x(point.x, frame[0], frame[1], (int) frame[2], (int) frame[3]);
            svg.format(
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-opacity=\"0.6\"/>"
                            + "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
                    x,
                    x,
                    y(scaled(panel, point.y.min()), frame[4], frame[5]),
                    y(scaled(panel, point.y.max()), frame[4], frame[5]),
                    colour,
                    x,
                    y(scaled(panel, point.y.median()), frame[4], frame[5]),
                    colour);
        }
    }

    private static double scaled(Panel panel, double value) {
        return panel.logarithmic ? Math.log10(value) : value;
    }

    private static double x(double x, double first, double last, int left, int width) {
        int margin = 18;
        double range = Math.max(last - first, 1e-9);
        return left + margin + (x - first) / range * (width - 2 * margin);
    }

    private static double y(double value, double lowest, double highest) {
        return BOTTOM - (value - lowest) / (highest - lowest) * (BOTTOM - TOP);
    }

    private static String abbreviated(double value) {
        if (value >= 1e6) {
            return trimmed(value / 1e6) + " M";
        }
        return value >= 1000 ? trimmed(value / 1000) + " k" : trimmed(value);
    }

    private static String trimmed(double value) {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.1f", value);
    }
}
