package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientHealth.State;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.WithMemcached;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user learns of a client that works, and of one that does not: metrics, latencies, health. */
@NoLeaks
@Timeout(60)
@WithMemcached
class WatchingTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration GUARD = Duration.ofSeconds(10);

    private final MemcachedServer server;

    WatchingTest(MemcachedServer server) {
        this.server = server;
    }

    private static ClientOptions.Builder options(String address) {
        return MemcachedClient.builder()
                .nodes(address)
                .connections(1)
                .timeout(GUARD)
                .connectionTimeout(GUARD);
    }

    private static <T> T only(Map<String, T> byNode) {
        assertThat(byNode).hasSize(1);
        return byNode.values().iterator().next();
    }

    private static ConnectionPoolMetrics metrics(MemcachedClient client) {
        return only(client.cluster().connectionPoolMetrics());
    }

    private static NodeLatencies latencies(MemcachedClient client) {
        return only(client.cluster().latencies());
    }

    private static List<State> states(MemcachedClient client) {
        return client.health().loops().stream().map(ClientHealth.Loop::state).toList();
    }

    @ParameterizedTest
    @EnumSource(Subject.Kind.class)
    void callsOfEveryFaceAreCounted(Subject.Kind kind) {
        Subject subject = new Subject(kind, false, Transport.TCP, Driver.caller());
        try (MemcachedClient client = options(server.address()).connect()) {
            MemcachedClient face = subject.face(client);
            face.set("watched", VALUE);
            for (int i = 0; i < 9; i++) {
                assertThat(face.get("watched")).isEqualTo(VALUE);
            }
            assertThat(face.get("absent")).isNull();
            NodeLatencies latencies = latencies(client);
            assertThat(latencies.read().count()).isEqualTo(10);
            assertThat(latencies.write().count()).isEqualTo(1);
            assertThat(latencies.other().count()).isZero();
            assertThat(latencies.read().max()).isBetween(Duration.ofNanos(1), GUARD);
            ConnectionPoolMetrics metrics = metrics(client);
            assertThat(metrics.operationsExecuted()).isEqualTo(11);
            assertThat(metrics.operationsExecutedWithError()).isZero();
            assertThat(metrics.curConnections()).isEqualTo(1);
            assertThat(metrics.connectionsCreated()).isEqualTo(1);
            assertThat(metrics.connectionsClosed()).isZero();
            assertThat(metrics.bytesOut()).isGreaterThan(11L * "mg absent".length());
            assertThat(metrics.bytesIn()).isGreaterThan(9L * VALUE.length);
            assertThat(metrics.createConnectionUpper())
                    .isPositive()
                    .isLessThanOrEqualTo(GUARD)
                    .isEqualTo(metrics.createConnectionP50());
            await().atMost(GUARD)
                    .until(() ->
                            metrics(client).inFlight() == 0 && metrics(client).queuedBytes() == 0);
        }
    }

    @Test
    void figuresAreByNodeInTheirOrder() {
        try (MemcachedServer second = MemcachedServer.start();
                MemcachedClient client = options(server.address())
                        .nodes(server.address(), second.address())
                        .connect()) {
            for (int i = 0; i < 100; i++) {
                client.get("key:" + i);
            }
            Map<String, ConnectionPoolMetrics> metrics = client.cluster().connectionPoolMetrics();
            assertThat(metrics.keySet()).containsExactly(server.address(), second.address());
            assertThat(metrics.values().stream()
                            .mapToLong(ConnectionPoolMetrics::operationsExecuted)
                            .sum())
                    .isEqualTo(100);
            assertThat(client.cluster().latencies().keySet()).containsExactly(server.address(), second.address());
        }
    }

    @Test
    void timeOutsAreCountedByPhase() throws Exception {
        Gate gate = new Gate();
        try (ScriptedServer silent = ScriptedServer.start(session -> {
                    session.answerVersion();
                    session.readLine();
                    gate.pass();
                });
                MemcachedClient client = options(silent.address())
                        .timeout(Duration.ofMillis(100))
                        .connect()) {
            assertThatThrownBy(() -> client.get("k")).isInstanceOf(MemcachedException.Timeout.class);
            await().atMost(GUARD).until(() -> metrics(client).timeouts().get(Phase.WRITTEN) == 1);
            assertThat(client.async().get("k"))
                    .failsWithin(GUARD)
                    .withThrowableThat()
                    .withCauseInstanceOf(MemcachedException.Timeout.class);
            ConnectionPoolMetrics metrics = metrics(client);
            assertThat(metrics.timeouts().get(Phase.WRITTEN)).isEqualTo(2);
            assertThat(metrics.operationsExecutedWithError()).isEqualTo(2);
            assertThat(metrics.operationsExecuted()).isZero();
            assertThat(latencies(client).read().count()).isZero();
            gate.open();
        }
    }

    @Test
    void timeOutBeforeThereIsAConnectionIsOneOfConnecting() {
        try (ScriptedServer server = ScriptedServer.startNeverAccepting();
                MemcachedClient client = options(server.address())
                        .timeout(Duration.ofMillis(100))
                        .build()) {
            assertThatThrownBy(() -> client.get("k")).isInstanceOf(MemcachedException.Timeout.class);
            ConnectionPoolMetrics metrics = metrics(client);
            assertThat(metrics.timeouts().get(Phase.CONNECTING)).isEqualTo(1);
            assertThat(metrics.operationsWaited()).isEqualTo(1);
            assertThat(metrics.curConnections()).isZero();
        }
    }

    @Test
    void attemptsThatFailAndConnectionsThatEndAreCounted() {
        FakeMemcached fake = new FakeMemcached().put("k", VALUE);
        try (ScriptedServer server = ScriptedServer.start(session -> {}, session -> session.answerVersion(), fake);
                MemcachedClient client = options(server.address()).build()) {
            await().atMost(GUARD).ignoreExceptions().until(() -> client.get("k") != null);
            ConnectionPoolMetrics metrics = metrics(client);
            assertThat(metrics.connectionsCreatedWithError()).isEqualTo(1);
            assertThat(metrics.connectionsCreated()).isEqualTo(2);
            assertThat(metrics.connectionsClosed()).isEqualTo(1);
            assertThat(metrics.curConnections()).isEqualTo(1);
        }
    }

    @Test
    void loopsAreNewUntilTheFirstUseAndEndedAfterClose() {
        MemcachedClient client = options(server.address()).build();
        assertThat(states(client)).containsOnly(State.NEW);
        assertThat(client.health().isHealthy()).isFalse();
        client.get("k");
        assertThat(states(client)).isNotEmpty().doesNotContain(State.NEW, State.STUCK, State.ENDED);
        assertThat(client.health().healthyNodes()).isEqualTo(1);
        assertThat(client.health().isHealthy()).isTrue();
        client.close();
        assertThat(states(client)).containsOnly(State.ENDED);
        assertThat(client.health().isHealthy()).isFalse();
    }

    @Test
    void loopWithoutWorkIsIdleHoweverLongItSleeps() {
        try (MemcachedClient client = options(server.address())
                .heartbeatInterval(Duration.ofMinutes(1))
                .connect()) {
            await().atMost(GUARD).until(() -> states(client).equals(List.of(State.IDLE)));
            long turns = client.health().loops().getFirst().turns();
            client.async().get("k").join();
            assertThat(client.health().loops().getFirst().turns()).isGreaterThan(turns);
        }
    }

    @Test
    void loopIsStuckWhileACallbackBlocksIt() throws Exception {
        try (MemcachedClient client = options(server.address()).connect()) {
            List<ClientEvent> heard = new CopyOnWriteArrayList<>();
            client.events().listen(heard::add);
            CompletableFuture<String> entered = new CompletableFuture<>();
            CompletableFuture<String> leave = new CompletableFuture<>();
            try {
                client.direct()
                        .newRequest(reply -> {
                            entered.complete(Thread.currentThread().getName());
                            leave.join();
                        })
                        .key(MemorySegment.ofArray("k".getBytes(UTF_8)))
                        .get();
                String thread = entered.get(10, TimeUnit.SECONDS);
                await().atMost(GUARD).until(() -> states(client).contains(State.STUCK));
                ClientHealth.Loop stuck = client.health().loops().stream()
                        .filter(loop -> loop.state() == State.STUCK)
                        .findFirst()
                        .orElseThrow();
                assertThat(stuck.name()).isEqualTo(thread);
                assertThat(client.health().isHealthy()).isFalse();
                await().atMost(GUARD).until(() -> heard.contains(new ClientEvent.LoopStuck(thread)));
            } finally {
                leave.complete("");
            }
            await().atMost(GUARD).until(() -> !states(client).contains(State.STUCK));
        }
    }
}
