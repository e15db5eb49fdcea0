package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.internal.client.ObservedClient;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values at and beyond the borders of ring and buffers, whole and to the byte, also where the peer reads slowly. */
@NoLeaks
@WithMemcached({"-m", "256"})
@Timeout(120)
class LargeValueTest {
    private static final int KIB = 1024;
    private static final int LARGE = 900 * KIB;
    private static final int RING_BYTES = 256 * KIB;

    private final MemcachedServer server;

    LargeValueTest(MemcachedServer server) {
        this.server = server;
    }

    private ObservedClient connect(String address, UnaryOperator<ClientOptions.Builder> settings) {
        return ObservedClient.connect(settings.apply(MemcachedClient.builder()
                        .connections(2)
                        .nodes(address)
                        .timeout(Duration.ofSeconds(10))
                        .ringBytes(RING_BYTES))
                .options());
    }

    private ObservedClient connect() {
        return connect(server.address(), builder -> builder);
    }

    private static void requireRoundTrip(MemcachedClient client, String key, int bytes) {
        byte[] value = KeyTaggedValues.make(key, bytes, bytes);
        assertThat(client.set(key, value)).as("set of %d bytes", bytes).isEqualTo(StoreResult.STORED);
        assertThat(client.get(key)).as("get of %d bytes", bytes).isEqualTo(value);
    }

