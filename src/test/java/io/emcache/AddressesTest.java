package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes by all kinds of addresses, in one cluster. */
@NoLeaks
class AddressesTest {
    private static final String IPV6_LOOPBACK = "::1";

    @TempDir
    private Path directory;

    @Test
    void literalsNamesAndUnixSocketsAreNodesOfOneCluster() {
        Path socket = directory.resolve("s");
        try (MemcachedServer ipv4 = MemcachedServer.start();
                MemcachedServer named = MemcachedServer.start();
                MemcachedServer unix = MemcachedServer.startUnix(socket)) {
            NodeAddress name = NodeAddress.tcp("localhost", named.port());
            List<NodeAddress> nodes = List.of(NodeAddress.parse(ipv4.address()), name, NodeAddress.unix(socket));

            assertThatEachHasItsKeys(nodes);
            assertThat(List.of(ipv4, named, unix))
                    .allSatisfy(server ->
                            assertThat(server.stats().get("curr_items")).isNotEqualTo("0"));
        }
    }

    @Test
    void ipv6LiteralIsANode() {
        int port = freeIpv6Port();
        assumeTrue(port > 0, "this machine has no IPv6 loopback");
        try (MemcachedServer both = MemcachedServer.start("-l", "[" + IPV6_LOOPBACK + "]:" + port);
                MemcachedServer other = MemcachedServer.start()) {
            NodeAddress literal = NodeAddress.parse("[" + IPV6_LOOPBACK + "]:" + port);

            assertThatEachHasItsKeys(List.of(literal, NodeAddress.parse(other.address())));
            assertThat(both.stats().get("curr_items")).isNotEqualTo("0");
        }
    }

    private static void assertThatEachHasItsKeys(List<NodeAddress> nodes) {
        try (MemcachedClient client = MemcachedClient.builder()
                .nodes(nodes)
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10))
                .connect()) {
            List<String> keys =
                    IntStream.range(0, 200).mapToObj(i -> "address" + i).toList();
            List<NodeAddress> used = new ArrayList<>();
            for (String key : keys) {
                used.add(client.cluster().nodeOf(key));
                client.set(key, KeyTaggedValues.make(key, 50, 1));
            }
            Map<String, byte[]> values = client.getAll(keys).orThrow();

            assertThat(used).containsAll(nodes);
            assertThat(values.keySet()).containsExactlyInAnyOrderElementsOf(keys);
            values.forEach(KeyTaggedValues::verify);
            assertThat(client.cluster().healthyNodes()).isEqualTo(nodes);
        }
    }

    private static int freeIpv6Port() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(IPV6_LOOPBACK))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            return -1;
        }
    }
}
