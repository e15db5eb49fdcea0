package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import io.emcache.testkit.FakeDns;
import io.emcache.testkit.FakeDns.Srv;
import io.emcache.testkit.NoLeaks;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.naming.NamingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
@Timeout(60)
class SrvSourceTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String SERVICE = "_memcached._tcp.cache.example";

    private final FakeDns dns = FakeDns.start();

    @AfterEach
    void close() {
        dns.close();
    }

    @Test
    void eachRecordIsANodeInTheOrderOfIdentities() throws Exception {
        dns.tell(
                SERVICE,
                new Srv(0, 33, 11212, "pod-1.cache.example"),
                new Srv(0, 34, 11211, "pod-0.cache.example"),
                new Srv(0, 33, 11211, "pod-2.cache.example"));
        assertThat(discover("cache.example"))
                .containsExactly(
                        NodeAddress.tcp("pod-0.cache.example", 11211),
                        NodeAddress.tcp("pod-1.cache.example", 11212),
                        NodeAddress.tcp("pod-2.cache.example", 11211));
        assertThat(dns.questions()).containsExactly(SERVICE);
    }

    @Test
    void wholeServiceNameIsTakenAsItIs() throws Exception {
        dns.tell("_mc._tcp.example", new Srv(0, 0, 1, "a.example"));
        assertThat(discover("_mc._tcp.example")).containsExactly(NodeAddress.tcp("a.example", 1));
    }

    @Test
    void onlyTheLowestPriorityCounts() throws Exception {
        dns.tell(
                SERVICE,
                new Srv(20, 1, 1, "spare.example"),
                new Srv(10, 0, 1, "b.example"),
                new Srv(10, 65535, 1, "a.example"),
                new Srv(11, 1, 1, "c.example"));
        assertThat(discover("cache.example"))
                .containsExactly(NodeAddress.tcp("a.example", 1), NodeAddress.tcp("b.example", 1));
    }

    @Test
    void severalNamesAreOneList() throws Exception {
        dns.tell(SERVICE, new Srv(9, 0, 1, "b.example"));
        dns.tell("_memcached._tcp.other.example", new Srv(0, 0, 1, "a.example"), new Srv(0, 0, 1, "b.example"));
        assertThat(discover("cache.example", "other.example"))
                .containsExactly(NodeAddress.tcp("a.example", 1), NodeAddress.tcp("b.example", 1));
    }

    @Test
    void noRecordAndTheRootAsTargetAreNoNode() throws Exception {
        dns.tell(SERVICE);
        assertThat(discover("cache.example")).isEmpty();
        dns.tell(SERVICE, new Srv(0, 0, 0, ""));
        assertThat(discover("cache.example")).isEmpty();
    }

    @Test
    void nameThatDoesNotExistFailsTheWholeList() {
        dns.tell(SERVICE, new Srv(0, 0, 1, "a.example"));
        assertThatThrownBy(() -> discover("cache.example", "other.example")).isInstanceOf(NamingException.class);
    }

    @Test
    void recordThatNamesNoNodeFailsTheWholeList() {
        dns.tell(SERVICE, new Srv(0, 0, 1, "a.example"), new Srv(0, 0, 0, "b.example"));
        assertThatThrownBy(() -> discover("cache.example")).isInstanceOf(IllegalArgumentException.class);
        dns.tell(SERVICE, new Srv(0, 0, 1, "a.example"), new Srv(0, 0, 1, "b c.example"));
        assertThatThrownBy(() -> discover("cache.example")).isInstanceOf(NamingException.class);
    }

    @Test
    void silenceIsAFailureWithinTheTimeout() {
        dns.tell(SERVICE, new Srv(0, 0, 1, "a.example")).silent(true);
        SrvSource source = new SrvSource(List.of(NodeAddress.parse("cache.example")), dns.url());
        assertThatThrownBy(() -> source.discover(Duration.ofMillis(300))).isInstanceOf(NamingException.class);
        assertThat(dns.questions()).isNotEmpty();
    }

    @Test
    void addressHasNoRecords() {
        assertThatThrownBy(() -> discover("[::1]:1")).isInstanceOf(IllegalArgumentException.class);
    }

    private List<NodeAddress> discover(String... names) throws NamingException {
        List<NodeAddress> addresses = Stream.of(names).map(NodeAddress::parse).toList();
        return new SrvSource(addresses, dns.url()).discover(TIMEOUT);
    }
}
