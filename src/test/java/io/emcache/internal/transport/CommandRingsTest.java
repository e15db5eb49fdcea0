package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which ring a JVM gets, in JVMs of their own, since the flags are those of a start. */
@Timeout(60)
class CommandRingsTest {
    private static final String EXPORT = "java.base/jdk.internal.misc=";

    @Test
    void withoutTheExportTheTwinIsUsedAndNothingOfAgronaThatNeedsItIsLoaded() throws Exception {
        String output = start(List.of("-cp", classPath(true)));

        assertThat(output)
                .contains("ring: VarHandleCommandRing")
                .contains("says: command rings: VarHandles")
                .contains("--add-exports " + EXPORT + "ALL-UNNAMED")
                .contains("org.agrona.concurrent.Agent ")
                .doesNotContain("org.agrona.UnsafeApi")
                .doesNotContain("org.agrona.concurrent.UnsafeBuffer")
                .doesNotContain("WARNING");
    }

    @Test
    void withTheExportAgronaIsUsed() throws Exception {
        String output = start(List.of("--add-exports", EXPORT + "ALL-UNNAMED", "-cp", classPath(true)));

        assertThat(output)
                .contains("ring: AgronaCommandRing")
                .contains("says: command rings: Agrona")
                .doesNotContain("WARNING");
    }

    @Test
    void asANamedModuleAgronaIsNamedInTheFlag() throws Exception {
        List<String> modules = List.of("-p", agronaJar(), "--add-modules", "org.agrona", "-cp", classPath(false));

        assertThat(start(modules))
                .contains("ring: VarHandleCommandRing")
                .contains("--add-exports " + EXPORT + "org.agrona");

        List<String> flagged = new ArrayList<>(List.of("--add-exports", EXPORT + "org.agrona"));
        flagged.addAll(modules);
        assertThat(start(flagged)).contains("ring: AgronaCommandRing").contains("says: command rings: Agrona");
    }

    @Test
    void thisJvmGetsWhatItAllows() {
        try (Arena arena = Arena.ofShared()) {
            CommandRing ring = CommandRings.create(arena.allocate(CommandRing.requiredBytes(1024), 64), 1024);
            assertThat(ring)
                    .isInstanceOf(
                            CommandRings.agronaAvailable() ? AgronaCommandRing.class : VarHandleCommandRing.class);
        }
    }

    private static String start(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xshare:auto");
        command.add("-Xlog:class+load:stdout");
        command.addAll(options);
        command.add(Shown.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static String classPath(boolean withAgrona) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> withAgrona || !isAgrona(entry))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String agronaJar() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(CommandRingsTest::isAgrona)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isAgrona(String entry) {
        return Path.of(entry).getFileName().toString().startsWith("agrona-");
    }

    /** What the started JVM runs: makes a ring and uses it. */
    static final class Shown {
        private Shown() {}

        static void main() {
            try (Arena arena = Arena.ofShared()) {
                CommandRing ring = CommandRings.create(arena.allocate(CommandRing.requiredBytes(1024), 64), 1024);
                ring.commit(ring.claim(8));
                int count = ring.drain((offset, length) -> length == 8, 1);
                System.out.println("ring: " + ring.getClass().getSimpleName() + ", drained " + count);
                System.out.println("says: " + CommandRings.describe());
            }
        }
    }
}
