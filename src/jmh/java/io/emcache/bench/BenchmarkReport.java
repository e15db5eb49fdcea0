package io.emcache.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the page of the benchmarks and its pictures from what {@code scripts/bench compare} and {@code scale} wrote. */
public final class BenchmarkReport {
    private static final String PICTURES = "benchmarks";

    private BenchmarkReport() {}

    /**
     * Writes {@code benchmarks.md} and the pictures that it shows.
     *
     * @param args the directory to write to, and the files of results, in the order of the page
     */
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: BenchmarkReport DIRECTORY JSON...");
            System.exit(2);
        }
        Path directory = Path.of(args[0]);
        Files.createDirectories(directory.resolve(PICTURES));
        List<ReportData> runs = new ArrayList<>();
        List<ReportScale> scales = new ArrayList<>();
        List<Map<String, String>> pictures = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
            Map<String, @Nullable Object> root = JsonReader.object(Files.readString(Path.of(args[i])));
            if (ReportScale.isScale(root)) {
                scales.add(new ReportScale(root));
                continue;
            }
            ReportData run = new ReportData(root);
            runs.add(run);
            Map<String, String> paths = new LinkedHashMap<>();
            for (Map.Entry<String, String> svg : new ReportPlots(run).toSvgs().entrySet()) {
                String path = PICTURES + "/" + svg.getKey() + (run.isPinned() ? "-pinned" : "") + ".svg";
                Files.writeString(directory.resolve(path), svg.getValue());
                paths.put(svg.getKey(), path);
            }
            pictures.add(paths);
        }
        Path page = directory.resolve("benchmarks.md");
        Files.writeString(page, new ReportPage(runs, scales).toMarkdown(pictures));
        System.out.println("Report: " + page);
    }
}
