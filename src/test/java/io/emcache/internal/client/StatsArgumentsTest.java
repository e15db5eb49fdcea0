package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatsArgumentsTest {
    @Test
    void argumentsAreJoinedBySpaces() {
        assertThat(StatsArguments.join()).isEmpty();
        assertThat(StatsArguments.join("items")).isEqualTo("items");
        assertThat(StatsArguments.join("detail", "dump")).isEqualTo("detail dump");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "a b", "items\r\nflush_all", "items\nflush_all", "a\tb", "a\0", "\u007f", "\u00e4"})
    void whatIsNoWordIsRefused(String argument) {
        assertThatThrownBy(() -> StatsArguments.join("detail", argument)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "cachedump", "sizes_enable", "sizes_disable"})
    void whatIsAnsweredStrangelyIsRefused(String command) {
        assertThatThrownBy(() -> StatsArguments.join(command)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void allTogetherAreNoLongerThanAKey() {
        assertThat(StatsArguments.join("a".repeat(124), "b".repeat(125))).hasSize(250);
        assertThatThrownBy(() -> StatsArguments.join("a".repeat(125), "b".repeat(125)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