    private static void requireNothingInside(ObservedClient observed, long leasedBefore) {
        await().atMost(Load.GUARD).untilAsserted(() -> {
            assertThat(observed.calls()).as("calls").isZero();
            assertThat(observed.leasedBytes()).as("leased bytes").isEqualTo(leasedBefore);
        });
        assertThat(observed.counters().orphaned.sum()).as("orphaned").isZero();
        assertThat(observed.counters().dutyFailures.sum()).as("dutyFailures").isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, LARGE, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 1023, 1024, 1025})
    void valueOfAnySizeComesBackWhole(int bytes) {
        try (ObservedClient observed = connect()) {
            long leased = observed.leasedBytes();
            requireRoundTrip(observed.client(), "large", bytes);
            requireNothingInside(observed, leased);
        }
    }

    @Test
    void valuesAroundTheLongestRingMessageComeBackWhole() {
        try (ObservedClient observed = connect()) {
            long leased = observed.leasedBytes();
            int longest = RING_BYTES / 8;
            for (int bytes = longest - 80; bytes <= longest + 8; bytes++) {
                requireRoundTrip(observed.client(), "border", bytes);
            }
            requireNothingInside(observed, leased);
        }
    }

    /** What the options allow must work: in a small ring nothing is too long, in a large one nothing outgrows the buffer. */
    @ParameterizedTest
    @ValueSource(ints = {4 * KIB, 8 * KIB, 64 * KIB, 128 * KIB, 512 * KIB, 1024 * KIB, 4096 * KIB})
    void everyRingSizeTakesEveryValue(int ringBytes) {
        try (ObservedClient observed = connect(
                server.address(), builder -> builder.ringBytes(ringBytes).timeout(Duration.ofSeconds(5)))) {
            long leased = observed.leasedBytes();
            for (int bytes : new int[] {100, 400, 500, 600, 1000, 1100, 8000, 60_000, 65_300, 65_500, 100_000, LARGE}) {
                requireRoundTrip(observed.client(), "ring", bytes);
            }
            requireNothingInside(observed, leased);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4 * KIB, 8 * KIB, 16 * KIB, 64 * KIB, 256 * KIB})
    void everyRingSizeTakesAGetOfManyLongKeys(int ringBytes) throws Exception {
        try (ObservedClient observed = connect(
                server.address(), builder -> builder.ringBytes(ringBytes).timeout(Duration.ofSeconds(5)))) {
            MemcachedClient client = observed.client();
            List<String> keys =
                    IntStream.range(0, 150).mapToObj(i -> "k".repeat(200) + i).toList();
            for (String key : keys) {
                client.set(key, KeyTaggedValues.make(key, 300, 1));
            }
            for (MultiResult<String, byte[]> result :
                    List.of(client.getAll(keys), client.async().getAll(keys).get(10, TimeUnit.SECONDS))) {
                assertThat(result.failures()).isEmpty();
                assertThat(result.hits()).hasSize(keys.size());
                result.hits().forEach(KeyTaggedValues::verify);
            }
            await().atMost(Load.GUARD)
                    .untilAsserted(() -> assertThat(observed.calls()).isZero());
        }
    }

    @Test
    void peerThatReadsSlowlyGetsEveryByte() {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed = connect(proxy.address(), builder -> builder)) {
            long leased = observed.leasedBytes();
            proxy.toServer().drip(16 * KIB, Duration.ofMillis(2));
            requireRoundTrip(observed.client(), "slow", LARGE);
            proxy.toClient().drip(8 * KIB, Duration.ofMillis(1));
            requireRoundTrip(observed.client(), "slow", LARGE);
            requireNothingInside(observed, leased);
        }
    }

    @Test
    void manyLargeValuesAtOnceThroughAFrozenPeer() throws Exception {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed = connect(
                        proxy.address(),
                        builder -> builder.timeout(Duration.ofSeconds(30)).maxQueuedBytesPerNode(64 << 20))) {
            long leased = observed.leasedBytes();
            proxy.freeze();
            List<CompletableFuture<StoreResult>> sets = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                String key = "frozen:" + i;
                byte[] value = KeyTaggedValues.make(key, i % 3 == 0 ? LARGE : 10_000 + i, i);
                sets.add(observed.client().async().set(key, value));
            }
            proxy.unfreeze();
            for (CompletableFuture<StoreResult> set : sets) {
                assertThat(set.get(30, TimeUnit.SECONDS)).isEqualTo(StoreResult.STORED);
            }
            for (int i = 0; i < 30; i++) {
                String key = "frozen:" + i;
                byte[] value = observed.client().get(key);
                assertThat(value).as(key).isNotNull();
                KeyTaggedValues.verify(key, value);
            }
            requireNothingInside(observed, leased);
        }
    }

    @Test
    void largeValuesFromManyThreadsDoNotMix() throws InterruptedException {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed =
                        connect(proxy.address(), builder -> builder.timeout(Duration.ofSeconds(30)))) {
            long leased = observed.leasedBytes();
            proxy.toServer().drip(32 * KIB, Duration.ofMillis(1));
            Load load = new Load(200_000)
                    .platform(4, largeRound(observed.client()))
                    .virtual(4, largeRound(observed.client()));
            load.run(Duration.ofSeconds(3));
            load.end();
            requireNothingInside(observed, leased);
        }
    }

    private static Load.Round largeRound(MemcachedClient client) {
        return worker -> {
            String key = "mix:" + worker.random.nextInt(10);
            if (worker.random.nextBoolean()) {
                client.set(key, KeyTaggedValues.make(key, 1000 + worker.random.nextInt(200_000), worker.id));
            } else {
                Load.verify(key, client.get(key));
            }
        };
    }

    /** Case C22: whoever writes goes on reading, or both sides wait for each other. */
    @Test
    void pipelineLargerThanAllSocketBuffersDoesNotDeadlock() throws Exception {
        try (ObservedClient observed = connect(
                server.address(),
                builder -> builder.timeout(Duration.ofSeconds(30))
                        .maxQueuedPerNode(10_000)
                        .maxQueuedBytesPerNode(256 << 20))) {
            MemcachedClient client = observed.client();
            long leased = observed.leasedBytes();
            byte[] value = KeyTaggedValues.make("pipe", 500 * KIB, 1);
            client.set("pipe", value);
            List<CompletableFuture<byte[]>> gets = new ArrayList<>();
            List<CompletableFuture<StoreResult>> sets = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                gets.add(client.async().get("pipe"));
                sets.add(client.async().set("pipe", value));
            }
            for (int i = 0; i < 60; i++) {
                assertThat(gets.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(value);
                assertThat(sets.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(StoreResult.STORED);
            }
            requireNothingInside(observed, leased);
        }
    }
}
