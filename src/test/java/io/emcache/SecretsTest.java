package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients with passwords print and log, in a JVM of its own that logs everything. */
class SecretsTest {
    @TempDir
    private Path directory;

    @Test
    void noSecretIsPrintedOrLoggedAndWarningsComeOnce() {
        ChildJvm.Result result = ChildJvm.run(
                SecretsScenario.class,
                List.of("-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace"),
                directory.toString());

        assertThat(result.exitCode()).as(result.stderr()).isZero();
        assertThat(result.stdout())
                .contains("STORED", "AuthenticationFailed", "MemcachedException$Authentication", "the password of");
        assertThat(result.stdout() + result.stderr())
                .doesNotContain(SecretsScenario.secrets().toArray(String[]::new));
        assertThat(result.stderr().lines().filter(line -> line.contains("asks for no authentication")))
                .hasSize(1);
        assertThat(result.stderr().lines().filter(line -> line.contains("verify=false")))
                .hasSize(1);
    }
}
