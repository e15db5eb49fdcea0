package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an administrator asks and a server refuses, or does not answer. */
@NoLeaks
@WithMemcached("-F")
class AdminFailuresTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration SHORT = Duration.ofSeconds(2);

    private final MemcachedServer server;

    AdminFailuresTest(MemcachedServer server) {
        this.server = server;
    }

    private ClientOptions.Builder options(MemcachedServer... others) {
        List<String> nodes = new ArrayList<>();
        for (MemcachedServer other : others) {
            nodes.add(other.address());
        }
        nodes.add(server.address());
        return MemcachedClient.builder()
                .nodes(nodes.toArray(String[]::new))
                .connections(1)
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    /** Runs what the server refuses, and looks whether the connection is the same before and after. */
    private void refusedWith(String line, NodeAdmin node, ThrowingCallable call) {
        String connections = node.stats().text("total_connections");
        MemcachedException.ServerError error = catchThrowableOfType(MemcachedException.ServerError.class, call);
        assertThat(error.line()).startsWith(line);
        assertThat(error.isRetryable()).isFalse();
        assertThat(error.outcomeUnknown()).isFalse();
        assertThat(error).hasMessageContaining(node.identity());
        assertThat(node.stats().text("total_connections")).isEqualTo(connections);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusalHasTheLineOfTheServerAndLeavesTheConnection(boolean classic) {
        try (MemcachedClient client = options().forceClassic(classic).connect()) {
            client.set("k", VALUE);
            NodeAdmin node = client.admin().node(server.address());
            for (int round = 0; round < 3; round++) {
                refusedWith("CLIENT_ERROR flush_all not allowed", node, node::flushAll);
                refusedWith("CLIENT_ERROR flush_all not allowed", node, () -> node.flushAll(Duration.ofHours(1)));
                refusedWith("MEMLIMIT_TOO_SMALL", node, () -> node.cacheMemlimit(1));
                refusedWith("ERROR", node, () -> node.stats("bogus"));
                assertThat(client.get("k")).isEqualTo(VALUE);
            }
            assertThat(client.admin().flushAll().failures().get(server.address()))
                    .isInstanceOf(MemcachedException.ServerError.class);
        }
    }

    @Test
    void refusalBetweenOtherCommandsIsItsOwn() {
        try (MemcachedClient client = options().connect()) {
            NodeAdmin node = client.admin().node(server.address());
            String connections = node.stats().text("total_connections");
            for (int round = 0; round < 20; round++) {
                List<CompletableFuture<byte[]>> values = new ArrayList<>();
                List<CompletableFuture<StoreResult>> stores = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    String key = "k" + i;
                    stores.add(client.async().set(key, key.getBytes(UTF_8)));
                    values.add(client.async().get(key));
                }
                assertThatThrownBy(() -> node.stats("bogus")).isInstanceOf(MemcachedException.ServerError.class);
                assertThatThrownBy(node::flushAll).isInstanceOf(MemcachedException.ServerError.class);
                for (int i = 0; i < 20; i++) {
                    assertThat(stores.get(i).orTimeout(10, TimeUnit.SECONDS).join())
                            .isEqualTo(StoreResult.STORED);
                    assertThat(values.get(i).orTimeout(10, TimeUnit.SECONDS).join())
                            .asString(UTF_8)
                            .isEqualTo("k" + i);
                }
            }
            assertThat(node.stats().text("total_connections")).isEqualTo(connections);
        }
    }

    @Test
    void nodeThatIsGoneHidesNoOther() {
        try (MemcachedServer gone = MemcachedServer.start();
                MemcachedClient client = options(gone).connect()) {
            gone.stop();
            AdminClient admin = client.admin();

            MultiResult<String, ServerStats> stats = admin.stats();

            assertThat(stats.hits()).containsOnlyKeys(server.address());
            assertThat(stats.failures()).containsOnlyKeys(gone.address());
            assertThat(stats.failures().get(gone.address())).isInstanceOf(MemcachedException.NodeUnavailable.class);
            assertThat(stats.misses()).isEmpty();
            assertThatThrownBy(() -> admin.node(gone.address()).ping())
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            assertThat(admin.node(server.address()).ping()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nodeThatIsFrozenTakesItsOwnTimeOnly(boolean invoked) {
        try (MemcachedServer frozen = MemcachedServer.start();
                MemcachedClient client = options(frozen)
                        .timeout(SHORT)
                        .driver(invoked ? Driver.invoked() : Driver.caller())
                        .connect()) {
            frozen.suspend();
            MultiResult<String, Duration> pings = client.admin().ping();
            MultiResult<String, Duration> verbosities = client.admin().verbosity(0);
            frozen.resume();

            assertThat(pings.hits()).containsOnlyKeys(server.address());
            assertThat(pings.hits().get(server.address())).isLessThan(SHORT);
            assertThat(pings.failures().get(frozen.address())).isInstanceOf(MemcachedException.Timeout.class);
            assertThat(pings.failures().get(frozen.address()).outcomeUnknown()).isFalse();
            assertThat(verbosities.hits()).containsOnlyKeys(server.address());
            assertThat(verbosities.failures()).containsOnlyKeys(frozen.address());
        }
    }

    @Test
    void interruptEndsTheWaitForAllNodes() throws InterruptedException {
        try (MemcachedServer frozen = MemcachedServer.start();
                MemcachedClient client = options(frozen).connect()) {
            frozen.suspend();
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread caller = Thread.ofPlatform().start(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> client.admin().ping()).isInstanceOf(MemcachedException.Interrupted.class);
                assertThat(Thread.interrupted()).isTrue();
                thrown.complete(catchThrowableOfType(
                        MemcachedException.class, () -> client.admin().verbosity(0)));
            });
            while (caller.getState() != Thread.State.TIMED_WAITING && caller.isAlive()) {
                Thread.sleep(1);
            }
            caller.interrupt();
            assertThat(caller.join(Duration.ofSeconds(10))).isTrue();
            frozen.resume();
            assertThat(thrown).isCompletedWithValueMatching(MemcachedException.Interrupted.class::isInstance);
            assertThat(client.admin().version().orThrow()).hasSize(2);
        }
    }

    @Test
    void closedClientRefuses() {
        MemcachedClient client = options().connect();
        AdminClient admin = client.admin();
        NodeAdmin node = admin.node(server.address());
        client.close();

        assertThatThrownBy(admin::ping).isInstanceOf(MemcachedException.Closed.class);
        assertThatThrownBy(node::ping).isInstanceOf(MemcachedException.Closed.class);
        assertThatThrownBy(node::keys).isInstanceOf(MemcachedException.Closed.class);
        assertThatThrownBy(() -> client.events().listen(event -> {})).isInstanceOf(MemcachedException.Closed.class);
    }
}
