package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientEvent.ConnectionClosed;
import io.emcache.ClientEvent.ConnectionOpened;
import io.emcache.ClientEvent.NodeAdded;
import io.emcache.ClientEvent.NodeHealthy;
import io.emcache.ClientEvent.NodeRemoved;
import io.emcache.ClientEvent.NodeUnhealthy;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ServerCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Listeners that throw, block or call the client while a server dies and comes back: calls do not notice. */
@NoLeaks
@Tag("slow")
class ClusterListenerTest {
    private static final Setup SETUP = new Setup(Face.PLATFORM, 2, false);

    private final ServerCluster servers = ServerCluster.start(3, "-m", "64");
    private final MemcachedServer victim = servers.server(1);
    private final List<ClientEvent> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void endServers() {
        servers.close();
    }

    private static Rig connect(String uri) {
        return Rig.connect(
                SETUP,
                uri,
                options -> options.timeout(Duration.ofSeconds(10)).connectionTimeout(Duration.ofSeconds(1)));
    }

    /** Under load the server dies and comes back. */
    private void outage(MemcachedClient client) {
        try (ClusterLoad load = new ClusterLoad(client)) {
            load.awaitFlow();
            victim.kill();
            await().atMost(Rig.GUARD)
                    .until(() -> client.cluster().unhealthyNodes().size() == 1);
            victim.restart();
            load.awaitFlow();
        }
    }

    @Test
    @DisplayName("A7 a listener that throws harms neither calls nor other listeners")
    void listenerThatThrows() {
        try (Rig rig = connect(servers.uri())) {
            AtomicInteger thrown = new AtomicInteger();
            rig.client().events().listen(event -> {
                thrown.incrementAndGet();
                throw new IllegalStateException("as the test wants");
            });
            rig.client().events().listen(event -> {
                throw new StackOverflowError("as the test wants");
            });
            rig.client().events().listen(heard::add);
            outage(rig.client());
            await().atMost(Rig.GUARD).until(() -> heard.contains(new NodeHealthy(victim.address())));
            assertThat(thrown.get()).isGreaterThanOrEqualTo(2);
            rig.assertNothingInside();
        }
    }

    @Test
    @DisplayName("A7 a listener that blocks harms no call, and hears everything later, in order")
    void listenerThatBlocks() {
        Gate gate = new Gate();
        try (Rig rig = connect(servers.uri())) {
            rig.client().events().listen(event -> {
                pass(gate);
                heard.add(event);
            });
            outage(rig.client());
            outage(rig.client());
            assertThat(heard).isEmpty();
            gate.open();
            await().atMost(Rig.GUARD)
                    .until(() -> heard.stream()
                                    .filter(new NodeHealthy(victim.address())::equals)
                                    .count()
                            >= 2);
            assertThat(rig.client().events().dropped()).isZero();
            assertConnectionsOpenBeforeTheyClose();
            rig.assertNothingInside();
        } finally {
            gate.open();
        }
    }

    private static void pass(Gate gate) {
        try {
            gate.pass();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void assertConnectionsOpenBeforeTheyClose() {
        Set<Long> open = new HashSet<>();
        Set<Long> ended = new HashSet<>();
        for (ClientEvent event : heard) {
            switch (event) {
                case ConnectionOpened opened ->
                    assertThat(open.add(opened.connection())).isTrue();
                case ConnectionClosed closed -> {
                    assertThat(ended.add(closed.connection())).isTrue();
                    open.remove(closed.connection());
                }
                default -> {}
            }
        }
        assertThat(ended).isNotEmpty().doesNotContainAnyElementsOf(open);
    }

    @Test
    @DisplayName("A7 a listener may call the client, also one whose node is away, and change the nodes")
    void listenerThatCallsTheClient() {
        List<String> failures = new CopyOnWriteArrayList<>();
        try (MemcachedServer fourth = MemcachedServer.start();
                Rig rig = connect(servers.uri())) {
            MemcachedClient client = rig.client();
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                keys.add("listener:" + i);
            }
            client.events().listen(event -> {
                for (String key : keys) {
                    try {
                        client.set(key, new byte[10]);
                    } catch (MemcachedException.NodeUnavailable e) {
                        failures.add(String.valueOf(e.node()));
                    }
                }
                client.getAll(keys);
                switch (event) {
                    case NodeUnhealthy away -> client.cluster().addNode(NodeAddress.parse(fourth.address()));
                    case NodeHealthy back
                    when back.node().equals(victim.address()) ->
                        client.cluster().removeNode(fourth.address());
                    default -> {}
                }
                heard.add(event);
            });
            victim.kill();
            await().atMost(Rig.GUARD).until(() -> heard.contains(new NodeAdded(fourth.address())));
            victim.restart();
            await().atMost(Rig.GUARD).until(() -> heard.contains(new NodeRemoved(fourth.address())));
            assertThat(client.cluster().nodes()).hasSize(3);
            assertThat(failures).allMatch(victim.address()::equals);
            await().atMost(Rig.GUARD).until(() -> rig.calls() == 0);
        }
    }
}
