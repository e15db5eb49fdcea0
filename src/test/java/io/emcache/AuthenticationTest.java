package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent.AuthenticationFailed;
import io.emcache.spi.CredentialsProvider;
import io.emcache.testkit.FakeConfigEndpoint;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that ask for a password, and clients with the right one, a wrong one and none. */
@NoLeaks
class AuthenticationTest {
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final String USER = "somebody";
    private static final String PASSWORD = "Rum:pel";

    @TempDir
    private Path directory;

    private final List<ClientEvent> heard = new CopyOnWriteArrayList<>();
    private MemcachedServer server;

    @BeforeEach
    void startServer() {
        server = MemcachedServer.builder().logins(USER + ":" + PASSWORD).start();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private static ClientOptions.Builder options(String... nodes) {
        return MemcachedClient.builder()
                .nodes(nodes)
                .timeout(GUARD)
                .connectionTimeout(GUARD)
                .connections(1);
    }

    /** A client that listens before it connects. */
    private MemcachedClient listening(ClientOptions.Builder options) {
        MemcachedClient client = options.build();
        client.events().listen(heard::add);
        return client;
    }

    private static void assertServed(MemcachedClient client) {
        assertThat(client.set("k", VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client.get("k")).isEqualTo(VALUE);
    }

    private static void assertNotReady(MemcachedClient client) {
        await().atMost(GUARD)
                .untilAsserted(() -> assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(100)))
                        .isInstanceOf(MemcachedException.Authentication.class));
    }

    private static void assertRefused(MemcachedClient client, String message) {
        assertThatThrownBy(() -> client.get("k"))
                .isInstanceOfSatisfying(MemcachedException.Authentication.class, e -> {
                    assertThat(e.isRetryable()).isFalse();
                    assertThat(e.outcomeUnknown()).isFalse();
                })
                .hasMessageContaining(message);
    }

