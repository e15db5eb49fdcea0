package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MemcachedException.ServerError;
import io.emcache.MemcachedException.ValueTooLarge;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Error lines of the server: which belong to one command, and which cost the connection. */
@NoLeaks
class ErrorLinesTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 500, 1);
    private static final List<String> KEYS = List.of("many:0", "many:1", "many:2");
    private static final Answer OUT_OF_MEMORY = Answer.text("SERVER_ERROR out of memory writing get response\r\n");

    private final FakeMemcached fake = new FakeMemcached();

    ErrorLinesTest() {
        fake.put(KEY, VALUE);
        KEYS.forEach(key -> fake.put(key, KeyTaggedValues.make(key, 400, 3)));
    }

    @InEveryClassic
    @DisplayName("C0 V6 an error to a classic get ends the connection: the server may have dropped earlier replies")
    void c0_errorForAClassicGetPoisons(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String line : List.of(
                    "SERVER_ERROR out of memory writing get response\r\n",
                    "CLIENT_ERROR bad command line format\r\n",
                    "ERROR\r\n",
                    "SERVER_ERROR object too large for cache\r\n")) {
                long lost = rig.counters().connectionsLost.sum();
                fake.onNext("get", Answer.text(line));
                rig.get(KEY).failure(ProtocolViolation.class);
                assertThat(rig.counters().desyncDetected.sum()).isPositive();
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                assertThat(rig.counters().connectionsLost.sum()).isEqualTo(lost + 1);
            }
            fake.onNext("get", OUT_OF_MEMORY);
            MultiResult<String, byte[]> many = rig.getAll(KEYS).value();
            assertThat(many.failures()).containsOnlyKeys(KEYS);
            assertThat(many.failures().values()).allSatisfy(e -> assertThat(e).isInstanceOf(ProtocolViolation.class));
            rig.assertWorksAgain();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.emcache.faults.Setup#singleClassic")
    @DisplayName("C0 replies culled by a failing classic get: nobody behind it gets a reply that is not its own")
    void c0_culledRepliesReachNobody(Setup setup) {
        // set, set, get, get: the server drops the replies of the sets and of the first get with those of the second.
        Gate gate = new Gate();
        fake.onNext("set", (request, reply, session) -> gate.pass());
        fake.onNext("set", Answer.skipped());
        fake.onNext("get", Answer.skipped());
        fake.onNext("get", OUT_OF_MEMORY);
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            Call<StoreResult> first = rig.set("a", VALUE);
            gate.awaitReached();
            Call<StoreResult> second = rig.set("b", VALUE);
            awaitCalls(rig, 2);
            Call<?> third = rig.get("c");
            awaitCalls(rig, 3);
            Call<?> fourth = rig.get(KEY);
            awaitCalls(rig, 4);
            settleOnTheWire();
            gate.open();
            assertThat(first.failure(ProtocolViolation.class).outcomeUnknown()).isTrue();
            assertThat(second.failure(ProtocolViolation.class).outcomeUnknown()).isTrue();
            third.failure(ProtocolViolation.class);
            fourth.failure(ProtocolViolation.class);
            rig.assertWorksAgain();
        }
    }

    private static void awaitCalls(Rig rig, int calls) {
        await().atMost(Rig.GUARD).until(() -> rig.calls() >= calls);
    }

    /** Gives commands that are in the lane the time to be written; nothing depends on it but the depth of the test. */
    private static void settleOnTheWire() {
        LockSupport.parkNanos(50_000_000);
    }

    @InEveryMeta
    @DisplayName("V6 V7 C11 a SERVER_ERROR to a meta command fails that command only, by its place in the queue")
    void v6_metaServerErrorFailsOneRequest(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String line : List.of(
                    "SERVER_ERROR out of memory writing get response",
                    "SERVER_ERROR out of memory storing object",
                    "SERVER_ERROR out of memory during read",
                    "SERVER_ERROR backend failure",
                    "SERVER_ERROR output line too long",
                    "SERVER_ERROR",
                    "SERVER_ERROR: shutdown")) {
                for (String verb : List.of("mg", "ms", "md")) {
                    fake.onNext(verb, Answer.text(line + "\r\n"));
                    Call<?> call = switch (verb) {
                        case "mg" -> rig.get(KEY);
                        case "ms" -> rig.set(KEY, VALUE);
                        default -> rig.delete("nobody");
                    };
                    ServerError error = call.failure(ServerError.class);
                    assertThat(error.line()).isEqualTo(line);
                    assertThat(error.outcomeUnknown()).isFalse();
                    assertThat(error.isRetryable()).isTrue();
                }
            }
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(server.connections()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEveryClassic
    @DisplayName("V6 V7 a SERVER_ERROR to a classic set or delete with no get in flight keeps the connection")
    void v7_classicServerErrorKeepsTheConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String line : List.of("SERVER_ERROR out of memory storing object", "SERVER_ERROR backend failure")) {
                fake.onNext("set", Answer.text(line + "\r\n"));
                assertThat(rig.set(KEY, VALUE).failure(ServerError.class).line())
                        .isEqualTo(line);
                fake.onNext("delete", Answer.text(line + "\r\n"));
                assertThat(rig.delete("nobody").failure(ServerError.class).line())
                        .isEqualTo(line);
            }
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(server.connections()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("V1 V4 object too large: typed, the connection stays, later replies are right")
    void v1_tooLargeForTheServer(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext(setup.setVerb(), Answer.text("SERVER_ERROR object too large for cache\r\n"));
            ValueTooLarge failure = rig.set(KEY, VALUE).failure(ValueTooLarge.class);
            assertThat(failure.limitBytes()).isEqualTo(-1);
            assertThat(failure.outcomeUnknown()).isFalse();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(server.connections()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName(
            "C13 C14 C18 C19 an ERROR or CLIENT_ERROR to a storage command ends the connection: its data may be read as commands")
    void c13_clientErrorForASetPoisons(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String lines : List.of(
                    "CLIENT_ERROR bad data chunk\r\nERROR\r\n",
                    "CLIENT_ERROR bad data chunk\r\n",
                    "CLIENT_ERROR bad command line format\r\n",
                    "ERROR\r\n",
                    "CLIENT_ERROR duplicate flag\r\n")) {
                long lost = rig.counters().connectionsLost.sum();
                fake.onNext(setup.setVerb(), Answer.text(lines));
                ProtocolViolation failure = rig.set(KEY, VALUE).failure(ProtocolViolation.class);
                assertThat(failure.outcomeUnknown()).isTrue();
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                assertThat(rig.counters().connectionsLost.sum()).isEqualTo(lost + 1);
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("4.8 a CLIENT_ERROR to a command without data fails that command only")
    void clientErrorForADeleteKeepsTheConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext(setup.deleteVerb(), Answer.text("CLIENT_ERROR bad command line format\r\n"));
            ServerError client = rig.delete("nobody").failure(ServerError.class);
            assertThat(client.line()).isEqualTo("CLIENT_ERROR bad command line format");
            assertThat(client.isRetryable()).isFalse();
            fake.onNext(setup.deleteVerb(), Answer.text("ERROR\r\n"));
            ServerError plain = rig.delete("nobody").failure(ServerError.class);
            assertThat(plain.line()).isEqualTo("ERROR");
            if (!setup.classic()) {
                fake.onNext("mg", Answer.text("CLIENT_ERROR bad token in command line format\r\n"));
                assertThat(rig.get(KEY).failure(ServerError.class).line())
                        .isEqualTo("CLIENT_ERROR bad token in command line format");
            }
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(server.connections()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("C28 an error among quiet gets fails the keys that were not answered, the hits stay")
    void c28_errorAmongQuietGets(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext("mg", Answer.correct());
            fake.onNext("mg", OUT_OF_MEMORY);
            MultiResult<String, byte[]> many = rig.getAll(KEYS).value();
            assertThat(many.hits()).containsOnlyKeys("many:0", "many:2");
            many.hits().forEach(KeyTaggedValues::verify);
            assertThat(many.misses()).isEmpty();
            assertThat(many.failures()).containsOnlyKeys("many:1");
            MemcachedException failure = many.failures().get("many:1");
            assertThat(failure).isInstanceOf(ServerError.class).hasMessageContaining("out of memory writing");

            fake.onNext("mg", Answer.text("CLIENT_ERROR bad token in command line format\r\n"));
            failure = rig.getAll(KEYS).value().failures().get("many:0");
            assertThat(failure)
                    .isInstanceOfSatisfying(
                            ServerError.class,
                            error -> assertThat(error.line())
                                    .isEqualTo("CLIENT_ERROR bad token in command line format"));
            assertThat(server.connections()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("C17 a getAll ends by its fence: silence is a miss, and so is EN")
    void c17_fenceEndsAGetAll(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            List<String> keys = List.of("many:0", "absent", "many:2");
            MultiResult<String, byte[]> many = rig.getAll(keys).value();
            assertThat(many.hits()).containsOnlyKeys("many:0", "many:2");
            assertThat(many.misses()).containsExactly("absent");

            fake.onNext("mg", Answer.text("EN\r\n"));
            many = rig.getAll(keys).value();
            assertThat(many.hits()).containsOnlyKeys("many:2");
            assertThat(many.misses()).containsExactlyInAnyOrder("many:0", "absent");

            rig.assertWorksAgain();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.emcache.faults.Setup#singleMeta")
    @DisplayName("C17 a getAll whose fence does not come is not ended by the replies of other commands")
    void c17_missingFenceIsFoundOut(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext("mn", Answer.skipped());
            Call<MultiResult<String, byte[]>> unfenced = rig.getAll(List.of("many:0", "absent", "many:2"));
            await().atMost(Rig.GUARD)
                    .until(() -> fake.requests().getLast().verb().equals("mn"));
            rig.get(KEY).failure(ProtocolViolation.class);
            assertThat(unfenced.value().failures().get("absent")).isInstanceOf(ProtocolViolation.class);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C8 an error line of 60 KB is taken, one of 70 KB ends the connection")
    void c8_longLines(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext(setup.deleteVerb(), Answer.text("SERVER_ERROR " + "x".repeat(60_000) + "\r\n"));
            ServerError error = rig.delete("nobody").failure(ServerError.class);
            assertThat(error.line()).startsWith("SERVER_ERROR xxx").hasSizeLessThanOrEqualTo(256);
            assertThat(server.connections()).isEqualTo(setup.connections());
            fake.onNext(setup.deleteVerb(), Answer.text("SERVER_ERROR " + "x".repeat(70_000) + "\r\n"));
            rig.delete("nobody").failure(ProtocolViolation.class);
            fake.onNext(setup.deleteVerb(), Answer.text("x".repeat(200_000)));
            rig.delete("nobody").failure(ProtocolViolation.class);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C9 a line ended by a bare LF is a violation")
    void c9_bareLineFeed(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String line : List.of("STORED\n", "HD\n", "SERVER_ERROR busy\n")) {
                fake.onNext(setup.setVerb(), Answer.text(line));
                rig.set(KEY, VALUE).failure(ProtocolViolation.class);
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("V5 a length below zero, above the limit or above 2^31 fails the read and allocates nothing")
    void v5_absurdLengths(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String length : List.of("67108865", "2147483647", "2147483648", "99999999999")) {
                fake.onNext(setup.getVerb(), lengthAnswer(setup, length));
                ValueTooLarge failure = rig.get(KEY).failure(ValueTooLarge.class);
                assertThat(failure.limitBytes()).isEqualTo(64 << 20);
                assertThat(failure.sizeBytes()).isEqualTo(Long.parseLong(length));
            }
            for (String length : List.of("-1", "18446744073709551616", "0x10", "")) {
                fake.onNext(setup.getVerb(), lengthAnswer(setup, length));
                rig.get(KEY).failure(ProtocolViolation.class);
            }
            rig.assertWorksAgain();
        }
    }

    private static Answer lengthAnswer(Setup setup, String length) {
        return (request, reply, session) -> {
            session.send(
                    setup.classic()
                            ? "VALUE user:1 0 " + length + "\r\n"
                            : "VA " + length + " " + request.words().getLast() + " kuser:1\r\n");
            session.shutdownOutput();
        };
    }

    @InEverySetup
    @DisplayName("C24 an error that comes before the command is completely written ends the connection")
    void c24_replyBeforeTheCommandIsWritten(Setup setup) throws Exception {
        byte[] large = new byte[8 << 20];
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    for (String line = session.readLine(); line != null; line = session.readLine()) {
                        if (line.equals("version")) {
                            session.send("VERSION 1.6.18\r\n");
                        } else {
                            session.send("SERVER_ERROR object too large for cache\r\n");
                            session.pause();
                        }
                    }
                });
                Rig rig = Rig.connect(
                        setup,
                        server.uri(),
                        options -> options.itemSizeLimit(8 << 20).maxQueuedBytesPerNode(32 << 20))) {
            Throwable failure = rig.set("large", large).await();
            assertThat(failure).isInstanceOfAny(ValueTooLarge.class, ProtocolViolation.class);
            server.awaitConnections(setup.connections() + 1);
            rig.assertNothingInside();
        }
    }

    @InEverySetup
    @DisplayName("C24 a success that comes before the command is completely written is not believed")
    void c24_successBeforeTheCommandIsWritten(Setup setup) throws Exception {
        byte[] large = new byte[8 << 20];
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    for (String line = session.readLine(); line != null; line = session.readLine()) {
                        if (line.equals("version")) {
                            session.send("VERSION 1.6.18\r\n");
                        } else {
                            String opaque = line.substring(line.lastIndexOf(' ') + 1);
                            session.send(setup.classic() ? "STORED\r\n" : "HD " + opaque + "\r\n");
                            session.pause();
                        }
                    }
                });
                Rig rig = Rig.connect(
                        setup,
                        server.uri(),
                        options -> options.itemSizeLimit(8 << 20).maxQueuedBytesPerNode(32 << 20))) {
            MemcachedException failure =
                    (MemcachedException) rig.set("large", large).await();
            assertThat(failure).isInstanceOfAny(ProtocolViolation.class, NodeUnavailable.class);
            assertThat(failure.outcomeUnknown()).isTrue();
            rig.assertNothingInside();
        }
    }
}
