package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.ClusterConfig;
import io.emcache.testkit.FakeClock;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.Session;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
@WithMemcached
@Timeout(60)
class ConfigConnectionTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long SHORT_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final String BLOCK = "12\na.example|10.0.0.1|11211 b.example|10.0.0.2|11211\n";
    private static final String ANSWER = "CONFIG cluster 0 " + BLOCK.length() + "\r\n" + BLOCK + "\r\nEND\r\n";
    private static final ClusterConfig CONFIG = new ClusterConfig(
            12,
            List.of(
                    NodeAddress.tcp("10.0.0.1", 11211).withId("a.example:11211"),
                    NodeAddress.tcp("10.0.0.2", 11211).withId("b.example:11211")));
    private static final Executor BACKGROUND =
            task -> Thread.ofPlatform().daemon().start(task);

    private final MemcachedServer server;

    ConfigConnectionTest(MemcachedServer server) {
        this.server = server;
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.4.14", "1.4.24", "1.5.16", "1.6.22", "unknown"})
    void endpointIsAskedByConfig(String version) {
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.answerVersion(version);
            session.expectLine("config get cluster");
            session.send(ANSWER);
            assertThat(session.readLine()).isNull();
        })) {
            assertThat(ask(endpoint.address())).isEqualTo(CONFIG);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.4.5", "1.4.13", "1.2.8"})
    void oldEndpointIsAskedByKey(String version) {
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.answerVersion(version);
            session.expectLine("get AmazonElastiCache:cluster");
            session.send("VALUE AmazonElastiCache:cluster 0 " + BLOCK.length() + "\r\n" + BLOCK + "\r\nEND\r\n");
            assertThat(session.readLine()).isNull();
        })) {
            assertThat(ask(endpoint.address())).isEqualTo(CONFIG);
        }
    }

    @Test
    void endpointThatKnowsNoConfigIsAskedByKey() {
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.expectLine("version");
            session.send("ERROR\r\n");
            session.expectLine("config get cluster");
            session.send("ERROR\r\n");
            session.expectLine("get AmazonElastiCache:cluster");
            session.send(ANSWER);
        })) {
            assertThat(ask(endpoint.address())).isEqualTo(CONFIG);
        }
    }

    @Test
    void plainServerIsNoDiscoveryEndpoint() {
        MemcachedException.ServerError error =
                catchThrowableOfType(MemcachedException.ServerError.class, () -> ask(server.address()));
        assertThat(error).hasMessageContaining("not a discovery endpoint");
        assertThat(error.node()).isEqualTo(server.address());
        assertThat(error.line()).isEqualTo("END");
    }

    @Test
    void serverWithoutEitherIsNoDiscoveryEndpoint() {
        try (ScriptedServer endpoint = answering("ERROR\r\n", "ERROR\r\n")) {
            MemcachedException.ServerError error =
                    catchThrowableOfType(MemcachedException.ServerError.class, () -> ask(endpoint.address()));
            assertThat(error).hasMessageContaining("not a discovery endpoint");
            assertThat(error.line()).isEqualTo("ERROR");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLIENT_ERROR no", "SERVER_ERROR busy", "ERROR Too many open connections", "ERROR 1"})
    void otherErrorsAreRefusals(String line) {
        try (ScriptedServer endpoint = answering(line + "\r\n")) {
            MemcachedException.ServerError error =
                    catchThrowableOfType(MemcachedException.ServerError.class, () -> ask(endpoint.address()));
            assertThat(error.line()).isEqualTo(line);
            assertThat(error).hasMessageNotContaining("not a discovery endpoint");
        }
    }

    @Test
    void endpointThatAsksForCredentialsIsNotToldAny() {
        try (ScriptedServer endpoint = answering("CLIENT_ERROR unauthenticated\r\n")) {
            assertThatThrownBy(() -> ask(endpoint.address()))
                    .isInstanceOf(MemcachedException.Authentication.class)
                    .hasMessageContaining("the server asks for credentials");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n",
                "VERSION 1.6.18\r\n",
                "VALUE x\r\n",
                "CONFIG cluster 0 9\r\nno number\r\nEND\r\n",
                "CONFIG cluster 0 7\r\n3\na||x \r\nEND\r\n",
                "CONFIG cluster 0 1000000000\r\n"
            })
    void garbageIsAViolation(String answer) {
        try (ScriptedServer endpoint = answering(answer)) {
            assertThatThrownBy(() -> ask(endpoint.address())).isInstanceOf(MemcachedException.ProtocolViolation.class);
        }
    }

    @Test
    void garbageWithoutEndIsAViolation() {
        try (ScriptedServer endpoint = answering("x".repeat(100_000))) {
            assertThatThrownBy(() -> ask(endpoint.address())).isInstanceOf(MemcachedException.ProtocolViolation.class);
        }
    }

    @Test
    void versionMustBeOne() {
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.expectLine("version");
            session.send("END\r\n");
            session.pause();
        })) {
            assertThatThrownBy(() -> ask(endpoint.address())).isInstanceOf(MemcachedException.ProtocolViolation.class);
        }
    }

    @Test
    void answerMayDripByteByByte() {
        try (ScriptedServer endpoint = answering(ANSWER);
                FaultProxy proxy = FaultProxy.start(endpoint.port())) {
            proxy.toClient().drip(1, Duration.ofMillis(1));
            assertThat(ask(proxy.address())).isEqualTo(CONFIG);
        }
    }

    @Test
    void answerMayBeLong() {
        StringBuilder block = new StringBuilder("5\n");
        for (int i = 0; i < 2_000; i++) {
            block.append("node-")
                    .append(i)
                    .append(".example|10.1.")
                    .append(i / 250)
                    .append('.')
                    .append(i % 250);
            block.append("|11211 ");
        }
        try (ScriptedServer endpoint =
                answering("CONFIG cluster 0 " + block.length() + "\r\n" + block + "\r\nEND\r\n")) {
            assertThat(ask(endpoint.address()).nodes()).hasSize(2_000);
        }
    }

    @Test
    void cutAnswerIsALostConnection() {
        for (int length = 0; length < ANSWER.length(); length += 7) {
            String part = ANSWER.substring(0, length);
            try (ScriptedServer endpoint = ScriptedServer.start(session -> {
                session.answerVersion();
                session.expectLine("config get cluster");
                session.send(part);
            })) {
                assertThatThrownBy(() -> ask(endpoint.address()))
                        .isInstanceOf(MemcachedException.NodeUnavailable.class);
            }
        }
    }

    @Test
    void nobodyThereIsUnavailable() {
        String address;
        try (ScriptedServer endpoint = ScriptedServer.start(Session::close)) {
            address = endpoint.address();
        }
        assertThatThrownBy(() -> ask(address)).isInstanceOf(MemcachedException.NodeUnavailable.class);
        assertThatThrownBy(() -> ask("nosuchhost.invalid")).isInstanceOf(MemcachedException.NodeUnavailable.class);
    }

    @Test
    void connectingTimesOut() {
        try (ScriptedServer endpoint = ScriptedServer.startNeverAccepting()) {
            assertThat(timeout(endpoint.address(), System::nanoTime, BACKGROUND).phase())
                    .isEqualTo(Phase.CONNECTING);
        }
        String name = "localhost:" + server.port();
        assertThat(timeout(name, System::nanoTime, task -> {}).phase()).isEqualTo(Phase.CONNECTING);
    }

    @Test
    void silenceTimesOut() {
        FakeClock clock = new FakeClock();
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.expectLine("version");
            clock.advance(Duration.ofNanos(SHORT_NS - 1));
            session.send("VERSION 1.6.18\r\n");
            session.expectLine("config get cluster");
            clock.advance(Duration.ofNanos(1));
            session.pause();
        })) {
            MemcachedException.Timeout timeout = timeout(endpoint.address(), clock, BACKGROUND);
            assertThat(timeout.phase()).isEqualTo(Phase.WRITTEN);
            assertThat(timeout.elapsed()).isEqualTo(Duration.ofNanos(SHORT_NS));
            assertThat(timeout.node()).isEqualTo(endpoint.address());
        }
    }

    /** Progress does not prolong the deadline. */
    @Test
    void endlessDripTimesOut() {
        FakeClock clock = new FakeClock();
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.expectLine("version");
            session.send("VERSION 1.6.18\r\nCONFIG cluster 0 200000\r\n3\n");
            session.expectLine("config get cluster");
            while (true) {
                session.send(" ");
                clock.advance(Duration.ofMillis(1));
                Thread.sleep(1);
            }
        })) {
            assertThat(timeout(endpoint.address(), clock, BACKGROUND).phase()).isEqualTo(Phase.RECEIVING);
        }
    }

    @Test
    void hostNameIsResolvedElsewhere() {
        assertThatThrownBy(() -> ask("localhost:" + server.port())).hasMessageContaining("not a discovery endpoint");
    }

    @Test
    void interruptBeforeAndWhileWaiting() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
            session.answerVersion();
            session.expectLine("config get cluster");
            waiting.countDown();
            session.pause();
        })) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ask(endpoint.address())).isInstanceOf(MemcachedException.Interrupted.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(endpoint.connections()).isZero();
            CompletableFuture<Boolean> kept = new CompletableFuture<>();
            Thread asker = Thread.ofPlatform().start(() -> {
                try {
                    assertThatThrownBy(() -> ask(endpoint.address()))
                            .isInstanceOf(MemcachedException.Interrupted.class);
                    kept.complete(Thread.currentThread().isInterrupted());
                } catch (RuntimeException | Error e) {
                    kept.completeExceptionally(e);
                }
            });
            assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
            asker.interrupt();
            assertThat(kept.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
            asker.join();
        }
    }

    /** Answers the version, and each further line by the next of these. */
    private static ScriptedServer answering(String... answers) {
        return ScriptedServer.start(session -> {
            session.answerVersion();
            for (String answer : answers) {
                if (session.readLine() == null) {
                    return;
                }
                session.send(answer);
            }
            session.pause();
        });
    }

    private static ClusterConfig ask(String endpoint) {
        return ConfigConnection.ask(
                NodeAddress.parse(endpoint),
                LONG_NS,
                clock(),
                BACKGROUND,
                new Security(null, null, new SlabPool(1 << 20)));
    }

    private static MemcachedException.Timeout timeout(String endpoint, LongSupplier clock, Executor resolver) {
        NodeAddress address = NodeAddress.parse(endpoint);
        return catchThrowableOfType(
                MemcachedException.Timeout.class,
                () -> ConfigConnection.ask(
                        address,
                        SHORT_NS,
                        new NanoClock(clock),
                        resolver,
                        new Security(null, null, new SlabPool(1 << 20))));
    }

    private static NanoClock clock() {
        return new NanoClock(System::nanoTime);
    }
}
