package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.KeyTaggedValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many keys in one call. */
class GetAllBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    private byte[] store(String key, int size) {
        byte[] value = KeyTaggedValues.make(key, Math.max(size, KeyTaggedValues.minBytes(key)), size);
        client().set(key, value);
        return value;
    }

    @Test
    void hitsAndMissesTogetherAreTheKeysInTheirOrder() {
        List<String> keys = new ArrayList<>(IntStream.range(0, 500)
                .mapToObj(i -> key("k".repeat(i % 40) + i))
                .toList());
        Collections.shuffle(keys, new java.util.Random(3));
        List<String> stored =
                keys.stream().filter(key -> key.hashCode() % 3 != 0).toList();
        stored.forEach(key -> store(key, 30 + key.length()));

        MultiResult<String, byte[]> result = client().getAll(keys);

        assertThat(result.hits().keySet()).containsExactlyElementsOf(stored);
        assertThat(result.misses())
                .containsExactlyElementsOf(
                        keys.stream().filter(key -> !stored.contains(key)).toList());
        assertThat(result.failures()).isEmpty();
        assertThat(result.isComplete()).isTrue();
        result.hits().forEach(KeyTaggedValues::verify);
    }

    @Test
    void oneKeyIsEnough() {
        store(key(1), 50);

        assertThat(client().getAll(List.of(key(1))).hits()).containsOnlyKeys(key(1));
        assertThat(client().getAll(List.of(key(2))).misses()).containsExactly(key(2));
    }

    @Test
    void duplicatesCountOnce() {
        store(key(1), 50);
        List<String> keys = List.of(key(1), key(2), new String(key(1)), key(2), key(3), key(1));

        MultiResult<String, byte[]> result = client().getAll(keys);

        assertThat(result.hits()).containsOnlyKeys(key(1));
        assertThat(result.misses()).containsExactly(key(2), key(3));
    }

    @Test
    void duplicateKeysByBytesCountOnce() {
        store(key(1), 50);

        MultiResult<Key, byte[]> result =
                client().getAllByKey(List.of(Key.of(key(1)), Key.of(key(2)), Key.of(key(1)), Key.of(key(2))));

        assertThat(result.hits()).containsOnlyKeys(Key.of(key(1)));
        assertThat(result.misses()).containsExactly(Key.of(key(2)));
    }

    @Test
    void noKeysAreAnEmptyResult() {
        MultiResult<String, byte[]> result = client().getAll(List.of());
        MultiResult<Key, byte[]> byKey = client().getAllByKey(Set.of());

        assertThat(result.hits()).isEmpty();
        assertThat(result.misses()).isEmpty();
        assertThat(result.failures()).isEmpty();
        assertThat(byKey.isComplete()).isTrue();
    }

    @Test
    void emptyAndProtocolLikeValuesAreHits() {
        client().set(key("empty"), new byte[0]);
        client().set(key("end"), "\r\nEND\r\n".getBytes(UTF_8));
        client().set(key("value"), ("VALUE " + key("end") + " 0 3\r\nabc\r\nEND\r\n").getBytes(UTF_8));

        MultiResult<String, byte[]> result =
                client().getAll(List.of(key("empty"), key("absent"), key("end"), key("value")));

        assertThat(result.hits()).containsOnlyKeys(key("empty"), key("end"), key("value"));
        assertThat(result.hits().get(key("empty"))).isEmpty();
        assertThat(result.hits().get(key("end"))).asString(UTF_8).isEqualTo("\r\nEND\r\n");
        assertThat(result.misses()).containsExactly(key("absent"));
    }

    @Test
    void tenThousandKeysComeBack() {
        List<String> keys = IntStream.range(0, 10_000).mapToObj(this::key).toList();
        List<String> stored = keys.stream().filter(key -> key.endsWith("7")).toList();
        stored.forEach(key -> store(key, 40));

        MultiResult<String, byte[]> result = client().getAll(keys);

        assertThat(result.failures()).isEmpty();
        assertThat(result.hits().keySet()).containsExactlyElementsOf(stored);
        assertThat(result.misses()).hasSize(keys.size() - stored.size());
        result.hits().forEach(KeyTaggedValues::verify);
        assertThat(client().get(keys.get(7))).isNotNull();
    }

    @Test
    void longKeysAreCutIntoLinesThatTheServerTakes() {
        List<Key> keys = IntStream.range(0, 400)
                .mapToObj(i -> Key.of(("%05d-" + "x".repeat(244)).formatted(i)))
                .toList();
        client().set(keys.get(0), VALUE);
        client().set(keys.get(33), VALUE);
        client().set(keys.get(399), VALUE);

        MultiResult<Key, byte[]> result = client().getAllByKey(keys);

        assertThat(result.hits().keySet()).containsExactly(keys.get(0), keys.get(33), keys.get(399));
        assertThat(result.misses()).hasSize(397);
    }

    @Test
    void largeValuesComeBack() {
        List<String> keys = IntStream.range(0, 60).mapToObj(this::key).toList();
        for (int i = 0; i < keys.size(); i += 2) {
            store(keys.get(i), 60_000 + 2_003 * i);
        }

        MultiResult<String, byte[]> result = client().getAll(keys);

        assertThat(result.failures()).isEmpty();
        assertThat(result.hits()).hasSize(30);
        result.hits().forEach(KeyTaggedValues::verify);
    }

    @Test
    void keysThatBeginAlikeAreToldApart() {
        List<String> keys =
                IntStream.range(1, 240).mapToObj(length -> "p".repeat(length)).toList();
        for (int i = 0; i < keys.size(); i += 3) {
            store(keys.get(i), 0);
        }
        List<String> backwards = new ArrayList<>(keys);
        Collections.reverse(backwards);

        MultiResult<String, byte[]> result = client().getAll(backwards);

        assertThat(result.hits()).hasSize(80);
        assertThat(result.misses()).hasSize(159);
        result.hits().forEach(KeyTaggedValues::verify);
    }

    @Test
    void unicodeKeysComeBackAsTheyWereAsked() {
        Set<String> keys =
                new LinkedHashSet<>(List.of("ключ", "a\u0301-all", "á-all", "鍵".repeat(80), "😀".repeat(60)));
        keys.forEach(key -> store(key, 0));

        MultiResult<String, byte[]> result = client().getAll(keys);

        assertThat(result.hits().keySet()).containsExactlyElementsOf(keys);
        result.hits().forEach(KeyTaggedValues::verify);
    }

    @Test
    void invalidKeyFailsTheCallBeforeAnythingIsSent() {
        store(key(1), 50);
        long reads = stat("cmd_get");

        for (String bad : List.of("", "a b", "a\r\nb", "x".repeat(251), "\ud800", "a\u0000b")) {
            List<String> keys =
                    new ArrayList<>(IntStream.range(0, 300).mapToObj(this::key).toList());
            keys.add(bad);
            assertThatThrownBy(() -> client().getAll(keys)).isInstanceOf(MemcachedException.InvalidKey.class);
        }

        assertThat(stat("cmd_get")).isEqualTo(reads);
        assertThat(client().getAll(List.of(key(1))).hits()).hasSize(1);
    }

    @Test
    void nullsAreRefused() {
        assertThatThrownBy(() -> client().getAll(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("keys");
        assertThatThrownBy(() -> client().getAllByKey(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("keys");
        assertThatThrownBy(() -> client().getAll(Arrays.asList(key(1), null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("key");
        assertThatThrownBy(() -> client().getAllByKey(Arrays.asList(Key.of(key(1)), null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("key");
        assertThat(client().getAll(List.of(key(1))).misses()).hasSize(1);
    }

    @Test
    void ownSizeIsNoReasonToFail() {
        List<String> keys = IntStream.range(0, 3_000).mapToObj(this::key).toList();
        store(keys.get(0), 40);
        store(keys.get(2_999), 40);

        try (MemcachedClient small = options()
                .connections(1)
                .maxQueuedPerNode(1)
                .maxInFlightPerConnection(1)
                .ringBytes(64 << 10)
                .connect()) {
            MultiResult<String, byte[]> result = subject().face(small).getAll(keys);

            assertThat(result.failures()).isEmpty();
            assertThat(result.hits()).containsOnlyKeys(keys.get(0), keys.get(2_999));
            assertThat(result.misses()).hasSize(2_998);
        }
    }

    @Test
    void smallestRingTakesWhatItCan() {
        List<String> keys = IntStream.range(0, 1_000).mapToObj(this::key).toList();
        store(keys.get(500), 40);

        try (MemcachedClient small =
                options().maxQueuedPerNode(8).ringBytes(4 << 10).connect()) {
            MultiResult<String, byte[]> result = subject().face(small).getAll(keys);

            assertThat(result.failures()).isEmpty();
            assertThat(result.hits()).containsOnlyKeys(keys.get(500));
        }
    }
}
