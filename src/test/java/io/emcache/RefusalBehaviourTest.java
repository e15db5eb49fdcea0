package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What is refused, by the client or by the server, and that nothing else suffers from it. */
class RefusalBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final List<String> FORBIDDEN = List.of(
            "",
            " ",
            "a b",
            " a",
            "a ",
            "a\tb",
            "a\rb",
            "a\nb",
            "a\r\nb",
            "a\u0000b",
            "\u007f",
            "a\u001f",
            "a\u0001",
            "k".repeat(251),
            "é".repeat(126),
            "€".repeat(84),
            "x".repeat(100_000),
            "\ud800",
            "a\udc00",
            "\udc00\ud800");

    @Test
    void forbiddenKeysAreRefusedBeforeAnythingIsSent() {
        long reads = stat("cmd_get");
        long writes = stat("cmd_set");
        for (String key : FORBIDDEN) {
            assertInvalid(() -> client().get(key));
            assertInvalid(() -> client().set(key, VALUE));
            assertInvalid(() -> client().set(key, VALUE, Ttl.EXPIRE_NOW));
            assertInvalid(() -> client().delete(key));
            assertInvalid(() -> client().getAll(List.of(key)));
        }
        assertThat(stat("cmd_get")).isEqualTo(reads);
        assertThat(stat("cmd_set")).isEqualTo(writes);
        assertThat(stat("delete_misses")).isZero();
        assertThat(client().get(key("still works".length()))).isNull();
    }

    private static void assertInvalid(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(MemcachedException.InvalidKey.class, e -> {
            assertThat(e.getMessage()).isNotBlank();
            assertThat(e.isRetryable()).isFalse();
            assertThat(e.outcomeUnknown()).isFalse();
        });
    }

    @Test
    void nullsAreRefusedByName() {
        String noText = null;
        Key noKey = null;
        assertNull("key", () -> client().get(noText));
        assertNull("key", () -> client().get(noKey));
        assertNull("key", () -> client().set(noText, VALUE));
        assertNull("key", () -> client().set(noKey, VALUE));
        assertNull("key", () -> client().set(noText, VALUE, Ttl.NONE));
        assertNull("key", () -> client().set(noKey, VALUE, Ttl.NONE));
        assertNull("key", () -> client().delete(noText));
        assertNull("key", () -> client().delete(noKey));
        assertNull("value", () -> client().set(key(1), null));
        assertNull("value", () -> client().set(Key.of(key(1)), null));
        assertNull("value", () -> client().set(key(1), null, Ttl.NONE));
        assertNull("value", () -> client().set(Key.of(key(1)), null, Ttl.NONE));
        assertNull("ttl", () -> client().set(key(1), VALUE, (Ttl) null));
        assertNull("ttl", () -> client().set(Key.of(key(1)), VALUE, (Ttl) null));
        assertThat(client().get(key(1))).isNull();
    }

    private static void assertNull(String name, ThrowingCallable call) {
        assertThatThrownBy(call).isExactlyInstanceOf(NullPointerException.class).hasMessageContaining(name);
    }

    @Test
    void valueOverTheItemSizeLimitIsRefusedBeforeTheWire() {
        client().set(key(1), VALUE);
        int limit = options().options().itemSizeLimit();
        long writes = stat("cmd_set");

        assertThatThrownBy(() -> client().set(key(1), new byte[limit + 1]))
                .asInstanceOf(type(MemcachedException.ValueTooLarge.class))
                .satisfies(e -> {
                    assertThat(e.sizeBytes()).isEqualTo(limit + 1);
                    assertThat(e.limitBytes()).isEqualTo(limit);
                    assertThat(e.isRetryable()).isFalse();
                });

        assertThat(stat("cmd_set")).isEqualTo(writes);
        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void valueOverTheLimitOfTheServerIsTooLargeAndTheOldOneIsGone() {
        int tooLarge = 2 << 20;
        try (MemcachedClient permissive =
                options().connections(1).itemSizeLimit(4 << 20).connect()) {
            MemcachedClient face = subject().face(permissive);
            face.set(key(1), VALUE);
            long connections = stat("total_connections");

            assertThatThrownBy(() -> face.set(key(1), new byte[tooLarge]))
                    .asInstanceOf(type(MemcachedException.ValueTooLarge.class))
                    .satisfies(e -> {
                        assertThat(e.sizeBytes()).isEqualTo(tooLarge);
                        assertThat(e.limitBytes()).isEqualTo(-1);
                        assertThat(e.outcomeUnknown()).isFalse();
                    });

            assertThat(face.get(key(1))).isNull();
            assertThat(face.set(key(1), VALUE)).isEqualTo(StoreResult.STORED);
            assertThat(face.get(key(1))).isEqualTo(VALUE);
            assertThat(stat("total_connections")).isEqualTo(connections + 1); // that of the last stats
        }
    }

    @Test
    void valueOverTheLargestToReadIsTooLargeAndTheClientGoesOn() {
        client().set(key("large"), new byte[100_000]);
        client().set(key("small"), VALUE);
        try (MemcachedClient modest =
                options().itemSizeLimit(1 << 10).largestValueRead(50_000).connect()) {
            MemcachedClient face = subject().face(modest);

            assertThatThrownBy(() -> face.get(key("large")))
                    .asInstanceOf(type(MemcachedException.ValueTooLarge.class))
                    .satisfies(e -> {
                        assertThat(e.sizeBytes()).isEqualTo(100_000);
                        assertThat(e.limitBytes()).isEqualTo(50_000);
                    });

            assertThat(face.get(key("small"))).isEqualTo(VALUE);
        }
    }

    @Test
    void aLargeValueInManyDoesNotReachTheOthers() {
        client().set(key("a"), VALUE);
        client().set(key("large"), new byte[100_000]);
        client().set(key("z"), VALUE);
        try (MemcachedClient modest =
                options().itemSizeLimit(1 << 10).largestValueRead(50_000).connect()) {
            MemcachedClient face = subject().face(modest);

            MultiResult<String, byte[]> result = face.getAll(List.of(key("a"), key("large"), key("z")));

            assertThat(result.failures().get(key("large"))).isInstanceOf(MemcachedException.ValueTooLarge.class);
            assertThat(result.misses()).isEmpty();
            assertThat(result.hits()).doesNotContainKey(key("large"));
            assertThat(face.get(key("z"))).isEqualTo(VALUE);
        }
    }

    @Test
    void closedClientRefuses() {
        MemcachedClient closed = options().connect();
        closed.close();
        MemcachedClient face = subject().face(closed);

        assertClosed(() -> face.get(key(1)));
        assertClosed(() -> face.set(key(1), VALUE));
        assertClosed(() -> face.delete(key(1)));
        assertClosed(() -> face.getAll(List.of(key(1))));
        assertClosed(() -> face.getAll(List.of()));
        assertThat(closed.isClosed()).isTrue();
    }

    private static void assertClosed(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(MemcachedException.Closed.class);
    }
}
