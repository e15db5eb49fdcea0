package io.emcache.internal.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.ClientOptions;
import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What code may do that runs where bytes are moved, and what is counted there. */
@NoLeaks
class CompletionPlaceTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final FakeMemcached fake = new FakeMemcached().put("k", VALUE).put("other", VALUE);
    private final Gate gate = new Gate();
    private ScriptedServer server;

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF), Driver.invoked());
    }

    @BeforeEach
    void open() {
        server = ScriptedServer.start(fake);
    }

    @AfterEach
    void close() {
        gate.open();
        server.close();
    }

    private ClientOptions.Builder options(Driver driver) {
        return MemcachedClient.builder()
                .nodes(server.address())
                .driver(driver)
                .timeout(TIMEOUT)
                .connectionTimeout(TIMEOUT);
    }

    /** Waits as a user of each driver would. */
    private static <T> T within(MemcachedClient client, Driver driver, CompletableFuture<T> future) throws Exception {
        long startNs = System.nanoTime();
        while (driver instanceof Driver.Invoked
                && !future.isDone()
                && System.nanoTime() - startNs < TIMEOUT.toNanos()) {
            client.poll();
        }
        return future.get(10, TimeUnit.SECONDS);
    }

    /** Runs a dependent of a get inside the duty cycle of the loop. */
    private <T> T onLoop(Driver driver, Function<MemcachedClient, T> dependent) throws Exception {
        MemcachedClient client =
                options(driver).completionExecutor(Runnable::run).connect();
        try (client) {
            fake.onNext("mg", Answer.late(gate));
            CompletableFuture<T> result = client.async().get("k").thenApply(value -> dependent.apply(client));
            gate.open();
            T got = within(client, driver, result);
            assertThat(client.get("other")).isEqualTo(VALUE);
            return got;
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void blockingCallsInsideADutyCycleThrowAtOnce(Driver driver) throws Exception {
        Boolean checked = onLoop(driver, client -> {
            assertThatThrownBy(() -> client.get("k")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> client.set("k", VALUE)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> client.delete("k")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> client.getAll(List.of("k"))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> client.awaitReady(TIMEOUT)).isInstanceOf(IllegalStateException.class);
            return true;
        });
        assertThat(checked).isTrue();
        assertThat(fake.get("k")).isEqualTo(VALUE);
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void asyncCallsInsideADutyCycleWork(Driver driver) throws Exception {
        MemcachedClient client =
                options(driver).completionExecutor(Runnable::run).connect();
        try (client) {
            fake.onNext("mg", Answer.late(gate));
            CompletableFuture<byte[]> chain = client.async()
                    .get("k")
                    .thenCompose(value -> client.async().set("chained", value))
                    .thenCompose(stored -> client.async().getAll(List.of("chained", "absent")))
                    .thenCompose(all -> client.async().delete("other").thenApply(gone -> all))
                    .thenApply(all -> all.hits().get("chained"));
            gate.open();

            assertThat(within(client, driver, chain)).isEqualTo(VALUE);
            assertThat(fake.get("other")).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void pollInsideADutyCycleDoesNothing(Driver driver) throws Exception {
        Object polled = onLoop(driver, client -> {
            try {
                return client.poll();
            } catch (IllegalStateException e) {
                return e;
            }
        });
        assertThat(polled instanceof IllegalStateException || polled.equals(0)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void closeInsideADutyCycleDoesNotWaitForItself(Driver driver) throws Exception {
        MemcachedClient client =
                options(driver).completionExecutor(Runnable::run).connect();
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<Boolean> closed = client.async().get("k").thenApply(value -> {
            client.close(Duration.ofHours(1));
            return client.isClosed();
        });
        CompletableFuture<byte[]> behind = client.async().get("other");
        gate.open();

        assertThat(within(client, driver, closed)).isTrue();
        assertThatThrownBy(() -> client.get("k")).isInstanceOf(MemcachedException.Closed.class);
        Boolean ended = within(client, driver, behind.handle((value, e) -> true));
        assertThat(ended).isTrue();
        client.close();
    }

    @Test
    void rejectedCompletionsAreCounted() throws Exception {
        ClientOptions options = options(Driver.caller())
                .completionExecutor(task -> {
                    throw new RejectedExecutionException("no");
                })
                .options();
        Engine engine = new Engine(options);
        MemcachedClient client = new SyncClient(Scope.of(engine));
        try (client) {
            client.awaitReady(TIMEOUT);
            for (int i = 0; i < 10; i++) {
                assertThat(client.async().get("k").get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
            }
            assertThat(engine.counters().rejectedCompletions.sum()).isBetween(1L, 10L);
            assertThat(engine.counters().failedCompletions.sum()).isZero();
            assertThat(engine.counters().loopFailures.sum()).isZero();
            assertThat(engine.counters().orphaned.sum()).isZero();
        }
    }

    @Test
    void dependentsThatThrowAreNoFailureOfTheEngine() throws Exception {
        Engine engine = new Engine(
                options(Driver.caller()).completionExecutor(Runnable::run).options());
        MemcachedClient client = new SyncClient(Scope.of(engine));
        try (client) {
            client.awaitReady(TIMEOUT);
            for (int i = 0; i < 10; i++) {
                CompletableFuture<byte[]> future = client.async().get("k");
                CompletableFuture<Void> thrown = future.thenAccept(value -> {
                    throw new AssertionError("of a dependent");
                });
                assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
                assertThatThrownBy(() -> thrown.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(AssertionError.class);
                assertThat(client.get("other")).isEqualTo(VALUE);
            }
            assertThat(engine.counters().dutyFailures.sum()).isZero();
            assertThat(engine.counters().loopDeaths.sum()).isZero();
        }
    }

    @Test
    void blockingCallIsFineWhereACallerDrives() throws Exception {
        MemcachedClient client = options(Driver.caller())
                .connections(1)
                .completionExecutor(Runnable::run)
                .connect();
        try (client) {
            for (int i = 0; i < 200; i++) {
                CompletableFuture<Object> nested = client.async().get("k").handle((value, e) -> {
                    try {
                        return client.get("other");
                    } catch (IllegalStateException refused) {
                        return refused;
                    }
                });
                assertThat(client.get("k")).isEqualTo(VALUE);
                assertThat(nested.get(10, TimeUnit.SECONDS)).isNotNull();
            }
        }
    }
}