    private <E extends ClientEvent> List<E> heard(Class<E> type) {
        return heard.stream().filter(type::isInstance).map(type::cast).toList();
    }

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.invoked());
    }

    @ParameterizedTest
    @MethodSource("drivers")
    @DisplayName("L7 right credentials: all connections, the administrator's commands and the dump of keys")
    void rightCredentialsAreServed(Driver driver) {
        try (MemcachedClient client = options(server.address())
                .credentials(USER, PASSWORD)
                .driver(driver)
                .connections(3)
                .connect()) {
            assertServed(client);
            NodeAdmin admin = client.admin().node(server.address());
            assertThat(admin.stats().longValue("auth_errors")).hasValue(0);
            assertThat(admin.version()).startsWith("1.");
            await().atMost(GUARD).until(() -> {
                try (Stream<DumpedKey> keys = admin.keys()) {
                    return keys.map(DumpedKey::key).toList().equals(List.of(Key.of("k")));
                }
            });
        }
        assertThat(server.stats()).containsEntry("curr_items", "1");
    }

    @Test
    void unixSocketAsksAsWell() {
        Path path = directory.resolve("mc.sock");
        try (MemcachedServer onPath = MemcachedServer.builder()
                .unix(path)
                .logins(USER + ":" + PASSWORD)
                .start()) {
            try (MemcachedClient client =
                    options(onPath.uri()).credentials(USER, PASSWORD).connect()) {
                assertServed(client);
            }
            try (MemcachedClient client = options(onPath.uri()).build()) {
                assertRefused(client, "credentials");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    @DisplayName("L8 wrong credentials: callers are told at once, an event, and few attempts")
    void wrongCredentialsAreAStateWithFewAttempts(Driver driver) throws Exception {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                MemcachedClient client = listening(
                        options(proxy.address()).credentials(USER, "wrong").driver(driver))) {
            assertNotReady(client);
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            while (System.nanoTime() < endNs) {
                assertRefused(client, "refused the credentials");
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertThat(client.cluster().unhealthyNodes()).hasSize(1);
            assertThat(proxy.connections()).isBetween(1, 4);
            await().atMost(GUARD).until(() -> !heard(AuthenticationFailed.class).isEmpty());
            assertThat(heard(AuthenticationFailed.class))
                    .allSatisfy(event -> assertThat(event.node()).isEqualTo(proxy.address()))
                    .hasSizeLessThanOrEqualTo(proxy.connections());
            assertThat(heard(ClientEvent.NodeUnhealthy.class)).hasSizeLessThanOrEqualTo(1);
            assertThat(proxy.toServer().forwarded()).doesNotContain("mg ", "get ", PASSWORD);
        }
    }

    @Test
    void everyFaceIsTold() {
        try (MemcachedClient client =
                options(server.address()).credentials(USER, "wrong").build()) {
            assertNotReady(client);
            assertThat(client.async().get("k"))
                    .failsWithin(GUARD)
                    .withThrowableThat()
                    .withCauseInstanceOf(MemcachedException.Authentication.class);
            assertThat(client.getAll(List.of("a", "b")).failures())
                    .containsOnlyKeys("a", "b")
                    .allSatisfy((key, failure) ->
                            assertThat(failure).isInstanceOf(MemcachedException.Authentication.class));
            assertThat(client.admin().stats().failures())
                    .allSatisfy((node, failure) ->
                            assertThat(failure).isInstanceOf(MemcachedException.Authentication.class));
            assertThatThrownBy(() -> {
                        try (Stream<DumpedKey> keys =
                                client.admin().node(server.address()).keys()) {
                            keys.forEach(key -> {});
                        }
                    })
                    .isInstanceOf(MemcachedException.Authentication.class);
        }
    }

    @Test
    void serverThatAsksForNoPasswordIsUsedWithoutOne() {
        try (MemcachedServer open = MemcachedServer.start();
                FaultProxy proxy = FaultProxy.start(open.port())) {
            try (MemcachedClient client = options(proxy.address())
                    .credentials(USER, PASSWORD)
                    .connections(3)
                    .connect()) {
                assertServed(client);
                try (Stream<DumpedKey> keys =
                        client.admin().node(proxy.address()).keys()) {
                    keys.forEach(key -> {});
                }
            }
            assertThat(proxy.toServer().forwarded()).doesNotContain(USER, PASSWORD, "set _");
            assertThat(open.command("get _")).isEqualTo("END");
        }
    }

    @Test
    void clientWithoutCredentialsIsTold() {
        try (MemcachedClient client = listening(options(server.address()))) {
            assertNotReady(client);
            assertRefused(client, "the server asks for credentials");
            assertThatThrownBy(() -> {
                        try (Stream<DumpedKey> keys =
                                client.admin().node(server.address()).keys()) {
                            keys.forEach(key -> {});
                        }
                    })
                    .isInstanceOf(MemcachedException.Authentication.class)
                    .hasMessageContaining("the server asks for credentials");
            await().atMost(GUARD).until(() -> !heard(AuthenticationFailed.class).isEmpty());
        }
    }

    @Test
    void discoveryEndpointIsGivenThePasswordAsWell() {
        try (FakeConfigEndpoint endpoint = FakeConfigEndpoint.startGuarded(null, USER + " " + PASSWORD)) {
            endpoint.tellAddresses(1, List.of(server.address()));
            try (MemcachedClient client = options(endpoint.address())
                    .autodiscovery(Autodiscovery.CONFIG)
                    .credentials(USER, PASSWORD)
                    .connect()) {
                assertServed(client);
            }
        }
    }

    @Test
    void discoveryWithoutTheRightPasswordSaysSo() {
        try (ScriptedServer endpoint = ScriptedServer.start(session -> {
                    while (true) {
                        String line = session.readLine();
                        if (line == null) {
                            return;
                        }
                        if (line.startsWith("set ")) {
                            session.readBlock((USER + " wrong").length());
                        }
                        session.send("CLIENT_ERROR unauthenticated\r\n");
                    }
                });
                MemcachedClient client = listening(options(endpoint.address())
                        .autodiscovery(Autodiscovery.CONFIG)
                        .credentials(USER, "wrong"))) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(500))).isInstanceOf(MemcachedException.class);
            await().atMost(GUARD)
                    .until(() -> heard(ClientEvent.DiscoveryFailed.class).stream()
                            .anyMatch(failed -> failed.reason().contains("credentials")));
            assertThat(endpoint.receivedLines()).doesNotContain("config get cluster");
        }
    }

    @Test
    void otherNodesServe() {
        try (MemcachedServer open = MemcachedServer.start();
                MemcachedClient client = options(server.address(), open.address())
                        .credentials(USER, "wrong")
                        .build()) {
            assertNotReady(client);
            for (int i = 0; i < 100; i++) {
                String key = "k" + i;
                if (client.cluster().nodeOf(key).identity().equals(open.address())) {
                    assertThat(client.set(key, VALUE)).isEqualTo(StoreResult.STORED);
                } else {
                    assertThatThrownBy(() -> client.set(key, VALUE))
                            .isInstanceOf(MemcachedException.Authentication.class);
                }
            }
        }
    }

    @Test
    void eachNodeHasItsOwnCredentials() {
        try (MemcachedServer other =
                        MemcachedServer.builder().logins("other:one").start();
                MemcachedClient client = options(server.address(), other.address())
                        .credentials(node -> node.identity().equals(other.address())
                                ? Credentials.of("other", "one")
                                : Credentials.of(USER, PASSWORD))
                        .connect()) {
            assertThat(client.admin().ping().orThrow()).containsOnlyKeys(server.address(), other.address());
        }
    }

    @Test
    @DisplayName(
            "a new password: the provider is asked at each connect, and the node serves again without a restart of the client")
    void passwordIsRotated() {
        AtomicReference<String> password = new AtomicReference<>(PASSWORD);
        try (MemcachedClient client =
                listening(options(server.address()).credentials(node -> Credentials.of(USER, password.get())))) {
            client.awaitReady(GUARD);
            assertServed(client);
            server.logins(USER + ":Stilz");
            server.restart();
            await().atMost(GUARD).until(() -> !heard(AuthenticationFailed.class).isEmpty());
            assertRefused(client, "refused the credentials");

            password.set("Stilz");
            await().atMost(GUARD).until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertServed(client);
        }
    }

    @Test
    void providerIsAskedForEachConnection() {
        AtomicInteger asked = new AtomicInteger();
        try (MemcachedClient client = options(server.address())
                .credentials(node -> {
                    assertThat(node).isEqualTo(NodeAddress.parse(server.address()));
                    assertThat(Thread.currentThread().getName()).doesNotContain("loop");
                    asked.incrementAndGet();
                    return Credentials.of(USER, PASSWORD);
                })
                .connections(4)
                .connect()) {
            await().atMost(GUARD).until(() -> asked.get() == 4);
            assertServed(client);
        }
    }

    private static final List<CredentialsProvider> BAD_PROVIDERS = List.of(
            node -> {
                throw new IOException("the vault is sealed");
            },
            node -> {
                throw new IllegalStateException("the vault is sealed");
            },
            node -> {
                throw new AssertionError("the vault is sealed");
            },
            node -> null);

    private static final int THROWS_ERROR = 2;
    private static final int GIVES_NULL = 3;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, THROWS_ERROR, GIVES_NULL})
    void providerThatHasNoneIsAskedAgain(int bad) {
        AtomicReference<CredentialsProvider> provider = new AtomicReference<>(BAD_PROVIDERS.get(bad));
        try (MemcachedClient client = listening(
                options(server.address()).credentials(node -> provider.get().credentials(node)))) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(500))).isInstanceOf(MemcachedException.class);
            if (bad == THROWS_ERROR) {
                assertThatThrownBy(() -> client.get("k")).isInstanceOf(MemcachedException.NodeUnavailable.class);
            } else {
                assertThatThrownBy(() -> client.get("k")).isInstanceOf(MemcachedException.Authentication.class);
            }
            if (bad != GIVES_NULL) {
                assertThatThrownBy(() -> client.get("k")).hasStackTraceContaining("the vault is sealed");
            }
            provider.set(node -> Credentials.of(USER, PASSWORD));
            await().atMost(GUARD).until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertServed(client);
        }
    }

    @Test
    @DisplayName("a provider that hangs costs its node the connection timeout, and other nodes nothing")
    void providerThatHangs() {
        Gate gate = new Gate();
        try (ScriptedServer other = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = options(server.address(), other.address())
                        .connectionTimeout(Duration.ofMillis(300))
                        .credentials(node -> {
                            if (node.identity().equals(server.address())) {
                                gate.pass();
                            }
                            return Credentials.of(USER, PASSWORD);
                        })
                        .build()) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(100)))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            gate.awaitReached();
            assertThat(client.admin().node(other.address()).ping()).isLessThan(GUARD);
            await().atMost(GUARD)
                    .untilAsserted(() -> assertThatThrownBy(
                                    () -> client.admin().node(server.address()).ping())
                            .isInstanceOf(MemcachedException.class)
                            .isNotInstanceOf(MemcachedException.Timeout.class));
            gate.open();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertThat(client.admin().node(server.address()).ping()).isLessThan(GUARD);
        }
    }

    @Test
    void closeDoesNotWaitForAProviderThatHangs() {
        Gate gate = new Gate();
        MemcachedClient client = options(server.address())
                .credentials(node -> {
                    gate.pass();
                    return Credentials.of(USER, PASSWORD);
                })
                .build();
        CompletableFuture<byte[]> call = client.async().get("k");
        gate.awaitReached();
        client.close();
        gate.open();
        assertThat(call).failsWithin(GUARD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-S", "-B binary"})
    @DisplayName("a server that speaks the binary protocol only is not supported, and says so")
    void binaryOnlyServerIsNotSupported(String args) {
        try (MemcachedServer binary = MemcachedServer.start(args.split(" ", -1));
                MemcachedClient client = options(binary.address())
                        .credentials(USER, PASSWORD)
                        .connectionTimeout(Duration.ofSeconds(1))
                        .build()) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofSeconds(2)))
                    .isInstanceOf(MemcachedException.class)
                    .hasStackTraceContaining("binary protocol");
            assertThatThrownBy(() -> client.get("k")).hasStackTraceContaining("binary protocol");
        }
    }

    @Test
    void serverWithAWordOfItsOwnGetsNoPassword() {
        try (ScriptedServer odd = ScriptedServer.start(session -> {
                    session.expectLine("version");
                    session.send("ERROR Too many open connections\r\n");
                    assertThat(session.readLine()).isNull();
                });
                MemcachedClient client =
                        options(odd.address()).credentials(USER, PASSWORD).build()) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(500)))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class)
                    .hasStackTraceContaining("Too many open connections");
        }
    }

    @Test
    @DisplayName("L9 the command that carries the password is none that a server would store")
    void passwordIsSentInACommandThatNoServerStores() {
        try (ScriptedServer recording = ScriptedServer.start(session -> {
                    session.expectLine("version");
                    session.send("CLIENT_ERROR unauthenticated\r\n");
                    session.expectLine("set _ _ _ 16");
                    session.expectBlock(USER + " " + PASSWORD);
                    session.send("STORED\r\n");
                    session.answerVersion();
                    session.pause();
                });
                MemcachedClient client =
                        options(recording.address()).credentials(USER, PASSWORD).connect()) {
            assertThat(client.cluster().unhealthyNodes()).isEmpty();
        }
    }
}
