package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MultiResultTest {
    @Test
    void keepsHitsMissesAndFailuresInOrder() {
        MemcachedException failure = new MemcachedException.Overloaded("queue full", "n:1");
        MultiResult<String, String> result = MultiResult.<String, String>builder()
                .hit("z", "1")
                .miss("y")
                .failure("x", failure)
                .hit("a", "2")
                .miss("b")
                .build();

        assertThat(result.hits()).containsExactly(Map.entry("z", "1"), Map.entry("a", "2"));
        assertThat(result.misses()).containsExactly("y", "b");
        assertThat(result.failures()).containsOnlyKeys("x").containsValue(failure);
        assertThat(result.isComplete()).isFalse();
    }

    @Test
    void withoutFailuresOrThrowGivesTheHits() {
        MultiResult<String, String> result =
                MultiResult.<String, String>builder().hit("a", "1").miss("b").build();

        assertThat(result.isComplete()).isTrue();
        assertThat(result.orThrow()).isSameAs(result.hits());
    }

    @Test
    void emptyResultIsComplete() {
        MultiResult<String, String> result =
                MultiResult.<String, String>builder().build();

        assertThat(result.isComplete()).isTrue();
        assertThat(result.orThrow()).isEmpty();
    }

    @Test
    void orThrowThrowsTheFirstFailureAndSuppressesEachOtherOnce() {
        MemcachedException first = new MemcachedException.Overloaded("queue full", "n:1");
        MemcachedException second = new MemcachedException.Overloaded("queue full", "n:2");
        MultiResult<String, String> result = MultiResult.<String, String>builder()
                .failure("a", first)
                .failure("b", first)
                .failure("c", second)
                .failure("d", second)
                .build();

        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowable(result::orThrow)).isSameAs(first);
            assertThat(first.getSuppressed()).containsExactly(second);
        }
    }

    @Test
    void partsCannotBeChanged() {
        MultiResult<String, String> result = MultiResult.<String, String>builder()
                .hit("a", "1")
                .miss("b")
                .failure("c", new MemcachedException.Overloaded("queue full", null))
                .build();

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> result.hits().remove("a"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> result.misses().remove("b"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> result.failures().remove("c"));
    }

    @Test
    void builderRefusesAKeyTwice() {
        MultiResult.Builder<String, String> builder =
                MultiResult.<String, String>builder().hit("secret", "1");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.miss("secret"))
                .withMessageNotContaining("secret");
    }

    @Test
    void builderEndsWithTheResult() {
        MultiResult.Builder<String, String> builder = MultiResult.builder();
        MultiResult<String, String> result = builder.build();

        assertThatIllegalStateException().isThrownBy(() -> builder.miss("a"));
        assertThatIllegalStateException().isThrownBy(builder::build);
        assertThat(result.misses()).isEmpty();
    }

    @Test
    void textHoldsNeitherKeysNorValues() {
        assertThat(MultiResult.<String, String>builder()
                        .hit("key", "value")
                        .miss("other")
                        .build())
                .hasToString("MultiResult[hits=1, misses=1, failures=0]");
    }
}
