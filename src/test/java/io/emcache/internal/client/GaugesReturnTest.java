package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * After a storm of calls that are cancelled, interrupted, refused or out of time, nothing is left inside the client: no slot, no
 * byte of a bound, no stray reply.
 */
@NoLeaks
@WithMemcached
class GaugesReturnTest {
    private static final int BOUND = 64;
    private static final Duration GUARD = Duration.ofSeconds(10);

    private final MemcachedServer server;

    GaugesReturnTest(MemcachedServer server) {
        this.server = server;
    }

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.YIELD));
    }

    private ClientOptions.Builder options(Driver driver) {
        return MemcachedClient.builder()
                .nodes(server.address())
                .driver(driver)
                .connections(2)
                .maxQueuedPerNode(BOUND)
                .connectionTimeout(GUARD);
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void afterInterruptsAndCancels(Driver driver) throws Exception {
        storm(options(driver).timeout(GUARD).options());
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void afterTimeouts(Driver driver) throws Exception {
        storm(options(driver).timeout(Duration.ofMillis(1)).options());
    }

    private void storm(ClientOptions options) throws Exception {
        Engine engine = new Engine(options);
        MemcachedClient client = new SyncClient(Scope.of(engine));
        try (client;
                ExecutorService platform = Executors.newFixedThreadPool(8);
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            client.awaitReady(GUARD);
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                SplittableRandom random = new SplittableRandom(i);
                workers.add((i < 8 ? platform : virtual).submit(() -> {
                    for (int round = 0; round < 400; round++) {
                        anyCall(client, random);
                    }
                }));
            }
            for (Future<?> worker : workers) {
                worker.get(60, TimeUnit.SECONDS);
            }

            await().atMost(GUARD).until(() -> engine.cluster().calls() == 0);
            assertThat(engine.counters().orphaned.sum()).isZero();
            assertThat(engine.counters().desyncDetected.sum()).isZero();
            assertThat(engine.counters().loopDeaths.sum()).isZero();
            assertThat(engine.counters().loopFailures.sum()).isZero();
            assertThat(engine.counters().dutyFailures.sum()).isZero();
            fillTheBound(client, options);
        }
    }

    /** All slots are there again: the server is stopped, so that nothing leaves while they are counted. */
    private void fillTheBound(MemcachedClient client, ClientOptions options) {
        if (options.timeout().compareTo(Duration.ofSeconds(1)) < 0) {
            return;
        }
        server.suspend();
        try {
            List<CompletableFuture<byte[]>> inside = IntStream.range(0, BOUND)
                    .mapToObj(i -> client.async().get("k" + i))
                    .toList();
            assertThat(inside).noneMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(client.async().get("over")).isCompletedExceptionally();
            server.resume();
            assertThat(inside).allSatisfy(future -> assertThat(future).succeedsWithin(GUARD));
        } finally {
            server.resume();
        }
    }

    private static void anyCall(MemcachedClient client, SplittableRandom random) {
        String key = "storm" + random.nextInt(20);
        try {
            switch (random.nextInt(8)) {
                case 0 -> client.set(key, KeyTaggedValues.make(key, 40 + random.nextInt(30_000), random.nextLong()));
                case 1 -> client.delete(key);
                case 2 -> verify(key, client.get(key));
                case 3 -> client.getAll(List.of(key, "storm1", "storm2")).hits().forEach(KeyTaggedValues::verify);
                case 4 -> interrupted(client, key, random);
                case 5 -> cancelled(client, key, random);
                case 6 ->
                    client.async().set(key, KeyTaggedValues.make(key, 2_000, 1)).join();
                default -> verify(key, client.async().get(key).join());
            }
        } catch (MemcachedException.Overloaded | MemcachedException.Timeout e) {
            assertThat(e.node()).isNotNull();
        } catch (CompletionException e) {
            assertThat(e.getCause())
                    .isInstanceOfAny(MemcachedException.Overloaded.class, MemcachedException.Timeout.class);
        }
    }

    private static void verify(String key, byte[] value) {
        if (value != null) {
            KeyTaggedValues.verify(key, value);
        }
    }

    private static void interrupted(MemcachedClient client, String key, SplittableRandom random) {
        Thread victim = Thread.currentThread();
        int spins = random.nextInt(2_000);
        CompletableFuture<Void> interrupt = CompletableFuture.runAsync(() -> {
            for (int spin = spins; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            victim.interrupt();
        });
        try {
            if (random.nextBoolean()) {
                verify(key, client.get(key));
            } else {
                client.set(key, KeyTaggedValues.make(key, 500, 2));
            }
        } catch (MemcachedException.Interrupted e) {
            assertThat(victim.isInterrupted()).isTrue();
        } finally {
            boolean before = Thread.interrupted();
            interrupt.join();
            assertThat(before || Thread.interrupted()).isTrue();
        }
    }

    private static void cancelled(MemcachedClient client, String key, SplittableRandom random) {
        CompletableFuture<byte[]> future = client.async().get(key);
        for (int spin = random.nextInt(2_000); spin > 0; spin--) {
            Thread.onSpinWait();
        }
        if (future.cancel(true)) {
            assertThat(future).isCancelled();
            return;
        }
        verify(key, future.join());
    }
}
