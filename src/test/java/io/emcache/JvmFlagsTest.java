package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.application.UserApplication;
import io.emcache.testkit.ChildJvm;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.WithMemcached;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The client in JVMs of their own, with the flags that a user gives and without: it works, says once what is in use, and
 * the JDK has nothing to say. Two nodes, so that keys are hashed.
 */
@WithMemcached
final class JvmFlagsTest {
    private static final String NATIVE = "--enable-native-access=";
    private static final String EXPORTS = "--add-exports";
    private static final String PACKAGE = "java.base/jdk.internal.misc=";
    private static final List<String> DENY =
            List.of("--illegal-native-access=deny", "--sun-misc-unsafe-memory-access=deny");
    private static final List<String> BOTH = List.of(NATIVE + "ALL-UNNAMED", EXPORTS, PACKAGE + "ALL-UNNAMED");

    private static final String NATIVE_HASHING = "keys are hashed by /";
    private static final String JAVA_HASHING = "keys are hashed in Java";
    private static final String AGRONA_RINGS = "command rings: Agrona\n";
    private static final String VAR_HANDLE_RINGS = "command rings: VarHandles";

    private static MemcachedServer second;

    private final String twoNodes;
    private final String oneNode;

    @TempDir
    private Path directory;

    JvmFlagsTest(MemcachedServer first) {
        oneNode = "memcached://" + first.address();
        twoNodes = oneNode + "," + second.address();
    }

    @BeforeAll
    static void startSecond() {
        second = MemcachedServer.start();
    }

