package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Looks for holes in the token protocol. Deadlines are far away, so that no time-out can hide a wake-up that was lost.
 * The system property {@code emcache.stress.seconds} says how long the main test runs; the variants take a twelfth each.
 */
@NoLeaks
@WithMemcached
@Tag("slow")
class TokenStressTest {
    private static final int CALLERS = 32;
    private static final int MAX_VALUE_BYTES = 2048;
    private static final Duration FAR_AWAY = Duration.ofSeconds(30);
    private static final Duration TOTAL = Duration.ofSeconds(Long.getLong("emcache.stress.seconds", 60));
    private static final Duration PHASE = TOTAL.dividedBy(3);
    private static final Duration VARIANT = TOTAL.dividedBy(12);

    private final MemcachedServer server;

    TokenStressTest(MemcachedServer server) {
        this.server = server;
    }

    private ObservedClient connect(UnaryOperator<ClientOptions.Builder> settings) {
        ClientOptions.Builder builder = MemcachedClient.builder()
                .nodes(server.address())
                .timeout(FAR_AWAY)
                .connections(2);
        return ObservedClient.connect(settings.apply(builder).options());
    }

    /** Nothing is left inside, nobody was forgotten, no reply went astray, and the client still works. */
    private static void requireSound(ObservedClient observed) {
        await().atMost(Load.GUARD)
                .untilAsserted(() -> assertThat(observed.calls())
                        .as("calls inside %s", observed)
                        .isZero());
        TransportCounters counters = observed.counters();
        assertThat(counters.orphaned.sum()).as("orphaned").isZero();
        assertThat(counters.desyncDetected.sum()).as("desyncDetected").isZero();
        assertThat(counters.loopFailures.sum()).as("loopFailures").isZero();
        assertThat(counters.loopDeaths.sum()).as("loopDeaths").isZero();
        assertThat(counters.failedCompletions.sum()).as("failedCompletions").isZero();
        byte[] value = KeyTaggedValues.make("last", 100, 1);
        observed.client().set("last", value);
        assertThat(observed.client().get("last")).isEqualTo(value);
    }

    private static void requireUndisturbed(ObservedClient observed) {
        assertThat(observed.counters().stalls.sum()).as("stalls").isZero();
        assertThat(observed.counters().dutyFailures.sum()).as("dutyFailures").isZero();
    }

