package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyTaggedValuesTest {
    private static final byte[] VALUE = KeyTaggedValues.make("user:1", 200, 9);

    private static void requireFailure(String key, byte[] value, String... messages) {
        var thrown =
                assertThatThrownBy(() -> KeyTaggedValues.verify(key, value)).isInstanceOf(AssertionError.class);
        for (String message : messages) {
            thrown.hasMessageContaining(message);
        }
    }

    @Test
    void valuesOfAllSizesVerify() {
        for (String key : new String[] {"a", "schlüssel", "k".repeat(250)}) {
            for (int more = 0; more < 100; more++) {
                KeyTaggedValues.verify(key, KeyTaggedValues.make(key, KeyTaggedValues.minBytes(key) + more, more));
            }
        }
    }

    @Test
    void valueOfAnotherKeyIsFound() {
        requireFailure("user:2", VALUE, "another key", "asked=user:2", "got=user:1");
        requireFailure("user:", VALUE, "another key");
    }

    @Test
    void everyCutIsFound() {
        for (int length = 0; length < VALUE.length; length++) {
            requireFailure("user:1", Arrays.copyOf(VALUE, length));
        }
        requireFailure("user:1", Arrays.copyOf(VALUE, 201), "wrong length", "got=201", "expected=200");
    }

    @Test
    void everyAlteredByteIsFound() {
        for (int offset = 0; offset < VALUE.length; offset++) {
            byte[] altered = VALUE.clone();
            altered[offset] ^= 1;
            requireFailure("user:1", altered);
        }
    }

    @Test
    void foreignValueIsFound() {
        requireFailure("user:1", "a value without any tag".getBytes(StandardCharsets.UTF_8), "no tag");
    }

    @Test
    void sameSeedMakesTheSameValues() {
        KeyTaggedValues one = new KeyTaggedValues(3, 10_000);
        KeyTaggedValues other = new KeyTaggedValues(3, 10_000);
        for (int i = 0; i < 100; i++) {
            assertThat(one.next("k" + i)).isEqualTo(other.next("k" + i));
        }
    }

    @Test
    void sizesSpreadOverMagnitudesAndBorders() {
        KeyTaggedValues values = new KeyTaggedValues(1, 20_000);
        Set<Integer> magnitudes = new HashSet<>();
        int nearBorder = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] value = values.next("k");
            KeyTaggedValues.verify("k", value);
            assertThat(value).hasSizeBetween(KeyTaggedValues.minBytes("k"), 20_000);
            magnitudes.add(Integer.highestOneBit(value.length));
            nearBorder += Math.abs(value.length - 16 * 1024) <= 3 ? 1 : 0;
        }
        assertThat(magnitudes).contains(16, 64, 256, 1024, 4096, 16 * 1024);
        assertThat(nearBorder).isPositive();
    }
}
