package io.emcache.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Contestant} as seen from the process that runs the comparison. One that does not answer in time is killed. For
 * one thread.
 */
final class ContestantProcess {
    /** How long one may take to be ready beside its warm-up, or to answer beside its turn. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private static final long PATIENCE_TO_END_MS = 5000;
    private static final String END_OF_OUTPUT = "";

    /** Beside the flags of this process, the same for all: room, silence, and what Netty asks for. */
    private static final List<String> FLAGS = List.of(
            "-Xms1g",
            "-Xmx1g",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
            "-Dnet.spy.log.LoggerImpl=net.spy.memcached.compat.log.SLF4JLogger",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final Process process;
    private final Writer in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /** What is wrong with a contender. */
    static final class ContestantException extends Exception {
        private static final long serialVersionUID = 1L;

        ContestantException(String message) {
            super(message);
        }
    }

    /** Starts it; it is ready when {@link #awaitReady} returns. */
    ContestantProcess(Entrant entrant, Scenario scenario, List<Server> nodes, long warmUpNs) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Contestant.class.getName()));
        command.addAll(List.of(
                entrant.label(),
                scenario.name(),
                String.join(",", nodes.stream().map(Server::address).toList()),
                Long.toString(warmUpNs)));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .directory(new File(System.getProperty("java.io.tmpdir")))
                .start();
        in = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name("output-of-" + entrant.label()).start(this::readLines);
    }

    static List<String> flags() {
        List<String> flags =
                new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        flags.removeIf(flag -> flag.startsWith("-D"));
        flags.addAll(FLAGS);
        return flags;
    }

    private void readLines() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            out.lines().forEach(lines::add);
        } catch (IOException e) {
            // The process is gone; what follows says so.
        }
        lines.add(END_OF_OUTPUT);
    }

    void awaitReady(long warmUpNs) throws ContestantException, InterruptedException {
        answer(warmUpNs);
    }

    Measurement turn(long durationNs) throws ContestantException, InterruptedException {
        try {
            in.write(durationNs + "\n");
            in.flush();
        } catch (IOException e) {
            throw new ContestantException("its process has ended");
        }
        return Measurement.parse(answer(durationNs));
    }

    private Map<String, @Nullable Object> answer(long workNs) throws ContestantException, InterruptedException {
        String line = lines.poll(workNs + PATIENCE_NS, TimeUnit.NANOSECONDS);
        if (line == null) {
            throw new ContestantException(
                    "it hangs: no answer " + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NS) + " s after it was due");
        }
        if (line.equals(END_OF_OUTPUT)) {
            throw new ContestantException("its process has ended");
        }
        Map<String, @Nullable Object> answer = JsonReader.object(line);
        if (answer.get("error") instanceof String error) {
            throw new ContestantException(error);
        }
        return answer;
    }

    /** Ends it. */
    void stop() throws InterruptedException {
        try {
            in.close();
        } catch (IOException e) {
            // It is gone already.
        }
        if (!process.waitFor(PATIENCE_TO_END_MS, TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
