package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.ChildJvm;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** What reading options leaves in the log, in a JVM of its own that logs everything. */
class PasswordWarningTest {
    private static final String SAFE = "memcacheds://ada@h?passwordFile=/run/secret";
    private static final String WARNED = "memcached://ada:hunter2@h1,h2";
    private static final String WARNED_TOO = "memcached://h?username=ada&password=hunter2";
    private static final String REFUSED = "memcached://ada:hunter2@h?speed=1";

    /** Reads its arguments as URIs, and properties with a password. */
    static final class Application {
        private Application() {}

        public static void main(String[] uris) {
            Properties properties = new Properties();
            properties.setProperty("emcache.nodes", "h");
            properties.setProperty("emcache.username", "ada");
            properties.setProperty("emcache.password", "hunter2");
            System.out.println(ClientOptions.fromProperties(properties));
            for (String uri : uris) {
                try {
                    System.out.println(ClientOptions.fromUri(uri));
                } catch (IllegalArgumentException e) {
                    System.out.println(e);
                }
            }
        }
    }

    @Test
    void passwordInAUriIsWarnedOfAndNotRepeated() {
        ChildJvm.Result result = ChildJvm.run(
                Application.class,
                List.of("-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace"),
                SAFE,
                WARNED,
                WARNED_TOO,
                REFUSED);

        assertThat(result.exitCode()).isZero();
        assertThat(result.stderr().lines())
                .hasSize(2)
                .allMatch(line -> line.contains("WARN io.emcache.options - A password in a URI"))
                .allMatch(line -> line.contains("passwordFile or passwordEnv"));
        assertThat(result.stdout()).contains("credentials=***", "'speed' is unknown");
        assertThat(result.stdout() + result.stderr()).doesNotContain("hunter2", "ada");
    }
}
