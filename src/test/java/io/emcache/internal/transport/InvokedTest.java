package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.emcache.ClientOptions;
import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.internal.client.ObservedClient;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeClock;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times to the nanosecond, on one thread: the test polls and moves the clock. */
@NoLeaks
@Timeout(60)
class InvokedTest {
    private static final Duration TIMEOUT = Duration.ofMillis(700);
    private static final Duration ONE_NS = Duration.ofNanos(1);
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);

    private final FakeClock clock = FakeClock.nearOverflow();

    private ClientOptions.Builder options(String address) {
        return MemcachedClient.builder()
                .nodes(address)
                .driver(Driver.invoked())
                .nanoClock(clock)
                .timeout(TIMEOUT)
                .connections(1)
                .completionExecutor(Runnable::run);
    }

    private static void pollUntil(MemcachedClient client, BooleanSupplier condition) {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            client.poll();
            assertThat(System.nanoTime() - startNs).as("nanoseconds of polling").isLessThan(Load.GUARD.toNanos());
        }
    }

    /** Polls until nothing has happened for so many turns that nothing more will without the clock. */
    private static void settle(MemcachedClient client) {
        for (int quiet = 0; quiet < 50; quiet++) {
            if (client.poll() > 0) {
                quiet = 0;
            }
        }
    }

    private MemcachedClient connected(ScriptedServer server) {
        MemcachedClient client = options(server.address()).build();
        client.awaitReady(Duration.ofSeconds(1));
        settle(client);
        return client;
    }

    /** One nanosecond before its time a call waits; when the clock gets there, the next poll ends it. */
    private MemcachedException.Timeout requireExactly(
            MemcachedClient client, CompletableFuture<?> future, Duration left) {
        clock.advance(left.minus(ONE_NS));
        client.poll();
        client.poll();
        assertThat(future).as("one nanosecond early").isNotDone();
        clock.advance(ONE_NS);
        client.poll();
        assertThat(future).as("in time").isCompletedExceptionally();
        assertThat(future.exceptionNow()).isInstanceOf(MemcachedException.Timeout.class);
        return (MemcachedException.Timeout) future.exceptionNow();
    }

    @Test
    void writtenCallEndsExactlyAtItsDeadline() {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client = connected(server)) {
            CompletableFuture<byte[]> future = client.async().get("key");
            pollUntil(client, () -> !fake.requests().isEmpty() && requested(fake, "mg"));
            MemcachedException.Timeout timeout = requireExactly(client, future, TIMEOUT);

            assertThat(timeout.phase()).isEqualTo(Phase.WRITTEN);
            assertThat(timeout.elapsed()).isEqualTo(TIMEOUT);
            assertThat(timeout.outcomeUnknown()).isFalse();
        }
    }

    @Test
    void deadlineIsExactHoweverOftenIsPolledBefore() {
        FakeMemcached fake = new FakeMemcached().onEvery("ms", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client = connected(server)) {
            CompletableFuture<?> future = client.async().set("key", VALUE);
            pollUntil(client, () -> requested(fake, "ms"));
            for (int i = 0; i < 699; i++) {
                clock.advance(Duration.ofMillis(1));
                client.poll();
            }
            MemcachedException.Timeout timeout = requireExactly(client, future, Duration.ofMillis(1));

            assertThat(timeout.outcomeUnknown()).isTrue();
        }
    }

    @Test
    void callThatIsOneMillisecondLongIsExact() {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client =
                        options(server.address()).timeout(Duration.ofMillis(1)).build()) {
            client.awaitReady(Duration.ofSeconds(1));
            CompletableFuture<byte[]> future = client.async().get("key");
            clock.advance(Duration.ofNanos(400_000));
            client.poll();
            requireExactly(client, future, Duration.ofNanos(600_000));
        }
    }

    private static boolean requested(FakeMemcached fake, String verb) {
        return fake.requests().stream().anyMatch(request -> request.verb().equals(verb));
    }

    @Test
    void callThatNobodyPolledIsQueued() {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = connected(server)) {
            CompletableFuture<byte[]> future = client.async().get("key");
            clock.advance(TIMEOUT);
            client.poll();
            pollUntil(client, future::isDone);

            assertThat(future.isCompletedExceptionally() || future.join() == null)
                    .isTrue();
        }
    }

    @Test
    void waitingForTheConnectionEndsExactlyAndSaysSo() {
        try (ScriptedServer server = ScriptedServer.startNeverAccepting();
                MemcachedClient client = options(server.address()).build()) {
            CompletableFuture<byte[]> future = client.async().get("key");
            settle(client);
            MemcachedException.Timeout timeout = requireExactly(client, future, TIMEOUT);

            assertThat(timeout.phase()).isEqualTo(Phase.CONNECTING);
        }
    }

    @Test
    void serverThatAcceptsAndNeverGreetsIsConnecting() {
        try (ScriptedServer server = ScriptedServer.start(session -> session.pause());
                MemcachedClient client = options(server.address()).build()) {
            CompletableFuture<byte[]> future = client.async().get("key");
            settle(client);
            MemcachedException.Timeout timeout = requireExactly(client, future, TIMEOUT);

            assertThat(timeout.phase()).isEqualTo(Phase.CONNECTING);
        }
    }

    @Test
    void halfAValueIsReceiving() {
        FakeMemcached fake = new FakeMemcached().put("key", VALUE).onEvery("mg", (request, reply, session) -> {
            String head = new String(reply, StandardCharsets.ISO_8859_1);
            session.send(head.substring(0, head.indexOf('\n') + 3));
            session.pause();
        });
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed =
                        new ObservedClient(options(server.address()).options())) {
            MemcachedClient client = observed.client();
            client.awaitReady(Duration.ofSeconds(1));
            CompletableFuture<byte[]> future = client.async().get("key");
            pollUntil(client, () -> requested(fake, "mg"));
            quietFor(client, Duration.ofMillis(50));
            MemcachedException.Timeout timeout = requireExactly(client, future, TIMEOUT);

            assertThat(timeout.phase()).isEqualTo(Phase.RECEIVING);
        }
    }

    private static void quietFor(MemcachedClient client, Duration duration) {
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < duration.toNanos()) {
            client.poll();
        }
    }

    @Test
    void connectTimeoutIsExact() {
        try (ScriptedServer server = ScriptedServer.start(session -> session.pause());
                ObservedClient observed = new ObservedClient(options(server.address())
                        .connectionTimeout(Duration.ofMillis(1234))
                        .options())) {
            MemcachedClient client = observed.client();
            client.poll();
            settle(client);
            server.awaitConnections(1);
            clock.advance(Duration.ofMillis(1234).minus(ONE_NS));
            client.poll();
            client.poll();
            assertThat(observed.counters().connectFailures.sum()).isZero();
            clock.advance(ONE_NS);
            client.poll();
            assertThat(observed.counters().connectFailures.sum()).isEqualTo(1);
        }
    }

    @Test
    void eachAttemptWaitsNoLongerThanItsBackoff() {
        try (ScriptedServer server = ScriptedServer.start(session -> {}, session -> {}, session -> {}, session -> {});
                ObservedClient observed =
                        new ObservedClient(options(server.address()).options())) {
            MemcachedClient client = observed.client();
            TransportCounters counters = observed.counters();
            pollUntil(client, () -> counters.connectFailures.sum() == 1);
            for (int attempt = 1; attempt <= 8; attempt++) {
                clock.advance(Duration.ofMillis(Math.min(1000, 50L << (attempt - 1))));
                long failures = attempt + 1L;
                pollUntil(client, () -> counters.connectFailures.sum() == failures);
            }
            quietFor(client, Duration.ofMillis(20));
            assertThat(counters.connectFailures.sum())
                    .as("attempts without time")
                    .isEqualTo(9);
        }
    }

    @Test
    void laneThatMayNotConnectDoesNotKeepTheLoopBusy() {
        try (ScriptedServer server = ScriptedServer.start(session -> {});
                ObservedClient observed = new ObservedClient(
                        options(server.address()).connections(4).options())) {
            MemcachedClient client = observed.client();
            pollUntil(client, () -> observed.counters().connectFailures.sum() >= 1);
            int work = 0;
            for (int i = 0; i < 3000; i++) {
                clock.advance(Duration.ofMillis(1));
                work += client.poll();
            }
            assertThat(work)
                    .as("turns with work in 3 s of one attempt each second")
                    .isLessThan(200);
        }
    }

    @Test
    void heartbeatComesAfterTenIdleSeconds() {
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client = connected(server)) {
            for (int i = 0; i < 99; i++) {
                clock.advance(Duration.ofMillis(100));
                settle(client);
            }
            assertThat(requested(fake, "mn")).as("after 9.9 s").isFalse();
            clock.advance(Duration.ofMillis(300));
            pollUntil(client, () -> requested(fake, "mn"));
        }
    }

    @Test
    void callsPutTheHeartbeatOff() {
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client = connected(server)) {
            for (int i = 0; i < 60; i++) {
                clock.advance(Duration.ofMillis(500));
                CompletableFuture<byte[]> future = client.async().get("key");
                pollUntil(client, future::isDone);
                settle(client);
            }
            assertThat(requested(fake, "mn")).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 999, 1500, 5000})
    void silentServerIsGivenUpAfterTheDeadlineButNotBeforeASecond(long timeoutMs) {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed = new ObservedClient(options(server.address())
                        .timeout(Duration.ofMillis(timeoutMs))
                        .options())) {
            MemcachedClient client = observed.client();
            client.awaitReady(Duration.ofSeconds(1));
            CompletableFuture<byte[]> future = client.async().get("key");
            pollUntil(client, () -> requested(fake, "mg"));
            clock.advance(Duration.ofMillis(Math.max(1000, timeoutMs)).minus(ONE_NS));
            client.poll();
            client.poll();
            assertThat(observed.counters().stalls.sum()).isZero();
            clock.advance(ONE_NS);
            client.poll();
            assertThat(observed.counters().stalls.sum()).isEqualTo(1);
            assertThat(future).isCompletedExceptionally();
            pollUntil(client, () -> observed.calls() == 0);
        }
    }

    @Test
    void synchronousCallPollsByItself() {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = connected(server)) {
            client.set("key", VALUE);
            assertThat(client.get("key")).isEqualTo(VALUE);
        }
    }

    @Test
    void secondPollerFindsNothingToDo() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = connected(server)) {
            CompletableFuture<Boolean> passed = client.async().get("key").thenApply(value -> {
                inside.countDown();
                return awaits(goOn);
            });
            Thread poller = Thread.ofPlatform().start(() -> pollUntil(client, passed::isDone));
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.poll()).isZero();
            goOn.countDown();
            poller.join();
            assertThat(passed).isCompletedWithValue(true);
        }
    }

    private static boolean awaits(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void pollInsideACompletionDoesNothing(int loops) {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client =
                        options(server.address()).eventLoops(loops).build()) {
            client.awaitReady(Duration.ofSeconds(1));
            AtomicInteger inner = new AtomicInteger(-1);
            CompletableFuture<Void> future = client.async().get("key").thenAccept(value -> inner.set(client.poll()));
            pollUntil(client, future::isDone);

            assertThat(inner).hasValue(0);
        }
    }

    @Test
    void blockingCallInsideACompletionIsRefused() {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = connected(server)) {
            CompletableFuture<byte[]> future = client.async().get("key").thenApply(value -> client.get("other"));
            pollUntil(client, future::isDone);

            assertThat(future.exceptionNow()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void interruptStatusSurvivesAPoll() {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = connected(server)) {
            Thread.currentThread().interrupt();
            client.poll();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThatExceptionOfType(MemcachedException.Interrupted.class).isThrownBy(() -> client.get("key"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(client.get("key")).isNull();
        }
    }

    @Test
    void closeInsideACompletionDoesNotWait() {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                MemcachedClient client = connected(server)) {
            CompletableFuture<Void> future = client.async().get("key").thenRun(client::close);
            pollUntil(client, future::isDone);
            client.poll();
            assertThat(client.isClosed()).isTrue();
        }
    }
}
