package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedException.Interrupted;
import io.emcache.MemcachedException.Timeout;
import io.emcache.MultiResult;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls that give up: by phase, with what they leave behind on the connection. */
@NoLeaks
class TimeoutFaultsTest {
    private static final Duration TIMEOUT = Duration.ofMillis(400);
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 500, 1);

    private final FakeMemcached fake = new FakeMemcached().put(KEY, VALUE);

    private static Rig connect(Setup setup, ScriptedServer server) {
        return Rig.connect(setup, server.uri(), options -> options.timeout(TIMEOUT));
    }

    private long seen(String key) {
        return fake.requests().stream()
                .filter(request -> request.words().contains(key))
                .count();
    }

    @InEverySetup
    @DisplayName("C1 a late reply is dropped: the next call is right, on the same connection")
    void c1_lateReplyIsDropped(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            Gate gate = new Gate();
            fake.put("late", KeyTaggedValues.make("late", 3_000, 1));
            fake.onNext(setup.getVerb(), Answer.late(gate));
            Timeout timeout = rig.get("late").failure(Timeout.class);
            gate.open();
            assertThat(timeout.phase()).isEqualTo(Timeout.Phase.WRITTEN);
            assertThat(timeout.outcomeUnknown()).isFalse();
            assertThat(timeout.node()).isEqualTo(server.address());
            assertThat(timeout.elapsed()).isGreaterThanOrEqualTo(TIMEOUT);
            assertThat(timeout.queueDepth()).isPositive();
            for (int i = 0; i < 5; i++) {
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            }
            assertThat(seen("late")).isEqualTo(1);
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @InEverySetup
    @DisplayName("C1 a write that timed out may have been executed, and says so")
    void c1_lateWriteIsOfUnknownOutcome(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            for (String verb : List.of(setup.setVerb(), setup.deleteVerb())) {
                Gate gate = new Gate();
                fake.onNext(verb, Answer.late(gate));
                Call<?> call = verb.equals(setup.setVerb()) ? rig.set("late", VALUE) : rig.delete("late");
                Timeout timeout = call.failure(Timeout.class);
                gate.open();
                assertThat(timeout.outcomeUnknown()).isTrue();
                assertThat(timeout.phase()).isEqualTo(Timeout.Phase.WRITTEN);
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            }
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @InEverySetup
    @DisplayName("C1 a getAll that timed out names its keys, and its late hits reach nobody")
    void c1_lateGetAll(Setup setup) {
        List<String> keys = List.of("many:0", "many:1", "many:2");
        keys.forEach(key -> fake.put(key, KeyTaggedValues.make(key, 400, 3)));
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            Gate gate = new Gate();
            fake.onNext(setup.getVerb(), Answer.late(gate));
            MultiResult<String, byte[]> many = rig.getAll(keys).value();
            gate.open();
            assertThat(many.hits()).isEmpty();
            assertThat(many.misses()).isEmpty();
            assertThat(many.failures()).containsOnlyKeys(keys);
            assertThat(many.failures().values()).allSatisfy(e -> assertThat(e).isInstanceOf(Timeout.class));
            many = rig.getAll(List.of("many:1", KEY)).value();
            assertThat(many.hits()).containsOnlyKeys("many:1", KEY);
            many.hits().forEach(KeyTaggedValues::verify);
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @InEverySetup
    @DisplayName("C1 many tombstones in a row are consumed one by one")
    void c1_manyTombstones(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            Gate gate = new Gate();
            fake.onEvery(setup.getVerb(), Answer.late(gate));
            List<Call<?>> calls = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                String key = "tomb:" + i;
                fake.put(key, KeyTaggedValues.make(key, 100 + 37 * i, i));
                calls.add(rig.get(key));
            }
            calls.forEach(call -> call.failure(Timeout.class));
            gate.open();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @InEverySetup
    @DisplayName("C1 a cancelled or interrupted call leaves its connection in order")
    void c1_disturbedCall(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            for (String verb : List.of(setup.getVerb(), setup.setVerb())) {
                Gate gate = new Gate();
                fake.onNext(verb, Answer.late(gate));
                boolean write = verb.equals(setup.setVerb());
                Call<?> call = write ? rig.set("left", VALUE) : rig.get("left");
                gate.awaitReached();
                call.disturb();
                if (setup.face() == Face.ASYNC) {
                    assertThat(call.await()).isInstanceOf(CancellationException.class);
                } else {
                    assertThat(call.failure(Interrupted.class).outcomeUnknown()).isEqualTo(write);
                }
                gate.open();
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            }
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.emcache.faults.Setup#syncOnly")
    @DisplayName("C1 an interrupted getAll throws, and leaves its connection in order")
    void c1_interruptedGetAll(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            Gate gate = new Gate();
            fake.onNext(setup.getVerb(), Answer.late(gate));
            Call<?> call = rig.getAll(List.of("left", KEY));
            gate.awaitReached();
            call.disturb();
            call.failure(Interrupted.class);
            gate.open();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @OnOneConnection
    @DisplayName("C2 a call that timed out in the queue was never sent, and says so")
    void c2_timeoutWhileQueued(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(
                        setup, server.uri(), options -> options.timeout(TIMEOUT).maxInFlightPerConnection(1))) {
            Gate gate = new Gate();
            fake.onNext(setup.getVerb(), Answer.late(gate));
            Call<?> first = rig.get("first");
            gate.awaitReached();
            Call<?> queued = rig.set("queued", VALUE);
            first.failure(Timeout.class);
            Timeout timeout = queued.failure(Timeout.class);
            gate.open();
            assertThat(timeout.phase()).isEqualTo(Timeout.Phase.QUEUED);
            assertThat(timeout.outcomeUnknown()).isFalse();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertWorksAgain();
            assertThat(seen("queued")).isZero();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @InEverySetup
    @DisplayName("C2 L1 a call that timed out while connecting was never sent, and says so")
    void c2_timeoutWhileConnecting(Setup setup) {
        try (ScriptedServer server = ScriptedServer.startNeverAccepting();
                Rig rig = Rig.create(setup, server.uri(), options -> options.timeout(TIMEOUT))) {
            Timeout timeout = rig.set(KEY, VALUE).failure(Timeout.class);
            assertThat(timeout.phase()).isEqualTo(Timeout.Phase.CONNECTING);
            assertThat(timeout.outcomeUnknown()).isFalse();
            rig.get(KEY).failure(Timeout.class);
            assertThat(rig.getAll(List.of(KEY)).value().failures()).containsOnlyKeys(KEY);
        }
    }

    @InEverySetup
    @DisplayName("C2 L1 a server that accepts and says nothing is no connection")
    void c2_serverThatNeverGreets(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(session -> session.pause());
                Rig rig = Rig.create(setup, server.uri(), options -> options.timeout(TIMEOUT))) {
            Timeout timeout = rig.set(KEY, VALUE).failure(Timeout.class);
            assertThat(timeout.phase()).isEqualTo(Timeout.Phase.CONNECTING);
            assertThat(timeout.outcomeUnknown()).isFalse();
            assertThat(rig.counters().connectionsOpened.sum()).isZero();
        }
    }

    @OnOneConnection
    @DisplayName("C3 a call that timed out with half of its block written: the block is finished from intact bytes")
    void c3_timeoutInTheMiddleOfABlock(Setup setup) {
        byte[] large = KeyTaggedValues.make("large", 8 << 20, 7);
        Gate gate = new Gate();
        AtomicReference<byte[]> received = new AtomicReference<>(new byte[0]);
        ScriptedServer.Script script = session -> {
            session.answerVersion();
            String line = session.readLine();
            while (line != null && !line.contains(" large ")) {
                line = session.readLine();
            }
            if (line != null) {
                gate.pass();
                received.set(session.readBlock(large.length));
                session.send(
                        setup.classic() ? "STORED\r\n" : "HD " + line.substring(line.lastIndexOf(' ') + 1) + "\r\n");
            }
            fake.run(session);
        };
        try (ScriptedServer server = ScriptedServer.start(script);
                Rig rig = Rig.connect(
                        setup,
                        server.uri(),
                        options ->
                                options.timeout(TIMEOUT).itemSizeLimit(8 << 20).maxQueuedBytesPerNode(32 << 20))) {
            Timeout timeout = rig.set("large", large).failure(Timeout.class);
            gate.open();
            assertThat(timeout.outcomeUnknown()).isTrue();
            assertThat(timeout.phase()).isEqualTo(Timeout.Phase.WRITTEN);
            await().atMost(Rig.GUARD).until(() -> received.get().length > 0);
            assertThat(Arrays.equals(received.get(), large)).isTrue();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @InEverySetup
    @DisplayName("a call that timed out inside its value says RECEIVING, and the rest of the value is dropped")
    void timeoutInTheMiddleOfAValue(Setup setup) {
        byte[] large = KeyTaggedValues.make("large", 300_000, 7);
        fake.put("large", large);
        Gate gate = new Gate();
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = connect(setup, server)) {
            fake.onNext(setup.getVerb(), (request, reply, session) -> {
                session.send(Arrays.copyOf(reply, 150_000));
                gate.pass();
                session.send(Arrays.copyOfRange(reply, 150_000, reply.length));
            });
            Timeout timeout = rig.get("large").failure(Timeout.class);
            gate.open();
            assertThat(timeout.phase()).isEqualTo(Timeout.Phase.RECEIVING);
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(rig.get("large").value()).isEqualTo(large);
            rig.assertWorksAgain();
            assertThat(server.connections()).isEqualTo(setup.connections());
        }
    }

    @InEverySetup
    @DisplayName("C1 A2 a server that never answers: time-out, and after the stall limit another connection")
    void stallEndsTheConnection(Setup setup) {
        Duration timeout = Duration.ofMillis(200);
        fake.onNext(setup.getVerb(), Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server.uri(), options -> options.timeout(timeout))) {
            long startNs = System.nanoTime();
            rig.get("silent").failure(Timeout.class);
            assertThat(rig.counters().stalls.sum()).isZero();
            // What has been silent for as long goes with it.
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectionsLost.sum() == setup.connections());
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            assertThat(rig.counters().stalls.sum()).isEqualTo(1);
            rig.assertWorksAgain();
            server.awaitConnections(2 * setup.connections());
        }
    }

    @InEverySetup
    @DisplayName("A4 a time-out is told as a time-out, also where the stall limit is the deadline")
    void timeoutAtTheStallLimitIsATimeout(Setup setup) {
        Duration timeout = Duration.ofMillis(1_100);
        fake.onEvery(setup.getVerb(), Answer.never());
        fake.onEvery(setup.setVerb(), Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server.uri(), options -> options.timeout(timeout))) {
            boolean write = setup.connections() == 2;
            Call<?> call = write ? rig.set("silent", VALUE) : rig.get("silent");
            Timeout failure = call.failure(Timeout.class);
            assertThat(failure.elapsed()).isGreaterThanOrEqualTo(timeout);
            assertThat(failure.phase()).isEqualTo(Timeout.Phase.WRITTEN);
            assertThat(failure.outcomeUnknown()).isEqualTo(write);
            fake.onEvery(setup.getVerb(), Answer.correct());
            fake.onEvery(setup.setVerb(), Answer.correct());
            rig.assertWorksAgain();
        }
    }
}
