package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.internal.client.ObservedClient;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that join and leave while calls go on. */
@NoLeaks
@Timeout(60)
class ClusterMembershipTest {
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);

    private static ClientOptions.Builder options(ScriptedServer... servers) {
        return MemcachedClient.builder()
                .nodes(java.util.Arrays.stream(servers)
                        .map(ScriptedServer::address)
                        .toArray(String[]::new))
                .timeout(Duration.ofSeconds(30));
    }

    private static NodeAddress address(ScriptedServer server) {
        return NodeAddress.parse(server.address());
    }

    /** A key that belongs to a node now. */
    private static String keyOn(MemcachedClient client, ScriptedServer server) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "key" + i)
                .filter(key -> client.cluster().nodeOf(key).equals(address(server)))
                .findFirst()
                .orElseThrow();
    }

    private static boolean hasNode(MemcachedClient client, ScriptedServer server) {
        return client.cluster().nodes().contains(address(server));
    }

    @Test
    void anAddedNodeGetsItsKeysAndARemovedOneNoMore() {
        FakeMemcached second = new FakeMemcached();
        Queue<ClientEvent> events = new ConcurrentLinkedQueue<>();
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                ScriptedServer b = ScriptedServer.start(second);
                ObservedClient observed = ObservedClient.connect(options(a).options())) {
            MemcachedClient client = observed.client();
            client.events().listen(events::add);

            assertThat(client.cluster().addNode(address(b))).isTrue();
            assertThat(client.cluster().addNode(address(b))).isFalse();
            assertThat(client.cluster().addNode(address(a))).isFalse();
            await().atMost(GUARD).until(() -> hasNode(client, b));
            String key = keyOn(client, b);
            client.set(key, VALUE);
            assertThat(second.get(key)).isEqualTo(VALUE);
            client.awaitReady(GUARD);

            assertThat(client.cluster().removeNode(b.address())).isTrue();
            assertThat(client.cluster().removeNode(b.address())).isFalse();
            assertThat(hasNode(client, b)).isFalse();
            assertThat(client.get(key)).isNull();
            assertThatIllegalStateException().isThrownBy(() -> client.cluster().removeNode(a.address()));
            await().atMost(GUARD).until(() -> events.stream().anyMatch(ClientEvent.ConnectionClosed.class::isInstance));
            assertThat(events)
                    .extracting(event -> event.getClass().getSimpleName())
                    .containsSubsequence("ConnectionOpened", "NodeHealthy")
                    .containsSubsequence("NodeAdded", "NodeRemoved", "ConnectionClosed");
            assertThat(events)
                    .filteredOn(ClientEvent.ConnectionClosed.class::isInstance)
                    .allSatisfy(event -> assertThat(((ClientEvent.ConnectionClosed) event).cause())
                            .isNull());
        }
    }

    @Test
    void aNodeThatCannotBeReachedJoinsOnceThatIsKnown() {
        ScriptedServer gone = ScriptedServer.start(session -> {});
        gone.close();
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = options(a).connect()) {
            assertThat(client.cluster().addNode(address(gone))).isTrue();
            await().atMost(GUARD).until(() -> hasNode(client, gone));
            String key = keyOn(client, gone);
            assertThatExceptionOfType(MemcachedException.NodeUnavailable.class).isThrownBy(() -> client.get(key));
            assertThat(client.cluster().unhealthyNodes()).containsExactly(address(gone));
            assertThat(client.cluster().removeNode(gone.address())).isTrue();
            assertThat(client.get(key)).isNull();
        }
    }

    @Test
    void aCallInFlightIsAnsweredByTheNodeThatWasRemoved() throws Exception {
        Gate gate = new Gate();
        FakeMemcached second = new FakeMemcached();
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                ScriptedServer b = ScriptedServer.start(second);
                ObservedClient observed =
                        ObservedClient.connect(options(a, b).connections(1).options())) {
            MemcachedClient client = observed.client();
            String key = keyOn(client, b);
            second.put(key, VALUE).onEvery("mg", Answer.late(gate));
            CompletableFuture<byte[]> call = client.async().get(key);
            gate.awaitReached();

            assertThat(client.cluster().removeNode(b.address())).isTrue();
            assertThat(client.get(key)).isNull();
            assertThat(call).isNotDone();
            assertThat(observed.calls()).isEqualTo(1);

            gate.open();
            assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
            await().atMost(GUARD)
                    .until(() -> observed.counters().connectionsOpened.sum() == 2);
        }
    }

    @Test
    void aCallThatIsNeverAnsweredHoldsTheRemovedNodeUntilItsTimeIsUp() throws Exception {
        FakeMemcached second = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                ScriptedServer b = ScriptedServer.start(second);
                ObservedClient observed = ObservedClient.connect(
                        options(a, b).timeout(Duration.ofMillis(700)).options())) {
            MemcachedClient client = observed.client();
            long leased = observed.leasedBytes();
            CompletableFuture<byte[]> call = client.async().get(keyOn(client, b));
            client.cluster().removeNode(b.address());
            assertThat(call.handle((value, failure) -> failure).get(10, TimeUnit.SECONDS))
                    .isInstanceOf(MemcachedException.Timeout.class);
            await().atMost(GUARD).until(() -> observed.leasedBytes() == leased / 2 && observed.calls() == 0);
        }
    }

    @Test
    void replacedNodesLeaveWhenTheNewOnesHaveBeenAsked() {
        Gate gate = new Gate();
        FakeMemcached fake = new FakeMemcached();
        ScriptedServer.Script slow = session -> {
            gate.pass();
            fake.run(session);
        };
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                ScriptedServer b = ScriptedServer.start(new FakeMemcached());
                ScriptedServer c = ScriptedServer.start(slow);
                ObservedClient observed = ObservedClient.connect(
                        options(a, b).connectionTimeout(Duration.ofSeconds(30)).options())) {
            MemcachedClient client = observed.client();
            Node stays = observed.cluster().nodes().get(1);
            observed.cluster().replaceNodes(List.of(address(b), address(c)));
            gate.awaitReached();
            assertThat(client.cluster().nodes())
                    .containsExactly(address(a), address(b)); // no key moves before its time

            gate.open();
            await().atMost(GUARD)
                    .untilAsserted(() -> assertThat(client.cluster().nodes()).containsExactly(address(b), address(c)));
            assertThat(observed.cluster().nodes().getFirst()).isSameAs(stays);

            observed.cluster().replaceNodes(List.of(address(a), address(b)));
            observed.cluster().replaceNodes(List.of(address(b), address(c)));
            await().atMost(GUARD)
                    .untilAsserted(() -> assertThat(client.cluster().nodes()).containsExactly(address(b), address(c)));
        }
    }

    @Test
    void withoutNodesCallsFailAtOnceAndTheFirstListIsUsedAtOnce() {
        FakeMemcached fake = new FakeMemcached().put("key", VALUE);
        try (ScriptedServer a = ScriptedServer.start(fake);
                ObservedClient observed = ObservedClient.connect(options(a).options())) {
            MemcachedClient client = observed.client();
            observed.cluster().replaceNodes(List.of());
            assertThatExceptionOfType(MemcachedException.NodeUnavailable.class)
                    .isThrownBy(() -> client.get("key"))
                    .withMessageContaining("knows of no node");
            assertThat(client.async().get("key")).isCompletedExceptionally();
            assertThat(client.cluster().nodes()).isEmpty();
            observed.cluster().replaceNodes(List.of(address(a)));
            assertThat(client.get("key")).isEqualTo(VALUE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void purgedNodesGetNoKeysUntilTheyAnswer(boolean purge) {
        ScriptedServer gone = ScriptedServer.start(session -> {});
        gone.close();
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client =
                        options(a, gone).purgeUnhealthyNodes(purge).build()) {
            client.async();
            String key = keyOn(client, gone);
            await().atMost(GUARD)
                    .ignoreExceptionsInstanceOf(MemcachedException.class)
                    .until(() -> {
                        client.get(keyOn(client, a));
                        return client.cluster().unhealthyNodes().contains(address(gone))
                                && client.cluster().healthyNodes().contains(address(a));
                    });
            if (purge) {
                await().atMost(GUARD).until(() -> client.cluster().nodeOf(key).equals(address(a)));
                assertThat(client.get(key)).isNull();
            } else {
                assertThatExceptionOfType(MemcachedException.NodeUnavailable.class)
                        .isThrownBy(() -> client.get(key));
            }
            assertThat(client.cluster().nodes()).hasSize(2);
        }
    }

    @Test
    void purgedToTheLastNodeCallsFailAtOnce() {
        ScriptedServer gone = ScriptedServer.start(session -> {});
        gone.close();
        try (MemcachedClient client = options(gone).purgeUnhealthyNodes(true).build()) {
            assertThatExceptionOfType(MemcachedException.NodeUnavailable.class).isThrownBy(() -> client.get("key"));
            assertThatExceptionOfType(MemcachedException.NodeUnavailable.class)
                    .isThrownBy(() -> client.get("key"))
                    .withMessageContaining("no node answers");
        }
    }

    @Test
    void noCallFailsWhileNodesComeAndGo() throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        List<CompletableFuture<Integer>> callers = new ArrayList<>();
        try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                ScriptedServer b = ScriptedServer.start(new FakeMemcached());
                ScriptedServer c = ScriptedServer.start(new FakeMemcached());
                ObservedClient observed =
                        ObservedClient.connect(options(a, b).eventLoops(2).options())) {
            MemcachedClient client = observed.client();
            for (int i = 0; i < 4; i++) {
                int seed = i;
                CompletableFuture<Integer> caller = new CompletableFuture<>();
                callers.add(caller);
                Thread.ofPlatform().start(() -> {
                    try {
                        caller.complete(callUntil(end, client, new SplittableRandom(seed)));
                    } catch (Throwable t) {
                        caller.completeExceptionally(t);
                    }
                });
            }
            try {
                for (int round = 0; round < 15; round++) {
                    assertThat(client.cluster().addNode(address(c))).isTrue();
                    await().atMost(GUARD).until(() -> hasNode(client, c));
                    assertThat(client.cluster().removeNode(b.address())).isTrue();
                    assertThat(client.cluster().addNode(address(b))).isTrue();
                    await().atMost(GUARD).until(() -> hasNode(client, b));
                    assertThat(client.cluster().removeNode(c.address())).isTrue();
                }
            } finally {
                end.set(true);
            }
            for (CompletableFuture<Integer> caller : callers) {
                assertThat(caller.get(30, TimeUnit.SECONDS)).isPositive();
            }
            await().atMost(GUARD).until(() -> observed.calls() == 0);
            assertThat(observed.counters().orphaned.sum()).isZero();
            assertThat(observed.counters().desyncDetected.sum()).isZero();
            assertThat(observed.counters().loopFailures.sum()).isZero();
        }
    }

    private static int callUntil(AtomicBoolean end, MemcachedClient client, SplittableRandom random) {
        int calls = 0;
        while (!end.get()) {
            String key = "k" + random.nextInt(200);
            switch (random.nextInt(4)) {
                case 0 -> client.set(key, KeyTaggedValues.make(key, 40 + random.nextInt(400), random.nextLong()));
                case 1 -> verify(key, client.get(key));
                case 2 -> verify(key, client.async().get(key).join());
                default -> client.delete(key);
            }
            calls++;
        }
        return calls;
    }

    private static void verify(String key, byte[] value) {
        if (value != null) {
            KeyTaggedValues.verify(key, value);
        }
    }

    @Test
    void closeWhileNodesComeAndGoLeavesNothing() throws Exception {
        for (int round = 0; round < 10; round++) {
            try (ScriptedServer a = ScriptedServer.start(new FakeMemcached());
                    ScriptedServer b = ScriptedServer.start(new FakeMemcached())) {
                MemcachedClient client = options(a).connect();
                CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
                    try {
                        while (!client.isClosed()) {
                            client.cluster().addNode(address(b));
                            client.cluster().removeNode(b.address());
                        }
                    } catch (MemcachedException.Closed e) {
                        // the end
                    }
                });
                Thread.sleep(round);
                client.close();
                changes.get(10, TimeUnit.SECONDS);
            }
        }
    }
}
