package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replays the committed inputs of all fuzz targets, each input and everything that it begins with. A directory of
 * {@code src/test/resources/fuzz} has the name of its target, a class with a static {@code fuzzerTestOneInput}.
 */
@NoLeaks
class FuzzCorpusTest {
    private static final String SUFFIX = "Fuzz.class";

    static List<String> targets() throws IOException {
        try (Stream<Path> directories = Files.list(folder("fuzz"))) {
            return directories
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static Path folder(String resource) {
        try {
            return Path.of(Objects.requireNonNull(FuzzCorpusTest.class.getResource("/" + resource))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("targets")
    void committedInputsPass(String target) throws Exception {
        Class<?> type = Class.forName(target);
        call(type, "fuzzerInitialize");
        Method method = type.getMethod("fuzzerTestOneInput", byte[].class);
        method.setAccessible(true);
        MethodHandle run = MethodHandles.lookup().unreflect(method);
        try (Stream<Path> files = Files.list(folder("fuzz/" + target))) {
            for (Path file : files.toList()) {
                byte[] input = Files.readAllBytes(file);
                for (int length = 0; length <= input.length; length++) {
                    run(run, file, Arrays.copyOf(input, length));
                }
            }
        } finally {
            call(type, "fuzzerTearDown");
        }
    }

    private static void run(MethodHandle target, Path file, byte[] input) {
        try {
            target.invokeExact(input);
        } catch (Throwable e) {
            throw new AssertionError(file.getFileName() + ", its first " + input.length + " bytes", e);
        }
    }

    private static void call(Class<?> target, String name) throws ReflectiveOperationException {
        for (Method method : target.getMethods()) {
            if (method.getName().equals(name)) {
                method.setAccessible(true);
                method.invoke(null);
            }
        }
    }

    @Test
    void everyTargetHasInputs() throws IOException {
        Path classes =
                Objects.requireNonNull(folder("io/emcache/FuzzCorpusTest.class").getParent());
        try (Stream<Path> files = Files.walk(classes)) {
            List<String> found = files.filter(file -> file.toString().endsWith(SUFFIX))
                    .map(file -> "io.emcache."
                            + classes.relativize(file)
                                    .toString()
                                    .replace(".class", "")
                                    .replace(file.getFileSystem().getSeparator(), "."))
                    .sorted()
                    .toList();
            assertThat(targets()).isNotEmpty().isEqualTo(found);
        }
    }
}
