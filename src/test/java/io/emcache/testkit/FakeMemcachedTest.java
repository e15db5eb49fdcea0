package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
final class FakeMemcachedTest {
    private static final String[] KEYS = {"a", "bb", "user:1", "1"};

    /** What the real server answers, the fake answers too. The CAS of a refused {@code ms} depends on the version. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void answersLikeTheRealServer(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        try (MemcachedServer real = MemcachedServer.start();
                ScriptedServer fake = ScriptedServer.start(new FakeMemcached());
                RawClient ofReal = new RawClient(real.port());
                RawClient ofFake = new RawClient(fake.port())) {
            for (int i = 0; i < 1000; i++) {
                String command = command(random);
                assertThat(reply(ofFake, command)).as(command).isEqualTo(reply(ofReal, command));
            }
        }
    }

    /** All that comes before the answer to a fence behind the command. */
    private static String reply(RawClient client, String command) throws Exception {
        client.send(command + "mn\r\n");
        StringBuilder reply = new StringBuilder();
        while (reply.length() < 4 || !reply.substring(reply.length() - 4).equals("MN\r\n")) {
            String line = client.readLine();
            if (line.isEmpty()) {
                break;
            }
            reply.append(line);
        }
        return reply.toString();
    }

    private static String replies(int port, String commands) throws Exception {
        try (RawClient client = new RawClient(port)) {
            return client.send(commands).finish().readAll();
        }
    }

