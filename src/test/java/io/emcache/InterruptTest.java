package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A thread that is interrupted before or while it waits for a reply. */
@NoLeaks
class InterruptTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    private final FakeMemcached fake = new FakeMemcached().put("k", VALUE).put("other", VALUE);
    private final Gate gate = new Gate();
    private ScriptedServer server;
    private MemcachedClient client;

    enum Kind {
        PLATFORM,
        VIRTUAL
    }

    /** What a call on a thread of its own came to. */
    private static final class Call {
        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        private final CompletableFuture<Boolean> statusKept = new CompletableFuture<>();
        private final Thread thread;

        Call(Kind kind, Callable<?> body) {
            Runnable task = () -> {
                Throwable thrown = null;
                try {
                    body.call();
                } catch (Throwable e) {
                    thrown = e;
                }
                statusKept.complete(Thread.currentThread().isInterrupted());
                failure.complete(thrown);
            };
            thread = kind == Kind.VIRTUAL
                    ? Thread.ofVirtual().start(task)
                    : Thread.ofPlatform().daemon().name("interrupt-test").start(task);
        }

        void awaitParked() {
            // The deadline of a virtual thread is watched by the loop.
            Thread.State parked = thread.isVirtual() ? Thread.State.WAITING : Thread.State.TIMED_WAITING;
            await().atMost(Face.GUARD).until(() -> thread.getState() == parked);
        }

        MemcachedException.Interrupted interrupt() throws Exception {
            thread.interrupt();
            return interrupted();
        }

        MemcachedException.Interrupted interrupted() throws Exception {
            Throwable thrown = failure.get(10, TimeUnit.SECONDS);
            assertThat(thrown).isInstanceOf(MemcachedException.Interrupted.class);
            assertThat(statusKept.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(((MemcachedException) thrown).isRetryable()).isFalse();
            return (MemcachedException.Interrupted) thrown;
        }

        void succeeds() throws Exception {
            assertThat(failure.get(10, TimeUnit.SECONDS)).isNull();
        }
    }

    @BeforeEach
    void open() {
        server = ScriptedServer.start(fake);
        client = options().connect();
    }

    private ClientOptions.Builder options() {
        return MemcachedClient.builder()
                .nodes(server.address())
                .connections(1)
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        Thread.interrupted();
        gate.open();
        client.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void waitingReadThrowsAndTheConnectionLives(Kind kind) throws Exception {
        fake.onNext("mg", Answer.late(gate));
        Call call = new Call(kind, () -> client.get("k"));
        gate.awaitReached();

        MemcachedException.Interrupted failure = call.interrupt();

        assertThat(failure.outcomeUnknown()).isFalse();
        assertThat(failure.node()).isEqualTo(server.address());
        gate.open();
        assertThat(client.get("other")).isEqualTo(VALUE);
        assertThat(client.get("absent")).isNull();
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void waitingWriteThatWasSentHasAnUnknownOutcome(Kind kind) throws Exception {
        fake.onNext("ms", Answer.late(gate)).onNext("md", Answer.late(gate));
        Call set = new Call(kind, () -> client.set("k", "new".getBytes(UTF_8)));
        gate.awaitReached();

        assertThat(set.interrupt().outcomeUnknown()).isTrue();

        gate.open();
        assertThat(client.get("k")).asString(UTF_8).isEqualTo("new");
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void manyKeysThrowAsOneDoes(Kind kind) throws Exception {
        List<String> keys = IntStream.range(0, 5_000).mapToObj(i -> "k" + i).toList();
        fake.onEvery("mg", Answer.late(gate)).onEvery("get", Answer.late(gate));
        Call call = new Call(kind, () -> client.getAll(keys));
        gate.awaitReached();

        MemcachedException.Interrupted failure = call.interrupt();

        assertThat(failure.outcomeUnknown()).isFalse();
        gate.open();
        assertThat(client.get("k")).isEqualTo(VALUE);
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void ridersAreLeftAloneWhenTheDriverIsInterrupted(Kind kind) throws Exception {
        fake.onNext("mg", Answer.late(gate));
        Call driver = new Call(kind, () -> client.get("k"));
        gate.awaitReached();
        List<Call> riders = IntStream.range(0, 8)
                .mapToObj(i -> new Call(i % 2 == 0 ? Kind.PLATFORM : Kind.VIRTUAL, () -> {
                    assertThat(client.get("other")).isEqualTo(VALUE);
                    return null;
                }))
                .toList();

        driver.interrupt();
        gate.open();

        for (Call rider : riders) {
            rider.succeeds();
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void driverIsLeftAloneWhenARiderIsInterrupted(Kind kind) throws Exception {
        fake.onNext("mg", Answer.late(gate));
        Call driver = new Call(Kind.PLATFORM, () -> {
            assertThat(client.get("k")).isEqualTo(VALUE);
            return null;
        });
        gate.awaitReached();
        Call rider = new Call(kind, () -> client.delete("other"));
        Call other = new Call(kind, () -> client.get("other"));
        rider.awaitParked();
        other.awaitParked();

        assertThat(rider.interrupt().node()).isEqualTo(server.address());
        gate.open();

        driver.succeeds();
        other.succeeds();
        assertThat(client.get("k")).isEqualTo(VALUE);
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void statusSetOnEntryThrowsBeforeAnythingIsSent(Kind kind) throws Exception {
        int before = fake.requests().size();
        List<Callable<?>> bodies = List.of(
                () -> client.get("k"),
                () -> client.set("k", VALUE),
                () -> client.set(Key.of("k"), VALUE, Ttl.NONE),
                () -> client.delete("k"),
                () -> client.getAll(List.of("k", "other")),
                () -> client.getAllByKey(List.of(Key.of("k"))),
                () -> {
                    client.awaitReady(Duration.ofSeconds(10));
                    return null;
                });
        for (Callable<?> body : bodies) {
            Call call = new Call(kind, () -> {
                Thread.currentThread().interrupt();
                return body.call();
            });
            assertThat(call.interrupted().outcomeUnknown()).isFalse();
        }

        assertThat(client.get("k")).isEqualTo(VALUE);
        assertThat(fake.requests()).hasSize(before + 1);
    }

    @Test
    void invokedDriverHearsOfInterruptsToo() throws Exception {
        try (MemcachedClient invoked = options().driver(Driver.invoked()).connect()) {
            fake.onNext("mg", Answer.late(gate));
            Call call = new Call(Kind.PLATFORM, () -> invoked.get("k"));
            gate.awaitReached();
            call.interrupt();
            gate.open();
            assertThat(invoked.get("other")).isEqualTo(VALUE);
        }
    }

    @Test
    void writeThatIsStillQueuedIsNotSentAndItsOutcomeIsKnown() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(session -> {
                    session.expectLine("version");
                    gate.pass();
                    session.send("VERSION 1.6.18\r\n");
                    fake.run(session);
                });
                MemcachedClient waiting = options().nodes(silent.address()).build()) {
            Call call = new Call(Kind.PLATFORM, () -> waiting.set("k", "never".getBytes(UTF_8)));
            gate.awaitReached();

            assertThat(call.interrupt().outcomeUnknown()).isFalse();

            gate.open();
            assertThat(waiting.get("k")).isEqualTo(VALUE);
            assertThat(silent.receivedLines()).noneMatch(line -> line.startsWith("ms "));
        }
    }

    @Test
    void asyncCallsDoNotMindTheStatus() throws Exception {
        Thread.currentThread().interrupt();
        CompletableFuture<byte[]> get = client.async().get("k");
        CompletableFuture<StoreResult> set = client.async().set("new", VALUE);
        CompletableFuture<Boolean> delete = client.async().delete("other");
        CompletableFuture<MultiResult<String, byte[]>> all = client.async().getAll(List.of("k", "absent"));
        assertThat(Thread.interrupted()).isTrue();

        assertThat(get.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
        assertThat(set.get(10, TimeUnit.SECONDS)).isEqualTo(StoreResult.STORED);
        assertThat(delete.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(all.get(10, TimeUnit.SECONDS).hits()).containsOnlyKeys("k");
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void awaitReadyIsInterrupted() throws Exception {
        try (ScriptedServer deaf = ScriptedServer.start(session -> session.pause());
                MemcachedClient waiting = options().nodes(deaf.address()).build()) {
            Call call = new Call(Kind.PLATFORM, () -> {
                waiting.awaitReady(Duration.ofSeconds(30));
                return null;
            });
            deaf.awaitConnections(1);
            assertThat(call.interrupt().outcomeUnknown()).isFalse();
        }
    }

    @Test
    void closeWithTheStatusSetClosesAndKeepsIt() {
        Thread.currentThread().interrupt();
        client.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(() -> client.get("k")).isInstanceOf(MemcachedException.Closed.class);
    }

    @Test
    void interruptEndsTheWaitOfAClose() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        Call inside = new Call(Kind.PLATFORM, () -> client.get("k"));
        gate.awaitReached();
        CompletableFuture<Boolean> statusKept = new CompletableFuture<>();
        Thread closer = Thread.ofPlatform().daemon().start(() -> {
            client.close(Duration.ofHours(1));
            statusKept.complete(Thread.currentThread().isInterrupted());
        });

        closer.interrupt();

        assertThat(statusKept.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(inside.failure.get(10, TimeUnit.SECONDS)).isInstanceOf(MemcachedException.Closed.class);
    }
}
