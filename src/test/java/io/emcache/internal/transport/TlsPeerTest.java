package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import java.util.stream.Collectors;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TlsPeerTest {
    @ParameterizedTest
    @CsvSource({
        "cache.example:11211,, cache.example 11211 [cache.example]",
        "localhost:1,, localhost 1 [localhost]",
        "Cache.Example:1,, Cache.Example 1 [Cache.Example]",
        "cache.example.:1,, cache.example 1 [cache.example]",
        "b\u00fccher.example:1,, xn--bcher-kva.example 1 [xn--bcher-kva.example]",
        "my_cache:1,, my_cache 1 []",
        "10.0.0.1:1,, 10.0.0.1 1 []",
        "[2001:db8::1]:1,, 2001:db8::1 1 []",
        "[fe80::1%eth0]:1,, fe80::1 1 []",
        "10.0.0.1:1, cache.example:2, cache.example 2 [cache.example]",
        "10.0.0.1:1, 10.0.0.2:2, 10.0.0.2 2 []",
        "10.0.0.1:1, [2001:db8::1]:2, 2001:db8::1 2 []",
        "10.0.0.1:1, cache.example, 10.0.0.1 1 []",
        "cache.example:1, first, cache.example 1 [cache.example]",
        "cache.example:1, 2*other.example:2, cache.example 1 [cache.example]",
        "cache.example:1, unix:/tmp/it, cache.example 1 [cache.example]",
    })
    void nameIsThatOfTheIdOrTheAddress(String address, @Nullable String id, String expected) {
        NodeAddress node = NodeAddress.parse(address);
        TlsPeer peer = TlsPeer.of(id == null ? node : node.withId(id));
        String names = peer.serverNames().stream()
                .map(name -> ((SNIHostName) name).getAsciiName())
                .collect(Collectors.joining(" ", "[", "]"));
        assertThat(peer.host() + " " + peer.port() + " " + names).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "cache.example", "10.0.0.1", "::1", "fe80::1%eth0"})
    void theseCanBeVerified(String host) {
        assertThatCode(() -> TlsPeer.of(NodeAddress.tcp(host, 1)).checkCanBeVerified())
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"my_cache", "a..example"})
    void theseCannot(String host) {
        assertThatThrownBy(() -> TlsPeer.of(NodeAddress.tcp(host, 1)).checkCanBeVerified())
                .isInstanceOf(TlsException.class)
                .hasMessageStartingWith("no certificate can name the host " + host + ": ");
    }
}
