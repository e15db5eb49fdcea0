package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.KeyTaggedValues;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Values and keys that are allowed: what is stored comes back. */
class SingleKeyBehaviourTest extends BehaviourSuite {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    @Test
    void missIsNull() {
        assertThat(client().get(key("absent"))).isNull();
        assertThat(client().get(Key.of(key("absent")))).isNull();
    }

    @Test
    void hitIsTheValueStored() {
        assertThat(client().set(key(1), VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void emptyValueIsAHit() {
        assertThat(client().set(key(1), new byte[0])).isEqualTo(StoreResult.STORED);
        assertThat(client().get(key(1))).isNotNull().isEmpty();
        assertThat(client().get(key(2))).isNull();
        assertThat(client().get(key(1))).isNotNull().isEmpty();
    }

    @Test
    void valuesThatLookLikeTheProtocolComeBack() {
        String[] values = {
            "\r\n",
            "\r",
            "\n",
            "\r\n\r\n",
            "END\r\n",
            "\r\nEND\r\n",
            "VALUE k 0 3\r\nabc\r\nEND\r\n",
            "\r\nVALUE k 0 3\r\nabc\r\nEND\r\n",
            "VA 3 kx O1\r\nabc\r\n",
            "\r\nEN\r\nHD\r\nMN\r\n",
            "ERROR\r\n",
            "\r\nSERVER_ERROR out of memory\r\n",
            "get k\r\nset k 0 0 1\r\nx\r\n",
            "\u0000",
            " leading and trailing  ",
            "VERSION 1.6.18\r\n"
        };
        for (String text : values) {
            byte[] value = text.getBytes(UTF_8);
            assertThat(client().set(key(1), value)).isEqualTo(StoreResult.STORED);
            assertThat(client().get(key(1))).as(text).isEqualTo(value);
        }
    }

    @Test
    void everyByteComesBack() {
        byte[] value = new byte[512];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (i * 31 + (i >> 8));
        }
        for (int i = 0; i < 256; i++) {
            assertThat(client().set(key(1), new byte[] {(byte) i})).isEqualTo(StoreResult.STORED);
            assertThat(client().get(key(1))).containsExactly(i);
        }
        client().set(key(2), value);
        assertThat(client().get(key(2))).isEqualTo(value);
    }

    @Test
    void smallSizesComeBack() {
        for (int size = 0; size <= 130; size++) {
            byte[] value = new byte[size];
            Arrays.fill(value, (byte) ('a' + size % 26));
            client().set(key(size % 7), value);
            assertThat(client().get(key(size % 7))).isEqualTo(value);
        }
    }

    @Test
    void sizesAtBordersComeBack() {
        int[] borders = {256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 - 64, 65536, 100 << 10};
        for (int border : borders) {
            for (int size = border - 3; size <= border + 3; size++) {
                String key = key(size);
                assertThat(client().set(key, KeyTaggedValues.make(key, size, size)))
                        .isEqualTo(StoreResult.STORED);
                byte[] value = client().get(key);
                assertThat(value).as("%d bytes", size).hasSize(size);
                KeyTaggedValues.verify(key, value);
            }
        }
    }

    @Test
    void commandsThatFillTheRingToItsLargestMessageComeBack() {
        for (int size = (32 << 10) - 120; size <= 32 << 10; size++) {
            byte[] value = KeyTaggedValues.make(key(1), size, size);
            client().set(key(1), value);
            assertThat(client().get(key(1))).isEqualTo(value);
        }
    }

    @Test
    void smallestRingTakesValuesOfAllSizes() {
        try (MemcachedClient small =
                options().maxQueuedPerNode(8).ringBytes(4 << 10).connect()) {
            MemcachedClient face = subject().face(small);
            for (int size = 0; size < 1_300; size += 13) {
                byte[] value = new byte[size];
                Arrays.fill(value, (byte) size);
                face.set(key(1), value);
                assertThat(face.get(key(1))).isEqualTo(value);
            }
        }
    }

    @Test
    void largestValueOfTheDefaultsIsStored() {
        String key = "k".repeat(250);
        int limit = options().options().itemSizeLimit();
        byte[] value = KeyTaggedValues.make(key, limit, 1);

        assertThat(client().set(key, value)).isEqualTo(StoreResult.STORED);
        assertThat(client().get(key)).isEqualTo(value);
    }

    @Test
    void setOverwritesLongerAndShorterValues() {
        for (int size : new int[] {10, 5000, 3, 0, 70_000, 1}) {
            byte[] value = new byte[size];
            Arrays.fill(value, (byte) size);
            assertThat(client().set(key(1), value)).isEqualTo(StoreResult.STORED);
            assertThat(client().get(key(1))).isEqualTo(value);
        }
    }

    @Test
    void returnedArrayBelongsToTheCaller() {
        client().set(key(1), VALUE);
        byte[] first = client().get(key(1));
        Arrays.fill(first, (byte) 'x');

        assertThat(client().get(key(1))).isEqualTo(VALUE);
    }

    @Test
    void deleteTellsWhetherThereWasAnItem() {
        client().set(key(1), VALUE);
        assertThat(client().delete(key(1))).isTrue();
        assertThat(client().delete(key(1))).isFalse();
        assertThat(client().get(key(1))).isNull();

        Key byKey = Key.of(key(2));
        client().set(byKey, VALUE);
        assertThat(client().delete(byKey)).isTrue();
        assertThat(client().delete(byKey)).isFalse();
    }

    @Test
    void textAndKeyOfTheSameBytesNameOneItem() {
        client().set(key("é"), VALUE);
        assertThat(client().get(Key.of(key("é")))).isEqualTo(VALUE);
        assertThat(client().get(Key.of(key("é").getBytes(UTF_8)))).isEqualTo(VALUE);

        assertThat(client().delete(Key.of(key("é")))).isTrue();
        assertThat(client().get(key("é"))).isNull();
    }

    @Test
    void timeToLiveThatIsOverLeavesNothing() {
        Instant past = Instant.now().minusSeconds(3600);
        for (Ttl gone : new Ttl[] {Ttl.EXPIRE_NOW, Ttl.at(past), Ttl.at(Instant.EPOCH)}) {
            client().set(key(1), VALUE);
            assertThat(client().set(key(1), VALUE, gone)).isEqualTo(StoreResult.STORED);
            assertThat(client().get(key(1))).as(gone.toString()).isNull();

            client().set(Key.of(key(1)), VALUE);
            assertThat(client().set(Key.of(key(1)), VALUE, gone)).isEqualTo(StoreResult.STORED);
            assertThat(client().get(Key.of(key(1)))).as(gone.toString()).isNull();
        }
    }

    @Test
    void timeToLiveThatIsNotOverKeepsTheItem() {
        Instant now = Instant.now();
        Ttl[] alive = {
            Ttl.NONE,
            Ttl.of(Duration.ofHours(1)),
            Ttl.of(Duration.ofDays(30)),
            Ttl.of(Duration.ofDays(30).plusSeconds(1)),
            Ttl.of(Duration.ofDays(400)),
            Ttl.of(Duration.ofDays(365_000)),
            Ttl.at(now.plusSeconds(3600)),
            Ttl.at(now.plus(Duration.ofDays(31))),
            Ttl.at(now.plus(Duration.ofDays(36_500)))
        };
        for (Ttl ttl : alive) {
            assertThat(client().set(key(1), VALUE, ttl)).isEqualTo(StoreResult.STORED);
            assertThat(client().get(key(1))).as(ttl.toString()).isEqualTo(VALUE);
            client().delete(key(1));
        }
    }

    @Test
    void longestKeyIsTaken() {
        for (int length : new int[] {1, 2, 249, 250}) {
            String key = "l".repeat(length);
            assertThat(client().set(key, VALUE)).isEqualTo(StoreResult.STORED);
            assertThat(client().get(key)).isEqualTo(VALUE);
            assertThat(client().delete(Key.of(key))).isTrue();
        }
    }

    @Test
    void unicodeKeysAreTheirUtf8Bytes() {
        String[] keys = {
            "é".repeat(125), "€".repeat(83), "😀".repeat(62), "ключ", "鍵", "a\u0301", "á", "\u0085", "\uFEFFk"
        };
        for (String key : keys) {
            byte[] value = KeyTaggedValues.make(key, KeyTaggedValues.minBytes(key), 1);
            assertThat(client().set(key, value)).isEqualTo(StoreResult.STORED);
        }
        for (String key : keys) {
            KeyTaggedValues.verify(key, client().get(key));
            assertThat(client().get(Key.of(key.getBytes(UTF_8)))).isNotNull();
        }
    }

    @Test
    void keyOfBytesNeedNotBeText() {
        Key key = Key.of(new byte[] {(byte) 0x80, (byte) 0xff, (byte) 0xc0, 'k'});
        client().set(key, VALUE);

        assertThat(client().get(key)).isEqualTo(VALUE);
        assertThat(client().get(Key.of(new byte[] {(byte) 0x80, (byte) 0xff, (byte) 0xc0, 'l'})))
                .isNull();
        assertThat(client().delete(key)).isTrue();
    }

    @Test
    void callsTakeTurnsWithoutMixingTheirReplies() {
        KeyTaggedValues values = new KeyTaggedValues(7, 20_000);
        for (int round = 0; round < 200; round++) {
            String key = key(round % 11);
            switch (round % 4) {
                case 0, 1 -> client().set(key, values.next(key));
                case 2 -> client().delete(key(round % 5));
                default -> assertThat(client().get(key("absent"))).isNull();
            }
            byte[] value = client().get(key);
            if (value != null) {
                KeyTaggedValues.verify(key, value);
            }
        }
    }
}
