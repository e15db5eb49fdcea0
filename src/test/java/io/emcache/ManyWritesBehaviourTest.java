package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.emcache.testkit.KeyTaggedValues;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Writes of many keys in one call. */
class ManyWritesBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    private List<String> keys(int count) {
        return IntStream.range(0, count).mapToObj(this::key).toList();
    }

    private static Map<String, byte[]> tagged(List<String> keys, int size) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        keys.forEach(key ->
                values.put(key, KeyTaggedValues.make(key, Math.max(size, KeyTaggedValues.minBytes(key)), size)));
        return values;
    }

    @Test
    void storesAllValuesInTheirOrder() {
        Map<String, byte[]> values = tagged(keys(3_000), 60);

        MultiResult<String, StoreResult> result = client().setAll(values);

        assertThat(result.failures()).isEmpty();
        assertThat(result.misses()).isEmpty();
        assertThat(result.hits().keySet()).containsExactlyElementsOf(values.keySet());
        assertThat(result.hits().values()).containsOnly(StoreResult.STORED);
        Map<String, byte[]> read = client().getAll(values.keySet()).orThrow();
        assertThat(read).hasSize(3_000);
        read.forEach(KeyTaggedValues::verify);
    }

    @Test
    void largeValuesAreStored() {
        Map<String, byte[]> values = tagged(keys(40), 300_000);

        client().setAll(values).orThrow();

        values.keySet().forEach(key -> KeyTaggedValues.verify(key, client().get(key)));
    }

    @Test
    void optionsCountForAll() {
        Map<Key, byte[]> values = Map.of(Key.of(key(1)), VALUE, Key.of(key(2)), new byte[0]);

        client().setAllByKey(values, WriteOptions.of(HOUR).withFlags(11)).orThrow();

        MultiResult<Key, Item<byte[]>> items = client().getAllItemsByKey(values.keySet());
        assertThat(items.hits()).containsOnlyKeys(values.keySet());
        items.hits().values().forEach(item -> {
            assertThat(item.flags()).isEqualTo(11);
            assertThat(item.ttl())
                    .isEqualTo(subject().classic() ? null : item.ttl())
                    .isNotEqualTo(Ttl.NONE);
        });
        client().setAllByKey(values).orThrow();
        assertThat(client().getItem(key(1)).flags()).isZero();
    }

    @Test
    void optionsThatDoNotFitAreRefused() {
        Map<String, byte[]> values = Map.of(key(1), VALUE);

        assertThatIllegalArgumentException().isThrownBy(() -> client().setAll(values, WriteOptions.NONE.withNoReply()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client().setAll(values, WriteOptions.NONE.withCreate(HOUR)));
        assertThat(client().get(key(1))).isNull();
    }

    @Test
    void deletesWhatIsThere() {
        List<String> keys = keys(1_000);
        List<String> stored = keys.stream().filter(key -> key.endsWith("3")).toList();
        client().setAll(tagged(stored, 40)).orThrow();

        MultiResult<String, Boolean> result = client().deleteAll(keys);

        assertThat(result.failures()).isEmpty();
        assertThat(result.hits().keySet()).containsExactlyElementsOf(stored);
        assertThat(result.hits().values()).containsOnly(true);
        assertThat(result.misses()).hasSize(keys.size() - stored.size());
        assertThat(client().getAll(keys).hits()).isEmpty();
    }

    @Test
    void duplicatesAreDeletedOnce() {
        client().set(key(1), VALUE);

        MultiResult<Key, Boolean> result =
                client().deleteAllByKey(List.of(Key.of(key(1)), Key.of(key(2)), Key.of(key(1)), Key.of(key(2))));

        assertThat(result.hits()).containsOnlyKeys(Key.of(key(1)));
        assertThat(result.misses()).containsExactly(Key.of(key(2)));
    }

    @Test
    void nothingGivesNothing() {
        long writes = stat("cmd_set");

        assertThat(client().setAll(Map.of()).isComplete()).isTrue();
        assertThat(client().setAllByKey(Map.of()).hits()).isEmpty();
        assertThat(client().deleteAll(List.of()).misses()).isEmpty();
        assertThat(client().deleteAllByKey(Set.of()).isComplete()).isTrue();

        assertThat(stat("cmd_set")).isEqualTo(writes);
    }

    @Test
    void whatIsInvalidFailsTheCallBeforeAnythingIsSent() {
        client().set(key(0), VALUE);
        long writes = stat("cmd_set");
        Map<String, byte[]> badKey = tagged(keys(200), 40);
        badKey.put("a b", VALUE);
        Map<String, byte[]> badValue = tagged(keys(200), 40);
        badValue.put(key("large"), new byte[options().options().itemSizeLimit() + 1]);

        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> client().setAll(badKey));
        assertThatExceptionOfType(MemcachedException.ValueTooLarge.class).isThrownBy(() -> client().setAll(badValue));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> client().deleteAll(List.of(key(0), "")));

        assertThat(stat("cmd_set")).isEqualTo(writes);
        assertThat(client().get(key(0))).isEqualTo(VALUE);
    }

    @Test
    void nullsAreRefused() {
        Map<String, byte[]> noValue = new HashMap<>();
        noValue.put(key(1), null);

        assertThatNullPointerException().isThrownBy(() -> client().setAll(null)).withMessageContaining("values");
        assertThatNullPointerException()
                .isThrownBy(() -> client().setAll(noValue))
                .withMessageContaining("value");
        assertThatNullPointerException()
                .isThrownBy(() -> client().setAll(Collections.singletonMap(null, VALUE)))
                .withMessageContaining("key");
        assertThatNullPointerException()
                .isThrownBy(() -> client().deleteAll(null))
                .withMessageContaining("keys");
        assertThatNullPointerException()
                .isThrownBy(() -> client().deleteAll(Collections.singleton(null)))
                .withMessageContaining("key");
    }

    @Test
    void c28FailureIsThatOfItsKeyAlone() {
        try (MemcachedClient permissive = options().itemSizeLimit(4 << 20).connect()) {
            Map<String, byte[]> values = tagged(keys(100), 40);
            values.put(key(50), new byte[2 << 20]);

            MultiResult<String, StoreResult> result = subject().face(permissive).setAll(values);

            assertThat(result.failures()).containsOnlyKeys(key(50));
            assertThat(result.failures().get(key(50))).isInstanceOf(MemcachedException.ValueTooLarge.class);
            assertThat(result.hits()).hasSize(99);
            assertThat(result.isComplete()).isFalse();
        }
    }

    @Test
    void ownSizeIsNoReasonToFail() {
        Map<String, byte[]> values = tagged(keys(1_000), 100);
        try (MemcachedClient small = options()
                .connections(1)
                .maxQueuedPerNode(1)
                .maxInFlightPerConnection(1)
                .ringBytes(64 << 10)
                .connect()) {
            MemcachedClient face = subject().face(small);

            assertThat(face.setAll(values).orThrow()).hasSize(1_000);
            assertThat(face.deleteAll(values.keySet()).orThrow()).hasSize(1_000);
        }
    }

    @Test
    void closedClientRefuses() {
        MemcachedClient closed = options().connect();
        closed.close();
        MemcachedClient face = subject().face(closed);

        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> face.setAll(Map.of(key(1), VALUE)));
        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> face.setAll(Map.of()));
        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> face.deleteAll(List.of(key(1))));
    }

    @Test
    void arraysAreTheCallersAgainWhenTheCallReturns() {
        Map<String, byte[]> values = tagged(keys(500), 60);
        try (MemcachedClient client = options().connect()) {
            var future = client.async().setAll(values);
            values.values().forEach(value -> Arrays.fill(value, (byte) 'x'));
            await(() -> {
                if (!future.isDone() && client.async() != null && subject().driver() instanceof Driver.Invoked) {
                    client.poll();
                }
                return future.isDone();
            });

            assertThat(future.join().orThrow()).hasSize(500);
        }
        client().getAll(values.keySet()).orThrow().forEach(KeyTaggedValues::verify);
    }
}
