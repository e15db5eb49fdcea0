package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DnsSourceTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Test
    void eachAddressIsANodeInTheOrderOfIdentities() throws Exception {
        DnsSource source = source(Map.of("a", List.of("10.0.0.3", "10.0.0.1", "10.0.0.2")), "a:7");
        assertThat(source.discover(TIMEOUT))
                .containsExactly(
                        NodeAddress.tcp("10.0.0.1", 7), NodeAddress.tcp("10.0.0.2", 7), NodeAddress.tcp("10.0.0.3", 7));
    }

    @Test
    void onlyTheFamilyOfTheFirstAddressCounts() throws Exception {
        DnsSource four = source(Map.of("a", List.of("10.0.0.1", "fd00::1", "10.0.0.2")), "a");
        assertThat(identities(four)).containsExactly("10.0.0.1:11211", "10.0.0.2:11211");
        DnsSource six = source(Map.of("a", List.of("fd00::2", "10.0.0.1", "fd00::1")), "a");
        assertThat(identities(six)).containsExactly("[fd00:0:0:0:0:0:0:1]:11211", "[fd00:0:0:0:0:0:0:2]:11211");
    }

    @Test
    void severalNamesAreOneList() throws Exception {
        DnsSource source = source(
                Map.of("a", List.of("10.0.0.2", "10.0.0.1"), "b", List.of("10.0.0.2", "10.0.0.3")), "a:1", "b:1");
        assertThat(identities(source)).containsExactly("10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1");
    }

    @Test
    void nameThatIsNotKnownFailsTheWholeList() {
        DnsSource source = source(Map.of("a", List.of("10.0.0.1")), "a", "b");
        assertThatThrownBy(() -> source.discover(TIMEOUT)).isInstanceOf(UnknownHostException.class);
    }

    @Test
    void localhostByTheJdk() throws Exception {
        DnsSource source = new DnsSource(List.of(NodeAddress.parse("localhost:7")), InetAddress::getAllByName);
        assertThat(identities(source)).containsAnyOf("127.0.0.1:7", "[0:0:0:0:0:0:0:1]:7");
    }

    private static List<String> identities(DnsSource source) throws Exception {
        return source.discover(TIMEOUT).stream().map(NodeAddress::identity).toList();
    }

    private static DnsSource source(Map<String, List<String>> known, String... names) {
        return new DnsSource(Stream.of(names).map(NodeAddress::parse).toList(), name -> {
            List<String> addresses = known.get(name);
            if (addresses == null) {
                throw new UnknownHostException(name);
            }
            return addresses.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
        });
    }
}
