package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.internal.client.ObservedClient;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.WithMemcached;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whenever and wherever a client is closed: every call ends, and everything is given back. */
@NoLeaks
@WithMemcached
@Timeout(60)
class CloseTest {
    private static final Duration FAR_AWAY = Duration.ofSeconds(30);
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);

    private final MemcachedServer server;

    CloseTest(MemcachedServer server) {
        this.server = server;
    }

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF), Driver.invoked());
    }

    private static ClientOptions.Builder options(String address) {
        return MemcachedClient.builder().nodes(address).timeout(FAR_AWAY);
    }

    private static void requireClosed(CompletableFuture<?> future) throws Exception {
        try {
            future.get(10, TimeUnit.SECONDS);
            throw new AssertionError("not expected to succeed");
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(MemcachedException.Closed.class);
        }
    }

    @RepeatedTest(10)
    void closeUnderLoadEndsEveryCall() throws InterruptedException {
        requireEndUnderLoad(options(server.address()).options(), Duration.ZERO);
    }

    @RepeatedTest(3)
    void closeUnderLoadOfManyNodesAndLoopsEndsEveryCall() throws InterruptedException {
        try (MemcachedServer second = MemcachedServer.start();
                FaultProxy third = FaultProxy.start(server.port())) {
            requireEndUnderLoad(
                    options(server.address())
                            .nodes(server.address(), second.address(), third.address())
                            .eventLoops(2)
                            .connections(3)
                            .options(),
                    Duration.ofMillis(2));
        }
    }

    @RepeatedTest(3)
    void closeUnderLoadOfADedicatedLoopEndsEveryCall() throws InterruptedException {
        requireEndUnderLoad(
                options(server.address())
                        .driver(Driver.dedicated(Driver.Idle.YIELD))
                        .options(),
                Duration.ZERO);
    }

    private static void requireEndUnderLoad(ClientOptions options, Duration drain) throws InterruptedException {
        ObservedClient observed = ObservedClient.connect(options);
        MemcachedClient client = observed.client();
        Load load = new Load(2000, MemcachedException.Closed.class)
                .platform(8, Load.calls(client))
                .platform(2, Load.futures(client.async()))
                .platform(2, Load.cancelledFutures(client.async()))
                .virtual(8, Load.calls(client));
        load.run(Duration.ofMillis(150));
        client.close(drain);
        load.run(Duration.ofMillis(50));
        load.end();
        assertThat(observed.calls()).isZero();
        assertThat(load.refused(MemcachedException.Closed.class)).isPositive();
        assertThat(observed.counters().orphaned.sum()).isZero();
        assertThat(observed.counters().desyncDetected.sum()).isZero();
        assertThat(observed.counters().loopFailures.sum()).isZero();
    }

    @Test
    void manyThreadsMayCloseAtOnce() throws InterruptedException {
        MemcachedClient client = options(server.address()).connect();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(client::close));
        }
        for (Thread thread : threads) {
            assertThat(thread.join(Load.GUARD)).isTrue();
        }
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeWaitsForWhatIsUnderWayAndFailsTheRest(Driver driver) throws Exception {
        Gate gate = new Gate();
        FakeMemcached fake = new FakeMemcached().put("a", VALUE).onNext("mg", Answer.late(gate));
        try (ScriptedServer scripted = ScriptedServer.start(fake)) {
            MemcachedClient client =
                    options(scripted.address()).driver(driver).connections(1).connect();
            CompletableFuture<byte[]> inTime = client.async().get("a");
            if (driver.equals(Driver.invoked())) {
                Thread.ofPlatform().start(() -> {
                    gate.awaitReached();
                    gate.open();
                });
            } else {
                gate.awaitReached();
                gate.open();
            }
            client.close(Duration.ofSeconds(10));
            assertThat(inTime.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeFailsWhatIsNotAnsweredInTime(Driver driver) throws Exception {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer scripted = ScriptedServer.start(fake)) {
            MemcachedClient client =
                    options(scripted.address()).driver(driver).connections(1).connect();
            List<CompletableFuture<byte[]>> futures = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                futures.add(client.async().get("key" + i));
            }
            client.close(Duration.ofMillis(50));
            for (CompletableFuture<byte[]> future : futures) {
                requireClosed(future);
            }
        }
    }

    @Test
    void waitingThreadsOfEveryKindAreFreed() throws Exception {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer scripted = ScriptedServer.start(fake)) {
            ObservedClient observed = ObservedClient.connect(
                    options(scripted.address()).connections(1).options());
            MemcachedClient client = observed.client();
            List<CompletableFuture<byte[]>> ends = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                CompletableFuture<byte[]> end = new CompletableFuture<>();
                Thread.Builder builder = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
                builder.start(() -> {
                    try {
                        end.complete(client.get("key"));
                    } catch (Throwable t) {
                        end.completeExceptionally(t);
                    }
                });
                ends.add(end);
            }
            await().atMost(Load.GUARD).until(() -> observed.calls() == 6);
            client.close();
            for (CompletableFuture<byte[]> end : ends) {
                requireClosed(end);
            }
        }
    }

    @Test
    void closeFromACallbackDoesNotDeadlock() throws Exception {
        MemcachedClient client = options(server.address()).connect();
        client.async().get("key").thenRun(client::close).get(10, TimeUnit.SECONDS);
        assertThat(client.isClosed()).isTrue();
    }

    @RepeatedTest(5)
    void closeFromACallbackOnTheLoopDoesNotDeadlock() throws Exception {
        MemcachedClient client =
                options(server.address()).completionExecutor(Runnable::run).connect();
        CountDownLatch closed = new CountDownLatch(1);
        List<CompletableFuture<?>> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<byte[]> get = client.async().get("key" + i);
            others.add(get);
            if (i == 5) {
                others.add(get.whenComplete((value, failure) -> {
                    client.close();
                    closed.countDown();
                }));
            }
        }
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        for (CompletableFuture<?> other : others) {
            assertThat(other.handle((value, failure) -> failure == null || failure instanceof MemcachedException.Closed)
                            .get(10, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeTwiceAndBeforeFirstUse(Driver driver) {
        MemcachedClient client = options(server.address()).driver(driver).build();
        client.close();
        client.close();
        client.close(Duration.ofSeconds(1));

        assertThat(client.isClosed()).isTrue();
        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> client.get("key"));
        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> client.awaitReady(FAR_AWAY));
        assertThat(client.async().get("key").exceptionNow()).isInstanceOf(MemcachedException.Closed.class);
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeWhileConnecting(Driver driver) throws Exception {
        try (ScriptedServer black = ScriptedServer.startNeverAccepting()) {
            MemcachedClient client = options(black.address()).driver(driver).build();
            CompletableFuture<byte[]> future = client.async().get("key");
            client.close();
            requireClosed(future);
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeWhileTheServerOwesItsGreeting(Driver driver) throws Exception {
        try (ScriptedServer mute = ScriptedServer.start(session -> session.pause())) {
            MemcachedClient client = options(mute.address()).driver(driver).build();
            CompletableFuture<byte[]> future = client.async().get("key");
            if (driver.equals(Driver.invoked())) {
                client.poll();
            } else {
                mute.awaitConnections(1);
            }
            client.close();
            requireClosed(future);
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeWithADeadServer(Driver driver) {
        int port;
        try (FaultProxy proxy = FaultProxy.start(server.port())) {
            port = proxy.port();
        }
        MemcachedClient client = options("127.0.0.1:" + port).driver(driver).build();
        assertThatExceptionOfType(MemcachedException.NodeUnavailable.class).isThrownBy(() -> client.get("key"));
        client.close(Duration.ofSeconds(5));
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void closeWhileAPeerIsFrozenInTheMiddleOfALargeValue() throws Exception {
        try (FaultProxy proxy = FaultProxy.start(server.port())) {
            MemcachedClient client = options(proxy.address()).connections(1).connect();
            proxy.freeze();
            List<CompletableFuture<?>> sets = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                sets.add(client.async().set("large" + i, new byte[1_000_000]));
            }
            client.close(Duration.ofMillis(20));
            for (CompletableFuture<?> set : sets) {
                requireClosed(set);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeTakesAnyDuration(Driver driver) {
        for (Duration drain : List.of(
                Duration.ofSeconds(Long.MAX_VALUE),
                Duration.ofSeconds(Long.MIN_VALUE),
                Duration.ofNanos(Long.MAX_VALUE))) {
            MemcachedClient client = options(server.address()).driver(driver).connect();
            assertThat(client.get("key")).isNull();
            client.close(drain);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void closeKeepsTheInterruptStatus() {
        MemcachedClient client = options(server.address()).connect();
        client.get("key");
        Thread.currentThread().interrupt();
        client.close(Duration.ofSeconds(1));
        assertThat(Thread.interrupted()).isTrue();
    }
}
