package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedClient;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.faults.ClusterLoad.Phase;
import io.emcache.faults.ClusterLoad.Tally;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ServerCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Three nodes, one of them behind a bad network: what its calls suffer, those of the others do not notice. */
@NoLeaks
@Tag("slow")
class ClusterNetworkTest {
    private static final List<Setup> SETUPS =
            List.of(new Setup(Face.PLATFORM, 2, false), new Setup(Face.PLATFORM, 1, true));
    private static final int MANY = 500;

    private static final List<Fault> FAULTS = List.of(
            new Fault(
                    "cut at a byte of the replies",
                    proxy -> proxy.toClient().cutEachAfter(20_011),
                    calls -> calls.failed(NodeUnavailable.class) >= 5),
            new Fault(
                    "cut at a byte of the requests",
                    proxy -> proxy.toServer().cutEachAfter(20_011),
                    calls -> calls.failed(NodeUnavailable.class) >= 5),
            new Fault(
                    "reset at a byte of the replies",
                    proxy -> proxy.toClient().resetEachAfter(20_011),
                    calls -> calls.failed(NodeUnavailable.class) >= 5),
            new Fault("reset", FaultProxy::resetAll, calls -> calls.answered() >= MANY),
            new Fault("half-open", FaultProxy::halfOpen, calls -> calls.failed() >= 1),
            new Fault(
                    "replies are dropped",
                    proxy -> proxy.toClient().dropNext(Long.MAX_VALUE),
                    calls -> calls.failed() >= 20),
            new Fault(
                    "a byte of a reply is dropped",
                    proxy -> proxy.toClient().dropNext(1),
                    calls -> calls.answered() >= MANY),
            new Fault(
                    "slow drip",
                    proxy -> proxy.toClient().drip(400, Duration.ofMillis(1)),
                    calls -> calls.answered() >= 20),
            new Fault("delay", proxy -> proxy.toServer().delay(Duration.ofMillis(50)), calls -> calls.answered() >= 20),
            new Fault("freeze", FaultProxy::freeze, calls -> calls.failed(NodeUnavailable.class) >= 20),
            new Fault("refuse", ClusterNetworkTest::refuse, calls -> calls.failed(NodeUnavailable.class) >= 50));

    private final ServerCluster servers = ServerCluster.start(3, "-m", "64");
    private final List<FaultProxy> proxies = new ArrayList<>();

    /** What the network does to the node, and when it has done enough. */
    private record Fault(String name, Consumer<FaultProxy> begin, Predicate<Tally> enough) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static void refuse(FaultProxy proxy) {
        proxy.refuseConnections();
        proxy.resetAll();
    }

    static Stream<Arguments> faults() {
        Setup first = SETUPS.getFirst();
        return Stream.concat(
                FAULTS.stream().map(fault -> Arguments.of(fault, first)),
                FAULTS.stream().limit(5).map(fault -> Arguments.of(fault, SETUPS.getLast())));
    }

    @AfterEach
    void end() {
        proxies.forEach(FaultProxy::close);
        servers.close();
    }

    private Rig connect(Setup setup) {
        servers.servers().forEach(server -> proxies.add(FaultProxy.start(server.port())));
        String nodes =
                String.join(",", proxies.stream().map(FaultProxy::address).toList());
        return Rig.connect(
                setup,
                "memcached://" + nodes,
                options -> options.timeout(Duration.ofSeconds(10)).connectionTimeout(Duration.ofSeconds(1)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("faults")
    @DisplayName("A5 A19 C4 L1 L2 a bad network before one of three nodes: the others do not notice, and it recovers")
    void oneNodeBehindABadNetwork(Fault fault, Setup setup) {
        try (Rig rig = connect(setup)) {
            FaultProxy victim = proxies.get(1);
            try (ClusterLoad load = new ClusterLoad(rig.client())) {
                load.hurry(victim.address());
                load.awaitFlow();
                Phase phase = load.next();
                fault.begin().accept(victim);
                await().atMost(Rig.GUARD)
                        .untilAsserted(() -> assertThat(fault.enough().test(phase.of(victim.address()))
                                        && phase.of(proxies.get(0).address()).answered() >= MANY
                                        && phase.of(proxies.get(2).address()).answered() >= MANY)
                                .as("enough has happened: " + phase)
                                .isTrue());
                assertThat(phase.of(proxies.get(0).address()).failed())
                        .as("failures of another node: " + phase)
                        .isZero();
                assertThat(phase.of(proxies.get(2).address()).failed())
                        .as("failures of another node: " + phase)
                        .isZero();
                victim.heal();
                load.relax();
                load.awaitFlow();
            }
            rig.assertNothingInside();
            assertThat(rig.client().cluster().unhealthyNodes()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("setups")
    @DisplayName("A11 A12 a network that ends all connections again and again: calls go on, attempts stay few")
    void allNodesBehindABadNetwork(Setup setup) {
        try (Rig rig = connect(setup)) {
            MemcachedClient client = rig.client();
            try (ClusterLoad load = new ClusterLoad(client)) {
                load.awaitFlow();
                for (int round = 0; round < 20; round++) {
                    Phase phase = load.next();
                    proxies.forEach(round % 2 == 0 ? FaultProxy::resetAll : FaultProxy::cutAll);
                    await().atMost(Rig.GUARD).until(() -> phase.allAnswered(50));
                }
                load.awaitFlow();
            }
            rig.assertNothingInside();
            assertThat(proxies)
                    .allSatisfy(proxy -> assertThat(proxy.connections()).isLessThan(20 * 12));
            assertThat(proxies)
                    .allSatisfy(proxy -> assertThat(proxy.openConnections()).isEqualTo(setup.connections()));
        }
    }

    static List<Setup> setups() {
        return SETUPS;
    }
}
