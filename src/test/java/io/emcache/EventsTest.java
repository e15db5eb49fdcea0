package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent.CallbackFailed;
import io.emcache.ClientEvent.CallbackSlow;
import io.emcache.ClientEvent.NoReplyFailed;
import io.emcache.DirectRequest.Offer;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client tells its listeners. */
@NoLeaks
@WithMemcached
class EventsTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final WriteOptions NO_REPLY = WriteOptions.NONE.withNoReply();

    private final MemcachedServer server;
    private final List<ClientEvent> heard = new CopyOnWriteArrayList<>();

    EventsTest(MemcachedServer server) {
        this.server = server;
    }

    private ClientOptions.Builder options() {
        return ClientOptions.fromUri(server.uri())
                .mutate()
                .connections(1)
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static void offer(MemcachedClient client, DirectCallback callback) {
        MemorySegment key = MemorySegment.ofArray("direct".getBytes(UTF_8));
        assertThat(client.direct().newRequest(callback).key(key).get()).isEqualTo(Offer.ACCEPTED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusedWriteThatNobodyWaitsForHarmsNoOther(boolean classic) {
        try (MemcachedClient client =
                options().itemSizeLimit(4 << 20).forceClassic(classic).connect()) {
            client.events().listen(heard::add);
            String connections = client.admin().node(server.address()).stats().text("total_connections");
            for (int i = 0; i < 20; i++) {
                client.set("small" + i, VALUE, NO_REPLY);
                client.set("large", new byte[2 << 20], NO_REPLY);
                assertThat(client.get("small" + i)).isEqualTo(VALUE);
                assertThat(client.get("large")).isNull();
            }
            await().until(() -> heard.size() >= 20);
            assertThat(client.admin().node(server.address()).stats().text("total_connections"))
                    .isEqualTo(connections);
        }
        NoReplyFailed failed =
                new NoReplyFailed(server.address(), "set", "SERVER_ERROR object too large for cache", false);
        assertThat(heard).hasSize(20).allMatch(failed::equals);
    }

    @Test
    void eachRefusedCommandIsNamed() {
        try (MemcachedClient client = options().connect()) {
            client.events().listen(heard::add);
            client.set("text", VALUE);
            client.increment("text", 1, CounterOptions.NONE.withNoReply());
            client.decrement("text", 1, CounterOptions.NONE.withNoReply());
            assertThat(client.get("text")).isEqualTo(VALUE);
            await().until(() -> heard.size() == 2);
        }
        assertThat(heard)
                .extracting(event -> ((NoReplyFailed) event).command())
                .containsExactly("increment", "decrement");
    }

    @Test
    void answersThatNobodyWaitsForAreNoEvents() {
        try (MemcachedClient client = options().connect()) {
            client.events().listen(heard::add);
            client.add("there", VALUE);
            client.add("there", VALUE, NO_REPLY);
            client.replace("absent", VALUE, NO_REPLY);
            client.delete("absent", NO_REPLY);
            client.touch("absent", Ttl.NONE, NO_REPLY);
            client.increment("absent", 1, CounterOptions.NONE.withNoReply());
            client.increment("there", 1, CounterOptions.NONE.withNoReply());
            await().until(() -> !heard.isEmpty());
        }
        assertThat(heard)
                .singleElement()
                .isEqualTo(new NoReplyFailed(
                        server.address(),
                        "increment",
                        "CLIENT_ERROR cannot increment or decrement non-numeric value",
                        false));
    }

    @Test
    void writeThatIsNeverSentIsToldOf() {
        try (MemcachedServer gone = MemcachedServer.start();
                MemcachedClient client = MemcachedClient.connect(gone.uri())) {
            client.events().listen(heard::add);
            gone.suspend();
            client.set("k", VALUE, NO_REPLY);
            gone.kill();
            await().until(() -> heard.stream().anyMatch(NoReplyFailed.class::isInstance));
            assertThat(heard)
                    .filteredOn(NoReplyFailed.class::isInstance)
                    .singleElement()
                    .satisfies(event -> {
                        NoReplyFailed failed = (NoReplyFailed) event;
                        assertThat(failed.node()).isEqualTo(gone.address());
                        assertThat(failed.command()).isEqualTo("set");
                        assertThat(failed.reason()).doesNotContain("value").isNotEmpty();
                    });
        }
    }

    @Test
    void callbackThatThrowsIsToldOf() {
        IllegalArgumentException failure = new IllegalArgumentException("as the test wants");
        try (MemcachedClient client = options().connect()) {
            client.events().listen(heard::add);
            offer(client, reply -> {
                throw failure;
            });
            await().until(() -> heard.contains(new CallbackFailed(failure)));
            assertThat(client.get("absent")).isNull();
        }
    }

    @Test
    void callbackThatIsSlowIsToldOf() {
        long slowNs = TimeUnit.MILLISECONDS.toNanos(20);
        try (MemcachedClient client = options().connect()) {
            client.events().listen(heard::add);
            offer(client, reply -> {
                long startNs = System.nanoTime();
                while (System.nanoTime() - startNs < slowNs) {
                    LockSupport.parkNanos(slowNs);
                }
            });
            await().until(() -> !heard.isEmpty());
        }
        assertThat(heard)
                .singleElement()
                .isInstanceOfSatisfying(
                        CallbackSlow.class,
                        slow -> assertThat(slow.elapsed()).isGreaterThanOrEqualTo(Duration.ofNanos(slowNs)));
    }

    @Test
    void listenerMayCallTheClient() {
        AtomicReference<byte[]> read = new AtomicReference<>();
        try (MemcachedClient client = options().connect()) {
            client.set("k", VALUE);
            client.events().listen(event -> read.set(client.get("k")));
            offer(client, reply -> {
                throw new IllegalStateException("as the test wants");
            });
            await().until(() -> read.get() != null);
        }
        assertThat(read.get()).isEqualTo(VALUE);
    }

    @Test
    void listenerMayCloseTheClient() {
        MemcachedClient client = options().connect();
        client.events().listen(event -> client.close());
        offer(client, reply -> {
            throw new IllegalStateException("as the test wants");
        });
        await().until(client::isClosed);
        client.close();
    }

    @Test
    void nothingIsToldAfterTheSubscriptionOrTheClientIsClosed() {
        List<ClientEvent> others = new CopyOnWriteArrayList<>();
        try (MemcachedClient client = options().connect()) {
            ClientEvents.Subscription subscription = client.events().listen(heard::add);
            client.events().listen(others::add);
            subscription.close();
            offer(client, reply -> {
                throw new IllegalStateException("as the test wants");
            });
            await().until(() -> !others.isEmpty());
            assertThat(client.events().dropped()).isZero();
        }
        assertThat(heard).isEmpty();
    }
}
