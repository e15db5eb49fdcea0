package io.emcache.bench;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/**
 * Groups of bars, one bar for each contender, with the number at its end. In colours that can be read on white and on dark,
 * without a background. For one thread.
 */
final class ReportBars {
    private static final int WIDTH = 860;
    private static final int LEFT = 190;
    private static final int RIGHT = 90;
    private static final int BAR = 14;
    private static final int ROW = 22;
    private static final int HEADING = 34;

    private final String title;
    private final String unit;
    private final List<Group> groups = new ArrayList<>();

    private record Group(String heading, List<Bar> bars) {}

    private record Bar(String contender, double value) {}

    ReportBars(String title, String unit) {
        this.title = title;
        this.unit = unit;
    }

    void addGroup(String heading) {
        groups.add(new Group(heading, new ArrayList<>()));
    }

    void addBar(String contender, double value) {
        groups.getLast().bars.add(new Bar(contender, value));
    }

    boolean isEmpty() {
        return groups.stream().allMatch(group -> group.bars.isEmpty());
    }

    String toSvg() {
        int height = 16
                + groups.stream()
                        .mapToInt(group -> HEADING + group.bars.size() * ROW)
                        .sum();
        double most = groups.stream()
                .flatMap(group -> group.bars.stream())
                .mapToDouble(Bar::value)
                .max()
                .orElse(1);
        Formatter svg = new Formatter(Locale.ROOT);
        ReportPlot.openSvg(svg, title, WIDTH, height);
        int y = 0;
        for (Group group : groups) {
            y += HEADING;
            svg.format("<text x=\"16\" y=\"%d\" font-weight=\"bold\">%s</text>%n", y - 10, group.heading);
            for (Bar bar : group.bars) {
                svg.format(
                        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
                        LEFT - 10, y + 12, ReportPlot.shown(bar.contender));
                double width = Math.max(1, bar.value / most * (WIDTH - LEFT - RIGHT));
                svg.format(
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>"
                                + "<text x=\"%.1f\" y=\"%d\">%,.0f %s</text>%n",
                        LEFT,
                        y,
                        width,
                        BAR,
                        ReportPlot.colour(bar.contender),
                        LEFT + width + 8,
                        y + 12,
                        bar.value,
                        unit);
                y += ROW;
            }
        }
        return svg.format("</svg>%n").toString();
    }
}