    private static String command(SplittableRandom random) {
        String key = KEYS[random.nextInt(KEYS.length)];
        String value = "\r\nEND\r\nVALUE k 0 3 ".substring(0, random.nextInt(20));
        String block = "\r\n" + value + "\r\n";
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> "mg " + key + some(random, " k", " v", " O12", " q", " f", " s", " c", " t") + "\r\n";
            case 3, 4 ->
                "ms " + key + " " + value.length()
                        + some(random, " k", " O7", " q", " F" + random.nextInt(99), " T0")
                        + (random.nextBoolean() ? " c" : " M" + mode(random))
                        + block;
            case 5 -> "ms " + key + " " + value.length() + " C" + random.nextInt(1, 50) + " k" + block;
            case 6 -> "md " + key + some(random, " k", " O9", " q", " C" + random.nextInt(1, 50)) + "\r\n";
            case 7 -> "gets " + key + " " + KEYS[random.nextInt(KEYS.length)] + "\r\n";
            case 8 -> "get " + key + " " + key + " none\r\n";
            case 9 -> storeVerb(random) + " " + key + " 5 0 " + value.length() + some(random, " noreply") + block;
            case 10 -> "delete " + key + some(random, " noreply") + "\r\n";
            default -> random.nextBoolean() ? "version\r\n" : "nonsense\r\n";
        };
    }

    private static String storeVerb(SplittableRandom random) {
        return List.of("set", "add", "replace").get(random.nextInt(3));
    }

    private static char mode(SplittableRandom random) {
        return "SEAPR".charAt(random.nextInt(5));
    }

    private static String some(SplittableRandom random, String... words) {
        StringBuilder some = new StringBuilder();
        for (String word : words) {
            some.append(random.nextBoolean() ? word : "");
        }
        return some.toString();
    }

    @Test
    void connectionsShareTheItems() throws Exception {
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer server = ScriptedServer.start(fake)) {
            assertThat(replies(server.port(), "ms a 1\r\nx\r\n")).isEqualTo("HD\r\n");
            assertThat(replies(server.port(), "mg a v\r\n")).isEqualTo("VA 1\r\nx\r\n");
            assertThat(fake.get("a")).isEqualTo(new byte[] {'x'});
            assertThat(fake.get("b")).isNull();
            assertThat(fake.requests()).extracting(Request::line).containsExactly("ms a 1", "mg a v");
        }
    }

    @Test
    void classicServerKnowsNoMeta() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(FakeMemcached.classic("1.5.22"))) {
            assertThat(replies(server.port(), "version\r\nmg a\r\nmn\r\nget a\r\n"))
                    .isEqualTo("VERSION 1.5.22\r\nERROR\r\nERROR\r\nEND\r\n");
        }
    }

    @Test
    void unknownFlagFailsTheScript() throws Exception {
        ScriptedServer server = ScriptedServer.start(new FakeMemcached());
        assertThat(replies(server.port(), "mg a N30\r\n")).isEmpty();
        assertThatThrownBy(server::close).isInstanceOf(AssertionError.class).hasMessageContaining("mg a N30");
    }

    @Test
    void answersInQueueGoBeforeTheStandingOne() throws Exception {
        FakeMemcached fake = new FakeMemcached()
                .onEvery("mn", Answer.text("every\r\n"))
                .onNext("mn", Answer.text("first\r\n"))
                .onNext("mn", Answer.text("second\r\n"));
        try (ScriptedServer server = ScriptedServer.start(fake)) {
            assertThat(replies(server.port(), "mn\r\nmn\r\nmn\r\nmn\r\n"))
                    .isEqualTo("first\r\nsecond\r\nevery\r\nevery\r\n");
            fake.onEvery("mn", Answer.correct());
            assertThat(replies(server.port(), "mn\r\n")).isEqualTo("MN\r\n");
        }
    }

    @Test
    void spoiledAnswersAreWhatTheySay() throws Exception {
        String get = "mg 1 k v O11\r\n";
        String correct = "VA 4 k1 O11\r\nabcd\r\n";
        assertThat(spoiled(Answer.correct(), get)).isEqualTo(correct + "MN\r\n");
        assertThat(spoiled(Answer.twice(), get)).isEqualTo(correct + correct + "MN\r\n");
        assertThat(spoiled(Answer.wrongKey(), get)).isEqualTo("VA 4 kx O11\r\nabcd\r\nMN\r\n");
        assertThat(spoiled(Answer.wrongOpaque(), get)).isEqualTo("VA 4 k1 O1x\r\nabcd\r\nMN\r\n");
        assertThat(spoiled(Answer.skipped(), get)).isEqualTo("MN\r\n");
        assertThat(spoiled(Answer.halfThenEof(), get)).isEqualTo("VA 4 k1 O11\r\nabc");
        assertThat(spoiled(Answer.firstBytesThenEof(3), get)).isEqualTo("VA ");
        assertThat(spoiled(Answer.garbage(), get))
                .isNotEmpty()
                .doesNotContain("VA")
                .endsWith("\r\nMN\r\n");
        assertThat(spoiled(Answer.wrongKey(), "get 1\r\n")).isEqualTo("VALUE x 0 4\r\nabcd\r\nEND\r\nMN\r\n");
    }

    private static String spoiled(Answer answer, String command) throws Exception {
        FakeMemcached fake = new FakeMemcached()
                .put("1", "abcd".getBytes(StandardCharsets.ISO_8859_1))
                .onNext(command.substring(0, command.indexOf(' ')), answer);
        try (ScriptedServer server = ScriptedServer.start(fake)) {
            return replies(server.port(), command + "mn\r\n");
        }
    }

    @Test
    void wrongKeyFailsTheScriptWhenThereIsNone() throws Exception {
        ScriptedServer server = ScriptedServer.start(new FakeMemcached().onNext("mg", Answer.wrongKey()));
        assertThat(replies(server.port(), "mg a v\r\n")).isEmpty();
        assertThatThrownBy(server::close).isInstanceOf(AssertionError.class).hasMessageContaining("does not name");
    }

    @Test
    void lateAnswerComesWhenTheGateOpens() throws Exception {
        Gate gate = new Gate();
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached().onNext("mg", Answer.late(gate)));
                RawClient client = new RawClient(server.port())) {
            client.send("mg a v\r\nmn\r\n");
            gate.awaitReached();
            assertThat(client.hearsNothing()).isTrue();
            gate.open();
            assertThat(client.readLine()).isEqualTo("EN\r\n");
            assertThat(client.readLine()).isEqualTo("MN\r\n");
        }
    }

    @Test
    void serverThatNeverAnswersStaysSilent() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached().onNext("mg", Answer.never()));
                RawClient client = new RawClient(server.port())) {
            client.send("mn\r\nmg a v\r\nmn\r\n");
            assertThat(client.readLine()).isEqualTo("MN\r\n");
            assertThat(client.hearsNothing()).isTrue();
        }
    }
}
