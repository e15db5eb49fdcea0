package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Reads that tell more than the value, and stale items; S are rows of the specification. */
class ItemBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    @Test
    void missIsNull() {
        assertThat(client().getItem(key(1))).isNull();
        assertThat(client().getItem(Key.of(key(1)))).isNull();
        assertThat(client().gat(key(1), HOUR)).isNull();
        assertThat(client().gat(Key.of(key(1)), HOUR)).isNull();
        assertThat(client().gatItem(key(1), HOUR)).isNull();
        assertThat(client().gatItem(Key.of(key(1)), HOUR)).isNull();
    }

    @Test
    void itemTellsWhatTheServerKnows() {
        client().set(key(1), VALUE, WriteOptions.of(HOUR).withFlags(42));

        Item<byte[]> first = client().getItem(key(1));
        Item<byte[]> second = client().getItem(Key.of(key(1)));

        assertThat(first.value()).isEqualTo(VALUE);
        assertThat(first.flags()).isEqualTo(42);
        assertThat(first.cas()).isNotZero();
        assertThat(first.size()).isEqualTo(VALUE.length);
        assertThat(first.hitBefore() || first.stale() || first.won() || first.alreadyWon())
                .isFalse();
        assertThat(second.cas()).isEqualTo(first.cas());
        if (subject().classic()) {
            assertThat(first.ttl()).isNull();
            assertThat(first.lastAccess()).isNull();
        } else {
            assertThat(first.ttl().seconds()).isBetween(3_500L, 3_600L);
            assertThat(first.lastAccess()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
            assertThat(second.hitBefore()).isTrue();
        }
        assertThat(first.toString()).contains("flags=42").doesNotContain("value");
    }

    @Test
    void emptyValueIsAnItem() {
        client().set(key(1), new byte[0], WriteOptions.NONE.withFlags(5));

        Item<byte[]> item = client().getItem(key(1));

        assertThat(item.value()).isEmpty();
        assertThat(item.flags()).isEqualTo(5);
        assertThat(item.size()).isZero();
    }

    @Test
    void casChangesWithEveryWrite() {
        client().set(key(1), VALUE);
        long first = client().getItem(key(1)).cas();
        client().set(key(1), VALUE);
        long second = client().getItem(key(1)).cas();
        client().append(key(1), VALUE);

        assertThat(second).isNotEqualTo(first);
        assertThat(client().getItem(key(1)).cas()).isNotEqualTo(second).isNotEqualTo(first);
    }

    @Test
    void gatGivesANewTimeToLive() {
        client().set(key(1), VALUE, HOUR);
        client().set(key(2), VALUE, HOUR);

        assertThat(client().gat(key(1), Ttl.NONE)).isEqualTo(VALUE);
        assertThat(client().gatItem(Key.of(key(2)), Ttl.of(Duration.ofHours(2))).value())
                .isEqualTo(VALUE);
        if (!subject().classic()) {
            assertThat(client().getItem(key(1)).ttl()).isEqualTo(Ttl.NONE);
            assertThat(client().getItem(key(2)).ttl().seconds()).isBetween(7_100L, 7_200L);
            assertThat(client().gatItem(key(2), HOUR).ttl().seconds()).isBetween(3_500L, 3_600L);
        }
    }

    @Test
    void gatThatExpiresReadsForTheLastTime() {
        client().set(key(1), VALUE);
        client().set(key(2), VALUE);

        assertThat(client().gat(key(1), Ttl.EXPIRE_NOW)).isEqualTo(VALUE);
        Item<byte[]> item = client().gatItem(key(2), Ttl.EXPIRE_NOW);

        assertThat(item.value()).isEqualTo(VALUE);
        assertThat(item.ttl()).isIn(null, Ttl.EXPIRE_NOW);
        assertThat(client().get(key(1))).isNull();
        assertThat(client().get(key(2))).isNull();
    }

    @Test
    void s6StaleItemIsWonOnce() {
        client().set(key(1), VALUE);
        if (subject().classic()) {
            assertThatExceptionOfType(MemcachedException.Unsupported.class)
                    .isThrownBy(() -> client().invalidate(key(1)));
            assertThat(client().get(key(1))).isEqualTo(VALUE);
            return;
        }
        long cas = client().getItem(key(1)).cas();
        assertThat(client().invalidate(key(1))).isTrue();

        Item<byte[]> winner = client().getItem(key(1));
        Item<byte[]> loser = client().getItem(Key.of(key(1)));

        assertThat(winner.value()).isEqualTo(VALUE);
        assertThat(winner.stale() && winner.won() && !winner.alreadyWon()).isTrue();
        assertThat(loser.stale() && !loser.won() && loser.alreadyWon()).isTrue();
        assertThat(winner.cas()).isNotEqualTo(cas);
        assertThat(client().cas(key(1), VALUE, winner.cas())).isEqualTo(StoreResult.STORED);
        assertThat(client().getItem(key(1)).stale()).isFalse();
    }

    @Test
    void s7PlaceholderOfALeaseIsAMiss() {
        if (subject().classic()) {
            return;
        }
        assertThat(server().command("mg " + key(1) + " N30 v")).contains("W");

        assertThat(client().get(key(1))).isNull();
        assertThat(client().getItem(key(1))).isNull();
        assertThat(client().gatItem(key(1), HOUR)).isNull();
    }

    @Test
    void invalidateHeedsItsOptions() {
        if (subject().classic()) {
            return;
        }
        client().set(key(1), VALUE);
        long cas = client().getItem(key(1)).cas();

        assertThat(client().invalidate(key(1), InvalidateOptions.NONE.withCas(cas + 1)))
                .isFalse();
        assertThat(client().getItem(key(1)).stale()).isFalse();
        assertThat(client().invalidate(
                                Key.of(key(1)),
                                InvalidateOptions.NONE.withCas(cas).withTtl(HOUR)))
                .isTrue();
        Item<byte[]> stale = client().getItem(key(1));
        assertThat(stale.stale()).isTrue();
        assertThat(stale.ttl().seconds()).isBetween(3_500L, 3_600L);
        assertThat(client().invalidate(key("absent"))).isFalse();
        assertThat(client().invalidate(Key.of(key("absent")))).isFalse();
        assertThat(client().invalidate(key("absent"), InvalidateOptions.NONE.withNoReply()))
                .isTrue();
    }

    @Test
    void s10DroppedValueIsUnsupportedByOlderServers() {
        InvalidateOptions drop = InvalidateOptions.NONE.withDroppedValue(HOUR);
        client().set(key(1), VALUE, WriteOptions.NONE.withFlags(3));
        if (isMeta(1, 6, 27)) {
            assertThat(client().invalidate(key(1), drop)).isTrue();
            Item<byte[]> item = client().getItem(key(1));
            assertThat(item.value()).isEmpty();
            assertThat(item.stale() && item.won()).isTrue();
            assertThat(item.ttl().seconds()).isBetween(3_500L, 3_600L);
        } else {
            assertThatExceptionOfType(MemcachedException.Unsupported.class)
                    .isThrownBy(() -> client().invalidate(key(1), drop));
            assertThat(client().get(key(1))).isEqualTo(VALUE);
        }
    }

    @Test
    void droppedValueNeedsATimeToLive() {
        assertThatIllegalArgumentException().isThrownBy(() -> new InvalidateOptions(null, 0, true, false));
    }
}
