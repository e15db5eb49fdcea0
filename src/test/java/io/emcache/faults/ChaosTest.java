package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedClient;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.transport.TransportCounters;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ServerCluster;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three real servers of which any is killed, frozen or brought back at any time, and calls of all faces, some of them interrupted,
 * cancelled or out of time: no answer is wrong, every call ends in a way that it may, and nothing is left of it all.
 *
 * <p>The system property {@code emcache.chaos.calls} says how many calls have to end in all.
 */
@NoLeaks
@Tag("slow")
class ChaosTest {
    private static final int RUNS = 4;
    private static final int CALLS = Integer.getInteger("emcache.chaos.calls", 240_000) / RUNS;
    private static final Duration GUARD = Duration.ofSeconds(10);

    @ParameterizedTest(name = "classic={0}, maxConnections={1}, loops={2}")
    @CsvSource({"false, 1, 1", "false, 4, 2", "true, 1, 2", "true, 4, 1"})
    @DisplayName("A2 A19 L1 L2 L4 servers die, freeze and return: no wrong answer, no hang, no leak")
    void chaosGivesNoWrongAnswer(boolean classic, int maxConnections, int loops) throws InterruptedException {
        try (ServerCluster servers = ServerCluster.start(3, "-m", "256");
                FaultProxy proxy = FaultProxy.start(servers.server(2).port());
                ObservedClient observed = ObservedClient.connect(MemcachedClient.builder()
                        .nodes(servers.server(0).address(), servers.server(1).address(), proxy.address())
                        .timeout(Duration.ofMillis(500))
                        .connectionTimeout(Duration.ofMillis(500))
                        .minConnections(1)
                        .maxConnections(maxConnections)
                        .purgeUnusedConnectionsAfter(Duration.ofSeconds(1))
                        .eventLoops(loops)
                        .forceClassic(classic)
                        .options())) {
            Chaos chaos = new Chaos(servers, proxy, observed.client(), CALLS, 1 + maxConnections);
            long startNs = System.nanoTime();
            chaos.rage();
            TransportCounters counters = observed.counters();
            System.out.printf(
                    "chaos [classic=%s, maxConnections=%d, loops=%d, ms=%d, killed=%d, frozen=%d, opened=%d, lost=%d, stalls=%d, refused=%d, %s]%n",
                    classic,
                    maxConnections,
                    loops,
                    Duration.ofNanos(System.nanoTime() - startNs).toMillis(),
                    chaos.deaths(),
                    chaos.freezes(),
                    counters.connectionsOpened.sum(),
                    counters.connectionsLost.sum(),
                    counters.stalls.sum(),
                    counters.connectFailures.sum(),
                    chaos.ledger());
            assertThat(chaos.ledger().wrong()).as("wrong answers").isEmpty();
            assertThat(chaos.ledger().failures()).doesNotContainKey("ProtocolViolation");
            assertThat(counters.desyncDetected.sum()).as("desyncs").isZero();
            requireNothingLeft(observed);
        }
    }

    private static void requireNothingLeft(ObservedClient observed) {
        await().atMost(GUARD).untilAsserted(() -> {
            assertThat(observed.calls()).as("calls inside").isZero();
            assertThat(MemoryTag.VALUE.usedBytes()).as("bytes of values").isZero();
        });
        TransportCounters counters = observed.counters();
        assertThat(counters.orphaned.sum()).as("orphaned").isZero();
        assertThat(counters.loopFailures.sum()).as("failed turns of the loop").isZero();
        assertThat(counters.loopDeaths.sum()).as("dead loops").isZero();
        assertThat(counters.failedCompletions.sum()).as("failed completions").isZero();
        assertThat(counters.failedCallbacks.sum()).as("failed callbacks").isZero();
    }
}
