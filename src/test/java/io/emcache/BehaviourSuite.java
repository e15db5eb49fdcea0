package io.emcache;

import io.emcache.internal.protocol.ServerVersion;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every {@link Subject} runs against a real memcached: one server for each subject, one client for each test. The cases
 * are in the subclasses. They are skipped one by one, with the reason, where there is no server of the subject's release.
 */
@NoLeaks
@ParameterizedClass(name = "{0}")
@MethodSource("io.emcache.Subject#all")
abstract class BehaviourSuite {
    @TempDir
    private static Path directory;

    private static MemcachedServer server;

    @Parameter
    private Subject subject;

    private String prefix;
    private MemcachedClient owner;
    private MemcachedClient client;

    @BeforeParameterizedClassInvocation
    static void startServer(Subject subject) {
        server = subject.isAvailable() ? subject.startServer(directory) : null;
    }

    @AfterParameterizedClassInvocation
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    final void openClient(TestInfo test) {
        subject.assumeAvailable();
        prefix = test.getTestMethod().orElseThrow().getName();
        owner = options().connect();
        client = subject.face(owner);
    }

    @AfterEach
    final void closeClient() {
        if (owner != null) {
            owner.close();
        }
    }

    final ClientOptions.Builder options() {
        return subject.options(server, directory);
    }

    final Subject subject() {
        return subject;
    }

    final MemcachedServer server() {
        return server;
    }

    final MemcachedClient client() {
        return client;
    }

    /** A key that no other test of the suite uses. */
    final String key(Object suffix) {
        return prefix + ":" + suffix;
    }

    /** Whether the meta commands are spoken with a server of at least this version. */
    final boolean isMeta(int major, int minor, int patch) {
        return !subject.classic()
                && ServerVersion.parse(server.stats().get("version")).isAtLeast(major, minor, patch);
    }

    /** Looks often: what a test waits for here comes at once or never. */
    static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Face.GUARD)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    /** What the server has counted. */
    final long stat(String name) {
        return Long.parseLong(server.stats().get(name));
    }
}