    @AfterAll
    static void stopSecond() {
        second.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"caller", "dedicated-backoff"})
    void withoutFlagsItWorksAndNamesBoth(String driver) {
        assertThat(onClassPath(List.of(), twoNodes + "?driver=" + driver))
                .containsOnlyOnce("emcache: ")
                .contains(JAVA_HASHING, NATIVE + "ALL-UNNAMED;")
                .contains(VAR_HANDLE_RINGS, EXPORTS + " " + PACKAGE + "ALL-UNNAMED\n");
    }

    @Test
    void withoutFlagsNothingIsDoneThatTheJdkCouldDeny() {
        assertThat(onClassPath(DENY, twoNodes)).contains(JAVA_HASHING, VAR_HANDLE_RINGS);
    }

    @Test
    void withBothFlagsNativeHashingAndAgronasRingsAreUsed() {
        List<String> flags = new ArrayList<>(BOTH);
        flags.addAll(DENY);

        assertThat(onClassPath(flags, twoNodes))
                .containsOnlyOnce("emcache: ")
                .contains(NATIVE_HASHING, AGRONA_RINGS)
                .doesNotContain("--");
    }

    @Test
    void withNativeAccessAloneTheOtherFlagIsNamed() {
        assertThat(onClassPath(List.of(NATIVE + "ALL-UNNAMED"), twoNodes))
                .containsOnlyOnce("emcache: ")
                .contains(NATIVE_HASHING, VAR_HANDLE_RINGS, EXPORTS + " " + PACKAGE + "ALL-UNNAMED\n")
                .doesNotContain(NATIVE);
    }

    @Test
    void withTheExportAloneTheOtherFlagIsNamed() {
        assertThat(onClassPath(List.of(EXPORTS, PACKAGE + "ALL-UNNAMED"), twoNodes))
                .containsOnlyOnce("emcache: ")
                .contains(JAVA_HASHING, NATIVE + "ALL-UNNAMED;", AGRONA_RINGS)
                .doesNotContain(EXPORTS);
    }

    @Test
    void withOneNodeOnlyTheRingsMatter() {
        assertThat(onClassPath(List.of(), oneNode))
                .containsOnlyOnce("emcache: ")
                .contains("keys are not hashed, there is one node", VAR_HANDLE_RINGS)
                .contains(EXPORTS + " " + PACKAGE + "ALL-UNNAMED\n")
                .doesNotContain(NATIVE);
    }

    @Test
    void keysAreOnTheSameNodesWithFlagsAndWithout() {
        run(classPathCommand(List.of()), "write", twoNodes, "same:");

        run(classPathCommand(BOTH), "read", twoNodes, "same:");
    }

    @Test
    void asAModuleWithoutFlagsItWorksAndNamesTheModules() throws Exception {
        assertThat(run(modulePathCommand(DENY), "write", twoNodes, "key:"))
                .containsOnlyOnce("emcache: ")
                .contains(JAVA_HASHING, NATIVE + "io.emcache;")
                .contains(VAR_HANDLE_RINGS, EXPORTS + " " + PACKAGE + "org.agrona\n");
    }

    @Test
    void asAModuleWithTheFlagsOfItsModulesBothAreUsed() throws Exception {
        List<String> flags = new ArrayList<>(List.of(NATIVE + "io.emcache", EXPORTS, PACKAGE + "org.agrona"));
        flags.addAll(DENY);

        assertThat(run(modulePathCommand(flags), "write", twoNodes, "key:"))
                .containsOnlyOnce("emcache: ")
                .contains(NATIVE_HASHING, AGRONA_RINGS)
                .doesNotContain("--");
    }

    @Test
    void executableJarCarriesTheFlagsInItsManifest() throws Exception {
        List<String> command = command(DENY);
        command.addAll(List.of("-jar", executableJar().toString()));

        assertThat(run(command, "write", twoNodes, "key:"))
                .containsOnlyOnce("emcache: ")
                .contains(NATIVE_HASHING, AGRONA_RINGS)
                .doesNotContain("--");
    }

    private String onClassPath(List<String> flags, String uri) {
        return run(classPathCommand(flags), "write", uri, "key:");
    }

    private List<String> classPathCommand(List<String> flags) {
        List<String> command = command(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), UserApplication.class.getName()));
        return command;
    }

    /** The application becomes a module of its own that requires nothing but the library. */
    private List<String> modulePathCommand(List<String> flags) throws IOException {
        String libraries = modulePath();
        Path source = Files.createDirectory(directory.resolve("source")).resolve("module-info.java");
        Files.writeString(source, "module application { requires io.emcache; }");
        Path application = Files.createDirectory(directory.resolve("application"));
        copyUserApplication(application);
        int errors = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-p", libraries, "-d", application.toString(), source.toString());
        assertThat(errors).isZero();
        List<String> command = command(flags);
        command.addAll(List.of("-p", application + File.pathSeparator + libraries));
        command.addAll(List.of("-m", "application/" + UserApplication.class.getName()));
        return command;
    }

    private Path executableJar() throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, UserApplication.class.getName());
        attributes.put(
                Attributes.Name.CLASS_PATH,
                libraries().map(path -> path.toUri().toString()).collect(Collectors.joining(" ")));
        attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
        attributes.putValue("Add-Exports", "java.base/jdk.internal.misc");
        Path jar = directory.resolve("application.jar");
        String entry = classFile();
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            entries.putNextEntry(new JarEntry(entry));
            Files.copy(testClasses().resolve(entry), entries);
            entries.closeEntry();
        }
        return jar;
    }

    private static void copyUserApplication(Path target) throws IOException {
        Path copy = target.resolve(classFile());
        Files.createDirectories(copy.getParent());
        Files.copy(testClasses().resolve(classFile()), copy);
    }

    private static String classFile() {
        return UserApplication.class.getName().replace('.', '/') + ".class";
    }

    private static Path testClasses() throws IOException {
        return classPath()
                .filter(path -> Files.exists(path.resolve(classFile())))
                .findFirst()
                .orElseThrow();
    }

    private static String modulePath() {
        return libraries().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** The library and what it needs, with a logger that prints. */
    private static Stream<Path> libraries() {
        return classPath()
                .filter(path -> Files.exists(path.resolve("module-info.class"))
                        || Stream.of("agrona-", "HdrHistogram-", "slf4j-", "jspecify-")
                                .anyMatch(path.getFileName().toString()::startsWith));
    }

    private static Stream<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of);
    }

    private List<String> command(List<String> flags) {
        List<String> command = new ArrayList<>(flags);
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + directory,
                "-Dorg.slf4j.simpleLogger.logFile=System.out",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"));
        return command;
    }

    /** Runs the application to its good end and returns what it printed; stderr must be empty. */
    private static String run(List<String> command, String... arguments) {
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of(arguments));
        ChildJvm.Result result = ChildJvm.launch(line);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.stdout()).endsWith(UserApplication.GOOD_END + System.lineSeparator());
        return result.stdout();
    }
}
