package io.emcache.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.internal.memory.NativeLibrary.Outcome;
import io.emcache.internal.memory.NativeLibrary.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be decided without native access is tested here, the rest in processes of their own. */
class NativeLibraryTest {

    private static final String RESOURCES = "/io/emcache/native/";
    private static final String ENABLED = "--enable-native-access=ALL-UNNAMED";
    private static final int GUARD_SECONDS = 10;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x86_64",
        "Linux, x86_64, linux-x86_64",
        "Linux, aarch64, linux-aarch64",
        "Mac OS X, aarch64, darwin-aarch64",
        "Mac OS X, x86_64,",
        "Linux, riscv64,",
        "Windows 11, amd64,"
    })
    void platformIsNamedAfterSystemAndProcessor(String os, String arch, @Nullable String platform) {
        assertThat(NativeLibrary.platformOf(os, arch)).isEqualTo(platform);
    }

    @Test
    void withoutNativeAccessTheFlagIsNamed() {
        Outcome outcome = NativeLibrary.load(settings("auto", false, null, "linux-x86_64"));

        assertThat(outcome.hashing().isNative()).isFalse();
        assertThat(outcome.explanation()).contains("add the JVM flag " + ENABLED);
    }

    @Test
    void switchedOffIsSaid() {
        Outcome outcome = NativeLibrary.load(settings("off", true, null, "linux-x86_64"));

        assertThat(outcome.hashing().isNative()).isFalse();
        assertThat(outcome.explanation()).contains("-Dio.emcache.native=off");
    }

    @Test
    void unknownModeEndsInJava() {
        Outcome outcome = NativeLibrary.load(settings("yes", true, null, "linux-x86_64"));

        assertThat(outcome.hashing().isNative()).isFalse();
        assertThat(outcome.explanation()).contains("-Dio.emcache.native=yes is none of");
    }

    @Test
    void unknownPlatformEndsInJava() {
        Outcome outcome = NativeLibrary.load(settings("force", true, null, null));

        assertThat(outcome.hashing().isNative()).isFalse();
        assertThat(outcome.explanation()).contains("no native library for this platform");
    }

    @Test
    void platformWithoutLibraryInTheJarEndsInJava() {
        Outcome outcome = NativeLibrary.load(settings("auto", true, null, "linux-mips"));

        assertThat(outcome.hashing().isNative()).isFalse();
        assertThat(outcome.explanation()).contains("no resource " + RESOURCES + "linux-mips/libemcache.so");
    }

    @Test
    void missingFileEndsInJava() {
        Outcome outcome = NativeLibrary.load(settings("auto", true, directory, "linux-x86_64"));

        assertThat(outcome.hashing().isNative()).isFalse();
        assertThat(outcome.explanation()).contains("no file " + directory.resolve("libemcache.so"));
    }

    @Test
    void withNativeAccessTheLibraryOfTheJarIsUsedSilently() throws Exception {
        Result result = run(ENABLED);

        assertThat(result.output).isEqualTo(NativeLibraryChild.NATIVE);
        assertThat(result.errors).contains("keys are hashed by " + directory).doesNotContain("WARNING");
    }

    @Test
    void withoutFlagsJavaIsUsedSilently() throws Exception {
        Result result = run();

        assertThat(result.output).isEqualTo(NativeLibraryChild.JAVA);
        assertThat(result.errors).contains(ENABLED).doesNotContain("WARNING");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void forceUsesTheLibraryWithoutNativeAccess() throws Exception {
        assertThat(run("-Dio.emcache.native=force").output).isEqualTo(NativeLibraryChild.NATIVE);
    }

    @Test
    void forceAgainstTheJvmsWillEndsInJava() throws Exception {
        Result result = run("-Dio.emcache.native=force", "--illegal-native-access=deny");

        assertThat(result.output).isEqualTo(NativeLibraryChild.JAVA);
        assertThat(result.errors).contains("IllegalCallerException");
    }

    @Test
    void directoryOfThePropertyIsUsed() throws Exception {
        Path mine = Files.createDirectory(directory.resolve("mine"));
        Path extracted = NativeExtraction.extract(libraryOfTheJar(), "libemcache.so", directory);
        Files.copy(extracted, mine.resolve("libemcache.so"));

        Result result = run(ENABLED, "-Dio.emcache.native.dir=" + mine);

        assertThat(result.output).isEqualTo(NativeLibraryChild.NATIVE);
        assertThat(result.errors).contains("keys are hashed by " + mine);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int emcache_abi_version(void) { return 99; }",
                "int emcache_abi_version(void) { return 1; }",
                "int something_else(void) { return 1; }"
            })
    void unfitLibraryEndsInJava(String source) throws Exception {
        compile(source);

        Result result = run(ENABLED, "-Dio.emcache.native.dir=" + directory);

        assertThat(result.output).isEqualTo(NativeLibraryChild.JAVA);
        assertThat(result.errors).contains("keys are hashed in Java");
    }

    @Test
    void fileThatIsNoLibraryEndsInJava() throws Exception {
        Files.writeString(directory.resolve("libemcache.so"), "no library");

        assertThat(run(ENABLED, "-Dio.emcache.native.dir=" + directory).output).isEqualTo(NativeLibraryChild.JAVA);
    }

    @Test
    void symlinkedExtractionDirectoryEndsInJava() throws Exception {
        Path extractionDirectory = NativeExtraction.extract(libraryOfTheJar(), "libemcache.so", directory)
                .getParent();
        Path moved = Files.move(extractionDirectory, directory.resolve("moved"));
        Files.createSymbolicLink(extractionDirectory, moved);

        Result result = run(ENABLED);

        assertThat(result.output).isEqualTo(NativeLibraryChild.JAVA);
        assertThat(result.errors).contains("is not a directory");
    }

    @Test
    void tamperedFileIsNotLoaded() throws Exception {
        Path library = NativeExtraction.extract(libraryOfTheJar(), "libemcache.so", directory);
        Files.writeString(library, "tampered");

        assertThat(run(ENABLED).output).isEqualTo(NativeLibraryChild.NATIVE);
        assertThat(library).hasBinaryContent(libraryOfTheJar());
    }

    @Test
    void processesMayExtractAtTheSameTime() throws Exception {
        List<Process> children = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            children.add(start(ENABLED));
        }
        for (Process child : children) {
            release(child);
        }

        for (Process child : children) {
            assertThat(finish(child).output).isEqualTo(NativeLibraryChild.NATIVE);
        }
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile))
                    .singleElement()
                    .satisfies(file -> assertThat(file).hasBinaryContent(libraryOfTheJar()));
        }
    }

    private record Result(String output, String errors) {}

    private Result run(String... options) throws Exception {
        Process child = start(options);
        release(child);
        return finish(child);
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + directory));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), NativeLibraryChild.class.getName()));
        return new ProcessBuilder(command).start();
    }

    private static void release(Process child) throws IOException {
        child.getOutputStream().write('\n');
        child.getOutputStream().close();
    }

    private static Result finish(Process child) throws Exception {
        try {
            assertThat(child.waitFor(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Result(
                    new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip(),
                    new String(child.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            child.destroyForcibly();
        }
    }

    private void compile(String source) throws Exception {
        Path file = Files.writeString(directory.resolve("library.c"), source);
        Process compiler;
        try {
            compiler = new ProcessBuilder(
                            "cc",
                            "-shared",
                            "-fPIC",
                            "-o",
                            directory.resolve("libemcache.so").toString(),
                            file.toString())
                    .inheritIO()
                    .start();
        } catch (IOException e) {
            throw new AssertionError("no C compiler, scripts/setup installs one", e);
        }
        assertThat(compiler.waitFor(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(compiler.exitValue()).isZero();
    }

    private static byte[] libraryOfTheJar() throws IOException {
        String platform = NativeLibrary.platformOf(System.getProperty("os.name"), System.getProperty("os.arch"));
        try (var in = NativeLibrary.class.getResourceAsStream(RESOURCES + platform + "/libemcache.so")) {
            assertThat(in).isNotNull();
            return in.readAllBytes();
        }
    }

    private Settings settings(
            String mode, boolean nativeAccess, @Nullable Path libraryDirectory, @Nullable String platform) {
        return new Settings(mode, nativeAccess, libraryDirectory, platform, RESOURCES, directory);
    }
}
