package io.emcache.internal.protocol;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.ItemDebug;
import io.emcache.Key;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminRepliesTest {
    private static final Key KEY = Key.of("a");

    @Test
    void statsKeepTheirOrderAndTheirSpaces() {
        assertThat(AdminReplies.stats("pid 12\nlibevent 2.1.12 stable \ninter \ndomain\nx 1\r2\n"))
                .containsExactly(
                        entry("pid", "12"),
                        entry("libevent", "2.1.12 stable "),
                        entry("inter", ""),
                        entry("domain", ""),
                        entry("x", "1\r2"));
    }

    @Test
    void lastOfEqualNamesWins() {
        assertThat(AdminReplies.stats("a 1\nb 2\na 3\n")).containsExactly(entry("a", "3"), entry("b", "2"));
    }

    @Test
    void noLinesAreNoStats() {
        assertThat(AdminReplies.stats("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " \n", "a 1\n\n", "a 1\n 2\n"})
    void statWithoutNameIsAViolation(String lines) {
        assertThatThrownBy(() -> AdminReplies.stats(lines)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void itemOfAnOlderServerHasItsTimeToLiveBelowZero() {
        assertThat(AdminReplies.itemDebug(KEY, "ME a exp=-100 la=7 cas=2 fetch=no cls=1 size=72"))
                .isEqualTo(new ItemDebug(KEY, Duration.ofSeconds(100), Duration.ofSeconds(7), 2, false, 1, 72));
    }

    @Test
    void itemOfANewerServerHasItAboveZero() {
        assertThat(AdminReplies.itemDebug(KEY, "ME YQ== exp=100 la=0 cas=18446744073709551615 fetch=yes cls=40 size=1"))
                .isEqualTo(new ItemDebug(KEY, Duration.ofSeconds(100), Duration.ZERO, -1, true, 40, 1));
    }

    @Test
    void itemWithoutExpiry() {
        ItemDebug item = AdminReplies.itemDebug(KEY, "ME a exp=-1 la=0 cas=0 fetch=no cls=1 size=61");
        assertThat(item.timeToLive()).isNull();
    }

    @Test
    void keyMayLookLikeAField() {
        assertThat(AdminReplies.itemDebug(KEY, "ME exp=5 exp=-1 la=0 cas=9 fetch=no")
                        .cas())
                .isEqualTo(9);
        assertThat(AdminReplies.itemDebug(KEY, "ME : exp=-1 la=0 cas=9 fetch=no")
                        .cas())
                .isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ME",
                "ME ",
                "ME a",
                "ME  exp=-1 la=0 cas=0 fetch=no",
                "ME a exp=-1",
                "ME a exp=x la=0 cas=0 fetch=no",
                "HD a exp=-1 la=0 cas=0 fetch=no",
                "EN"
            })
    void otherLinesAreNoItem(String line) {
        assertThatThrownBy(() -> AdminReplies.itemDebug(KEY, line)).isInstanceOf(ProtocolException.class);
    }
}
