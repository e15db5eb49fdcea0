package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.spy.memcached.DefaultHashAlgorithm;
import net.spy.memcached.KetamaNodeLocator;
import net.spy.memcached.MemcachedNode;
import net.spy.memcached.NodeLocator;
import net.spy.memcached.util.DefaultKetamaNodeLocatorConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Locator#KETAMA_SPYMEMCACHED} against spymemcached itself. */
class SpymemcachedAgreementTest {
    private static final int KEYS = 5000;

    // Its asserts, which production runs without, hold neither for weights nor for a point of two nodes.
    static {
        SpymemcachedAgreementTest.class
                .getClassLoader()
                .setClassAssertionStatus("net.spy.memcached.KetamaNodeLocator", false);
    }

    private final SplittableRandom random = new SplittableRandom(11);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "10.0.0.1,10.0.0.2,10.0.0.3",
                "10.0.0.1:11211,10.0.0.1:11212,10.0.0.1:1",
                "[::1],[fe80::1:2]:22122,[2001:db8::]:11211,10.1.2.3",
                "7*10.0.0.1,10.0.0.2,3*10.0.0.3",
                "600*10.0.0.1,300*10.0.0.2,200*10.0.0.3,350*10.0.0.4,1000*10.0.0.5,800*10.0.0.6,950*10.0.0.7,10.0.0.8",
                "65535*10.0.0.1,10.0.0.2"
            })
    void agrees(String nodes) {
        agrees(Routing.parse(nodes));
    }

    /** So many points that some are those of two nodes. */
    @Test
    void agreesOnManyNodes() {
        agrees(IntStream.range(0, 1000)
                .mapToObj(i -> NodeAddress.tcp("10.0." + (i >> 8) + "." + (i & 0xff), 11211))
                .toList());
    }

    /** spymemcached puts the address that it has found behind the name; an id does the same. */
    @Test
    void agreesOnNamesByAnId() throws UnknownHostException {
        List<NodeAddress> nodes = new ArrayList<>();
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            byte[] ip = {10, 0, 0, (byte) i};
            addresses.add(new InetSocketAddress(InetAddress.getByAddress("cache" + i, ip), 11211));
            nodes.add(NodeAddress.tcp("cache" + i, 11211).withId("cache" + i + "/10.0.0." + i + ":11211"));
        }

        agrees(nodes, addresses);
    }

    private void agrees(List<NodeAddress> nodes) {
        agrees(
                nodes,
                nodes.stream()
                        .map(node -> new InetSocketAddress(Objects.requireNonNull(node.host()), node.port()))
                        .toList());
    }

    private void agrees(List<NodeAddress> nodes, List<InetSocketAddress> addresses) {
        NodeLocator reference = spymemcached(nodes, addresses);
        try (Routing routing = Routing.over(nodes, Locator.KETAMA_SPYMEMCACHED)) {
            for (int i = 0; i < KEYS; i++) {
                String key = Long.toString(random.nextLong(), 36).repeat(1 + i % 16);
                assertThat(addresses.get(routing.route(key)))
                        .as("key %s", key)
                        .isEqualTo(reference.getPrimary(key).getSocketAddress());
            }
        }
    }

    private static NodeLocator spymemcached(List<NodeAddress> nodes, List<InetSocketAddress> addresses) {
        List<MemcachedNode> doubles =
                addresses.stream().map(SpymemcachedAgreementTest::node).toList();
        Map<InetSocketAddress, Integer> weights = new HashMap<>();
        if (Weights.differ(nodes)) {
            for (int i = 0; i < nodes.size(); i++) {
                weights.put(addresses.get(i), nodes.get(i).weight());
            }
        }
        return new KetamaNodeLocator(
                doubles, DefaultHashAlgorithm.KETAMA_HASH, weights, new DefaultKetamaNodeLocatorConfiguration());
    }

    /** A node that knows where it is, and nothing else. */
    private static MemcachedNode node(InetSocketAddress address) {
        return (MemcachedNode) Proxy.newProxyInstance(
                MemcachedNode.class.getClassLoader(), new Class<?>[] {MemcachedNode.class}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "getSocketAddress" -> address;
                        case "hashCode" -> address.hashCode();
                        case "equals" -> proxy == args[0];
                        case "toString" -> address.toString();
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }
}
