package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.StoreResult;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;

/** Servers that close, refuse, restart between requests, and connections that end while nobody looks. */
@NoLeaks
class OutageTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 500, 1);
    private static final String TOO_MANY = "ERROR Too many open connections";

    private final FakeMemcached fake = new FakeMemcached().put(KEY, VALUE);

    @InEverySetup
    @DisplayName("L2 L3 A14 connections closed while idle are replaced: no call fails, not even a write")
    void l3_closedWhileIdle(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                Rig rig = Rig.connect(setup, proxy.uri(), more -> more)) {
            for (int round = 1; round <= 6; round++) {
                long lost = rig.counters().connectionsLost.sum();
                if (round % 2 == 0) {
                    proxy.resetAll();
                } else {
                    proxy.cutAll();
                }
                await().atMost(Rig.GUARD)
                        .until(() -> rig.counters().connectionsLost.sum() == lost + setup.connections());
                assertThat(rig.set(KEY, VALUE).value()).isEqualTo(StoreResult.STORED);
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                int opened = setup.connections() * (round + 1);
                await().atMost(Rig.GUARD)
                        .until(() -> rig.counters().connectionsOpened.sum() == opened);
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L2 connections closed at any time: reads succeed, a write is stored or fails with an unknown outcome")
    void l2_closedAtAnyTime(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                Rig rig = Rig.connect(setup, proxy.uri(), more -> more)) {
            for (int round = 0; round < 10; round++) {
                Call<?> set = rig.set("w" + round, VALUE);
                proxy.cutAll();
                Call<?> later = rig.set("x" + round, VALUE);
                requireStoredOrTold("w" + round, set);
                requireStoredOrTold("x" + round, later);
            }
            rig.assertWorksAgain();
        }
    }

    /** No write is sent twice; what failed without an unknown outcome was not sent at all. */
    private void requireStoredOrTold(String key, Call<?> write) {
        boolean mayBeSent =
                write.await() == null || write.failure(NodeUnavailable.class).outcomeUnknown();
        assertThat(fake.requests().stream()
                        .filter(request -> request.words().contains(key))
                        .count())
                .isLessThanOrEqualTo(mayBeSent ? 1 : 0);
    }

    @OnOneConnection
    @DisplayName("L4 C23 the server ends between pipelined requests: answered, retried and unknown are told apart")
    void l4_endBetweenPipelinedRequests(Setup setup) {
        Gate gate = new Gate();
        ScriptedServer.Script first = session -> {
            session.answerVersion();
            String set = session.readLine();
            gate.pass();
            session.readBlock(VALUE.length);
            session.readLine();
            session.readBlock(VALUE.length);
            session.readLine();
            session.readLine();
            session.send(setup.classic() ? "STORED\r\n" : "HD " + set.substring(set.lastIndexOf(' ') + 1) + "\r\n");
            session.close();
        };
        try (ScriptedServer server = ScriptedServer.start(first, fake);
                Rig rig = Rig.connect(setup, server)) {
            Call<StoreResult> answered = rig.set("a", VALUE);
            gate.awaitReached();
            Call<StoreResult> unanswered = rig.set("b", VALUE);
            await().atMost(Rig.GUARD).until(() -> rig.calls() >= 2);
            Call<Boolean> deleted = rig.delete("c");
            await().atMost(Rig.GUARD).until(() -> rig.calls() >= 3);
            Call<?> read = rig.get(KEY);
            await().atMost(Rig.GUARD).until(() -> rig.calls() >= 4);
            gate.open();
            assertThat(answered.value()).isEqualTo(StoreResult.STORED);
            assertThat(unanswered.failure(NodeUnavailable.class).outcomeUnknown())
                    .isTrue();
            assertThat(deleted.failure(NodeUnavailable.class).outcomeUnknown()).isTrue();
            assertThat(read.value()).isEqualTo(VALUE);
            assertThat(fake.requests())
                    .noneMatch(request -> List.of("a", "b", "c").contains(request.key()));
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C12 L6 a refusal in place of the version is told, and tried again after a second or more")
    void c12_refusedConnection(Setup setup) {
        ScriptedServer.Script refuse = session -> {
            session.send(TOO_MANY + "\r\n");
            session.readLine();
        };
        try (ScriptedServer server = ScriptedServer.start(refuse, fake);
                Rig rig = Rig.create(setup, server.uri(), more -> more)) {
            long startNs = System.nanoTime();
            NodeUnavailable failure = rig.get(KEY).failure(NodeUnavailable.class);
            assertThat(failure.getCause()).hasMessageContaining("Too many open connections");
            assertThat(rig.set(KEY, VALUE).failure(NodeUnavailable.class).outcomeUnknown())
                    .isFalse();
            server.awaitConnections(2);
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C12 unsolicited bytes on an idle connection end it, and reach nobody")
    void c12_unsolicitedBytes(Setup setup) {
        Gate gate = new Gate();
        ScriptedServer.Script chatty = session -> {
            session.answerVersion();
            gate.pass();
            session.send("ERROR idle timeout\r\nVALUE user:1 0 3\r\nbad\r\nEND\r\n");
            fake.run(session);
        };
        ScriptedServer.Script[] scripts = new ScriptedServer.Script[setup.connections() + 1];
        Arrays.fill(scripts, chatty);
        scripts[setup.connections()] = fake;
        try (ScriptedServer server = ScriptedServer.start(scripts);
                Rig rig = Rig.connect(setup, server)) {
            gate.open();
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectionsLost.sum() == setup.connections());
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(rig.counters().desyncDetected.sum()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("A11 A12 a server that closes every connection is asked ever more seldom, by one connection")
    void attemptsAreBounded(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(session -> session.close());
                Rig rig = Rig.create(setup, server.uri(), more -> more)) {
            rig.get(KEY).failure(NodeUnavailable.class);
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectFailures.sum() >= 5);
            int before = server.connections();
            LockSupport.parkNanos(Duration.ofMillis(700).toNanos());
            assertThat(server.connections() - before).isLessThan(15);
            for (int i = 0; i < 50; i++) {
                rig.get(KEY).failure(NodeUnavailable.class);
            }
            rig.assertNothingInside();
        }
    }

    @InEverySetup
    @DisplayName("A1 A2 a node that is away fails calls at once, and works again when it is back")
    void unavailableNodeFailsAtOnce(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                Rig rig = Rig.connect(setup, proxy.uri(), options -> options.timeout(Duration.ofHours(1)))) {
            proxy.refuseConnections();
            proxy.resetAll();
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectFailures.sum() >= 2);
            // With an hour to wait, a call that does not fail at once does not end.
            for (int i = 0; i < 20; i++) {
                NodeUnavailable get = rig.get(KEY).failure(NodeUnavailable.class);
                assertThat(get.node()).isEqualTo(proxy.address());
                assertThat(get.isRetryable()).isTrue();
                assertThat(get.getCause()).isNotNull();
                assertThat(rig.set(KEY, VALUE).failure(NodeUnavailable.class).outcomeUnknown())
                        .isFalse();
                assertThat(rig.getAll(List.of(KEY, "b")).value().failures().values())
                        .hasSize(2)
                        .allSatisfy(e -> assertThat(e).isInstanceOf(NodeUnavailable.class));
            }
            rig.assertNothingInside();
            assertThatThrownBy(() -> rig.client().awaitReady(Duration.ofMillis(10)))
                    .isInstanceOf(NodeUnavailable.class)
                    .hasCauseInstanceOf(IOException.class);
            proxy.acceptConnections();
            rig.client().awaitReady(Rig.GUARD);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L1 A2 half-open connections are found out by the stall limit and replaced")
    void l1_halfOpenConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                Rig rig = Rig.connect(setup, proxy.uri(), options -> options.timeout(Duration.ofMillis(300)))) {
            proxy.halfOpen();
            for (int i = 0; i < 2; i++) {
                assertThat(rig.set("w" + i, VALUE).await()).isInstanceOf(MemcachedException.Timeout.class);
            }
            rig.assertWorksAgain();
            assertThat(rig.counters().stalls.sum()).isPositive();
        }
    }

    @InEverySetup
    @DisplayName("L1 A14 a half-open connection without calls is found out by the heartbeat")
    void l1_heartbeatFindsAHalfOpenConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                Rig rig =
                        Rig.connect(setup, proxy.uri(), options -> options.heartbeatInterval(Duration.ofMillis(100)))) {
            String verb = setup.classic() ? "version" : "mn";
            await().atMost(Rig.GUARD)
                    .until(() -> fake.requests().stream()
                                    .filter(request -> request.verb().equals(verb))
                                    .count()
                            >= 2);
            assertThat(server.connections()).isEqualTo(setup.connections());
            proxy.halfOpen();
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectionsLost.sum() == setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L23 close() fails the calls inside as Closed, and takes no others")
    void l23_closeDuringCalls(Setup setup) {
        Gate gate = new Gate();
        fake.onEvery(setup.setVerb(), Answer.late(gate));
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            List<Call<StoreResult>> calls = IntStream.range(0, 10)
                    .mapToObj(i -> rig.set("w" + i, VALUE))
                    .toList();
            await().atMost(Rig.GUARD).until(() -> rig.calls() == 10);
            gate.awaitReached();
            rig.client().close();
            for (Call<StoreResult> call : calls) {
                assertThat(call.failure(MemcachedException.Closed.class).outcomeUnknown())
                        .isTrue();
            }
            rig.get(KEY).failure(MemcachedException.Closed.class);
            if (setup.face() == Face.ASYNC) {
                rig.getAll(List.of(KEY)).failure(MemcachedException.Closed.class);
            }
        }
    }

    @InEverySetup
    @DisplayName("L23 close() with time to drain lets calls finish")
    void l23_closeDrains(Setup setup) {
        Gate gate = new Gate();
        fake.onNext(setup.setVerb(), Answer.late(gate));
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            Call<StoreResult> call = rig.set(KEY, VALUE);
            gate.awaitReached();
            Thread closer = Thread.ofPlatform().start(() -> rig.client().close(Rig.GUARD));
            await().atMost(Rig.GUARD).until(() -> rig.client().isClosed());
            gate.open();
            assertThat(call.value()).isEqualTo(StoreResult.STORED);
            await().atMost(Rig.GUARD).until(() -> !closer.isAlive());
        }
    }

    @InEverySetup
    @DisplayName("L23 close() while connecting ends the calls that wait for the connection, and the wait for it")
    void l23_closeWhileConnecting(Setup setup) {
        try (ScriptedServer server = ScriptedServer.startNeverAccepting();
                Rig rig = Rig.create(
                        setup,
                        server.uri(),
                        options ->
                                options.connectionTimeout(Duration.ofHours(1)).timeout(Duration.ofHours(1)))) {
            Call<?> get = rig.get(KEY);
            Call<?> set = rig.set(KEY, VALUE);
            CompletableFuture<Void> ready = CompletableFuture.runAsync(
                    () -> rig.client().awaitReady(Duration.ofHours(1)),
                    task -> Thread.ofPlatform().daemon().start(task));
            await().atMost(Rig.GUARD).until(() -> rig.calls() == 2);
            rig.client().close();
            get.failure(MemcachedException.Closed.class);
            assertThat(set.failure(MemcachedException.Closed.class).outcomeUnknown())
                    .isFalse();
            assertThatThrownBy(() -> ready.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(MemcachedException.Closed.class);
        }
    }
}
