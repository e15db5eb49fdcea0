package io.emcache.bench;

import io.emcache.bench.PoolHistory.Sample;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Draws a {@link PoolHistory}: callers and connections over time, and below them the gets a second. In colours that can be
 * read on white and on dark, without a background. Immutable.
 */
final class PoolPlot {
    private static final int WIDTH = 860;
    private static final int LEFT = 60;
    private static final int RIGHT = 20;
    private static final int UPPER_TOP = 50;
    private static final int UPPER_HEIGHT = 200;
    private static final int LOWER_TOP = 300;
    private static final int LOWER_HEIGHT = 90;
    private static final int HEIGHT = 440;
    private static final int SMOOTHED = 5;
    private static final String TEXT = "#7a828c";
    private static final String CALLERS = "#8a93a0";
    private static final String CONNECTIONS = "#2f81f7";
    private static final String OPS = "#d9730d";

    private final List<Sample> samples;
    private final double seconds;

    PoolPlot(List<Sample> samples) {
        this.samples = samples;
        this.seconds = samples.getLast().seconds();
    }

    String toSvg() {
        Formatter svg = new Formatter(Locale.ROOT);
        svg.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="sans-serif" \
                font-size="13" fill="%s">
                <title>Connections of a pool while the number of calling threads rises and falls</title>
                """, WIDTH, HEIGHT, TEXT);
        int most = samples.stream()
                .mapToInt(each -> Math.max(each.callers(), each.connections()))
                .max()
                .orElse(1);
        drawAxis(svg, UPPER_TOP, UPPER_HEIGHT, most, most > 8 ? 4 : 2, 1, "");
        drawSteps(svg, Sample::callers, most, CALLERS, "stroke-dasharray=\"5 4\" stroke-width=\"1.5\"");
        drawSteps(svg, Sample::connections, most, CONNECTIONS, "stroke-width=\"2.5\"");
        drawKey(svg, LEFT, CALLERS, "threads that call sync");
        drawKey(svg, LEFT + 190, CONNECTIONS, "connections in service");
        double mostOps = samples.stream().mapToDouble(Sample::ops).max().orElse(1);
        double unit = Math.pow(10, Math.floor(Math.log10(Math.max(1000, mostOps))));
        double top = Math.ceil(mostOps / unit) * unit;
        drawAxis(svg, LOWER_TOP, LOWER_HEIGHT, top, top / 2, 1000, " k");
        drawOps(svg, top);
        svg.format("<text x=\"%d\" y=\"%d\" fill=\"%s\">gets a second</text>%n", LEFT, LOWER_TOP - 10, OPS);
        drawTime(svg);
        return svg.format("</svg>%n").toString();
    }

    private double x(double second) {
        return LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double most, int top, int height) {
        return top + height - value / most * height;
    }

    private static void drawAxis(
            Formatter svg, int top, int height, double most, double step, double unit, String suffix) {
        for (double value = 0; value <= most; value += step) {
            double y = y(value, most, top, height);
            svg.format(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-opacity=\"0.3\"/>%n",
                    LEFT, WIDTH - RIGHT, y, y, TEXT);
            svg.format(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f%s</text>%n",
                    LEFT - 8, y + 4, value / unit, value == 0 ? "" : suffix);
        }
    }

    private void drawSteps(
            Formatter svg, ToDoubleFunction<Sample> value, double most, String colour, String attributes) {
        Formatter path = new Formatter(Locale.ROOT);
        double last = Double.NaN;
        for (Sample sample : samples) {
            double now = value.applyAsDouble(sample);
            if (now != last) {
                String format = Double.isNaN(last) ? "M%.1f %.1f" : "H%.1fV%.1f";
                path.format(format, x(sample.seconds()), y(now, most, UPPER_TOP, UPPER_HEIGHT));
                last = now;
            }
        }
        path.format("H%.1f", x(seconds));
        svg.format("<path d=\"%s\" fill=\"none\" stroke=\"%s\" %s/>%n", path, colour, attributes);
    }

    private static void drawKey(Formatter svg, int x, String colour, String text) {
        int y = UPPER_TOP - 26;
        svg.format(
                "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
                x, y - 6, colour, x + 26, y, text);
    }

    /** The mean of a few samples, so that the accidents of one do not hide the rest. */
    private void drawOps(Formatter svg, double most) {
        Formatter points = new Formatter(Locale.ROOT);
        for (int i = 0; i + SMOOTHED <= samples.size(); i += SMOOTHED) {
            List<Sample> few = samples.subList(i, i + SMOOTHED);
            double ops = few.stream().mapToDouble(Sample::ops).average().orElse(0);
            points.format("%.1f,%.1f ", x(few.getLast().seconds()), y(ops, most, LOWER_TOP, LOWER_HEIGHT));
        }
        svg.format(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>%n",
                points.toString().strip(), OPS);
    }

    private void drawTime(Formatter svg) {
        int y = LOWER_TOP + LOWER_HEIGHT + 20;
        for (int second = 0; second <= seconds; second += 4) {
            svg.format("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>%n", x(second), y, second);
        }
        svg.format("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">seconds</text>%n", WIDTH - RIGHT, y + 18);
    }
}
