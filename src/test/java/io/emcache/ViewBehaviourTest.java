package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Views of a client: namespaces, deadlines; and keys of other kinds through all verbs. */
class ViewBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    @Test
    void namespaceIsThePrefixOfEveryKey() {
        MemcachedClient space = client().namespace("n1:").namespace("n2:");

        space.set(key(1), VALUE);
        assertThat(client().get("n1:n2:" + key(1))).isEqualTo(VALUE);
        assertThat(client().get(key(1))).isNull();
        assertThat(client().namespace("n1:").getItem("n2:" + key(1)).value()).isEqualTo(VALUE);
        assertThat(space.touch(Key.of(key(1)), HOUR)).isTrue();
        assertThat(space.increment(key(2), 1, CounterOptions.of(5, HOUR))).hasValue(5);
        assertThat(client().get("n1:n2:" + key(2))).asString(UTF_8).isEqualTo("5");
        assertThat(space.delete(key(1))).isTrue();
        assertThat(client().get("n1:n2:" + key(1))).isNull();
    }

    @Test
    void manyKeysAreNamedWithoutTheirNamespace() {
        MemcachedClient space = client().namespace("many:");

        assertThat(space.setAll(Map.of(key(1), VALUE, key(2), VALUE)).hits()).containsOnlyKeys(key(1), key(2));
        assertThat(space.getAll(List.of(key(1), key(3))).hits()).containsOnlyKeys(key(1));
        assertThat(space.getAllByKey(List.of(Key.of(key(2)), Key.of(key(3)))).misses())
                .containsExactly(Key.of(key(3)));
        assertThat(client().getAll(List.of("many:" + key(1), key(1))).hits()).containsOnlyKeys("many:" + key(1));
        assertThat(space.deleteAll(List.of(key(1), key(2), key(3))).hits()).containsOnlyKeys(key(1), key(2));
    }

    @Test
    void k11KeyThatIsTooLongWithItsNamespaceIsRefused() {
        MemcachedClient space = client().namespace("p".repeat(10));

        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> space.set("k".repeat(241), VALUE))
                .withMessageContaining("pppppppppp");
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> space.getAll(List.of(key(1), "k".repeat(241))));
        assertThat(space.set("k".repeat(240), VALUE)).isEqualTo(StoreResult.STORED);
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> client().namespace("a b"));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> client().namespace("n".repeat(129)));
    }

    @Test
    void deadlineIsThatOfTheView() {
        MemcachedClient hasty = client().with(CallOptions.timeout(Duration.ofMillis(1)));
        MemcachedClient patient = hasty.with(CallOptions.timeout(Duration.ofSeconds(10)));
        client().set(key(1), VALUE);

        server().suspend();
        try {
            assertThatExceptionOfType(MemcachedException.Timeout.class)
                    .isThrownBy(() -> hasty.get(key(1)))
                    .satisfies(e -> assertThat(e.elapsed()).isLessThan(Duration.ofSeconds(10)));
            assertThat(hasty.getAll(List.of(key(1))).failures().get(key(1)))
                    .isInstanceOf(MemcachedException.Timeout.class);
            assertThat(hasty.namespace("n:").setAll(Map.of(key(1), VALUE)).failures())
                    .containsOnlyKeys(key(1));
        } finally {
            server().resume();
        }
        assertThat(patient.get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void deadlineMustBePositive() {
        for (Duration timeout : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(2))) {
            assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.timeout(timeout));
        }
    }

    @Test
    void binaryKeysNeedTheMetaCommands() {
        Key key = Key.binary(("\u0000 \r\n" + key(1)).getBytes(UTF_8));
        Key other = Key.binary(("\u0001 \r\n" + key(1)).getBytes(UTF_8));
        if (subject().classic()) {
            assertThatExceptionOfType(MemcachedException.Unsupported.class).isThrownBy(() -> client().set(key, VALUE));
            assertThatExceptionOfType(MemcachedException.Unsupported.class).isThrownBy(() -> client().get(key));
            assertThat(client().getAllByKey(List.of(key, Key.of(key(2))))
                            .failures()
                            .get(key))
                    .isInstanceOf(MemcachedException.Unsupported.class);
            return;
        }
        assertThat(client().set(key, VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client().get(key)).isEqualTo(VALUE);
        assertThat(client().getItem(key).value()).isEqualTo(VALUE);
        assertThat(client().append(key, VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client().touch(key, HOUR)).isTrue();
        assertThat(client().getAllByKey(List.of(other, key, Key.of(key(2)))).hits())
                .containsOnlyKeys(key);
        assertThat(client().setAllByKey(Map.of(other, VALUE, Key.of(key(2)), VALUE))
                        .hits())
                .hasSize(2);
        assertThat(client().getAllItemsByKey(List.of(Key.of(key(2)), other, key))
                        .hits())
                .hasSize(3);
        assertThat(client().deleteAllByKey(List.of(key, other)).hits()).hasSize(2);
    }

    @Test
    void longKeysAreHashedIfThatIsAllowed() {
        String longKey = key("x".repeat(400));
        try (MemcachedClient hashing = options().hashLongKeys(true).connect()) {
            MemcachedClient face = subject().face(hashing);
            assertThat(face.set(longKey, VALUE)).isEqualTo(StoreResult.STORED);
            assertThat(face.get(longKey)).isEqualTo(VALUE);
            assertThat(face.getAll(List.of(longKey, key(1))).hits()).containsOnlyKeys(longKey);
        }
        assertThat(client().get(Key.hashed(longKey))).isEqualTo(VALUE);
    }
}
