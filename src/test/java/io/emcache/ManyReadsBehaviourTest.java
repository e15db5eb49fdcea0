package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.KeyTaggedValues;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Items of many keys in one call, and new times to live for them. */
class ManyReadsBehaviourTest extends BehaviourSuite {
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    private List<String> store(List<String> keys, WriteOptions options) {
        Map<String, byte[]> values = new TreeMap<>();
        keys.forEach(key -> values.put(key, KeyTaggedValues.make(key, KeyTaggedValues.minBytes(key) + 5, 1)));
        client().setAll(values, options).orThrow();
        return keys;
    }

    private List<String> keys(int count) {
        return IntStream.range(0, count).mapToObj(this::key).toList();
    }

    @Test
    void itemsComeWithWhatTheServerKnows() {
        List<String> keys = keys(400);
        List<String> stored = store(
                keys.stream().filter(key -> key.hashCode() % 2 == 0).toList(),
                WriteOptions.of(HOUR).withFlags(99));

        MultiResult<String, Item<byte[]>> result = client().getAllItems(keys);

        assertThat(result.failures()).isEmpty();
        assertThat(result.hits().keySet()).containsExactlyElementsOf(stored);
        assertThat(result.misses()).hasSize(keys.size() - stored.size());
        result.hits().forEach((key, item) -> {
            KeyTaggedValues.verify(key, item.value());
            assertThat(item.flags()).isEqualTo(99);
            assertThat(item.cas()).isNotZero();
            assertThat(item.size()).isEqualTo(item.value().length);
        });
        String one = stored.getFirst();
        assertThat(client().cas(one, new byte[0], result.hits().get(one).cas())).isEqualTo(StoreResult.STORED);
    }

    @Test
    void gatAllGivesNewTimesToLive() {
        List<String> stored = store(keys(250), WriteOptions.NONE);

        MultiResult<String, byte[]> values = client().gatAll(stored, HOUR);

        assertThat(values.orThrow()).hasSize(250);
        values.hits().forEach(KeyTaggedValues::verify);
        if (!subject().classic()) {
            client().getAllItems(stored)
                    .hits()
                    .values()
                    .forEach(item -> assertThat(item.ttl().seconds()).isBetween(3_500L, 3_600L));
            client().gatAllItems(stored, Ttl.NONE)
                    .hits()
                    .values()
                    .forEach(item -> assertThat(item.ttl()).isEqualTo(Ttl.NONE));
        }
    }

    @Test
    void gatAllThatExpiresReadsForTheLastTime() {
        List<String> stored = store(keys(150), WriteOptions.NONE);

        assertThat(client().gatAllItems(stored, Ttl.EXPIRE_NOW).orThrow()).hasSize(150);
        assertThat(client().getAll(stored).misses()).hasSize(150);
    }

    @Test
    void c21LongKeysAreCutIntoLinesThatTheServerTakes() {
        List<Key> keys = IntStream.range(0, 300)
                .mapToObj(i -> Key.of(("%05d-" + "g".repeat(244)).formatted(i)))
                .toList();
        client().set(keys.get(0), "a".getBytes(UTF_8));
        client().set(keys.get(299), "z".getBytes(UTF_8));

        assertThat(client().gatAllByKey(keys, HOUR).hits()).containsOnlyKeys(keys.get(0), keys.get(299));
        MultiResult<Key, Item<byte[]>> items = client().gatAllItemsByKey(keys, Ttl.of(Duration.ofDays(100)));
        assertThat(items.hits()).containsOnlyKeys(keys.get(0), keys.get(299));
        assertThat(items.failures()).isEmpty();
        assertThat(client().getAllItemsByKey(keys).misses()).hasSize(298);
    }

    @Test
    void nothingGivesNothing() {
        assertThat(client().getAllItems(List.of()).isComplete()).isTrue();
        assertThat(client().gatAll(List.of(), HOUR).hits()).isEmpty();
        assertThat(client().gatAllItems(List.of(), HOUR).misses()).isEmpty();
        assertThat(client().gatAllByKey(List.of(), HOUR).failures()).isEmpty();
    }
}