    @Test
    void noWakeUpIsLostOnTwoLanes() throws InterruptedException {
        try (ObservedClient observed = connect(builder -> builder)) {
            MemcachedClient client = observed.client();
            Load load = new Load(MAX_VALUE_BYTES).platform(CALLERS, Load.calls(client));
            load.run(PHASE);
            load.platform(4, Load.futures(client.async()));
            load.run(PHASE);
            load.virtual(16, Load.calls(client)).virtual(4, Load.futures(client.async()));
            load.run(PHASE);
            load.end();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    @Test
    void noWakeUpIsLostOnOneLane() throws InterruptedException {
        try (ObservedClient observed = connect(builder -> builder.connections(1))) {
            MemcachedClient client = observed.client();
            Load load = new Load(MAX_VALUE_BYTES).platform(CALLERS, Load.calls(client));
            load.run(VARIANT);
            load.platform(2, Load.futures(client.async())).virtual(8, Load.calls(client));
            load.run(VARIANT);
            load.end();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    @Test
    void noWakeUpIsLostBetweenTwoCallers() throws InterruptedException {
        try (ObservedClient observed = connect(builder -> builder.connections(1))) {
            Load load = new Load(MAX_VALUE_BYTES).platform(2, Load.calls(observed.client()));
            load.run(VARIANT);
            load.end();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    /** A ring and a queue that are full most of the time. */
    @Test
    void noWakeUpIsLostWhenThereIsNoRoom() throws InterruptedException {
        try (ObservedClient observed = connect(
                builder -> builder.connections(1).maxInFlightPerConnection(4).ringBytes(8192))) {
            MemcachedClient client = observed.client();
            Load load = new Load(20_000, MemcachedException.Overloaded.class)
                    .platform(CALLERS, roundWithoutGetAll(client))
                    .virtual(8, roundWithoutGetAll(client));
            load.run(VARIANT);
            load.end();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    private static Load.Round roundWithoutGetAll(MemcachedClient client) {
        return worker -> {
            String key = worker.key();
            if (worker.random.nextInt(3) == 0) {
                client.set(key, worker.values.next(key));
            } else {
                Load.verify(key, client.get(key));
            }
        };
    }

    @Test
    void interruptsLoseNoWakeUp() throws InterruptedException {
        try (ObservedClient observed = connect(builder -> builder)) {
            MemcachedClient client = observed.client();
            SplittableRandom random = new SplittableRandom(1);
            Load load = new Load(MAX_VALUE_BYTES, MemcachedException.Interrupted.class)
                    .platform(CALLERS / 2, Load.calls(client))
                    .virtual(8, Load.calls(client));
            load.run(VARIANT, () -> load.anyWorker(random).interrupt());
            load.end();
            assertThat(load.refused(MemcachedException.Interrupted.class)).isPositive();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    @Test
    void shortDeadlinesLoseNoWakeUp() throws InterruptedException {
        try (ObservedClient observed = connect(builder -> builder)) {
            MemcachedClient client = observed.client();
            Load load = new Load(MAX_VALUE_BYTES)
                    .platform(8, Load.calls(client))
                    .platform(8, oneGetWithShortDeadline(observed))
                    .virtual(4, oneGetWithShortDeadline(observed))
                    .platform(2, Load.futures(client.async()));
            load.run(VARIANT);
            load.end();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    private static Load.Round oneGetWithShortDeadline(ObservedClient observed) {
        return worker -> {
            String key = worker.key();
            Answer answer = observed.get(key, Duration.ofNanos(worker.random.nextLong(2_000_000)));
            assertThat(answer.code()).isIn(Outcome.HIT, Outcome.MISS, Outcome.TIMEOUT);
            Load.verify(key, answer.value());
        };
    }

    @Test
    void cancelledFuturesLoseNoWakeUp() throws InterruptedException {
        try (ObservedClient observed = connect(builder -> builder)) {
            MemcachedClient client = observed.client();
            Load load = new Load(MAX_VALUE_BYTES)
                    .platform(4, Load.cancelledFutures(client.async()))
                    .platform(8, Load.calls(client));
            load.run(VARIANT);
            load.end();
            requireSound(observed);
            requireUndisturbed(observed);
        }
    }

    @Test
    void resetConnectionsLoseNoWakeUp() throws InterruptedException {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed = connect(builder -> builder.nodes(proxy.address()))) {
            disturb(observed, proxy::resetAll);
        }
    }

    @Test
    void endedConnectionsLoseNoWakeUp() throws InterruptedException {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed = connect(builder -> builder.nodes(proxy.address()))) {
            disturb(observed, proxy::cutAll);
        }
    }

    private static void disturb(ObservedClient observed, Runnable disturbance) throws InterruptedException {
        MemcachedClient client = observed.client();
        Load load = new Load(MAX_VALUE_BYTES, MemcachedException.NodeUnavailable.class)
                .platform(CALLERS / 2, Load.calls(client))
                .platform(2, Load.cancelledFutures(client.async()))
                .virtual(4, Load.calls(client));
        SplittableRandom random = new SplittableRandom(2);
        load.run(VARIANT, () -> {
            if (random.nextInt(20) == 0) {
                disturbance.run();
            }
        });
        load.end();
        assertThat(observed.counters().connectionsLost.sum()).isPositive();
        client.awaitReady(Load.GUARD);
        requireSound(observed);
        assertThat(observed.counters().stalls.sum()).as("stalls").isZero();
    }

    @Test
    void everythingAtOnceLosesNoWakeUp() throws InterruptedException {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed =
                        connect(builder -> builder.nodes(proxy.address()).maxInFlightPerConnection(16))) {
            MemcachedClient client = observed.client();
            SplittableRandom random = new SplittableRandom(3);
            Load load = new Load(
                            20_000,
                            MemcachedException.NodeUnavailable.class,
                            MemcachedException.Interrupted.class,
                            MemcachedException.Overloaded.class)
                    .platform(CALLERS / 2, Load.calls(client))
                    .platform(2, Load.cancelledFutures(client.async()))
                    .platform(2, Load.futures(client.async()))
                    .virtual(4, Load.calls(client));
            load.run(VARIANT, () -> {
                load.anyWorker(random).interrupt();
                if (random.nextInt(20) == 0) {
                    proxy.resetAll();
                }
            });
            load.end();
            client.awaitReady(Load.GUARD);
            requireSound(observed);
        }
    }
}
