package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import io.emcache.testkit.FakeConfigEndpoint;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real servers with TLS: who is trusted, what is shown, and what else goes over encrypted connections. */
@NoLeaks
class TlsTest {
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Authority CA = Certificates.authority("trusted");
    private static final Identity SERVER = CA.server("localhost", "127.0.0.1");

    private static MemcachedServer server;

    @TempDir
    private Path directory;

    private final List<ClientEvent> heard = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void startServer() {
        server = MemcachedServer.builder().tls(SERVER).args("-I", "4m").start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static TlsOptions.Builder trusting(Authority authority) {
        return TlsOptions.builder().systemAuthorities(false).ca(authority.pem());
    }

    private static ClientOptions.Builder options(TlsOptions.Builder tls, String... nodes) {
        return MemcachedClient.builder()
                .nodes(nodes)
                .tls(tls.build())
                .timeout(GUARD)
                .connectionTimeout(GUARD)
                .connections(1);
    }

    private static void assertServed(MemcachedClient client) {
        assertThat(client.set("k", VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client.get("k")).isEqualTo(VALUE);
    }

    /** The node is unhealthy, and its callers are told why. */
    private static void assertRefused(MemcachedClient client, String node, String... why) {
        await().atMost(GUARD)
                .untilAsserted(
                        () -> assertThatThrownBy(() -> client.admin().node(node).ping())
                                .isInstanceOf(MemcachedException.NodeUnavailable.class)
                                .cause()
                                .hasMessageContainingAll(why));
        assertThat(client.cluster().unhealthyNodes())
                .extracting(NodeAddress::identity)
                .contains(node);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @DisplayName("A25 values up to megabytes, many keys and commands of all kinds in both versions")
    void allKindsOfCallsAreEncrypted(String protocol) {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                MemcachedClient client = options(trusting(CA).protocols(protocol), proxy.address())
                        .itemSizeLimit(4 << 20)
                        .connections(2)
                        .connect()) {
            Map<String, byte[]> values = new HashMap<>();
            for (int bytes : new int[] {0, 1, 2_000, 16_383, 16_384, 16_385, 65_536, 1 << 20, 3 << 20}) {
                byte[] value = new byte[bytes];
                ThreadLocalRandom.current().nextBytes(value);
                values.put("k" + bytes, value);
            }
            assertThat(client.setAll(values).orThrow().values()).containsOnly(StoreResult.STORED);
            values.forEach((key, value) -> assertThat(client.get(key)).isEqualTo(value));
            client.getAll(values.keySet())
                    .hits()
                    .forEach((key, value) -> assertThat(value).isEqualTo(values.get(key)));
            assertThat(client.admin().node(proxy.address()).stats("settings").text("ssl_enabled"))
                    .isEqualTo("yes");
            try (Stream<DumpedKey> keys = client.admin().node(proxy.address()).keys()) {
                assertThat(keys.map(key -> key.key().toString())).isNotEmpty();
            }
            assertThat(proxy.toServer().forwarded()).doesNotContain("version", "ms k", "mg k");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 3_000, 20_000, 40_000})
    @DisplayName(
            "A25 the server answers all writes of a burst, whatever follows: it forgets what a record holds behind a value")
    void burstsOfWritesAreAnsweredThoughNothingFollows(int bytes) {
        int calls = 64 + 30_000 / bytes;
        try (MemcachedClient client = options(trusting(CA), server.address())
                .maxQueuedBytesPerNode(64 << 20)
                .connect()) {
            for (int round = 0; round < 10; round++) {
                List<CompletableFuture<StoreResult>> stored = IntStream.range(0, calls)
                        .mapToObj(i -> client.async().set("burst" + i, new byte[bytes + i]))
                        .toList();
                assertThat(stored)
                        .allSatisfy(result ->
                                assertThat(result).succeedsWithin(GUARD).isEqualTo(StoreResult.STORED));
            }
        }
    }

    static Map<String, Identity> refused() {
        return Map.of(
                "has expired", CA.expiredServer("localhost", "127.0.0.1"),
                "is not valid yet", CA.notYetValidServer("localhost", "127.0.0.1"),
                "not for 127.0.0.1", CA.server("localhost", "127.0.0.2"),
                "is not issued by an authority that is trusted",
                        Certificates.authority("stranger").server("localhost", "127.0.0.1"),
                "is its own issuer", Certificates.selfSigned("localhost", "127.0.0.1"));
    }

    static Stream<String> reasons() {
        return refused().keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("reasons")
    @DisplayName(
            "L11 a certificate that is not good: the node does not serve, the reason is told, nothing is said in the clear")
    void badCertificateIsRefused(String reason) {
        try (MemcachedServer bad =
                        MemcachedServer.builder().tls(refused().get(reason)).start();
                FaultProxy proxy = FaultProxy.start(bad.port());
                MemcachedClient client =
                        options(trusting(CA), proxy.address(), server.address()).build()) {
            client.events().listen(heard::add);
            assertRefused(client, proxy.address(), reason, "the certificate of the server");
            assertThat(client.admin().node(server.address()).ping()).isLessThan(GUARD);
            assertThat(client.cluster().healthyNodes())
                    .extracting(NodeAddress::identity)
                    .containsExactly(server.address());
            await().atMost(GUARD)
                    .untilAsserted(() -> assertThat(heard)
                            .anySatisfy(event -> assertThat(event)
                                    .isInstanceOfSatisfying(ClientEvent.ConnectionRefused.class, refused -> {
                                        assertThat(refused.node()).isEqualTo(proxy.address());
                                        assertThat(refused.cause()).hasMessageContaining(reason);
                                    })));
            assertThat(proxy.toServer().forwarded()).doesNotContain("version", "mn\r\n");
            assertThat(proxy.connections()).isLessThan(20);
        }
    }

    @Test
    void nameIsLookedAtOnlyIfItShouldBe() {
        try (MemcachedServer other =
                MemcachedServer.builder().tls(CA.server("other.example")).start()) {
            try (MemcachedClient client =
                    options(trusting(CA).verifyHostname(false), other.address()).connect()) {
                assertServed(client);
            }
            try (MemcachedClient client = options(
                            trusting(Certificates.authority("stranger")).verifyHostname(false), other.address())
                    .build()) {
                assertRefused(client, other.address(), "not issued by an authority that is trusted");
            }
        }
    }

    @Test
    void nothingIsLookedAtIfTheUserSaysSo() {
        try (MemcachedServer bad = MemcachedServer.builder()
                        .tls(Certificates.authority("stranger").expiredServer("elsewhere"))
                        .start();
                MemcachedClient client = options(TlsOptions.builder().verify(false), bad.address())
                        .connect()) {
            assertServed(client);
        }
    }

    @Test
    void authoritiesOfTheJdkDoNotVouchForATestServer() {
        try (MemcachedClient client =
                options(TlsOptions.builder(), server.address()).build()) {
            assertRefused(client, server.address(), "the authorities of the JDK");
        }
    }

    @Test
    @DisplayName("no plaintext fallback: a server without TLS gets no word")
    void plainServerIsNotSpokenToInTheClear() {
        try (MemcachedServer plain = MemcachedServer.start();
                FaultProxy proxy = FaultProxy.start(plain.port());
                MemcachedClient client =
                        options(trusting(CA), proxy.address(), server.address()).build()) {
            assertRefused(client, proxy.address(), "TLS");
            assertThat(client.admin().node(server.address()).ping()).isLessThan(GUARD);
            assertThat(proxy.toServer().forwarded()).isNotEmpty().startsWith("\u0016\u0003");
            assertThat(proxy.toServer().forwarded()).doesNotContain("version", "mn\r\n");
        }
    }

    @Test
    void plainClientOfAnEncryptedServerIsTold() {
        try (MemcachedClient client =
                MemcachedClient.builder().nodes(server.address()).connections(1).build()) {
            assertRefused(client, server.address(), "TLS");
        }
    }

    @Test
    void clientShowsItsCertificate() {
        Identity app = CA.client("app");
        try (MemcachedServer asking =
                MemcachedServer.builder().tls(SERVER).clientsOf(CA).start()) {
            List<TlsOptions.Builder> each = List.of(
                    trusting(CA).certificate(app.writeChain(directory), app.writeKey(directory)),
                    trusting(CA)
                            .certificate(app.writeChain(directory), app.writeEncryptedKey(directory, "secret"))
                            .keyPassword("secret"::toCharArray),
                    trusting(CA).pkcs12(app.writePkcs12(directory, "secret")).keyPassword("secret"::toCharArray),
                    TlsOptions.builder().context(app.context(CA)));
            app.writeKey(directory); // the second one has replaced it
            for (TlsOptions.Builder tls : List.of(each.get(0), each.get(2), each.get(3))) {
                try (MemcachedClient client = options(tls, asking.address()).connect()) {
                    assertServed(client);
                }
            }
            app.writeEncryptedKey(directory, "secret");
            try (MemcachedClient client = options(each.get(1), asking.address()).connect()) {
                assertServed(client);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @DisplayName("a memcached that asks for certificates refuses to resume sessions: no connection fails for that")
    void connectionsWithACertificateComeBack(String protocol) {
        Identity app = CA.client("app");
        try (MemcachedServer asking =
                        MemcachedServer.builder().tls(SERVER).clientsOf(CA).start();
                FaultProxy proxy = FaultProxy.start(asking.port());
                MemcachedClient client = options(
                                trusting(CA)
                                        .protocols(protocol)
                                        .certificate(app.writeChain(directory), app.writeKey(directory)),
                                proxy.address())
                        .connections(3)
                        .connect()) {
            awaitConnections(client, 3);
            client.events().listen(heard::add);
            for (int round = 1; round <= 5; round++) {
                assertServed(client);
                proxy.cutAll();
                awaitConnections(client, 3 + 3 * round);
            }
            assertServed(client);
            assertThat(heard).noneMatch(ClientEvent.ConnectionRefused.class::isInstance);
        }
    }

    /** Three stand, of so many in all. */
    private static void awaitConnections(MemcachedClient client, int created) {
        await().atMost(GUARD)
                .untilAsserted(() -> assertThat(
                                client.cluster().connectionPoolMetrics().values())
                        .singleElement()
                        .satisfies(metrics -> {
                            assertThat(metrics.curConnections()).isEqualTo(3);
                            assertThat(metrics.connectionsCreated()).isEqualTo(created);
                        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void clientWithoutAGoodCertificateIsTold(String protocol) {
        Identity stranger = Certificates.authority("stranger").client("stranger");
        try (MemcachedServer asking =
                MemcachedServer.builder().tls(SERVER).clientsOf(CA).start()) {
            try (MemcachedClient client =
                    options(trusting(CA).protocols(protocol), asking.address()).build()) {
                assertRefused(client, asking.address(), "certificate");
            }
            TlsOptions.Builder strange = trusting(CA)
                    .protocols(protocol)
                    .certificate(stranger.writeChain(directory), stranger.writeKey(directory));
            try (MemcachedClient client = options(strange, asking.address()).build()) {
                assertRefused(client, asking.address(), "certificate", "stranger");
            }
        }
    }

    @Test
    @DisplayName("key material is renewed without a restart: the server's authority and the client's certificate")
    void filesAreReadAnewWhenTheyHaveChanged() throws Exception {
        Authority first = Certificates.authority("first");
        Authority second = Certificates.authority("second");
        Path ca = Files.write(directory.resolve("ca.pem"), first.pem());
        try (MemcachedServer renewed =
                        MemcachedServer.builder().tls(first.server("127.0.0.1")).start();
                MemcachedClient client = options(
                                TlsOptions.builder().systemAuthorities(false).ca(ca), renewed.address())
                        .connect()) {
            assertServed(client);
            renewed.identity(second.server("127.0.0.1"));
            renewed.restart();
            assertRefused(client, renewed.address(), "not issued by an authority that is trusted");

            Path next = Files.write(directory.resolve("next.pem"), second.pem());
            Files.move(next, ca, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertServed(client);
        }
    }

    @Test
    void clientCertificateIsReadAnewWhenItHasChanged() {
        Identity stranger = Certificates.authority("stranger").client("app");
        Path chain = stranger.writeChain(directory);
        Path key = stranger.writeKey(directory);
        try (MemcachedServer asking =
                        MemcachedServer.builder().tls(SERVER).clientsOf(CA).start();
                MemcachedClient client = options(trusting(CA).certificate(chain, key), asking.address())
                        .build()) {
            assertRefused(client, asking.address(), "certificate");
            Identity app = CA.client("app");
            app.writeChain(directory);
            app.writeKey(directory);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertServed(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @DisplayName("sessions are resumed: a server that is connected to again sends no certificate")
    void sessionsAreResumed(String protocol) throws Exception {
        try (FaultProxy proxy = FaultProxy.start(server.port());
                MemcachedClient client = options(trusting(CA).protocols(protocol), proxy.address())
                        .connect()) {
            assertServed(client);
            long full = proxy.toClient().forwardedBytes();
            proxy.cutAll();
            await().atMost(GUARD).until(() -> proxy.connections() == 2);
            assertServed(client);
            long resumed = proxy.toClient().forwardedBytes() - full;
            assertThat(resumed)
                    .isPositive()
                    .isLessThan(full - SERVER.certificate().getTBSCertificate().length);
        }
    }

    @Test
    @DisplayName(
            "SNI and the name that is verified: the host, or the id if it reads as host and port; none for an IP address")
    void eachNodeIsAskedForByItsName() {
        ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
        FakeMemcached fake = new FakeMemcached();
        Identity all = CA.server("localhost", "127.0.0.1", "cache-7.example");
        try (ScriptedServer scripted = ScriptedServer.startTls(all.context(), session -> {
            asked.add(session.tls().serverNames().toString());
            fake.run(session);
        })) {
            NodeAddress address = NodeAddress.tcp("127.0.0.1", scripted.port());
            for (NodeAddress node : List.of(
                    address,
                    NodeAddress.tcp("localhost", scripted.port()),
                    address.withId("cache-7.example:" + scripted.port()),
                    address.withId("seven"))) {
                try (MemcachedClient client =
                        options(trusting(CA), "localhost").nodes(List.of(node)).connect()) {
                    assertServed(client);
                }
            }
            try (MemcachedClient client = options(trusting(CA), "localhost")
                    .nodes(List.of(address.withId("cache-8.example:" + scripted.port())))
                    .build()) {
                assertRefused(client, "cache-8.example:" + scripted.port(), "not for cache-8.example");
            }
        }
        assertThat(asked).startsWith("[]", "[localhost]", "[cache-7.example]", "[]");
    }

    @Test
    void discoveryIsEncryptedAndItsNodesAreVerifiedByName() {
        try (FakeConfigEndpoint endpoint = FakeConfigEndpoint.startGuarded(SERVER.context(), "user secret");
                MemcachedServer named = MemcachedServer.builder()
                        .tls(CA.server("node-1.example"))
                        .logins("user:secret")
                        .start();
                MemcachedServer wrong = MemcachedServer.builder()
                        .tls(CA.server("node-1.example"))
                        .logins("user:secret")
                        .start()) {
            String good = "node-1.example:" + named.port();
            String bad = "node-2.example:" + wrong.port();
            endpoint.tell(
                    1, List.of("node-1.example|127.0.0.1|" + named.port(), "node-2.example|127.0.0.1|" + wrong.port()));
            try (MemcachedClient client = options(trusting(CA), endpoint.address())
                    .autodiscovery(Autodiscovery.CONFIG)
                    .autodiscoveryPollInterval(Duration.ofMillis(100))
                    .credentials("user", "secret")
                    .build()) {
                assertThatThrownBy(() -> client.awaitReady(Duration.ofSeconds(1)))
                        .isInstanceOf(MemcachedException.NodeUnavailable.class);
                assertThat(client.admin().node(good).ping()).isLessThan(GUARD);
                assertRefused(client, bad, "is for [node-1.example], not for node-2.example");
                assertThat(endpoint.asked()).isPositive();
            }
        }
    }

    @Test
    void discoveryFromAnEndpointThatIsNotTrustedSaysSo() {
        try (FakeConfigEndpoint endpoint = FakeConfigEndpoint.startGuarded(
                        Certificates.selfSigned("127.0.0.1").context(), null);
                MemcachedClient client = options(trusting(CA), endpoint.address())
                        .autodiscovery(Autodiscovery.CONFIG)
                        .autodiscoveryPollInterval(Duration.ofMillis(100))
                        .build()) {
            client.events().listen(heard::add);
            assertThatThrownBy(() -> client.awaitReady(Duration.ofSeconds(1)))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            await().atMost(GUARD)
                    .untilAsserted(() -> assertThat(heard)
                            .anySatisfy(event -> assertThat(event)
                                    .isInstanceOfSatisfying(
                                            ClientEvent.DiscoveryFailed.class,
                                            failed ->
                                                    assertThat(failed.reason()).contains("its own issuer"))));
            assertThat(endpoint.asked()).isZero();
        }
    }

    @Test
    void manyKeysOverManyEncryptedNodes() {
        try (MemcachedServer other = MemcachedServer.builder().tls(SERVER).start();
                MemcachedServer third = MemcachedServer.builder().tls(SERVER).start();
                MemcachedClient client = options(trusting(CA), server.address(), other.address(), third.address())
                        .connect()) {
            Map<String, byte[]> values = new HashMap<>();
            for (int i = 0; i < 1_000; i++) {
                values.put("many" + i, ("value of " + i).repeat(i % 20).getBytes(UTF_8));
            }
            client.setAll(values).orThrow();
            MultiResult<String, byte[]> found = client.getAll(values.keySet());
            assertThat(found.orThrow())
                    .hasSize(1_000)
                    .allSatisfy((key, value) -> assertThat(value).isEqualTo(values.get(key)));
            assertThat(client.admin().stats().orThrow()).hasSize(3);
        }
    }
}
