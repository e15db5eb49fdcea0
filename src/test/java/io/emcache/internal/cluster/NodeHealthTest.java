package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.StoreResult;
import io.emcache.internal.client.ObservedClient;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether a node answers, as the client sees it. */
@NoLeaks
@Timeout(60)
class NodeHealthTest {
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);

    private final Queue<ClientEvent> events = new ConcurrentLinkedQueue<>();

    private ObservedClient connect(String address, int connections, Duration timeout) {
        ObservedClient observed = ObservedClient.connect(ClientOptions.fromUri(address)
                .mutate()
                .connections(connections)
                .timeout(timeout)
                .options());
        await().atMost(GUARD).until(() -> observed.counters().connectionsOpened.sum() == connections);
        observed.client().events().listen(events::add);
        return observed;
    }

    private long count(Class<? extends ClientEvent> kind) {
        return events.stream().filter(kind::isInstance).count();
    }

    @Test
    void aFrozenServerIsFoundAlsoWhereConnectionsAreIdle() {
        try (MemcachedServer server = MemcachedServer.start();
                ObservedClient observed = connect(server.uri(), 4, Duration.ofMillis(300))) {
            MemcachedClient client = observed.client();
            Node node = observed.cluster().nodes().getFirst();
            client.set("key", VALUE);
            server.suspend();
            try {
                assertThatExceptionOfType(MemcachedException.class).isThrownBy(() -> client.get("key"));
                await().atMost(GUARD).until(node::isUnavailable);
                assertThat(node.connections()).isZero();
                assertThatExceptionOfType(MemcachedException.NodeUnavailable.class)
                        .isThrownBy(() -> client.get("key"));
                assertThat(count(ClientEvent.NodeUnhealthy.class)).isOne();
            } finally {
                server.resume();
            }
            await().atMost(GUARD).until(node::isHealthy);
            assertThat(client.get("key")).isEqualTo(VALUE);
            await().atMost(GUARD).until(() -> node.connections() == 4);
            await().atMost(GUARD).until(() -> count(ClientEvent.NodeHealthy.class) == 1);
            assertThat(count(ClientEvent.NodeUnhealthy.class)).isOne();
        }
    }

    @Test
    void idleConnectionsThatTheServerClosesAreReplacedWithoutATrace() {
        FakeMemcached fake = new FakeMemcached().put("key", VALUE);
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed = connect(proxy.uri(), 2, Duration.ofSeconds(10))) {
            for (int round = 1; round <= 3; round++) {
                proxy.cutAll();
                long lost = 2L * round;
                await().atMost(GUARD)
                        .until(() -> observed.counters().connectionsLost.sum() == lost);
                assertThat(observed.client().set("key", VALUE)).isEqualTo(StoreResult.STORED);
                await().atMost(GUARD)
                        .until(() -> observed.counters().connectionsOpened.sum() == 2 + lost);
            }
            await().atMost(GUARD).until(() -> count(ClientEvent.ConnectionOpened.class) == 6);
            assertThat(count(ClientEvent.ConnectionClosed.class)).isEqualTo(6);
            assertThat(count(ClientEvent.NodeUnhealthy.class)).isZero();
            assertThat(count(ClientEvent.NodeHealthy.class)).isZero();
        }
    }

    @Test
    void aServerThatIsGoneIsToldOnceAndItsReturnToo() {
        FakeMemcached fake = new FakeMemcached().put("key", VALUE);
        try (ScriptedServer server = ScriptedServer.start(fake);
                FaultProxy proxy = FaultProxy.start(server.port());
                ObservedClient observed = connect(proxy.uri(), 2, Duration.ofSeconds(10))) {
            Node node = observed.cluster().nodes().getFirst();
            proxy.refuseConnections();
            proxy.resetAll();
            await().atMost(GUARD)
                    .until(() -> observed.counters().connectFailures.sum() >= 3);
            assertThat(node.isUnavailable()).isTrue();
            assertThat(observed.client().cluster().unhealthyNodes()).containsExactly(node.address());
            proxy.acceptConnections();
            await().atMost(GUARD).until(node::isHealthy);
            assertThat(observed.client().get("key")).isEqualTo(VALUE);
            await().atMost(GUARD).until(() -> count(ClientEvent.NodeHealthy.class) == 1);
            assertThat(count(ClientEvent.NodeUnhealthy.class)).isOne();
            assertThat(count(ClientEvent.ConnectionRefused.class)).isGreaterThanOrEqualTo(3);
        }
    }
}
