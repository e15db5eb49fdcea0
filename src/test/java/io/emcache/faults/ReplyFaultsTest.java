package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.Request;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;

/** One spoiled reply to each command: the right failure, nobody else's reply, and a client that works again. */
@NoLeaks
class ReplyFaultsTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 500, 1);
    private static final byte[] NEW_VALUE = KeyTaggedValues.make(KEY, 700, 2);
    private static final List<String> KEYS = List.of("many:0", "many:1", "many:2");

    private final FakeMemcached fake = new FakeMemcached();

    ReplyFaultsTest() {
        fake.put(KEY, VALUE);
        KEYS.forEach(key -> fake.put(key, KeyTaggedValues.make(key, 400, 3)));
    }

    private long seen(String verb, String key) {
        return fake.requests().stream()
                .filter(request ->
                        request.verb().equals(verb) && request.words().contains(key))
                .count();
    }

    /** Faults after which no byte of the connection can be trusted. */
    private static Stream<Answer> untrustworthy() {
        return Stream.of(
                Answer.garbage(),
                Answer.text("HD O0000 ksomebody:else\r\n"),
                Answer.text("VA 5 kuser:2 Offff\r\nhello\r\n"),
                Answer.text("VALUE user:2 0 5\r\nhello\r\nEND\r\n"),
                Answer.text("VALUE user:1 0\r\n"),
                Answer.text("VA -1 kuser:1\r\n"),
                Answer.text("VA 99999999999999999999 kuser:1\r\n"),
                Answer.text("VALUE user:1 0 99999999999999999999\r\n"),
                Answer.text("\r\n"),
                Answer.text("7\r\n"),
                Answer.text("MN\r\nMN\r\nMN\r\n"),
                Answer.text("VERSION 1.6.18\r\n"),
                Answer.text("TOUCHED\r\n"),
                Answer.text("HTTP/1.1 400 Bad Request\r\n\r\n"),
                Answer.text("HD\n"));
    }

    @InEverySetup
    @DisplayName("C6 C10 C12 garbage in place of a reply ends the connection and the call, for every command")
    void garbageIsAProtocolViolation(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            untrustworthy().forEach(answer -> {
                fake.onNext(setup.getVerb(), answer);
                rig.get(KEY).failure(ProtocolViolation.class);
                fake.onNext(setup.setVerb(), answer);
                ProtocolViolation set = rig.set(KEY, VALUE).failure(ProtocolViolation.class);
                assertThat(set.outcomeUnknown()).isTrue();
                fake.onNext(setup.deleteVerb(), answer);
                assertThat(rig.delete("nobody").failure(ProtocolViolation.class).outcomeUnknown())
                        .isTrue();
            });
            assertThat(rig.counters().desyncDetected.sum()).isPositive();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C10 the reply of another key is a violation, and its value reaches nobody")
    void c10_wrongKeyNeverReachesTheCaller(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext(setup.getVerb(), Answer.wrongKey());
            rig.get(KEY).failure(ProtocolViolation.class);
            assertThat(rig.counters().desyncDetected.sum()).isEqualTo(1);

            fake.onNext(setup.getVerb(), Answer.wrongKey());
            MultiResult<String, byte[]> many = rig.getAll(KEYS).value();
            assertThat(many.hits()).isEmpty();
            assertThat(many.misses()).isEmpty();
            assertThat(many.failures()).containsOnlyKeys(KEYS);
            assertThat(many.failures().values()).allSatisfy(e -> assertThat(e).isInstanceOf(ProtocolViolation.class));
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("C11 a reply with the opaque of another command is a violation")
    void c11_wrongOpaqueEndsTheConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext("mg", Answer.wrongOpaque());
            rig.get(KEY).failure(ProtocolViolation.class);
            fake.onNext("ms", Answer.wrongOpaque());
            assertThat(rig.set(KEY, NEW_VALUE).failure(ProtocolViolation.class).outcomeUnknown())
                    .isTrue();
            fake.onNext("md", Answer.wrongOpaque());
            assertThat(rig.delete(KEY).failure(ProtocolViolation.class).outcomeUnknown())
                    .isTrue();
            assertThat(rig.counters().desyncDetected.sum()).isEqualTo(3);
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("C11 a value or HD without the opaque that was asked for is a violation")
    void c11_missingOpaqueEndsTheConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext("mg", Answer.text("VA 5 kuser:1\r\nhello\r\n"));
            rig.get(KEY).failure(ProtocolViolation.class);
            fake.onNext("ms", Answer.text("HD\r\n"));
            assertThat(rig.set(KEY, NEW_VALUE).failure(ProtocolViolation.class).outcomeUnknown())
                    .isTrue();
            fake.onNext("md", Answer.text("HD\r\n"));
            assertThat(rig.delete(KEY).failure(ProtocolViolation.class).outcomeUnknown())
                    .isTrue();
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("C25 EN without opaque and key, as older servers send it, is a miss")
    void c25_enWithoutOpaqueIsAMiss(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext("mg", Answer.text("EN\r\n"));
            assertThat(rig.get(KEY).value()).isNull();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(server.connections()).isEqualTo(setup.connections());
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("C20 flags of a reply are a set: any order, unknown ones, W X Z")
    void c20_orderOfFlagsDoesNotMatter(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext("mg", (request, reply, session) -> {
                String opaque = request.words().getLast();
                session.send("VA 5 W f7 " + opaque + " X s5 kuser:1 Z y99\r\nhello\r\n");
            });
            assertThat(rig.get(KEY).value()).asString().isEqualTo("hello");
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("a late reply is the right one")
    void lateReplyIsRight(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (String verb : List.of(setup.getVerb(), setup.setVerb(), setup.deleteVerb())) {
                Gate gate = new Gate();
                fake.onNext(verb, Answer.late(gate));
                Call<?> call = verb.equals(setup.getVerb())
                        ? rig.get(KEY)
                        : verb.equals(setup.setVerb()) ? rig.set(KEY, VALUE) : rig.delete("nobody");
                gate.awaitReached();
                assertThat(call.isDone()).isFalse();
                gate.open();
                Object result = call.value();
                assertThat(result)
                        .isEqualTo(
                                verb.equals(setup.getVerb())
                                        ? VALUE
                                        : verb.equals(setup.setVerb()) ? StoreResult.STORED : false);
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C12 C13 a doubled reply may end its connection, and never answers another key")
    void c12_doubledReplyNeverAnswersAnotherKey(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (int round = 0; round < 10; round++) {
                fake.onNext(setup.getVerb(), Answer.twice());
                Call<byte[]> first = nonNull(rig.get(KEY));
                Call<byte[]> second = nonNull(rig.get("many:0"));
                Call<byte[]> third = nonNull(rig.get("many:1"));
                verifyOrViolation(KEY, first);
                verifyOrViolation("many:0", second);
                verifyOrViolation("many:1", third);
            }
            rig.assertWorksAgain();
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // a null fails the verification
    private static Call<byte[]> nonNull(Call<?> call) {
        return (Call<byte[]>) call;
    }

    private static void verifyOrViolation(String key, Call<byte[]> call) {
        if (call.await() == null) {
            KeyTaggedValues.verify(key, call.value());
        } else {
            call.failure(ProtocolViolation.class);
        }
    }

    @OnOneConnection
    @DisplayName("a reply left out shifts the stream: both calls fail, the second value never answers the first key")
    void skippedReplyIsFoundOut(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            Gate gate = new Gate();
            fake.onNext(setup.getVerb(), (request, reply, session) -> gate.pass());
            Call<?> first = rig.get(KEY);
            gate.awaitReached();
            Call<?> second = rig.get("many:0");
            Call<?> third = rig.get("many:1");
            gate.open();
            first.failure(ProtocolViolation.class);
            for (Call<?> later : List.of(second, third)) {
                // Whether it was on the wire before the stream broke is a matter of time.
                if (later.await() != null) {
                    later.failure(ProtocolViolation.class);
                }
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C4 C23 half a reply, then EOF: a read is asked once more, a write is not")
    void c4_halfAReplyThenEof(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext(setup.getVerb(), Answer.halfThenEof());
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(seen(setup.getVerb(), KEY)).isEqualTo(2);

            fake.onNext(setup.setVerb(), Answer.halfThenEof());
            NodeUnavailable set = rig.set("written", VALUE).failure(NodeUnavailable.class);
            assertThat(set.outcomeUnknown()).isTrue();
            assertThat(set.getCause()).hasMessageContaining("inside a reply");
            assertThat(seen(setup.setVerb(), "written")).isEqualTo(1);

            fake.onNext(setup.deleteVerb(), Answer.halfThenEof());
            assertThat(rig.delete("deleted").failure(NodeUnavailable.class).outcomeUnknown())
                    .isTrue();
            assertThat(seen(setup.deleteVerb(), "deleted")).isEqualTo(1);

            fake.onNext(setup.getVerb(), Answer.halfThenEof());
            MultiResult<String, byte[]> many = rig.getAll(KEYS).value();
            assertThat(many.hits()).containsOnlyKeys(KEYS);
            many.hits().forEach(KeyTaggedValues::verify);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C4 the server closes at every byte of a reply: no part of a value gets out")
    void c4_closeAtEveryByteOfAReply(Setup setup) {
        byte[] value = "0123456789".getBytes(StandardCharsets.US_ASCII);
        fake.put("short", value);
        int replyBytes = setup.classic() ? 34 : 31;
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (int cut = 0; cut < replyBytes; cut++) {
                fake.onNext(setup.getVerb(), Answer.firstBytesThenEof(cut));
                assertThat(rig.get("short").value()).as("cut at " + cut).isEqualTo(value);
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("a reset in place of a reply counts as a lost connection")
    void resetIsALostConnection(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onNext(setup.getVerb(), Answer.reset());
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            fake.onNext(setup.setVerb(), Answer.reset());
            assertThat(rig.set("written", VALUE).failure(NodeUnavailable.class).outcomeUnknown())
                    .isTrue();
            assertThat(seen(setup.setVerb(), "written")).isEqualTo(1);
            fake.onNext(setup.getVerb(), Answer.reset());
            assertThat(rig.getAll(KEYS).value().hits()).containsOnlyKeys(KEYS);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("a read whose second connection dies as well fails: it is sent twice, not three times")
    void readIsRetriedOnce(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            fake.onEvery(setup.getVerb(), Answer.reset());
            assertThat(rig.get(KEY).failure(NodeUnavailable.class).outcomeUnknown())
                    .isFalse();
            assertThat(seen(setup.getVerb(), KEY)).isEqualTo(2);

            MultiResult<String, byte[]> many = rig.getAll(KEYS).value();
            assertThat(many.failures()).containsOnlyKeys(KEYS);
            assertThat(many.failures().values()).allSatisfy(e -> assertThat(e).isInstanceOf(NodeUnavailable.class));
            assertThat(seen(setup.getVerb(), KEYS.getFirst())).isLessThanOrEqualTo(2);
            fake.onEvery(setup.getVerb(), Answer.correct());
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("every command of a getAll that failed is named, with its hits kept")
    void getAllKeepsTheHitsThatCameBeforeTheEnd(Setup setup) {
        // Of the classic reply two values are complete, of the meta replies the second is cut.
        Answer cut = setup.classic()
                ? (request, reply, session) -> {
                    session.send(Arrays.copyOf(reply, reply.length - 100));
                    session.close();
                }
                : Answer.halfThenEof();
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            if (!setup.classic()) {
                fake.onNext("mg", Answer.correct());
            }
            fake.onNext(setup.getVerb(), cut);
            if (!setup.classic()) {
                fake.onNext("mg", Answer.correct());
            }
            fake.onNext(setup.getVerb(), cut);
            MultiResult<String, byte[]> many = rig.getAll(KEYS).value();
            many.hits().forEach(KeyTaggedValues::verify);
            assertThat(many.misses()).isEmpty();
            assertThat(many.failures()).isNotEmpty();
            assertThat(many.hits().size() + many.failures().size()).isEqualTo(KEYS.size());
            assertThat(many.failures().values()).allSatisfy(e -> assertThat(e).isInstanceOf(NodeUnavailable.class));
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C13 no command with an unexpected data block reaches the server")
    void c13_commandsHaveTheLengthTheySay(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            for (int bytes : new int[] {0, 1, 2, 1023, 1024, 1025, 16_384, 32_768, 32_769, 65_536, 200_000}) {
                byte[] value = new byte[bytes];
                Arrays.fill(value, (byte) '\n');
                assertThat(rig.set("sized", value).value()).isEqualTo(StoreResult.STORED);
                assertThat(rig.get("sized").value()).isEqualTo(value);
            }
            assertThat(fake.requests())
                    .extracting(Request::verb)
                    .containsOnly("version", setup.setVerb(), setup.getVerb());
            rig.assertWorksAgain();
        }
    }
}
