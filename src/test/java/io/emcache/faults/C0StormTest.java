package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.MemcachedException;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.TransportCounters;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.RawClient;
import io.emcache.testkit.ServerRelease;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server that drops replies: a get with an over-long key takes those with it that wait to be sent. No face of the client
 * lets such a key pass, so these tests put it behind the faces.
 *
 * <p>The system property {@code emcache.storm.answers} says how many answers each storm has to give.
 */
@NoLeaks
class C0StormTest {
    private static final int ANSWERS = Integer.getInteger("emcache.storm.answers", 50_000);
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final String LONG_KEY = "k".repeat(251);
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 300, 1);

    private static MemcachedServer start(ServerRelease release) {
        release.assumeAvailable();
        return MemcachedServer.start(release, "-m", "256");
    }

    private static ObservedClient connect(MemcachedServer server, boolean classic, int connections) {
        return connect(server, classic, connections, false);
    }

    private static ObservedClient connect(MemcachedServer server, boolean classic, int connections, boolean batching) {
        ObservedClient observed = ObservedClient.connect(ClientOptions.fromUri(server.uri())
                .mutate()
                .timeout(Duration.ofSeconds(5))
                .connectionTimeout(GUARD)
                .connections(connections)
                .forceClassic(classic)
                .autobatching(batching)
                .options());
        await().atMost(GUARD).until(() -> observed.counters().connectionsOpened.sum() >= connections);
        return observed;
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("C0 the server drops the replies that wait before a failing get")
    void serverDropsReplies(ServerRelease release) throws IOException {
        try (MemcachedServer server = start(release);
                RawClient raw = new RawClient(server.port())) {
            assertThat(raw.ask("set a 0 0 1", "x", "version", "mg a v", "get " + LONG_KEY))
                    .containsExactly("CLIENT_ERROR bad command line format");
            assertThat(raw.ask("mg a v")).containsExactly("VA 1", "x");
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("C0 in classic mode the client does not guess who was answered: the connection ends")
    void classicEndsTheConnection(ServerRelease release) {
        try (MemcachedServer server = start(release);
                ObservedClient observed = connect(server, true, 1)) {
            for (int op : List.of(OpCode.GET, OpCode.GET_ITEM, OpCode.GAT, OpCode.GAT_ITEM)) {
                reconnected(observed);
                long before = observed.counters().desyncDetected.sum();
                List<Answer> answers = observed.pipeline(around(new RawCommand(op, LONG_KEY, null)), GUARD);
                for (int i = 0; i < answers.size(); i++) {
                    requireRightOr(Outcome.VIOLATION, i, answers.get(i));
                }
                assertThat(answers.get(3).code()).isEqualTo(Outcome.VIOLATION);
                assertThat(answers.getLast().code()).isEqualTo(Outcome.VIOLATION);
                assertThat(observed.counters().desyncDetected.sum()).isEqualTo(before + 1);
            }
            reconnected(observed);
            requireNothingLeft(observed);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("C0 with meta commands only the command with the over-long key fails")
    void metaFailsOneCommand(ServerRelease release) {
        try (MemcachedServer server = start(release);
                ObservedClient observed = connect(server, false, 1)) {
            reconnected(observed);
            for (int op :
                    List.of(OpCode.GET, OpCode.GET_ITEM, OpCode.GAT, OpCode.DELETE, OpCode.TOUCH, OpCode.INCREMENT)) {
                List<Answer> answers = observed.pipeline(around(new RawCommand(op, LONG_KEY, null)), GUARD);
                for (int i = 0; i < answers.size(); i++) {
                    if (i != 3) {
                        requireRightOr(Outcome.NONE, i, answers.get(i));
                    }
                }
                assertThat(answers.get(3).code()).isEqualTo(Outcome.CLIENT_ERROR);
            }
            assertThat(observed.counters().connectionsLost.sum()).isZero();
            requireNothingLeft(observed);
        }
    }

    /** The same six commands around another in fourth place. */
    private static List<RawCommand> around(RawCommand bad) {
        RawCommand hit = new RawCommand(OpCode.GET, KEY, null);
        RawCommand miss = new RawCommand(OpCode.GET, "absent", null);
        RawCommand set = new RawCommand(OpCode.SET, KEY, VALUE);
        return List.of(set, hit, miss, bad, hit, miss, set);
    }

    private static void requireRightOr(int doubt, int index, Answer answer) {
        if (answer.code() == doubt) {
            return;
        }
        switch (index) {
            case 0, 6 -> assertThat(answer.code()).isEqualTo(Outcome.DONE);
            case 1, 4 -> assertThat(answer.value()).isEqualTo(VALUE);
            default -> assertThat(answer.code()).isEqualTo(Outcome.MISS);
        }
    }

    /** Waits until calls are answered again. */
    private static void reconnected(ObservedClient observed) {
        await().atMost(GUARD).until(() -> {
            try {
                observed.client().set(KEY, VALUE);
                return true;
            } catch (MemcachedException e) {
                return false;
            }
        });
    }

    @Tag("slow")
    @ParameterizedTest(name = "{0}, classic={1}, connections={2}, autobatching={3}")
    @CsvSource({
        "SYSTEM, true, 1, false",
        "SYSTEM, true, 2, false",
        "SYSTEM, false, 1, false",
        "SYSTEM, false, 2, false",
        "NEXT, true, 1, false",
        "NEXT, true, 2, false",
        "NEXT, false, 1, false",
        "NEXT, false, 2, false",
        "SYSTEM, false, 1, true",
        "NEXT, true, 2, true"
    })
    @DisplayName("C0 A19 mixed calls of all faces among dropped replies: no wrong answer, no hang, every call ends")
    void stormGivesNoWrongAnswer(ServerRelease release, boolean classic, int connections, boolean batching)
            throws InterruptedException {
        try (MemcachedServer server = start(release);
                ObservedClient observed = connect(server, classic, connections, batching)) {
            C0Storm storm = new C0Storm(observed, classic, ANSWERS, 1 + connections);
            long startNs = System.nanoTime();
            storm.rage();
            long tookMs = Duration.ofNanos(System.nanoTime() - startNs).toMillis();
            TransportCounters counters = observed.counters();
            System.out.printf(
                    "storm of C0 [server=%s, classic=%s, connections=%d, ms=%d, longKeys=%d, desyncs=%d, lost=%d, opened=%d, %s]%n",
                    release,
                    classic,
                    connections,
                    tookMs,
                    storm.longKeys(),
                    counters.desyncDetected.sum(),
                    counters.connectionsLost.sum(),
                    counters.connectionsOpened.sum(),
                    storm.ledger());
            assertThat(storm.ledger().wrong()).as("wrong answers").isEmpty();
            assertThat(storm.longKeys()).as("over-long keys sent").isPositive();
            assertThat(counters.desyncDetected.sum()).as("desyncs").isPositive();
            assertThat(counters.connectionsLost.sum())
                    .as("connections that ended")
                    .isBetween(counters.desyncDetected.sum(), counters.desyncDetected.sum() + storm.longLines());
            reconnected(observed);
            Deeds.verify(observed.client(), storm.ledger());
            requireNothingLeft(observed);
        }
    }

    private static void requireNothingLeft(ObservedClient observed) {
        await().atMost(GUARD).untilAsserted(() -> {
            assertThat(observed.calls()).as("calls inside").isZero();
            assertThat(MemoryTag.VALUE.usedBytes()).as("bytes of values").isZero();
        });
        TransportCounters counters = observed.counters();
        assertThat(counters.orphaned.sum()).as("orphaned").isZero();
        assertThat(counters.loopFailures.sum()).as("failed turns of the loop").isZero();
        assertThat(counters.loopDeaths.sum()).as("dead loops").isZero();
        assertThat(counters.failedCompletions.sum()).as("failed completions").isZero();
        assertThat(counters.failedCallbacks.sum()).as("failed callbacks").isZero();
    }
}
