package io.emcache.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class in a JVM of its own, by default with this JVM's class path. Safe for all threads. */
public final class ChildJvm {
    private static final Duration GUARD = Duration.ofSeconds(60);

    private ChildJvm() {}

    /**
     * How a child JVM ended.
     *
     * @param exitCode its exit code
     * @param stdout all it wrote to its standard output
     * @param stderr all it wrote to its standard error output
     */
    public record Result(int exitCode, String stdout, String stderr) {}

    /**
     * Runs a main class and waits until it ends, for at most 60 s.
     *
     * @param main a class with a {@code main} method
     * @param jvmFlags flags of the JVM, such as {@code --enable-native-access=ALL-UNNAMED}
     * @param args arguments of the main class
     * @return its exit code and output
     * @throws AssertionError if it runs longer; the message holds its output
     */
    public static Result run(Class<?> main, List<String> jvmFlags, String... args) {
        return run(GUARD, main, jvmFlags, args);
    }

    static Result run(Duration guard, Class<?> main, List<String> jvmFlags, String... args) {
        List<String> arguments = new ArrayList<>(jvmFlags);
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        arguments.addAll(List.of(args));
        return launch(guard, arguments);
    }

    /**
     * Runs the launcher and waits until it ends, for at most 60 s. Nothing of this JVM is handed down but its Java home.
     *
     * @param arguments all that follows {@code java} on the command line
     * @return its exit code and output
     * @throws AssertionError if it runs longer; the message holds its output
     */
    public static Result launch(List<String> arguments) {
        return launch(GUARD, arguments);
    }

    private static Result launch(Duration guard, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        try {
            Path stdout = Files.createTempFile("emcache-child", ".out");
            Path stderr = Files.createTempFile("emcache-child", ".err");
            try {
                return run(guard, command, stdout, stderr);
            } finally {
                Files.delete(stdout);
                Files.delete(stderr);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Result run(Duration guard, List<String> command, Path stdout, Path stderr) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
        // The launcher reports these on stderr, and they would add flags that the caller did not ask for.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        boolean ended;
        try {
            ended = process.waitFor(guard.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended = false;
        } finally {
            process.destroyForcibly().onExit().join();
        }
        Result result = new Result(process.exitValue(), Files.readString(stdout), Files.readString(stderr));
        if (!ended) {
            throw new AssertionError("child JVM did not end within " + guard + " [command=" + String.join(" ", command)
                    + ", stdout=" + result.stdout() + ", stderr=" + result.stderr() + "]");
        }
        return result;
    }
}
