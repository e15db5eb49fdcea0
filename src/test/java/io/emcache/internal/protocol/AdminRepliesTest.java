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
        assertThat(AdminReplies.stats(
                        "STAT pid 12\nSTAT libevent 2.1.12 stable \nSTAT inter \nSTAT domain\nSTAT x 1\nEND"))
                .containsExactly(
                        entry("pid", "12"),
                        entry("libevent", "2.1.12 stable "),
                        entry("inter", ""),
                        entry("domain", ""),
                        entry("x", "1"));
    }

    @Test
    void linesMayEndByCarriageReturnAndLackAnEnd() {
        assertThat(AdminReplies.stats("STAT a 1\r\nSTAT b 2\r\n")).containsExactly(entry("a", "1"), entry("b", "2"));
        assertThat(AdminReplies.stats("")).isEmpty();
        assertThat(AdminReplies.stats("OK")).isEmpty();
        assertThat(AdminReplies.stats("RESET")).isEmpty();
    }

    @Test
    void prefixLinesAreStats() {
        assertThat(AdminReplies.stats("PREFIX user get 2 hit 1 set 1 del 0\nEND"))
                .containsExactly(entry("user", "get 2 hit 1 set 1 del 0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"STAT", "STAT ", "STAT  a", "STATS a 1", "hello", "VALUE a 0 1", "ENDS"})
    void otherLinesAreNoStats(String line) {
        assertThatThrownBy(() -> AdminReplies.stats("STAT a 1\n" + line)).isInstanceOf(ProtocolException.class);
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
    void itemWithoutExpiryAndMiss() {
        ItemDebug item = AdminReplies.itemDebug(KEY, "ME a exp=-1 la=0 cas=0 fetch=no cls=1 size=61\nEN");
        assertThat(item).isNotNull();
        assertThat(item.timeToLive()).isNull();
        assertThat(AdminReplies.itemDebug(KEY, "EN")).isNull();
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
                "EN x"
            })
    void otherLinesAreNoItem(String line) {
        assertThatThrownBy(() -> AdminReplies.itemDebug(KEY, line)).isInstanceOf(ProtocolException.class);
    }
}
