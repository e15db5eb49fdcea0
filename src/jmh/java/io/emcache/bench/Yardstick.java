package io.emcache.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the plain C client of {@code native/yardstick} and reads what it prints. Each run is a process of its own, on
 * the CPUs that this process may use. For one thread.
 */
final class Yardstick {
    private static final int PATIENCE_SECONDS = 60;
    private static final Pattern NUMBER = Pattern.compile("([a-z0-9./]+)=([0-9.]+)");

    private final String binary;
    private final String target;

    Yardstick(Path binary, Server server) {
        this.binary = binary.toString();
        this.target = server.yardstickTarget();
    }

    /** Stores the keys of {@link Keys}. */
    void fill() throws IOException, InterruptedException {
        fill(Keys.VALUE_BYTES, Keys.COUNT);
    }

    /** Stores so many keys with values of that size. */
    void fill(int valueBytes, int keys) throws IOException, InterruptedException {
        run(0, "0", "fill", "1", Integer.toString(valueBytes), Integer.toString(keys));
    }

    /** Sends windows of meta gets, each after the answers to the one before. */
    Turn gets(int window, double seconds) throws IOException, InterruptedException {
        return turn("mg", window, seconds, Keys.VALUE_BYTES, Keys.COUNT);
    }

    /**
     * Sends windows of operations of one form, each after the answers to the one before.
     *
     * @param form {@code get}, {@code mg}, {@code multi} or {@code set}; of sets the share of hits is 0
     */
    Turn turn(String form, int window, double seconds, int valueBytes, int keys)
            throws IOException, InterruptedException {
        String duration = String.format(Locale.ROOT, "%.3f", seconds);
        return parse(run(
                seconds,
                duration,
                form,
                Integer.toString(window),
                Integer.toString(valueBytes),
                Integer.toString(keys)));
    }

    private String run(double seconds, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(binary, target));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            // One line fits into the pipe, so the process can end before it is read.
            if (!process.waitFor((long) seconds + PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the yardstick does not end: " + command);
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new IOException("the yardstick failed: " + command + ": " + output.strip());
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    static Turn parse(String output) throws IOException {
        return new Turn(
                number(output, "ops/s"),
                number(output, "hits"),
                number(output, "p50"),
                number(output, "p99"),
                number(output, "p99.9"),
                number(output, "cpu/op"),
                Double.NaN,
                Double.NaN);
    }

    private static double number(String output, String name) throws IOException {
        Matcher matcher = NUMBER.matcher(output);
        while (matcher.find()) {
            if (matcher.group(1).equals(name)) {
                return Double.parseDouble(matcher.group(2));
            }
        }
        throw new IOException("the yardstick did not print " + name + ": " + output.strip());
    }
}
