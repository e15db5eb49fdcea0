package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientEvent.NodeAdded;
import io.emcache.ClientEvent.NodeRemoved;
import io.emcache.ClientEvent.NodeUnhealthy;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.NodeAddress;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ServerCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes that join and leave under load: no call notices but by a miss. */
@NoLeaks
@Tag("slow")
class ClusterChangesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int CALLERS = 4;
    private static final int ROUNDS = 4;

    private final ServerCluster servers = ServerCluster.start(4, "-m", "64");
    private final List<ClientEvent> heard = new CopyOnWriteArrayList<>();

    static List<Setup> setups() {
        return List.of(new Setup(Face.PLATFORM, 2, false), new Setup(Face.PLATFORM, 1, true));
    }

    @AfterEach
    void endServers() {
        servers.close();
    }

    private Rig connect(Setup setup, int nodes) {
        String uri = "memcached://" + String.join(",", servers.addresses().subList(0, nodes));
        return Rig.connect(setup, uri, options -> options.timeout(PATIENCE).connectionTimeout(Duration.ofSeconds(2)));
    }

    private static NodeAddress addressOf(MemcachedServer server) {
        return NodeAddress.parse(server.address());
    }

    /** Connections of others than the one that asks. */
    private static int connections(MemcachedServer server) {
        return Integer.parseInt(server.stats().get("curr_connections")) - 1;
    }

    @ParameterizedTest
    @MethodSource("setups")
    @DisplayName(
            "L5 nodes join and leave again and again under load: no call fails, no value is wrong, no connection stays")
    void nodesJoinAndLeave(Setup setup) throws InterruptedException {
        MemcachedServer first = servers.server(0);
        MemcachedServer guest = servers.server(3);
        try (Rig rig = connect(setup, 3)) {
            MemcachedClient client = rig.client();
            client.events().listen(heard::add);
            Ledger ledger = new Ledger();
            StormFaces faces = StormFaces.patient(client, ledger, 1);
            for (int i = 0; i < CALLERS; i++) {
                faces.sync("sync-" + i, new CommonDeeds(ledger, new SplittableRandom(i))::next);
                faces.virtual("virtual-" + i, new CommonDeeds(ledger, new SplittableRandom(10 + i))::next);
            }
            faces.async("async", new CommonDeeds(ledger, new SplittableRandom(20))::next);
            faces.direct("direct", new CommonDeeds(ledger, new SplittableRandom(21))::next);
            for (int round = 0; round < ROUNDS; round++) {
                awaitAnswers(ledger);
                assertThat(client.cluster().addNode(addressOf(guest))).isTrue();
                assertThat(client.cluster().addNode(addressOf(guest))).isFalse();
                await().atMost(Rig.GUARD).until(() -> client.cluster().nodes().contains(addressOf(guest)));
                awaitAnswers(ledger);
                assertThat(client.cluster().removeNode(first.address())).isTrue();
                assertThat(client.cluster().removeNode(first.address())).isFalse();
                awaitAnswers(ledger);
                await().atMost(Rig.GUARD).until(() -> connections(first) == 0);
                client.cluster().addNode(addressOf(first));
                awaitAnswers(ledger);
                assertThat(client.cluster().removeNode(guest.address())).isTrue();
                await().atMost(Rig.GUARD).until(() -> connections(guest) == 0);
            }
            faces.stop();
            assertThat(ledger.wrong()).isEmpty();
            assertThat(ledger.failures()).as("no call fails").isEmpty();
            await().atMost(Rig.GUARD)
                    .untilAsserted(() -> assertThat(heard.stream().filter(new NodeRemoved(guest.address())::equals))
                            .hasSize(ROUNDS));
            assertThat(heard.stream().filter(new NodeAdded(guest.address())::equals))
                    .hasSize(ROUNDS);
            assertThat(heard).noneMatch(NodeUnhealthy.class::isInstance);
            assertThat(client.cluster().nodes())
                    .containsExactlyInAnyOrder(
                            addressOf(first), addressOf(servers.server(1)), addressOf(servers.server(2)));
            rig.assertNothingInside();
        }
    }

    private static void awaitAnswers(Ledger ledger) {
        long enough = ledger.answered() + 500;
        await().atMost(Rig.GUARD).until(() -> ledger.answered() >= enough);
    }

    @Test
    @DisplayName("L5 calls on their way to a node that leaves are answered by it")
    void callsOnTheirWayAreAnswered() {
        MemcachedServer leaving = servers.server(1);
        try (Rig rig = connect(new Setup(Face.ASYNC, 2, false), 3)) {
            MemcachedClient client = rig.client();
            List<String> keys = new ArrayList<>();
            for (int i = 0; keys.size() < 50; i++) {
                if (client.cluster().nodeOf("key:" + i).equals(addressOf(leaving))) {
                    keys.add("key:" + i);
                }
            }
            leaving.suspend();
            List<Call<?>> calls = new ArrayList<>();
            keys.forEach(key -> calls.add(rig.get(key)));
            assertThat(client.cluster().removeNode(leaving.address())).isTrue();
            assertThat(keys).noneMatch(key -> client.cluster().nodeOf(key).equals(addressOf(leaving)));
            keys.forEach(key -> assertThat(rig.get(key).value()).isNull());
            leaving.resume();
            calls.forEach(call -> assertThat(call.value()).isNull());
            await().atMost(Rig.GUARD).until(() -> connections(leaving) == 0 && rig.calls() == 0);
        }
    }

    @Test
    @DisplayName("L5 a node that never answers can join and leave, and its calls fail")
    void nodeThatIsAwayJoinsAndLeaves() {
        MemcachedServer away = servers.server(3);
        away.kill();
        try (Rig rig = connect(new Setup(Face.PLATFORM, 2, false), 3)) {
            MemcachedClient client = rig.client();
            for (int round = 0; round < 3; round++) {
                assertThat(client.cluster().addNode(addressOf(away))).isTrue();
                await().atMost(Rig.GUARD).until(() -> client.cluster().nodes().contains(addressOf(away)));
                String key = keyOf(client, away);
                await().atMost(Rig.GUARD).until(() -> rig.get(key).await() instanceof NodeUnavailable);
                assertThat(client.cluster().unhealthyNodes()).containsExactly(addressOf(away));
                assertThat(client.cluster().removeNode(away.address())).isTrue();
                assertThat(rig.get(key).value()).isNull();
            }
            rig.assertNothingInside();
        }
    }

    private static String keyOf(MemcachedClient client, MemcachedServer server) {
        for (int i = 0; ; i++) {
            String key = "key:" + i;
            if (client.cluster().nodeOf(key).equals(addressOf(server))) {
                return key;
            }
        }
    }
}
