package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.emcache.Locator;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.NodeAddress;
import io.emcache.StoreResult;
import io.emcache.WriteOptions;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keys stand on real servers where the router says, and nowhere else. The nodes have ids, so that every run places the same keys alike whatever
 * ports the servers have. The system property {@value #KEYS_PROPERTY} asks for more keys.
 */
@NoLeaks
class PlacementOnServersTest {
    private static final String KEYS_PROPERTY = "emcache.placement.keys";
    private static final int KEYS = Integer.getInteger(KEYS_PROPERTY, 20_000);
    private static final int A_MILLION = 1_000_000;
    private static final int AT_ONCE = 5_000;
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final byte[] VALUE = {1};

    private final List<MemcachedServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(MemcachedServer::close);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8})
    void everyServerHasTheItemsThatTheRouterGivesIt(int nodeCount) {
        try (MemcachedClient client = clientOver(nodeCount)) {
            store(client, IntStream.range(0, KEYS).toArray());

            assertThat(items()).isEqualTo(tally(nodeCount));
        }
        double mean = (double) KEYS / nodeCount;
        double most = Arrays.stream(items()).max().orElseThrow();
        assertThat(most / mean).isLessThanOrEqualTo(KEYS < A_MILLION ? 1.1 : 1.02);
    }

    @Test
    void ninthServerGetsItsShareAndNothingElseMoves() {
        try (MemcachedClient client = clientOver(8)) {
            store(client, IntStream.range(0, KEYS).toArray());
            long[] before = items();
            startServers(9);
            NodeAddress ninth = nodes(9).get(8);
            assertThat(client.cluster().addNode(ninth)).isTrue();
            await().atMost(GUARD).until(() -> client.cluster().nodes().contains(ninth));
            int[] missing = missing(client);

            assertThat((double) missing.length / KEYS).isEqualTo(1.0 / 9, within(0.005));
            store(client, missing);
            assertThat(Arrays.copyOf(items(), 8)).isEqualTo(before);
            assertThat(items()[8]).isEqualTo(missing.length).isEqualTo(tally(9)[8]);
            assertThat(missing(client)).isEmpty();

            assertThat(client.cluster().removeNode(ninth.identity())).isTrue();
            assertThat(missing(client)).as("keys of eight nodes").isEmpty();
        }
    }

    private MemcachedClient clientOver(int nodeCount) {
        startServers(nodeCount);
        return MemcachedClient.connect(MemcachedClient.builder()
                .nodes(nodes(nodeCount))
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10))
                .options());
    }

    private void startServers(int count) {
        while (servers.size() < count) {
            servers.add(MemcachedServer.start("-m", "256"));
        }
    }

    private List<NodeAddress> nodes(int nodeCount) {
        return IntStream.range(0, nodeCount)
                .mapToObj(i -> NodeAddress.parse(servers.get(i).address()).withId("node-" + i))
                .toList();
    }

    private long[] tally(int nodeCount) {
        long[] tally = new long[nodeCount];
        try (Routing routing = Routing.over(nodes(nodeCount), Locator.RENDEZVOUS)) {
            Arrays.stream(routing.routes(KEYS)).forEach(node -> tally[node]++);
        }
        return tally;
    }

    private long[] items() {
        return servers.stream()
                .mapToLong(server -> Long.parseLong(server.stats().get("curr_items")))
                .toArray();
    }

    private static void store(MemcachedClient client, int[] keys) {
        for (int from = 0; from < keys.length; from += AT_ONCE) {
            Map<String, byte[]> values = new LinkedHashMap<>();
            Arrays.stream(keys, from, Math.min(from + AT_ONCE, keys.length))
                    .forEach(key -> values.put("key:" + key, VALUE));
            MultiResult<String, StoreResult> result = client.setAll(values, WriteOptions.NONE);
            assertThat(Set.copyOf(result.orThrow().values())).containsExactly(StoreResult.STORED);
        }
    }

    private static int[] missing(MemcachedClient client) {
        IntStream.Builder missing = IntStream.builder();
        for (int from = 0; from < KEYS; from += AT_ONCE) {
            List<String> keys = IntStream.range(from, Math.min(from + AT_ONCE, KEYS))
                    .mapToObj(i -> "key:" + i)
                    .toList();
            MultiResult<String, byte[]> result = client.getAll(keys);
            assertThat(result.failures()).isEmpty();
            result.misses().forEach(key -> missing.add(Integer.parseInt(key.substring("key:".length()))));
        }
        return missing.build().toArray();
    }
}
