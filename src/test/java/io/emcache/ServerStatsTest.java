package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerStatsTest {
    private final Map<String, String> texts = new LinkedHashMap<>();

    ServerStatsTest() {
        texts.put("version", "1.6.18");
        texts.put("curr_items", "5");
        texts.put("limit", "18446744073709551615");
        texts.put("beyond", "18446744073709551616");
        texts.put("age", "-1");
        texts.put("rusage_user", "12.345678");
        texts.put("empty", "");
    }

    @Test
    void textsKeepTheOrderOfTheServer() {
        ServerStats stats = new ServerStats(texts);
        assertThat(stats.asMap().keySet()).containsExactlyElementsOf(texts.keySet());
        assertThat(stats.text("version")).isEqualTo("1.6.18");
        assertThat(stats.text("none")).isNull();
    }

    @Test
    void wholeNumbersHave64BitsWithoutSign() {
        ServerStats stats = new ServerStats(texts);
        assertThat(stats.longValue("curr_items")).hasValue(5);
        assertThat(Long.toUnsignedString(stats.longValue("limit").orElseThrow()))
                .isEqualTo("18446744073709551615");
        assertThat(stats.longValue("age")).hasValue(-1);
        assertThat(stats.longValue("beyond")).isEmpty();
        assertThat(stats.longValue("rusage_user")).isEmpty();
        assertThat(stats.longValue("version")).isEmpty();
        assertThat(stats.longValue("empty")).isEmpty();
        assertThat(stats.longValue("none")).isEmpty();
    }

    @Test
    void numbersMayHaveAFraction() {
        ServerStats stats = new ServerStats(texts);
        assertThat(stats.doubleValue("rusage_user")).hasValue(12.345678);
        assertThat(stats.doubleValue("curr_items")).hasValue(5);
        assertThat(stats.doubleValue("version")).isEmpty();
        assertThat(stats.doubleValue("none")).isEmpty();
    }

    @Test
    void isACopyThatCannotBeChanged() {
        ServerStats stats = new ServerStats(texts);
        texts.clear();
        assertThat(stats.asMap()).hasSize(7);
        assertThatThrownBy(() -> stats.asMap().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThat(stats).isEqualTo(new ServerStats(stats.asMap())).hasSameHashCodeAs(new ServerStats(stats.asMap()));
        assertThat(stats).hasToString("ServerStats" + stats.asMap());
    }
}
