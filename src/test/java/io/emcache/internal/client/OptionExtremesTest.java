package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the options allow must work, at the ends of their ranges too. */
@WithMemcached({"-m", "64"})
@NoLeaks
@Timeout(60)
final class OptionExtremesTest {
    private static final String LONGEST_KEY = "k".repeat(250);
    private static final int[] VALUE_BYTES = {0, 200, 400, 600, 1_000, 1_023, 1_024, 30_000, 65_000, 66_000, 1_000_000};

    private final String address;
    private final MemcachedServer server;

    OptionExtremesTest(MemcachedServer server) {
        this.server = server;
        this.address = server.address();
    }

    @ParameterizedTest
    @ValueSource(ints = {4 << 10, 8 << 10, 256 << 10, 1 << 20, 8 << 20})
    void valuesOfAnySizePassRingsOfAnySize(int ringBytes) {
        ClientOptions options =
                options().ringBytes(ringBytes).maxQueuedPerNode(16).options();
        try (MemcachedClient client = MemcachedClient.connect(options)) {
            for (int size : VALUE_BYTES) {
                byte[] value = new byte[size];
                Arrays.fill(value, (byte) size);

                assertThat(client.set(LONGEST_KEY, value)).as("%d bytes", size).isEqualTo(StoreResult.STORED);
                assertThat(client.get(LONGEST_KEY)).as("%d bytes", size).isEqualTo(value);
            }
        }
    }

    @Test
    void manyLongKeysPassTheSmallestRing() {
        ClientOptions options =
                options().ringBytes(4 << 10).maxQueuedPerNode(16).options();
        List<String> keys =
                IntStream.range(100, 300).mapToObj(i -> i + "k".repeat(247)).toList();
        try (MemcachedClient client = MemcachedClient.connect(options)) {
            client.set(keys.getFirst(), new byte[] {1});

            MultiResult<String, byte[]> all = client.getAll(keys);
            MultiResult<String, byte[]> later = client.async().getAll(keys).join();

            assertThat(all.failures()).isEmpty();
            assertThat(all.hits()).containsOnlyKeys(keys.getFirst());
            assertThat(later.failures()).isEmpty();
            assertThat(later.hits()).containsOnlyKeys(keys.getFirst());
        }
    }

    @Test
    void aThreadMayComeBackToALaneBeyondTheHundredAndTwentyEighth() {
        ClientOptions options = options().connections(130).options();
        try (MemcachedClient client = MemcachedClient.connect(options)) {
            await().until(() -> Integer.parseInt(server.stats().get("curr_connections")) > 130);
            for (int i = 0; i < 130; i++) {
                assertThat(client.async().get("nobody").join()).isNull();
                assertThat(client.get("nobody")).isNull();
            }
        }
    }

    @Test
    void asManyCallsAsAllowedMayBeInsideOneConnection() {
        ClientOptions options =
                options().connections(1).maxQueuedPerNode(1 << 20).options();
        try (MemcachedClient client = MemcachedClient.connect(options)) {
            assertThat(client.get("nobody")).isNull();
        }
    }

    @Test
    void foreverIsADuration() {
        Duration forever = ChronoUnit.FOREVER.getDuration();
        MemcachedClient client = MemcachedClient.create(options().options());
        client.awaitReady(forever);

        client.close(forever);

        assertThat(client.isClosed()).isTrue();
    }

    private ClientOptions.Builder options() {
        return MemcachedClient.builder().nodes(address).timeout(Duration.ofSeconds(2));
    }
}
