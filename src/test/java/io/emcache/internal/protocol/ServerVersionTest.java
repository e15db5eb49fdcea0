package io.emcache.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerVersionTest {
    @ParameterizedTest
    @CsvSource({
        "1.6.10, META",
        "1.6.18, META",
        "1.6.18_3, META",
        "1.6.38-rc1, META",
        "1.7.0, META",
        "2.0.0, META",
        "1.10.0, META",
        "1.6.9, CLASSIC",
        "1.6.9_18, CLASSIC",
        "1.5.22, CLASSIC",
        "1.4.0-rc, CLASSIC",
        "0.9.99, CLASSIC",
        "'1.5.0 DF', CLASSIC",
    })
    void dialectFollowsTheVersion(String text, Dialect dialect) {
        assertThat(ServerVersion.parse(text).dialect()).isEqualTo(dialect);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "1",
                "1.",
                "1.6",
                "1.6.",
                "1.6.x",
                ".1.6.18",
                "v1.6.18",
                "-1.6.18",
                "1.6.9999999999",
                "1,6,18"
            })
    void textWithoutThreeNumbersIsClassic(String text) {
        ServerVersion version = ServerVersion.parse(text);
        assertThat(version).isEqualTo(new ServerVersion(0, 0, 0, text));
        assertThat(version.dialect()).isEqualTo(Dialect.CLASSIC);
    }

    @Test
    void dialectsHaveTheirEncoders() {
        assertThat(Dialect.META.encoder()).isSameAs(MetaEncoder.INSTANCE);
        assertThat(Dialect.CLASSIC.encoder()).isSameAs(ClassicEncoder.INSTANCE);
    }
}
