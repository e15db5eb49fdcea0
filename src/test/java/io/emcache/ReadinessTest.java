package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From build to close: when a client touches the network, when it is ready, what it leaves behind. */
@NoLeaks
class ReadinessTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    @TempDir
    private Path directory;

    private static ClientOptions.Builder options(String address) {
        return ClientOptions.fromUri(address)
                .mutate()
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF), Driver.invoked());
    }

    private String nobody() {
        return "unix:" + directory.resolve("nobody.sock");
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void buildNeverTouchesTheNetwork(Driver driver) {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client =
                        options(server.uri()).driver(driver).connections(8).build()) {
            assertThat(client.isClosed()).isFalse();
            assertThat(client.getAll(List.of()).isComplete()).isTrue();
            assertThat(client.toString()).contains(server.address());
            assertThat(client.async()).isSameAs(client.async());
            assertThatThrownBy(() -> client.get(" ")).isInstanceOf(MemcachedException.InvalidKey.class);
        }
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached())) {
            options(server.uri()).driver(driver).build().close();
            assertThat(server.connections()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void firstUseConnects(Driver driver) {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached().put("k", VALUE));
                MemcachedClient client = options(server.uri()).driver(driver).build()) {
            assertThat(server.connections()).isZero();

            assertThat(client.get("k")).isEqualTo(VALUE);

            assertThat(server.connections()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void serverThatIsNotThereIsUnavailableWithTheCause(Driver driver) {
        try (MemcachedClient client = options(nobody()).driver(driver).build()) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(300)))
                    .isInstanceOfSatisfying(MemcachedException.NodeUnavailable.class, e -> {
                        assertThat(e).hasCauseInstanceOf(IOException.class);
                        assertThat(e.node())
                                .isEqualTo(directory.resolve("nobody.sock").toString());
                        assertThat(e.isRetryable()).isTrue();
                        assertThat(e.outcomeUnknown()).isFalse();
                    });
            assertThatThrownBy(() -> client.get("k"))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class)
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void refusedPortIsUnavailableWithTheCause() {
        String gone;
        try (ScriptedServer server = ScriptedServer.start(session -> {})) {
            gone = server.uri();
        }
        assertThatThrownBy(() ->
                        options(gone).connectionTimeout(Duration.ofMillis(300)).connect())
                .isInstanceOf(MemcachedException.NodeUnavailable.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void unknownHostIsUnavailableWithTheCause() {
        assertThatThrownBy(() -> options("memcached://no-such-host.invalid:11211")
                        .connectionTimeout(Duration.ofSeconds(3))
                        .connect())
                .isInstanceOf(MemcachedException.NodeUnavailable.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void serverThatAppearsInTimeIsReady(Driver driver) throws Exception {
        Path socket = directory.resolve("mc.sock");
        try (MemcachedClient client = options("unix:" + socket).driver(driver).build()) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(100)))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            CompletableFuture<MemcachedServer> started =
                    CompletableFuture.supplyAsync(() -> MemcachedServer.startUnix(socket));

            client.awaitReady(Duration.ofSeconds(10));

            assertThat(client.set("k", VALUE)).isEqualTo(StoreResult.STORED);
            assertThat(client.get("k")).isEqualTo(VALUE);
            client.awaitReady(Duration.ZERO);
            started.get(10, TimeUnit.SECONDS).close();
        }
    }

    @Test
    void serverThatDoesNotAnswerIsNotReady() {
        try (ScriptedServer deaf = ScriptedServer.start(session -> session.pause());
                MemcachedClient client = options(deaf.uri()).build()) {
            for (Duration timeout : List.of(Duration.ofMillis(50), Duration.ZERO, Duration.ofSeconds(-5))) {
                assertThatThrownBy(() -> client.awaitReady(timeout))
                        .isInstanceOf(MemcachedException.NodeUnavailable.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void longestDurationsAreTaken(Driver driver) {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = options(server.uri()).driver(driver).build()) {
            client.awaitReady(forEver);
            client.close(forEver);
        }
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = options(server.uri()).driver(driver).connect()) {
            client.close(forEver.negated());
            assertThat(client.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void pollIsForTheInvokedDriverOnly(Driver driver) {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = options(server.uri()).driver(driver).connect()) {
            if (driver instanceof Driver.Invoked) {
                assertThat(client.poll()).isNotNegative();
                client.close(Duration.ZERO);
                assertThat(client.poll()).isZero();
            } else {
                assertThatThrownBy(client::poll).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void nullDurationsAreRefusedAndChangeNothing() {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = options(server.uri()).connect()) {
            assertThatThrownBy(() -> client.awaitReady(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> client.close(null)).isInstanceOf(NullPointerException.class);
            assertThat(client.isClosed()).isFalse();
            assertThat(client.get("k")).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeEndsAWaitForReadiness(Driver driver) {
        try (ScriptedServer deaf = ScriptedServer.start(session -> session.pause());
                MemcachedClient client = options(deaf.uri()).driver(driver).build()) {
            CompletableFuture<Void> ready = CompletableFuture.runAsync(() -> client.awaitReady(Duration.ofHours(1)));
            deaf.awaitConnections(1);

            client.close(Duration.ZERO);

            assertThatThrownBy(() -> ready.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(MemcachedException.Closed.class);
            assertThatThrownBy(() -> client.awaitReady(Duration.ZERO)).isInstanceOf(MemcachedException.Closed.class);
        }
    }

    @Test
    void secondCloseWaitsForTheFirst() throws Exception {
        Gate gate = new Gate();
        FakeMemcached fake = new FakeMemcached().put("k", VALUE);
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.answerVersion();
                    session.readLine();
                    gate.pass();
                    session.send("EN\r\n");
                    fake.run(session);
                });
                MemcachedClient client = options(server.uri()).connections(1).connect()) {
            CompletableFuture<byte[]> inside = client.async().get("k");
            gate.awaitReached();
            CompletableFuture<Void> first = CompletableFuture.runAsync(() -> client.close(Duration.ofHours(1)));
            await().atMost(Face.GUARD).until(client::isClosed);
            Thread second = Thread.ofPlatform().daemon().start(client::close);
            await().atMost(Face.GUARD).until(() -> second.getState() == Thread.State.WAITING);
            assertThat(first).isNotDone();

            gate.open();

            assertThat(inside.get(10, TimeUnit.SECONDS)).isNull();
            first.get(10, TimeUnit.SECONDS);
            assertThat(second.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void asManyConnectionsAsAsked(int connections) throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedClient client =
                        options(server.uri()).connections(connections).connect()) {
            await().atMost(Face.GUARD)
                    .until(() -> Long.parseLong(server.stats().get("curr_connections")) >= connections + 1);
            for (int i = 0; i < 200; i++) {
                String key = "k" + i;
                assertThat(client.async().set(key, VALUE).get(10, TimeUnit.SECONDS))
                        .isEqualTo(StoreResult.STORED);
                assertThat(client.get(key)).isEqualTo(VALUE);
            }
            long before = Long.parseLong(server.stats().get("total_connections"));
            assertThat(client.getAll(List.of("k1", "k2")).hits()).hasSize(2);
            assertThat(Long.parseLong(server.stats().get("total_connections"))).isEqualTo(before + 1);
        }
    }

    @Test
    void hundredClientsInALoopLeaveNothing() throws Exception {
        try (MemcachedServer server = MemcachedServer.start()) {
            for (int i = 0; i < 100; i++) {
                Driver driver = drivers().get(i % 3);
                MemcachedClient client = options(server.uri()).driver(driver).build();
                if (i % 5 != 0) {
                    client.awaitReady(Duration.ofSeconds(10));
                    client.set("k", VALUE);
                    assertThat(client.get("k")).isEqualTo(VALUE);
                }
                if (i % 7 == 0) {
                    CompletableFuture<byte[]> abandoned = client.async().get("k");
                    client.close();
                    await().atMost(Face.GUARD).until(abandoned::isDone);
                }
                client.close();
                client.close();
                assertThat(client.isClosed()).isTrue();
            }
            await().atMost(Face.GUARD).until(() -> Long.parseLong(server.stats().get("curr_connections")) <= 2);
        }
    }
}
