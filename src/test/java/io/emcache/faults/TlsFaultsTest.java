package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.TlsOptions;
import io.emcache.testkit.Answer;
import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.ServerTls;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers and networks do to encrypted connections. */
@NoLeaks
@Tag("slow")
class TlsFaultsTest {
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final Authority CA = Certificates.authority("trusted");
    private static final SSLContext SERVER = CA.server("localhost", "127.0.0.1").context();

    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 500, 1);
    private static final byte[] LARGE = KeyTaggedValues.make("large", 1_000_000, 2);

    private final FakeMemcached fake =
            new FakeMemcached().put(KEY, VALUE).put("large", LARGE).put("empty", new byte[0]);

    /** One way to call over one version of TLS. */
    private record Way(Setup setup, String protocol) {
        static Way of(Face face, boolean classic, String protocol) {
            return new Way(new Setup(face, 1, classic), protocol);
        }

        @Override
        public String toString() {
            return setup + ", " + protocol;
        }
    }

    static Stream<Way> ways() {
        return Stream.of(
                Way.of(Face.PLATFORM, false, "TLSv1.3"),
                Way.of(Face.ASYNC, false, "TLSv1.2"),
                Way.of(Face.VIRTUAL, true, "TLSv1.2"),
                Way.of(Face.ASYNC, true, "TLSv1.3"));
    }

    /** For what is followed by a pause of a second before the next connection. */
    static Stream<Way> twoWays() {
        return ways().limit(2);
    }

    private static TlsOptions tls(String... protocols) {
        return TlsOptions.builder()
                .systemAuthorities(false)
                .ca(CA.pem())
                .protocols(protocols)
                .build();
    }

    private static Rig connect(Way way, String uri) {
        return Rig.connect(way.setup(), uri, options -> options.tls(tls(way.protocol())));
    }

    private static ClientOptions.Builder options(Duration connectionTimeout, String... nodes) {
        return MemcachedClient.builder()
                .nodes(nodes)
                .tls(tls("TLSv1.3", "TLSv1.2"))
                .timeout(GUARD)
                .connectionTimeout(connectionTimeout)
                .connections(1);
    }

    private ScriptedServer start() {
        return ScriptedServer.startTls(SERVER, fake);
    }

    /** Holds replies back until so many are there, and sends all of them in one record. */
    private static Answer together(int count) {
        ByteArrayOutputStream replies = new ByteArrayOutputStream();
        AtomicInteger seen = new AtomicInteger();
        return (request, reply, session) -> {
            replies.writeBytes(reply);
            if (seen.incrementAndGet() % count == 0) {
                session.send(replies.toByteArray());
                replies.reset();
            }
        };
    }

    private static Answer inRecordsOf(int bytes) {
        return (request, reply, session) -> session.tls().send(reply, bytes);
    }

    @ParameterizedTest
    @MethodSource("ways")
    @DisplayName("L12 several replies in one record, and halves of them")
    void repliesShareARecord(Way way) {
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            fake.onEvery(way.setup().getVerb(), together(8));
            List<Call<byte[]>> calls = IntStream.range(0, 16)
                    .mapToObj(i -> rig.get(i % 2 == 0 ? KEY : "empty"))
                    .toList();
            for (int i = 0; i < 16; i++) {
                assertThat(calls.get(i).value()).hasSize(i % 2 == 0 ? VALUE.length : 0);
            }
            fake.onEvery(way.setup().getVerb(), Answer.correct());
            rig.assertWorksAgain();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    @DisplayName("L12 one reply over many records, down to a byte in each")
    void replyComesInManyRecords(Way way) {
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            for (int bytes : new int[] {1, 2, 7, 100}) {
                fake.onEvery(way.setup().getVerb(), inRecordsOf(bytes));
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                assertThat(rig.get("empty").value()).isEmpty();
                assertThat(rig.get("nobody").value()).isNull();
                assertThat(rig.getAll(List.of(KEY, "nobody", "empty")).value().hits())
                        .containsOnlyKeys(KEY, "empty");
            }
            for (int bytes : new int[] {1_000, 4_096, ServerTls.RECORD_BYTES}) {
                fake.onEvery(way.setup().getVerb(), inRecordsOf(bytes));
                assertThat(rig.get("large").value()).isEqualTo(LARGE);
            }
            rig.set("sent", LARGE).value();
            assertThat(fake.get("sent")).isEqualTo(LARGE);
            rig.assertWorksAgain();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    @DisplayName("L13 C4 an end inside a reply, announced or not, is a failure and never a value")
    void endInsideAReplyIsAFailure(Way way) {
        Answer announced = (request, reply, session) -> {
            session.tls().send(Arrays.copyOf(reply, reply.length / 2), 100);
            session.tls().closeNotify();
            session.close();
        };
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            for (Answer end : List.of(announced, Answer.halfThenEof())) {
                fake.onEvery(way.setup().getVerb(), end);
                assertThat(rig.get(KEY).failure(NodeUnavailable.class)).hasCauseInstanceOf(Throwable.class);
                fake.onEvery(way.setup().getVerb(), Answer.correct());
                rig.assertWorksAgain();
                fake.onNext(way.setup().setVerb(), end);
                assertThat(rig.set("written", VALUE)
                                .failure(NodeUnavailable.class)
                                .outcomeUnknown())
                        .isTrue();
                rig.assertWorksAgain();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    @DisplayName("L13 an end between replies, announced or not: the connection is replaced, nobody is told")
    void endBetweenRepliesIsNoFailure(Way way) {
        Answer cut = (request, reply, session) -> {
            session.send(reply);
            session.close();
        };
        Answer announced = (request, reply, session) -> {
            session.send(reply);
            session.tls().closeNotify();
            session.close();
        };
        Answer silentHalf = (request, reply, session) -> {
            session.send(reply);
            session.tls().closeNotify();
            session.pause();
        };
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            int connections = server.connections();
            for (Answer end : List.of(cut, announced, silentHalf)) {
                fake.onNext(way.setup().getVerb(), end);
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                connections++;
                server.awaitConnections(connections);
                rig.assertWorksAgain();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("twoWays")
    @DisplayName("an alert in place of a reply ends the connection and the call")
    void alertInsteadOfAReplyIsAFailure(Way way) {
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            fake.onNext(way.setup().setVerb(), (request, reply, session) -> {
                session.tls().fatalAlert();
                session.close();
            });
            NodeUnavailable failure = rig.set(KEY, VALUE).failure(NodeUnavailable.class);
            assertThat(failure).hasStackTraceContaining("alert");
            rig.assertWorksAgain();
        }
    }

    @ParameterizedTest
    @MethodSource("twoWays")
    @DisplayName("bytes that are not encrypted, within an encrypted connection, end it")
    void plainBytesInsteadOfAReplyAreAFailure(Way way) {
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            fake.onNext(way.setup().setVerb(), (request, reply, session) -> {
                session.tls().sendPlain("STORED\r\nHD\r\n");
                session.pause();
            });
            assertThat(rig.set(KEY, VALUE).await()).isInstanceOf(MemcachedException.class);
            rig.assertWorksAgain();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("TLS 1.3: keys that change before, within and behind replies, on both sides")
    void keysChange(boolean classic) {
        Way way = Way.of(Face.ASYNC, classic, "TLSv1.3");
        Answer rekeying = (request, reply, session) -> {
            session.tls().rekey();
            session.tls().send(reply, 200);
            session.tls().rekey();
        };
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            fake.onEvery(way.setup().getVerb(), rekeying);
            for (int i = 0; i < 50; i++) {
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                assertThat(rig.set("k" + i, VALUE).await()).isNull();
            }
            List<Call<byte[]>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                calls.add(rig.get(KEY));
            }
            calls.forEach(call -> assertThat(call.value()).isEqualTo(VALUE));
            fake.onEvery(way.setup().getVerb(), Answer.correct());
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("TLS 1.2: another handshake is refused, and the call does not hang")
    void anotherHandshakeIsRefused(boolean classic) {
        Way way = Way.of(Face.PLATFORM, classic, "TLSv1.2");
        try (ScriptedServer server = start();
                Rig rig = connect(way, server.uri())) {
            fake.onNext(way.setup().setVerb(), (request, reply, session) -> {
                session.tls().rekey();
                session.send(reply);
                while (session.readLine() != null) {
                    // until the client has gone
                }
            });
            rig.set(KEY, VALUE).await();
            rig.assertWorksAgain();
        }
    }

    /** Ways to hang within a handshake, or to fail. */
    private static List<ScriptedServer.Script> badHandshakes() {
        return List.of(
                session -> session.pause(),
                session -> {
                    session.readBytes(100);
                    session.pause();
                },
                session -> session.close(),
                session -> session.reset(),
                session -> {
                    session.readBytes(100);
                    session.close();
                },
                session -> {
                    session.send("VERSION 1.6.18\r\n");
                    session.pause();
                },
                session -> {
                    session.send("\u0016\u0003\u0003\u00ff\u00ff" + "garbage".repeat(10_000));
                    session.pause();
                },
                session -> {
                    session.send("\u0015\u0003\u0003\u0000\u0002\u0002("); // alert: handshake_failure
                    session.pause();
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    @DisplayName("L11 a handshake that hangs or fails: its node fails in time, and others do not notice")
    void badHandshakeIsAFailureInTime(int which) {
        ScriptedServer.Script bad = badHandshakes().get(which);
        try (ScriptedServer plain = ScriptedServer.start(bad);
                ScriptedServer other = start();
                MemcachedClient client = options(Duration.ofSeconds(1), plain.address(), other.address())
                        .build()) {
            assertThatThrownBy(() -> client.awaitReady(Duration.ofMillis(100))).isInstanceOf(NodeUnavailable.class);
            await().atMost(GUARD).until(() -> !client.cluster().healthyNodes().isEmpty());
            for (int i = 0; i < 20; i++) {
                assertThat(client.admin().node(other.address()).ping()).isLessThan(GUARD);
                assertThatThrownBy(() -> client.admin().node(plain.address()).ping())
                        .isInstanceOf(NodeUnavailable.class);
            }
            assertThat(client.cluster().healthyNodes()).hasSize(1);
            assertThat(plain.receivedLines()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @DisplayName("a server that stops in the middle of its part of the handshake, and does better later")
    void halfAHandshakeIsAFailureInTime(String protocol) {
        ScriptedServer.Script half = session -> {
            session.tls().protocols(protocol).handshakeHalf();
            session.pause();
        };
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, half, half, fake);
                MemcachedClient client =
                        options(Duration.ofMillis(500), server.address()).build()) {
            assertThatThrownBy(() -> client.get(KEY)).isInstanceOf(MemcachedException.class);
            await().atMost(GUARD).until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertThat(client.get(KEY)).isEqualTo(VALUE);
        }
    }

    @Test
    @DisplayName("a server that is encrypted and says nothing then, or hangs up")
    void silenceAfterTheHandshakeIsAFailureInTime() {
        try (ScriptedServer server = ScriptedServer.startTls(
                        SERVER,
                        session -> {
                            session.tls().handshake();
                            session.pause();
                        },
                        session -> session.tls().handshake(),
                        session -> {
                            session.expectLine("version");
                            session.tls().closeNotify();
                        },
                        fake);
                MemcachedClient client =
                        options(Duration.ofMillis(500), server.address()).build()) {
            assertThatThrownBy(() -> client.get(KEY)).isInstanceOf(MemcachedException.class);
            await().atMost(GUARD).until(() -> client.cluster().unhealthyNodes().isEmpty());
            assertThat(client.get(KEY)).isEqualTo(VALUE);
        }
    }

    @Test
    @DisplayName("A11 not more than 16 handshakes at once, and all connections come")
    void handshakesAreFewAtATime() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Gate gate = new Gate();
        ScriptedServer.Script counting = session -> {
            session.readBytes(0);
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            gate.pass();
            session.tls().handshake();
            now.decrementAndGet();
            fake.run(session);
        };
        List<ScriptedServer> servers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                servers.add(ScriptedServer.startTls(SERVER, counting));
            }
            try (MemcachedClient client = options(
                            GUARD, servers.stream().map(ScriptedServer::address).toArray(String[]::new))
                    .connections(2)
                    .build()) {
                CompletableFuture<byte[]> call = client.async().get(KEY);
                gate.awaitReached();
                await().atMost(GUARD).until(() -> now.get() == 16);
                gate.open();
                await().atMost(GUARD)
                        .until(() -> servers.stream()
                                        .mapToInt(ScriptedServer::connections)
                                        .sum()
                                == 40);
                assertThat(call).succeedsWithin(GUARD).isEqualTo(VALUE);
                client.awaitReady(GUARD);
                assertThat(client.admin().ping().orThrow()).hasSize(20);
            }
            assertThat(most.get()).isEqualTo(16);
        } finally {
            servers.forEach(ScriptedServer::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @DisplayName("a connection that ends at any byte of the handshake or the first replies: no hang, no wrong value")
    void connectionEndsAtAnyByte(String protocol) {
        try (MemcachedServer server = MemcachedServer.builder()
                        .tls(CA.server("localhost", "127.0.0.1"))
                        .start();
                FaultProxy proxy = FaultProxy.start(server.port())) {
            try (MemcachedClient client = options(GUARD, server.address()).connect()) {
                client.set(KEY, VALUE);
            }
            for (int bytes = 1; bytes < 3_000; bytes = bytes * 8 / 5 + 1) {
                proxy.toClient().cutEachAfter(bytes);
                try (MemcachedClient client = options(Duration.ofSeconds(2), proxy.address())
                        .tls(tls(protocol))
                        .build()) {
                    for (int call = 0; call < 3; call++) {
                        readOrFail(client);
                    }
                    proxy.heal();
                    await().atMost(GUARD)
                            .until(() -> client.cluster().unhealthyNodes().isEmpty());
                    assertThat(client.get(KEY)).isEqualTo(VALUE);
                }
            }
        }
    }

    private static void readOrFail(MemcachedClient client) {
        try {
            assertThat(client.get(KEY)).isEqualTo(VALUE);
        } catch (MemcachedException e) {
            assertThat(e).isInstanceOf(NodeUnavailable.class);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    @DisplayName("records in pieces of a byte, on the way there and back")
    void recordsComeInPieces(Way way) {
        try (MemcachedServer server = MemcachedServer.builder()
                        .tls(CA.server("localhost", "127.0.0.1"))
                        .start();
                FaultProxy proxy = FaultProxy.start(server.port())) {
            proxy.toClient().drip(1, Duration.ZERO);
            proxy.toServer().drip(1, Duration.ZERO);
            try (Rig rig = connect(way, proxy.uri())) {
                rig.set(KEY, VALUE).value();
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                byte[] longer = KeyTaggedValues.make("longer", 5_000, 4);
                rig.set("longer", longer).value();
                assertThat(rig.get("longer").value()).isEqualTo(longer);
                rig.assertWorksAgain();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    @DisplayName(
            "L1 a network that stops within a reply, and within a request: the deadline holds, and the connection is replaced")
    void networkStops(Way way) {
        try (ScriptedServer server = start();
                FaultProxy proxy = FaultProxy.start(server.port());
                Rig rig = Rig.connect(
                        way.setup(),
                        proxy.uri(),
                        options -> options.tls(tls(way.protocol()))
                                .connectionTimeout(Duration.ofSeconds(1))
                                .timeout(Duration.ofMillis(300)))) {
            proxy.freeze();
            assertThat(rig.get(KEY).await()).isInstanceOf(MemcachedException.class);
            assertThat(rig.set("large", LARGE).await()).isInstanceOf(MemcachedException.class);
            proxy.heal();
            proxy.resetAll();
            rig.assertWorksAgain();
        }
    }
}
