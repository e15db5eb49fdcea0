package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Commands that store, delete or touch, with their options; V, T and S are rows of the specification. */
class WriteBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final byte[] OTHER = "other".getBytes(UTF_8);
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));
    private static final WriteOptions QUIET = WriteOptions.NONE.withNoReply();

    private long cas(String key) {
        return client().getItem(key).cas();
    }

    private void assertSeen(String key, String value) {
        await(() -> {
            byte[] seen = client().get(key);
            return seen != null && new String(seen, UTF_8).equals(value);
        });
    }

    @Test
    void addStoresOnlyWhereNothingIs() {
        assertThat(client().add(key(1), VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client().add(key(1), OTHER)).isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().add(Key.of(key(1)), OTHER, HOUR)).isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().add(Key.of(key(2)), OTHER, HOUR)).isEqualTo(StoreResult.STORED);
        assertThat(client().add(key(3), new byte[0], WriteOptions.of(HOUR).withFlags(7)))
                .isEqualTo(StoreResult.STORED);

        assertThat(client().get(key(1))).isEqualTo(VALUE);
        assertThat(client().get(key(2))).isEqualTo(OTHER);
        assertThat(client().getItem(key(3)).flags()).isEqualTo(7);
    }

    @Test
    void replaceStoresOnlyWhereSomethingIs() {
        assertThat(client().replace(key(1), VALUE)).isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().replace(Key.of(key(1)), VALUE, HOUR)).isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().get(key(1))).isNull();
        client().set(key(1), VALUE);

        assertThat(client().replace(key(1), OTHER)).isEqualTo(StoreResult.STORED);
        assertThat(client().get(key(1))).isEqualTo(OTHER);
        assertThat(client().replace(key(1), VALUE, WriteOptions.of(HOUR).withFlags(9)))
                .isEqualTo(StoreResult.STORED);
        assertThat(client().getItem(key(1)).flags()).isEqualTo(9);
    }

    @Test
    void appendAndPrependJoinWhatIsThere() {
        assertThat(client().append(key(1), VALUE)).isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().prepend(key(1), VALUE)).isEqualTo(StoreResult.NOT_STORED);
        client().set(key(1), "b".getBytes(UTF_8), WriteOptions.of(HOUR).withFlags(3));

        assertThat(client().append(key(1), "\r\nc".getBytes(UTF_8))).isEqualTo(StoreResult.STORED);
        assertThat(client().prepend(Key.of(key(1)), "a ".getBytes(UTF_8))).isEqualTo(StoreResult.STORED);
        assertThat(client().append(key(1), new byte[0])).isEqualTo(StoreResult.STORED);

        Item<byte[]> item = client().getItem(key(1));
        assertThat(item.value()).asString(UTF_8).isEqualTo("a b\r\nc");
        assertThat(item.flags()).isEqualTo(3);
        if (!subject().classic()) {
            assertThat(item.ttl()).isNotEqualTo(Ttl.NONE);
        }
    }

    @Test
    void appendThatCreatesMakesTheItemOnEveryServer() {
        WriteOptions create = WriteOptions.NONE.withCreate(HOUR).withFlags(5);

        assertThat(client().append(key(1), "b".getBytes(UTF_8), create)).isEqualTo(StoreResult.STORED);
        assertThat(client().append(key(1), "c".getBytes(UTF_8), create)).isEqualTo(StoreResult.STORED);
        assertThat(client().prepend(Key.of(key(1)), "a".getBytes(UTF_8), create))
                .isEqualTo(StoreResult.STORED);
        assertThat(client().prepend(Key.of(key(2)), "x".getBytes(UTF_8), create))
                .isEqualTo(StoreResult.STORED);

        Item<byte[]> item = client().getItem(key(1));
        assertThat(item.value()).asString(UTF_8).isEqualTo("abc");
        assertThat(item.flags()).isEqualTo(5);
        if (!subject().classic()) {
            assertThat(secondsLeft(item)).isBetween(3_500L, 3_600L);
        }
        assertThat(client().get(key(2))).asString(UTF_8).isEqualTo("x");
    }

    private static long secondsLeft(Item<byte[]> item) {
        assertThat(item.ttl().kind()).isEqualTo(Ttl.Kind.RELATIVE);
        return item.ttl().seconds();
    }

    @Test
    void casStoresOnlyWhatWasRead() {
        client().set(key(1), VALUE);
        long cas = cas(key(1));

        assertThat(client().cas(key(1), OTHER, cas + 1)).isEqualTo(StoreResult.EXISTS);
        assertThat(client().cas(
                                Key.of(key(1)),
                                OTHER,
                                cas,
                                WriteOptions.of(HOUR).withFlags(2)))
                .isEqualTo(StoreResult.STORED);
        assertThat(client().cas(key(1), VALUE, cas)).isEqualTo(StoreResult.EXISTS);

        Item<byte[]> item = client().getItem(key(1));
        assertThat(item.value()).isEqualTo(OTHER);
        assertThat(item.flags()).isEqualTo(2);
        assertThat(item.cas()).isNotEqualTo(cas);
    }

    @Test
    void s1CasIsUnsigned() {
        client().set(key(1), VALUE);

        assertThat(client().cas(key(1), OTHER, -1)).isEqualTo(StoreResult.EXISTS);
        if (isMeta(1, 6, 27)) {
            assertThat(client().set(key(1), VALUE, WriteOptions.NONE.withNewCas(-2)))
                    .isEqualTo(StoreResult.STORED);
            assertThat(cas(key(1))).isEqualTo(-2);
            assertThat(client().cas(key(1), OTHER, -2)).isEqualTo(StoreResult.STORED);
        }
    }

    @Test
    void s2CasZeroIsRefused() {
        client().set(key(1), VALUE);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> client().cas(key(1), OTHER, 0))
                .withMessageContaining("keeps no CAS");
        assertThatIllegalArgumentException().isThrownBy(() -> client().deleteIf(key(1), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> InvalidateOptions.NONE.withCas(0));
        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void s3CasOfAMissingItemIsNotFound() {
        assertThat(client().cas(key(1), VALUE, 77)).isEqualTo(StoreResult.NOT_FOUND);
        assertThat(client().cas(Key.of(key(1)), VALUE, 77, WriteOptions.of(HOUR)))
                .isEqualTo(StoreResult.NOT_FOUND);
        assertThat(client().get(key(1))).isNull();
    }

    @Test
    void s10GivenCasIsUnsupportedByOlderServers() {
        WriteOptions given = WriteOptions.NONE.withNewCas(4711);
        if (isMeta(1, 6, 27)) {
            client().set(key(1), VALUE, given);
            assertThat(cas(key(1))).isEqualTo(4711);
        } else {
            assertThatExceptionOfType(MemcachedException.Unsupported.class)
                    .isThrownBy(() -> client().set(key(1), VALUE, given))
                    .satisfies(e -> {
                        assertThat(e.isRetryable()).isFalse();
                        assertThat(e.outcomeUnknown()).isFalse();
                        assertThat(e.node()).isNotNull();
                    });
            assertThat(client().get(key(1))).isNull();
        }
    }

    @Test
    void v8FlagsAre32BitsWithoutASign() {
        for (long flags : new long[] {0, 1, 0x7fff_ffffL, 0x8000_0000L, WriteOptions.MAX_FLAGS}) {
            assertThat(client().set(key(1), VALUE, WriteOptions.NONE.withFlags(flags)))
                    .isEqualTo(StoreResult.STORED);
            assertThat(client().getItem(key(1)).flags()).isEqualTo(flags);
        }
    }

    @Test
    void v9AndV10FlagsOutOfRangeAreRefused() {
        for (long flags : new long[] {-1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatIllegalArgumentException().isThrownBy(() -> WriteOptions.NONE.withFlags(flags));
        }
    }

    @Test
    void v1ToV4ValueTooLargeForTheServerIsTyped() {
        byte[] tooLarge = new byte[2 << 20];
        try (MemcachedClient permissive =
                options().connections(1).itemSizeLimit(4 << 20).connect()) {
            MemcachedClient face = subject().face(permissive);
            boolean kept = subject().classic();
            for (Store store : stores(face, tooLarge)) {
                face.set(key(1), VALUE);
                long cas = face.getItem(key(1)).cas();
                assertThatExceptionOfType(MemcachedException.ValueTooLarge.class)
                        .isThrownBy(() -> store.to(key(1), cas))
                        .satisfies(e -> assertThat(e.sizeBytes()).isEqualTo(tooLarge.length))
                        .satisfies(e -> assertThat(e.limitBytes()).isEqualTo(-1));
                assertThat(face.get(key(1))).isEqualTo(kept ? VALUE : null);
            }
        }
    }

    private interface Store {
        StoreResult to(String key, long cas);
    }

    private static List<Store> stores(MemcachedClient face, byte[] value) {
        return List.of(
                (key, cas) -> face.replace(key, value),
                (key, cas) -> face.cas(key, value, cas),
                (key, cas) -> face.append(key, value),
                (key, cas) -> face.prepend(key, value));
    }

    @Test
    void v3JoinBeyondTheLimitIsNotStoredAndTheOldValueIsKept() {
        byte[] half = new byte[600_000];
        client().set(key(1), half);

        assertThat(client().append(key(1), half)).isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().append(key(1), half, WriteOptions.NONE.withCreate(HOUR)))
                .isEqualTo(StoreResult.NOT_STORED);
        assertThat(client().get(key(1))).isEqualTo(half);
    }

    @Test
    void t1ItemThatExpiresAtOnceIsNotThere() {
        assertThat(client().set(key(1), VALUE, Ttl.EXPIRE_NOW)).isEqualTo(StoreResult.STORED);
        assertThat(client().get(key(1))).isNull();
        client().set(key(1), VALUE);
        assertThat(client().touch(key(1), Ttl.EXPIRE_NOW)).isTrue();
        assertThat(client().get(key(1))).isNull();
    }

    @Test
    void t2ToT4ItemsWithLongTimesToLiveStay() {
        Duration month = Duration.ofDays(30);
        List<Ttl> times = List.of(
                Ttl.of(month),
                Ttl.of(month.plusSeconds(1)),
                Ttl.of(Duration.ofDays(200_000)),
                Ttl.at(Instant.now().plus(month).plusSeconds(100)),
                Ttl.at(Instant.parse("2100-01-01T00:00:00Z")));
        for (Ttl ttl : times) {
            client().set(key(1), VALUE, ttl);
            assertThat(client().get(key(1))).as(ttl.toString()).isEqualTo(VALUE);
            client().set(key(2), VALUE);
            assertThat(client().touch(key(2), ttl)).isTrue();
            assertThat(client().get(key(2))).as(ttl.toString()).isEqualTo(VALUE);
        }
    }

    @Test
    void t9TimeToLiveIsToldAsItWasGiven() {
        client().set(key(1), VALUE);
        client().set(key(2), VALUE, HOUR);
        if (subject().classic()) {
            assertThat(client().getItem(key(1)).ttl()).isNull();
        } else {
            assertThat(client().getItem(key(1)).ttl()).isEqualTo(Ttl.NONE);
            assertThat(secondsLeft(client().getItem(key(2)))).isBetween(3_500L, 3_600L);
            client().touch(key(2), Ttl.NONE);
            assertThat(client().getItem(key(2)).ttl()).isEqualTo(Ttl.NONE);
        }
    }

    @Test
    void touchSaysWhetherThereWasAnItem() {
        assertThat(client().touch(key(1), HOUR)).isFalse();
        client().set(key(1), new byte[0]);
        assertThat(client().touch(key(1), HOUR)).isTrue();
        assertThat(client().touch(Key.of(key(1)), Ttl.NONE)).isTrue();
        assertThat(client().get(key(1))).isEmpty();
    }

    @Test
    void deleteIfComparesOnServersThatCan() {
        client().set(key(1), VALUE);
        long cas = cas(key(1));
        if (isMeta(1, 6, 13)) {
            assertThat(client().deleteIf(key(1), cas + 1)).isEqualTo(DeleteResult.EXISTS);
            assertThat(client().get(key(1))).isEqualTo(VALUE);
            assertThat(client().deleteIf(Key.of(key(1)), cas)).isEqualTo(DeleteResult.DELETED);
            assertThat(client().deleteIf(key(1), cas)).isEqualTo(DeleteResult.NOT_FOUND);
        } else {
            assertThatExceptionOfType(MemcachedException.Unsupported.class)
                    .isThrownBy(() -> client().deleteIf(key(1), cas));
            assertThat(client().get(key(1))).isEqualTo(VALUE);
        }
    }

    @Test
    void writesWithoutAReplyAreCarriedOut() {
        client().set(key("replace"), VALUE);
        client().set(key("cas"), VALUE);
        client().set(key("join"), "b".getBytes(UTF_8));
        client().set(key("delete"), VALUE);
        client().set(key("touch"), VALUE);

        assertThat(client().set(key("set"), OTHER, QUIET)).isEqualTo(StoreResult.STORED);
        assertThat(client().add(key("add"), OTHER, QUIET)).isEqualTo(StoreResult.STORED);
        assertThat(client().replace(key("replace"), OTHER, QUIET)).isEqualTo(StoreResult.STORED);
        assertThat(client().cas(key("cas"), OTHER, cas(key("cas")), QUIET)).isEqualTo(StoreResult.STORED);
        assertThat(client().append(key("join"), "c".getBytes(UTF_8), QUIET)).isEqualTo(StoreResult.STORED);
        assertThat(client().delete(key("delete"), QUIET)).isTrue();
        assertThat(client().touch(key("touch"), Ttl.EXPIRE_NOW, QUIET)).isTrue();

        for (String name : List.of("set", "add", "replace", "cas")) {
            assertSeen(key(name), "other");
        }
        assertSeen(key("join"), "bc");
        assertThat(client().prepend(Key.of(key("join")), "a".getBytes(UTF_8), QUIET))
                .isEqualTo(StoreResult.STORED);
        assertSeen(key("join"), "abc");
        await(() -> client().get(key("delete")) == null && client().get(key("touch")) == null);
    }

    @Test
    void appendThatCreatesWithoutAReplyIsCarriedOut() {
        WriteOptions options = QUIET.withCreate(HOUR);
        assertThat(client().append(key(1), "a".getBytes(UTF_8), options)).isEqualTo(StoreResult.STORED);
        assertSeen(key(1), "a");
        assertThat(client().append(key(1), "b".getBytes(UTF_8), options)).isEqualTo(StoreResult.STORED);
        assertSeen(key(1), "ab");
    }

    @Test
    void whatIsTrustedMayHaveFailed() {
        client().set(key(1), VALUE);

        assertThat(client().add(key(1), OTHER, QUIET)).isEqualTo(StoreResult.STORED);
        assertThat(client().delete(key("absent"), QUIET)).isTrue();
        assertThat(client().touch(key("absent"), HOUR, QUIET)).isTrue();

        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void c15AndC16WritesWithoutAReplyAreCheckedBefore() {
        byte[] large = new byte[options().options().itemSizeLimit() + 1];
        client().set(key(1), VALUE);

        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> client().set("a b", VALUE, QUIET));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> client().delete("", QUIET));
        assertThatExceptionOfType(MemcachedException.ValueTooLarge.class)
                .isThrownBy(() -> client().set(key(1), large, QUIET));
        assertThatExceptionOfType(MemcachedException.ValueTooLarge.class)
                .isThrownBy(() -> client().append(key(1), large, QUIET.withCreate(HOUR)));

        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void manyWritesWithoutAReplyAreAllCarriedOut() {
        for (int i = 0; i < 2_000; i++) {
            while (!stored(key(i % 50), "%04d".formatted(i).getBytes(UTF_8))) {
                client().get(key(0)); // full: what was sent is answered first
            }
        }
        for (int i = 0; i < 50; i++) {
            String key = key(i);
            await(() -> client().get(key) != null);
            assertThat(client().get(key)).hasSize(4);
        }
    }

    private boolean stored(String key, byte[] value) {
        try {
            return client().set(key, value, QUIET) == StoreResult.STORED;
        } catch (MemcachedException.Overloaded e) {
            return false;
        }
    }

    @Test
    void optionsThatDoNotFitAreRefused() {
        WriteOptions creating = WriteOptions.NONE.withCreate(HOUR);
        client().set(key(1), VALUE);
        long cas = cas(key(1));

        refused(() -> client().set(key(1), OTHER, creating));
        refused(() -> client().add(key(1), OTHER, creating));
        refused(() -> client().replace(key(1), OTHER, creating));
        refused(() -> client().cas(key(1), OTHER, cas, creating));
        refused(() -> client().append(key(1), OTHER, WriteOptions.of(HOUR)));
        refused(() -> client().prepend(key(1), OTHER, WriteOptions.NONE.withFlags(1)));
        refused(() -> client().delete(key(1), WriteOptions.of(HOUR)));
        refused(() -> client().delete(key(1), QUIET.withFlags(1)));
        refused(() -> client().touch(key(1), HOUR, WriteOptions.of(HOUR)));
        refused(() -> client().touch(key(1), HOUR, WriteOptions.NONE.withNewCas(1)));

        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    private static void refused(ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call);
    }
}
