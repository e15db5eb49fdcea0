package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientOptions;
import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.internal.client.ObservedClient;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeClock;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the connections of a node come and go. */
@NoLeaks
@Timeout(60)
class PoolTest {
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);
    private static final int DEEP = 300;

    private final FakeClock clock = new FakeClock();
    private final FakeMemcached fake = new FakeMemcached().put("key", VALUE);

    /** All on the thread of the test, which moves the clock. */
    private ClientOptions.Builder invoked(ScriptedServer server) {
        return MemcachedClient.builder()
                .nodes(server.address())
                .driver(Driver.invoked())
                .nanoClock(clock)
                .timeout(Duration.ofHours(1))
                .heartbeatInterval(Duration.ofHours(1))
                .minConnections(1)
                .maxConnections(3)
                .completionExecutor(Runnable::run);
    }

    private static Node node(ObservedClient observed) {
        return observed.cluster().nodes().getFirst();
    }

    private static void pollUntil(MemcachedClient client, BooleanSupplier condition) {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            client.poll();
            assertThat(System.nanoTime() - startNs).as("nanoseconds of polling").isLessThan(GUARD.toNanos());
        }
    }

    /** Nothing more happens without the clock. */
    private static void settle(MemcachedClient client) {
        for (int quiet = 0; quiet < 50; quiet++) {
            if (client.poll() > 0) {
                quiet = 0;
            }
        }
    }

    private void look(MemcachedClient client) {
        clock.advance(LOOK);
        settle(client);
    }

    private static List<CompletableFuture<byte[]>> load(MemcachedClient client, int calls) {
        List<CompletableFuture<byte[]>> futures = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            futures.add(client.async().get("key"));
        }
        return futures;
    }

    @Test
    void growsByOneAtATimeUnderLoadAndShrinksWhenUnused() {
        Gate gate = new Gate();
        fake.onEvery("mg", Answer.late(gate));
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed = new ObservedClient(invoked(server)
                        .purgeUnusedConnectionsAfter(Duration.ofSeconds(60))
                        .options())) {
            MemcachedClient client = observed.client();
            client.awaitReady(GUARD);
            Node node = node(observed);
            assertThat(node.laneCount()).isEqualTo(1);

            List<CompletableFuture<byte[]>> calls = load(client, DEEP);
            look(client);
            assertThat(node.laneCount()).isEqualTo(2);
            pollUntil(client, () -> node.connections() == 2);
            assertThat(node.laneCount()).as("while the load does not rise").isEqualTo(2);

            calls.addAll(load(client, 2 * DEEP));
            look(client);
            pollUntil(client, () -> node.connections() == 3);
            calls.addAll(load(client, 3 * DEEP));
            look(client);
            look(client);
            assertThat(node.laneCount()).as("the maximum").isEqualTo(3);

            gate.open();
            pollUntil(client, () -> calls.stream().allMatch(CompletableFuture::isDone));
            assertThat(calls).allMatch(call -> !call.isCompletedExceptionally());
            look(client);
            clock.advance(Duration.ofSeconds(59));
            settle(client);
            assertThat(node.laneCount()).as("before its time").isEqualTo(3);
            clock.advance(Duration.ofSeconds(1));
            settle(client);
            assertThat(node.laneCount()).as("one at a time").isEqualTo(2);
            look(client);
            look(client);
            assertThat(node.laneCount()).as("the minimum").isEqualTo(1);
            clock.advance(Duration.ofMinutes(5));
            settle(client);
            assertThat(node.laneCount()).isEqualTo(1);
            pollUntil(client, () -> node.connections() == 1);
        }
    }

    @Test
    void theBoundIsThatOfTheNodeWhateverTheNumberOfItsLanes() {
        fake.onEvery("mg", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed = new ObservedClient(
                        invoked(server).maxQueuedPerNode(2 * DEEP).options())) {
            MemcachedClient client = observed.client();
            client.awaitReady(GUARD);
            Node node = node(observed);
            List<CompletableFuture<byte[]>> calls = load(client, DEEP);
            look(client);
            pollUntil(client, () -> node.connections() == 2);
            calls.addAll(load(client, DEEP));
            assertThat(calls).noneMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(observed.calls()).isEqualTo(2 * DEEP);
            assertThat(client.async().get("key")).isCompletedExceptionally();
            assertThat(observed.calls()).isEqualTo(2 * DEEP);
        }
    }

    @Test
    void aRefusedConnectionIsGivenUpAndNotTriedAgainSoon() {
        Queue<ClientEvent> events = new ConcurrentLinkedQueue<>();
        ScriptedServer.Script refuse = session -> {
            session.send("ERROR Too many open connections\r\n");
            session.close();
        };
        fake.onEvery("mg", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake, refuse);
                ObservedClient observed = new ObservedClient(invoked(server).options())) {
            MemcachedClient client = observed.client();
            client.events().listen(events::add);
            client.awaitReady(GUARD);
            Node node = node(observed);
            for (int round = 0; round < 3; round++) {
                int attempts = server.connections();
                load(client, DEEP);
                look(client);
                pollUntil(client, () -> server.connections() > attempts && node.laneCount() == 1);
                for (int i = 0; i < 9; i++) {
                    load(client, 10);
                    look(client);
                }
                assertThat(server.connections()).as("within a second").isEqualTo(attempts + 1);
                assertThat(node.isHealthy()).isTrue();
                clock.advance(Duration.ofSeconds(4));
                settle(client);
            }
            await().atMost(GUARD)
                    .until(() -> events.stream().anyMatch(ClientEvent.ConnectionRefused.class::isInstance));
            assertThat(events).noneMatch(ClientEvent.NodeUnhealthy.class::isInstance);
        }
    }

    @Test
    void callingThreadsGetConnectionsAndEveryCallIsAnswered() throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed = ObservedClient.connect(MemcachedClient.builder()
                        .nodes(server.address())
                        .timeout(Duration.ofSeconds(30))
                        .maxConnections(4)
                        .purgeUnusedConnectionsAfter(Duration.ofMillis(300))
                        .options())) {
            MemcachedClient client = observed.client();
            List<CompletableFuture<Integer>> callers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                CompletableFuture<Integer> caller = new CompletableFuture<>();
                callers.add(caller);
                Thread.ofPlatform().start(() -> {
                    try {
                        int calls = 0;
                        while (!end.get()) {
                            assertThat(client.get("key")).isEqualTo(VALUE);
                            calls++;
                        }
                        caller.complete(calls);
                    } catch (Throwable t) {
                        caller.completeExceptionally(t);
                    }
                });
            }
            Node node = node(observed);
            try {
                await().atMost(GUARD).until(() -> node.connections() > 1);
            } finally {
                end.set(true);
            }
            for (CompletableFuture<Integer> caller : callers) {
                assertThat(caller.get(10, TimeUnit.SECONDS)).isPositive();
            }
            await().atMost(GUARD).until(() -> node.connections() == 1 && node.laneCount() == 1);
            assertThat(client.get("key")).isEqualTo(VALUE);
            assertThat(observed.counters().orphaned.sum()).isZero();
            assertThat(observed.counters().dutyFailures.sum()).isZero();
            assertThat(observed.counters().loopFailures.sum()).isZero();
        }
    }
}
