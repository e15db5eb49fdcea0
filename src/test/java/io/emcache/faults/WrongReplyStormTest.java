package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Values that carry their key, a network that cuts, resets, delays, drips, freezes and repeats, callers that give up: no value
 * reaches a wrong caller, every call ends, and nothing is left of it all.
 */
@NoLeaks
@Tag("slow")
@WithMemcached({"-m", "64"})
class WrongReplyStormTest {
    private static final Duration STORM = Duration.ofSeconds(10);
    private static final int THREADS = 16;

    @ParameterizedTest(name = "seed {0}, autobatching {1}")
    @CsvSource({"1, false", "2, true"})
    @DisplayName("C0-C28 a storm of faults gives no wrong reply, no hang and no leak")
    void stormGivesNoWrongReply(long seed, boolean batching, MemcachedServer server) throws InterruptedException {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                Rig patient = connect(proxy, new Setup(Face.PLATFORM, 2, false), Duration.ofSeconds(1), batching);
                Rig hasty = connect(proxy, new Setup(Face.VIRTUAL, 1, false), Duration.ofMillis(20), batching);
                Rig classic = connect(proxy, new Setup(Face.ASYNC, 2, true), Duration.ofMillis(300), batching)) {
            List<Rig> rigs = List.of(patient, hasty, classic);
            StormLog log = new StormLog();
            List<StormCaller> callers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                callers.add(new StormCaller(i, seed, rigs.get(i % rigs.size()).client(), log));
            }
            callers.forEach(StormCaller::start);
            torment(proxy, callers, new SplittableRandom(seed));
            proxy.heal();
            callers.forEach(StormCaller::stop);
            callers.forEach(StormCaller::requireEnd);

            assertThat(log.wrong()).as("wrong replies").isEmpty();
            assertThat(log.begun()).as("calls begun").isEqualTo(log.ended()).isGreaterThan(1_000);
            assertThat(log.hits()).as("hits").isGreaterThan(100);
            assertThat(log.failures()).as("failures").isPositive();
            for (Rig rig : rigs) {
                assertThat(rig.counters().connectionsLost.sum()).isPositive();
                rig.assertWorksAgain();
            }
        }
    }

    private static Rig connect(FaultProxy proxy, Setup setup, Duration timeout, boolean batching) {
        return Rig.connect(
                setup,
                proxy.uri(),
                options -> options.timeout(timeout)
                        .maxQueuedPerNode(64)
                        .maxQueuedBytesPerNode(2 << 20)
                        .autobatching(batching));
    }

    private static void torment(FaultProxy proxy, List<StormCaller> callers, SplittableRandom random)
            throws InterruptedException {
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < STORM.toNanos()) {
            spoil(proxy, random);
            for (int i = random.nextInt(10); i > 0; i--) {
                callers.get(random.nextInt(callers.size())).disturb();
                Thread.sleep(random.nextInt(8));
            }
            if (random.nextInt(3) == 0) {
                proxy.heal();
            }
        }
    }

    private static void spoil(FaultProxy proxy, SplittableRandom random) throws InterruptedException {
        switch (random.nextInt(12)) {
            case 0 -> proxy.resetAll();
            case 1 -> proxy.cutAll();
            case 2 -> proxy.toClient().cutAfter(random.nextInt(20_000));
            case 3 -> proxy.toClient().resetAfter(random.nextInt(20_000));
            case 4 -> proxy.toServer().cutAfter(random.nextInt(20_000));
            case 5 -> proxy.toServer().resetAfter(random.nextInt(20_000));
            case 6 -> proxy.toClient().delay(Duration.ofMillis(random.nextInt(60)));
            case 7 -> proxy.toServer().delay(Duration.ofMillis(random.nextInt(60)));
            case 8 -> proxy.toClient().drip(1 + random.nextInt(300), Duration.ofMillis(1));
            case 9 -> proxy.toClient().duplicateNext(1 + random.nextInt(400));
            case 10 -> proxy.toServer().duplicateNext(1 + random.nextInt(400));
            default -> {
                proxy.freeze();
                Thread.sleep(random.nextInt(10) == 0 ? 1_500 : random.nextInt(200));
                proxy.unfreeze();
            }
        }
    }
}
