package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.FakeConfigEndpoint;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that learn of their nodes from a discovery endpoint, with real servers as nodes. */
@NoLeaks
@Timeout(60)
class AutodiscoveryTest {
    private static final int SERVERS = 3;
    private static final List<MemcachedServer> NODES = new ArrayList<>();

    private FakeConfigEndpoint endpoint;

    @BeforeAll
    static void startNodes() {
        for (int i = 0; i < SERVERS; i++) {
            NODES.add(MemcachedServer.start());
        }
    }

    @AfterAll
    static void stopNodes() {
        NODES.forEach(MemcachedServer::close);
        NODES.clear();
    }

    @BeforeEach
    void startEndpoint() {
        endpoint = FakeConfigEndpoint.start();
    }

    @AfterEach
    void stopEndpoint() {
        endpoint.close();
    }

    private static String address(int node) {
        return NODES.get(node).address();
    }

    private static ClientOptions.Builder options(String... endpoints) {
        return MemcachedClient.builder()
                .nodes(endpoints)
                .autodiscovery(Autodiscovery.CONFIG)
                .autodiscoveryPollInterval(Duration.ofMillis(20))
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static List<String> nodes(MemcachedClient client) {
        return client.cluster().nodes().stream().map(NodeAddress::identity).toList();
    }

    @Test
    void nodesAreThoseThatTheEndpointNames() {
        endpoint.tellAddresses(1, List.of(address(0), address(1)));
        try (MemcachedClient client =
                MemcachedClient.connect(options(endpoint.address()).options())) {
            assertThat(nodes(client)).containsExactly(address(0), address(1));
            client.set("a", bytes("1"), Ttl.NONE);
            assertThat(client.get("a")).isEqualTo(bytes("1"));
        }
    }

    @Test
    void newListReplacesTheNodesAndAnOlderOneDoesNot() {
        endpoint.tellAddresses(5, List.of(address(0), address(1)));
        try (MemcachedClient client =
                MemcachedClient.connect(options(endpoint.address()).options())) {
            endpoint.tellAddresses(6, List.of(address(1), address(2)));
            await().until(() -> nodes(client).equals(List.of(address(1), address(2))));
            endpoint.tellAddresses(5, List.of(address(0)));
            awaitAsked(3);
            endpoint.tell("7\n\n");
            awaitAsked(3);
            assertThat(nodes(client)).containsExactly(address(1), address(2));
        }
    }

    @Test
    void oldNodeServesUntilTheNewOneIsConnected() {
        endpoint.tellAddresses(1, List.of(address(0)));
        Gate gate = new Gate();
        try (ScriptedServer fresh = ScriptedServer.start(session -> {
                    gate.pass();
                    session.answerVersion();
                    session.pause();
                });
                MemcachedClient client =
                        MemcachedClient.connect(options(endpoint.address()).options())) {
            client.set("before", bytes("1"), Ttl.NONE);
            endpoint.tellAddresses(2, List.of(fresh.address()));
            gate.awaitReached();
            awaitAsked(2);
            assertThat(nodes(client)).containsExactly(address(0));
            assertThat(client.get("before")).isEqualTo(bytes("1"));
            gate.open();
            await().until(() -> nodes(client).equals(List.of(fresh.address())));
        }
    }

    /** The name stands for the node, whatever its address. */
    @Test
    void keysStayWithANameWhoseAddressChanges() {
        String other = "b|127.0.0.1|" + NODES.get(1).port();
        endpoint.tell(1, List.of("localhost|127.0.0.1|" + NODES.get(0).port(), other));
        try (MemcachedClient client =
                MemcachedClient.connect(options(endpoint.address()).options())) {
            String name = "localhost:" + NODES.get(0).port();
            assertThat(nodes(client)).containsExactly(name, "b:" + NODES.get(1).port());
            endpoint.tell(2, List.of("localhost||" + NODES.get(0).port(), other));
            await().until(() -> client.cluster().nodes().getFirst().equals(NodeAddress.parse(name)));
            assertThat(nodes(client)).containsExactly(name, "b:" + NODES.get(1).port());
        }
    }

    @Test
    void callsFailUntilTheFirstListAndReadinessWaitsForIt() {
        try (MemcachedClient client =
                MemcachedClient.create(options(endpoint.address()).options())) {
            assertThat(endpoint.asked()).isZero();
            assertThatThrownBy(() -> client.get("a"))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class)
                    .hasMessageContaining("knows of no node");
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(50)))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            CompletableFuture<Void> ready = CompletableFuture.runAsync(() -> client.awaitReady(Duration.ofSeconds(10)));
            endpoint.tellAddresses(1, List.of(address(0)));
            ready.orTimeout(10, TimeUnit.SECONDS).join();
            assertThat(client.get("nothing-here")).isNull();
        }
    }

    @Test
    void plainServerAsEndpointIsAnEventAndTheReasonOfFailures() {
        List<ClientEvent> events = new CopyOnWriteArrayList<>();
        try (MemcachedClient client = MemcachedClient.create(options(address(0)).options())) {
            client.events().listen(events::add);
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(10)))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            await().until(() -> events.stream().anyMatch(ClientEvent.DiscoveryFailed.class::isInstance));
            assertThatThrownBy(() -> client.get("a")).hasStackTraceContaining("not a discovery endpoint");
            assertThat(nodes(client)).isEmpty();
        }
        assertThat(events)
                .allSatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                ClientEvent.DiscoveryFailed.class,
                                failed -> assertThat(failed.reason()).contains("not a discovery endpoint")));
    }

    @Test
    void secondSeedIsAskedIfTheFirstIsSilent() {
        endpoint.tellAddresses(1, List.of(address(0)));
        try (ScriptedServer silent = ScriptedServer.start(session -> session.pause());
                MemcachedClient client = MemcachedClient.connect(options(silent.address(), endpoint.address())
                        .autodiscoveryTimeout(Duration.ofMillis(100))
                        .options())) {
            assertThat(nodes(client)).containsExactly(address(0));
        }
    }

    @Test
    void discoveryOfTheUsersIsAskedTheSameWay() {
        AtomicBoolean second = new AtomicBoolean();
        ClientOptions options = MemcachedClient.builder()
                .nodes(address(0))
                .discovery(timeout -> List.of(NodeAddress.parse(address(second.get() ? 1 : 0))))
                .autodiscoveryPollInterval(Duration.ofMillis(10))
                .options();
        try (MemcachedClient client = MemcachedClient.connect(options)) {
            assertThat(nodes(client)).containsExactly(address(0));
            second.set(true);
            await().until(() -> nodes(client).equals(List.of(address(1))));
        }
    }

    @Test
    void closeEndsADiscoveryThatHangs() {
        ClientOptions options = MemcachedClient.builder()
                .discovery(timeout -> {
                    Thread.sleep(Duration.ofHours(1));
                    return List.of();
                })
                .autodiscoveryTimeout(Duration.ofHours(1))
                .options();
        MemcachedClient client = MemcachedClient.create(options);
        assertThatThrownBy(() -> client.get("a")).isInstanceOf(MemcachedException.NodeUnavailable.class);
        client.close();
    }

    /**
     * Lists that change while three threads call: every call is answered, no value belongs to another key, and what was
     * written is where the nodes of that moment want it.
     */
    @Test
    void listFlipsUnderLoad() throws Exception {
        List<List<String>> lists = List.of(
                List.of(address(0), address(1)),
                List.of(address(1), address(2)),
                List.of(address(0), address(1), address(2)),
                List.of(address(2)));
        endpoint.tellAddresses(0, lists.getFirst());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong calls = new AtomicLong();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        try (MemcachedClient client =
                MemcachedClient.connect(options(endpoint.address()).options())) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int number = t;
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        while (!stop.get()) {
                            call(client, number, calls.incrementAndGet());
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            for (int version = 1; version <= 40; version++) {
                List<String> list = lists.get(version % lists.size());
                endpoint.tellAddresses(version, list);
                await().until(() -> nodes(client).equals(list) || !failures.isEmpty());
            }
            stop.set(true);
            for (Thread thread : threads) {
                thread.join(Duration.ofSeconds(20));
                assertThat(thread.isAlive()).isFalse();
            }
            assertThat(failures).isEmpty();
            assertThat(calls.get()).isPositive();
            List<String> last = lists.get(40 % lists.size());
            for (int i = 0; i < 50; i++) {
                String key = "placed:" + i;
                client.set(key, bytes(key), Ttl.NONE);
                String node = client.cluster().nodeOf(key).identity();
                assertThat(last).contains(node);
                for (MemcachedServer server : NODES) {
                    boolean here = server.command("mg " + key).startsWith("HD");
                    assertThat(here)
                            .as(key + " on " + server.address())
                            .isEqualTo(server.address().equals(node));
                }
                client.delete(key);
            }
        }
    }

    private static void call(MemcachedClient client, int thread, long number) {
        String key = "flip:" + thread + ":" + number % 100;
        if (number % 3 == 0) {
            client.set(key, bytes(key), Ttl.of(Duration.ofMinutes(1)));
        } else {
            byte[] value = number % 3 == 1
                    ? client.get(key)
                    : client.async().get(key).orTimeout(15, TimeUnit.SECONDS).join();
            assertThat(value == null ? key : new String(value, StandardCharsets.UTF_8))
                    .isEqualTo(key);
        }
    }

    private void awaitAsked(int more) {
        int before = endpoint.asked();
        await().until(() -> endpoint.asked() >= before + more);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
