package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientEvent.NodeHealthy;
import io.emcache.ClientEvent.NodeUnhealthy;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.MemcachedException.Overloaded;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MemcachedException.Timeout;
import io.emcache.NodeAddress;
import io.emcache.StoreResult;
import io.emcache.faults.ClusterLoad.Phase;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ServerCluster;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real servers of a cluster that die or freeze under load, one of them or all. */
@NoLeaks
@Tag("slow")
class ClusterOutageTest {
    private static final List<Setup> SETUPS =
            List.of(new Setup(Face.PLATFORM, 2, false), new Setup(Face.PLATFORM, 1, true));
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration OUTAGE = Duration.ofSeconds(2);
    private static final int MANY = 500;

    private final ServerCluster servers = ServerCluster.start(3, "-m", "64");
    private final List<ClientEvent> heard = new CopyOnWriteArrayList<>();

    static List<Setup> setups() {
        return SETUPS;
    }

    @AfterEach
    void endServers() {
        servers.close();
    }

    private Rig connect(Setup setup, UnaryOperator<io.emcache.ClientOptions.Builder> more) {
        return Rig.connect(
                setup,
                servers.uri(),
                options -> more.apply(options.timeout(PATIENCE).connectionTimeout(Duration.ofSeconds(1))));
    }

    private static boolean isUnhealthy(MemcachedClient client, MemcachedServer server) {
        return client.cluster().unhealthyNodes().contains(NodeAddress.parse(server.address()));
    }

