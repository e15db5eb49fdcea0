package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeAddressTest {
    @ParameterizedTest
    @CsvSource({
        "cache, cache, 11211, cache:11211",
        "cache:1, cache, 1, cache:1",
        "Cache.Example:65535, Cache.Example, 65535, Cache.Example:65535",
        "10.0.0.1, 10.0.0.1, 11211, 10.0.0.1:11211",
        "my_cache-0.svc.:11300, my_cache-0.svc., 11300, my_cache-0.svc.:11300",
        "[::1], ::1, 11211, [::1]:11211",
        "[::1]:7, ::1, 7, [::1]:7",
        "[FE80::1%eth0]:7, FE80::1%eth0, 7, [FE80::1%eth0]:7",
        "[::ffff:1.2.3.4]:7, ::ffff:1.2.3.4, 7, [::ffff:1.2.3.4]:7",
    })
    void parsesHostAndPort(String text, String host, int port, String identity) {
        NodeAddress address = NodeAddress.parse(text);

        assertThat(address.host()).isEqualTo(host);
        assertThat(address.port()).isEqualTo(port);
        assertThat(address.identity()).isEqualTo(identity);
        assertThat(address.path()).isNull();
        assertThat(address.isUnix()).isFalse();
        assertThat(NodeAddress.parse(address.toString())).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({"unix:/run/mc.sock, /run/mc.sock", "unix:///run/mc.sock, /run/mc.sock", "unix:mc.sock, mc.sock"})
    void parsesUnixPath(String text, String path) {
        NodeAddress address = NodeAddress.parse(text);

        assertThat(address.path()).isEqualTo(Path.of(path));
        assertThat(address.identity()).isEqualTo(path);
        assertThat(address.host()).isNull();
        assertThat(address.port()).isEqualTo(-1);
        assertThat(address.isUnix()).isTrue();
        assertThat(NodeAddress.parse(address.toString())).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({"3*cache, cache, 3", "65535*[::1]:7, [::1]:7, 65535", "1*unix:/run/a, unix:/run/a, 1"})
    void parsesWeight(String text, String place, int weight) {
        NodeAddress address = NodeAddress.parse(text);

        assertThat(address.weight()).isEqualTo(weight);
        assertThat(address).isEqualTo(NodeAddress.parse(place).withWeight(weight));
        assertThat(address.identity()).isEqualTo(NodeAddress.parse(place).identity());
        assertThat(NodeAddress.parse(address.toString())).isEqualTo(address);
    }

    @Test
    void weightIsPartOfTheAddressAndOutlastsAnId() {
        NodeAddress address = NodeAddress.parse("cache");

        assertThat(address.weight()).isOne();
        assertThat(address.withWeight(2)).isNotEqualTo(address);
        assertThat(address.withWeight(2).withId("a").weight()).isEqualTo(2);
        assertThat(address.withWeight(2).withId("a")).hasToString("a=2*cache:11211");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0*cache",
                "65536*cache",
                "*cache",
                "2*",
                "-1*cache",
                "2*3*cache",
                "",
                " ",
                " cache",
                "cache:",
                ":11211",
                "cache:0",
                "cache:65536",
                "cache:100000",
                "cache:-1",
                "cache:+1",
                "cache:x",
                "cache:1:2",
                "::1",
                "[::1",
                "[::1]7",
                "[::1]:",
                "[]",
                "[cache]",
                "[1.2.3.4]",
                "[::1%]:7",
                "[::1%a b]",
                "a/b",
                "a,b",
                "a?b",
                "a\tb",
                "unix:",
                "unix://host/path",
                "unix:/a\0b",
            })
    void refusesWhatIsNoAddress(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> NodeAddress.parse(text));
    }

    @Test
    void bareIpv6IsToldToUseBrackets() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.parse("fe80::1"))
                .withMessageContaining("[::1]:11211");
    }

    @Test
    void credentialsAreRefusedAndNotRepeated() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.parse("user:hunter2@cache:11211"))
                .withMessageNotContaining("hunter2");
    }

    @Test
    void messageHoldsNoControls() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.parse("a\r\nb"))
                .withMessageContaining("'a??b'");
    }

    @Test
    void tcpTakesIpv6WithOrWithoutBrackets() {
        assertThat(NodeAddress.tcp("::1", 7)).isEqualTo(NodeAddress.tcp("[::1]", 7));
    }

    @Test
    void hostIsKeptAsWritten() {
        assertThat(NodeAddress.tcp("Cache", 7)).isNotEqualTo(NodeAddress.tcp("cache", 7));
        assertThat(NodeAddress.tcp("::1", 7)).isNotEqualTo(NodeAddress.tcp("0:0:0:0:0:0:0:1", 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix", "unix:11211"})
    void hostMayBeCalledUnix(String text) {
        NodeAddress address = NodeAddress.parse(text);

        assertThat(address).isEqualTo(NodeAddress.tcp("unix", 11211)).hasToString("unix:11211");
    }

    @Test
    void unixPathIsNoPort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.unix(Path.of("11211")))
                .withMessageContaining("./11211");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromUri("unix:11211"))
                .withMessageContaining("./11211");
        assertThat(NodeAddress.parse("unix:./11211").path()).isEqualTo(Path.of("./11211"));
    }

    @Test
    void unixPathIsLimitedInBytes() {
        assertThat(NodeAddress.unix(Path.of("/" + "p".repeat(105))).isUnix()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.unix(Path.of("/" + "p".repeat(106))))
                .withMessageContaining("106")
                .withMessageContaining("107");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAddress.unix(Path.of("")))
                .withMessageContaining("empty");
    }

    @Test
    void idReplacesTheIdentityAndCountsForEquality() {
        NodeAddress plain = NodeAddress.parse("cache:7");
        NodeAddress named = plain.withId("shard-1");

        assertThat(named.identity()).isEqualTo("shard-1");
        assertThat(named.host()).isEqualTo("cache");
        assertThat(named).isNotEqualTo(plain).hasToString("shard-1=cache:7");
        assertThat(named).isEqualTo(plain.withId("shard-1")).hasSameHashCodeAs(plain.withId("shard-1"));
        assertThat(NodeAddress.parse("unix:/s").withId("u")).hasToString("u=unix:/s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\nb"})
    void blankOrUnprintableIdIsRefused(String id) {
        NodeAddress address = NodeAddress.parse("cache:7");

        assertThatIllegalArgumentException().isThrownBy(() -> address.withId(id));
    }
}
