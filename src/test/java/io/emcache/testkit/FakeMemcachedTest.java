package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NoLeaks
final class FakeMemcachedTest {
    private static final String[] KEYS = {"a", "bb", "user:1", "1"};

    /** What the real server answers, the fake answers too. The CAS of a refused {@code ms} depends on the version. */
    @ParameterizedTest
    @EnumSource
    void answersLikeTheRealServer(ServerRelease release) throws Exception {
        release.assumeAvailable();
        for (long seed = 1; seed <= 5; seed++) {
            compare(release, new SplittableRandom(seed));
        }
    }

    private static void compare(ServerRelease release, SplittableRandom random) throws Exception {
        boolean modern = release == ServerRelease.NEXT;
        FakeMemcached script = modern ? FakeMemcached.modern() : new FakeMemcached();
        try (MemcachedServer real = MemcachedServer.start(release);
                ScriptedServer fake = ScriptedServer.start(script);
                RawClient ofReal = new RawClient(real.port());
                RawClient ofFake = new RawClient(fake.port())) {
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String key = KEYS[random.nextInt(KEYS.length)];
                String command = command(random, key, modern);
                sent.add(command);
                assertThat(comparable(reply(ofFake, withCas(command, key, ofFake))))
                        .as(() -> String.join("", sent.subList(Math.max(0, sent.size() - 30), sent.size())))
                        .isEqualTo(comparable(reply(ofReal, withCas(command, key, ofReal))));
            }
        }
    }

    /** Puts the item's own CAS in the place of {@code same}, one a little less or more in that of the others. */
    private static String withCas(String command, String key, RawClient client) throws Exception {
        if (!command.matches("(?s).* C?(same|older|newer)[ \r].*")) {
            return command;
        }
        String reply = client.ask("mg " + key + " c").getFirst();
        long cas = reply.startsWith("EN") ? 2 : Long.parseLong(reply.split(" ", -1)[1].substring(1));
        return command.replace("same", "" + cas)
                .replace("older", "" + (cas - 1))
                .replace("newer", "" + (cas + 1));
    }

    /** The real server's clock moves while it is asked, and its versions differ in what uses up a CAS. */
    private static String comparable(String reply) {
        return reply.replaceAll(" t(100|9[0-9])\\b", " t~")
                .replaceAll(" l[0-9]\\b", " l~")
                .replaceAll(" c[1-9][0-9]*\\b", " c~")
                .replaceAll("(VALUE [^ ]+ [0-9]+ [0-9]+) [0-9]+\r", "$1 ~\r");
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

    /** Numbers have a key of their own: how an item that was read is counted up depends on when the server lets it go. */
    private static String command(SplittableRandom random, String key, boolean modern) {
        String value = random.nextBoolean()
                ? "" + random.nextInt(200)
                : "\r\nEND\r\nVALUE k 0 3 ".substring(0, random.nextInt(20));
        String block = "\r\n" + value + "\r\n";
        String cas = List.of("same", "same", "older", "newer").get(random.nextInt(4));
        return switch (random.nextInt(20)) {
            case 0, 1, 2 ->
                "mg " + key + some(random, " k", " v", " O12", " q", " f", " s", " c", " t", " h", " l") + "\r\n";
            case 3 -> "mg " + key + some(random, " v", " N0", " R90", " T" + lasting(random), " t") + "\r\n";
            case 4, 5 ->
                "ms " + key + " " + value.length()
                        + some(random, " k", " O7", " q", " F" + random.nextInt(99), " T" + ttl(random))
                        + (random.nextBoolean() ? " c" : " M" + mode(random))
                        + (modern ? some(random, " N0", " E" + random.nextInt(1000, 5000)) : "")
                        + block;
            case 6 -> "ms " + key + " " + value.length() + " C" + cas + " k" + some(random, " I") + block;
            case 7 -> "md " + key + some(random, " k", " O9", " q", " C" + cas) + "\r\n";
            case 8 -> "md " + key + " I" + some(random, " T100", modern ? " x" : " k") + "\r\n";
            case 9, 10 ->
                "ma number"
                        + some(random, " J" + random.nextInt(200), " D" + random.nextInt(200), " v", " k", " t", " q")
                        + some(random, " N0", " M" + "ID+-".charAt(random.nextInt(4)))
                        + "\r\n";
            case 11 ->
                random.nextBoolean()
                        ? (random.nextBoolean() ? "incr" : "decr") + " number " + random.nextInt(200) + "\r\n"
                        : "set number 0 0 3\r\n" + random.nextInt(100, 999) + "\r\n";
            case 12 -> "gets " + key + " " + KEYS[random.nextInt(KEYS.length)] + "\r\n";
            case 13 -> "get " + key + " " + key + " none\r\n";
            case 14 -> "gats " + ttl(random) + " " + key + " none " + KEYS[random.nextInt(KEYS.length)] + "\r\n";
            case 15 -> "touch " + key + " " + ttl(random) + some(random, " noreply") + "\r\n";
            case 16 -> storeVerb(random) + " " + key + " 5 0 " + value.length() + some(random, " noreply") + block;
            case 17 -> "cas " + key + " 5 0 " + value.length() + " " + cas + block;
            case 18 -> "delete " + key + some(random, " noreply") + "\r\n";
            default -> random.nextBoolean() ? "version\r\n" : "nonsense\r\n";
        };
    }

    /** Without -1, for which mg and ma answer t with a wrapped number. */
    private static String lasting(SplittableRandom random) {
        return random.nextBoolean() ? "0" : "100";
    }

    private static String ttl(SplittableRandom random) {
        return List.of("0", "100", "100", "-1").get(random.nextInt(4));
    }

    private static String storeVerb(SplittableRandom random) {
        return List.of("set", "add", "replace", "append", "prepend").get(random.nextInt(5));
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
    void timePassesWhenItIsTold() throws Exception {
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer server = ScriptedServer.start(fake);
                RawClient client = new RawClient(server.port())) {
            assertThat(client.ask("ms a 1 T50", "x", "ms b 1", "y", "flush_all 200"))
                    .containsExactly("HD", "HD", "OK");
            fake.advance(Duration.ofSeconds(40));
            assertThat(client.ask("mg a t l", "mg a R9", "mg a R11")).containsExactly("HD t10 l40", "HD", "HD W");
            fake.advance(Duration.ofSeconds(10));
            assertThat(client.ask("mg a", "mg b")).containsExactly("EN", "HD");
            fake.advance(Duration.ofSeconds(150));
            assertThat(client.ask("mg b", "stats")).contains("EN", "STAT curr_items 0");
        }
    }

    @Test
    void largestValueIsKept() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached().largestValue(3));
                RawClient client = new RawClient(server.port())) {
            String tooLarge = "SERVER_ERROR object too large for cache";
            assertThat(client.ask("set a 0 0 3", "abc", "add a 0 0 4", "abcd", "append a 0 0 1", "d", "mg a v"))
                    .containsExactly("STORED", tooLarge, "NOT_STORED", "VA 3", "abc");
            assertThat(client.ask("set a 0 0 4", "abcd", "mg a", "ms b 4 MA O1", "abcd"))
                    .containsExactly(tooLarge, "EN", tooLarge);
        }
    }

    @Test
    void unknownFlagFailsTheScript() throws Exception {
        ScriptedServer server = ScriptedServer.start(new FakeMemcached());
        assertThat(replies(server.port(), "mg a C5\r\n")).isEmpty();
        assertThatThrownBy(server::close).isInstanceOf(AssertionError.class).hasMessageContaining("mg a C5");
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