    /** The others have answered all calls while the calls to the victim failed in ways that it may cause. */
    private void assertOnlyVictimFails(Phase phase, MemcachedServer victim) {
        await().atMost(Rig.GUARD)
                .untilAsserted(() -> assertThat(phase.allAnswered(0)
                                && servers.servers().stream()
                                        .filter(server -> server != victim)
                                        .allMatch(server ->
                                                phase.of(server.address()).answered() >= MANY))
                        .as("the others answer: " + phase)
                        .isTrue());
        assertThat(phase.of(victim.address()).failed(ProtocolViolation.class)).isZero();
        for (MemcachedServer server : servers.servers()) {
            if (server != victim) {
                assertThat(phase.of(server.address()).failed())
                        .as("failures of another node: " + phase)
                        .isZero();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("setups")
    @DisplayName("A5 L2 L4 one of three servers is killed under load: only its calls fail, at once, until it is back")
    void killedServer(Setup setup) {
        MemcachedServer victim = servers.server(1);
        try (Rig rig = connect(setup, more -> more)) {
            try (ClusterLoad load = new ClusterLoad(rig.client())) {
                for (int round = 0; round < 2; round++) {
                    load.awaitFlow();
                    Phase phase = load.next();
                    victim.kill();
                    await().atMost(Rig.GUARD)
                            .until(() -> phase.of(victim.address()).failed(NodeUnavailable.class) >= 50);
                    assertOnlyVictimFails(phase, victim);
                    // A call that did not fail at once would have ten seconds.
                    assertThat(phase.of(victim.address()).failed(Timeout.class)).isZero();
                    assertThat(isUnhealthy(rig.client(), victim)).isTrue();
                    victim.restart();
                    load.awaitFlow();
                    assertThat(rig.client().cluster().unhealthyNodes()).isEmpty();
                }
            }
            rig.assertNothingInside();
        }
    }

    @ParameterizedTest
    @MethodSource("setups")
    @DisplayName("A2 A5 L1 one of three servers freezes under load: only its calls fail, until it goes on")
    void frozenServer(Setup setup) {
        MemcachedServer victim = servers.server(2);
        try (Rig rig = connect(setup, more -> more)) {
            try (ClusterLoad load = new ClusterLoad(rig.client())) {
                load.hurry(victim.address());
                load.awaitFlow();
                Phase phase = load.next();
                victim.suspend();
                await().atMost(Rig.GUARD)
                        .until(() -> phase.of(victim.address()).failed(NodeUnavailable.class) >= 50
                                && phase.of(victim.address()).failed(Timeout.class) >= 1);
                assertOnlyVictimFails(phase, victim);
                assertThat(isUnhealthy(rig.client(), victim)).isTrue();
                assertThat(rig.counters().stalls.sum()).isPositive();
                victim.resume();
                load.relax();
                load.awaitFlow();
                assertThat(rig.client().cluster().unhealthyNodes()).isEmpty();
            }
            rig.assertNothingInside();
        }
    }

    @ParameterizedTest
    @MethodSource("setups")
    @DisplayName("A8 A11 all servers are gone under load: calls fail at once, nothing grows, attempts are few")
    void allServersGone(Setup setup) throws InterruptedException {
        try (Rig rig = connect(setup, options -> options.timeout(Duration.ofHours(1)))) {
            try (ClusterLoad load = new ClusterLoad(rig.client())) {
                load.awaitFlow();
                Phase outage = load.next();
                servers.killAll();
                // With an hour to wait, a call that does not fail at once does not end.
                await().atMost(Rig.GUARD)
                        .until(() -> servers.servers().stream()
                                .allMatch(server -> outage.of(server.address()).failed(NodeUnavailable.class) >= MANY));
                assertThat(rig.client().cluster().healthyNodes()).isEmpty();
                long attempts = rig.counters().connectFailures.sum();
                long heapBytes = usedHeapBytes();
                long offHeapBytes = usedOffHeapBytes();
                long startNs = System.nanoTime();
                Thread.sleep(OUTAGE.toMillis());
                Phase later = load.next();
                await().atMost(Rig.GUARD)
                        .until(() -> servers.servers().stream()
                                .allMatch(server -> later.of(server.address()).failed(NodeUnavailable.class) >= MANY));
                double seconds = (System.nanoTime() - startNs) / 1e9;
                assertThat(usedOffHeapBytes()).as("off-heap bytes").isLessThanOrEqualTo(offHeapBytes + (1 << 20));
                assertThat(usedHeapBytes()).as("heap bytes").isLessThan(heapBytes + (32 << 20));
                // One attempt of one connection for each node, on average twice a second.
                assertThat(rig.counters().connectFailures.sum() - attempts)
                        .as("attempts in " + seconds + " s")
                        .isLessThan((long) (servers.size() * (10 + 8 * seconds)));
                for (MemcachedServer server : servers.servers()) {
                    assertThat(later.of(server.address()).failed(Timeout.class)).isZero();
                    assertThat(later.of(server.address()).failed(Overloaded.class))
                            .isZero();
                }
                servers.heal();
                load.awaitFlow();
            }
            rig.assertNothingInside();
        }
    }

    private static long usedHeapBytes() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    private static long usedOffHeapBytes() {
        return Arrays.stream(MemoryTag.values()).mapToLong(MemoryTag::usedBytes).sum();
    }

    @Test
    @DisplayName(
            "L3 A14 servers that close idle connections: they are replaced, no call fails, no node counts as unhealthy")
    void idleConnectionsAreReplacedSilently() {
        servers.close();
        try (ServerCluster strict = ServerCluster.start(3, "-o", "idle_timeout=1");
                Rig rig = Rig.connect(SETUPS.getFirst(), strict.uri(), options -> options.timeout(PATIENCE))) {
            rig.client().events().listen(heard::add);
            List<String> keys = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l");
            for (int round = 1; round <= 2; round++) {
                long kicks = round;
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> strict.servers().stream()
                                .allMatch(
                                        server -> Long.parseLong(server.stats().get("idle_kicks")) >= kicks));
                for (String key : keys) {
                    byte[] value = KeyTaggedValues.make(key, 300, round);
                    assertThat(rig.set(key, value).value()).isEqualTo(StoreResult.STORED);
                    assertThat(rig.get(key).value()).isEqualTo(value);
                }
                assertThat(rig.getAll(keys).value().hits()).hasSameSizeAs(keys);
            }
            assertThat(heard).noneMatch(NodeUnhealthy.class::isInstance);
            rig.assertNothingInside();
        }
    }

    @Test
    @DisplayName("A17 without purgeUnhealthyNodes the keys of a node that is away stay where they are")
    void keysOfAnUnhealthyNodeStay() {
        try (Rig rig = connect(SETUPS.getFirst(), more -> more)) {
            MemcachedServer victim = servers.server(0);
            String key = keyOf(rig.client(), victim);
            victim.kill();
            await().atMost(Rig.GUARD).until(() -> isUnhealthy(rig.client(), victim));
            assertThat(rig.get(key).failure(NodeUnavailable.class).node()).isEqualTo(victim.address());
            assertThat(rig.client().cluster().nodeOf(key).identity()).isEqualTo(victim.address());
            assertThat(rig.client().cluster().nodes()).hasSize(3);
        }
    }

    @Test
    @DisplayName("A17 with purgeUnhealthyNodes the keys of a node that is away go to the others until it is back")
    void keysOfAnUnhealthyNodeMove() {
        try (Rig rig = connect(SETUPS.getFirst(), options -> options.purgeUnhealthyNodes(true))) {
            MemcachedClient client = rig.client();
            client.events().listen(heard::add);
            MemcachedServer victim = servers.server(0);
            String moving = keyOf(client, victim);
            String staying = keyOf(client, servers.server(1));
            byte[] value = KeyTaggedValues.make(moving, 300, 1);
            for (int round = 0; round < 2; round++) {
                client.set(staying, value);
                victim.kill();
                await().atMost(Rig.GUARD).until(() -> isUnhealthy(client, victim));
                await().atMost(Rig.GUARD)
                        .until(() -> !client.cluster().nodeOf(moving).identity().equals(victim.address()));
                assertThat(rig.set(moving, value).value()).isEqualTo(StoreResult.STORED);
                assertThat(rig.get(moving).value()).isEqualTo(value);
                assertThat(rig.get(staying).value()).isEqualTo(value);
                assertThat(client.cluster().nodeOf(staying).identity())
                        .isEqualTo(servers.server(1).address());
                assertThat(client.cluster().nodes()).hasSize(3);
                victim.restart();
                await().atMost(Rig.GUARD)
                        .until(() -> client.cluster().nodeOf(moving).identity().equals(victim.address()));
                assertThat(rig.get(moving).value()).isNull();
                assertThat(rig.get(staying).value()).isEqualTo(value);
            }
            await().atMost(Rig.GUARD)
                    .until(() -> heard.stream()
                                    .filter(event -> event.equals(new NodeHealthy(victim.address())))
                                    .count()
                            >= 2);
        }
    }

    @Test
    @DisplayName("A17 with purgeUnhealthyNodes and no node left calls fail at once")
    void noNodeIsLeft() {
        try (Rig rig = connect(
                SETUPS.getFirst(), options -> options.purgeUnhealthyNodes(true).timeout(Duration.ofHours(1)))) {
            try (ClusterLoad load = new ClusterLoad(rig.client())) {
                load.awaitFlow();
            }
            servers.killAll();
            await().atMost(Rig.GUARD)
                    .until(() -> rig.client().cluster().healthyNodes().isEmpty());
            for (int i = 0; i < 50; i++) {
                rig.get("key:" + i).failure(NodeUnavailable.class);
                assertThat(rig.set("key:" + i, new byte[1])
                                .failure(NodeUnavailable.class)
                                .outcomeUnknown())
                        .isFalse();
            }
            servers.heal();
            await().atMost(Rig.GUARD)
                    .until(() -> rig.client().cluster().unhealthyNodes().isEmpty());
            rig.assertWorksAgain();
        }
    }

    private static String keyOf(MemcachedClient client, MemcachedServer server) {
        for (int i = 0; ; i++) {
            String key = "key:" + i;
            if (client.cluster().nodeOf(key).identity().equals(server.address())) {
                return key;
            }
        }
    }

    @Test
    @DisplayName("L2 the events of a node that dies and comes back are told in their order")
    void eventsOfAnOutage() throws InterruptedException {
        MemcachedServer victim = servers.server(1);
        try (Rig rig = connect(new Setup(Face.PLATFORM, 1, false), more -> more)) {
            rig.client().events().listen(heard::add);
            for (int round = 1; round <= 3; round++) {
                int outages = round;
                victim.kill();
                await().atMost(Rig.GUARD).until(() -> healthTold(victim).size() == 2 * outages - 1);
                victim.restart();
                await().atMost(Rig.GUARD).until(() -> healthTold(victim).size() == 2 * outages);
            }
            TimeUnit.MILLISECONDS.sleep(100);
            assertThat(healthTold(victim))
                    .containsExactly(
                            NodeUnhealthy.class,
                            NodeHealthy.class,
                            NodeUnhealthy.class,
                            NodeHealthy.class,
                            NodeUnhealthy.class,
                            NodeHealthy.class);
            assertThat(heard)
                    .noneMatch(event -> event instanceof NodeUnhealthy(String node, Throwable cause)
                            && !node.equals(victim.address()));
            assertThat(rig.client().events().dropped()).isZero();
        }
    }

    /** What was told of the health of a server, without what the listener heard of the beginning. */
    private List<Class<?>> healthTold(MemcachedServer server) {
        return heard.stream()
                .filter(event -> switch (event) {
                    case NodeUnhealthy(String node, Throwable cause) -> node.equals(server.address());
                    case NodeHealthy(String node) -> node.equals(server.address());
                    default -> false;
                })
                .<Class<?>>map(Object::getClass)
                .dropWhile(NodeHealthy.class::equals)
                .toList();
    }
}
