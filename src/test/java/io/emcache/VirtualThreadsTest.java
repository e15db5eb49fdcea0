package io.emcache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.Answer;
import io.emcache.testkit.ChildJvm;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.WithMemcached;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sync calls on many virtual threads, and on few carriers. */
@NoLeaks
@WithMemcached
class VirtualThreadsTest {
    private static final int THREADS = 10_000;

    private final MemcachedServer server;

    VirtualThreadsTest(MemcachedServer server) {
        this.server = server;
    }

    private ClientOptions.Builder options(String address) {
        return MemcachedClient.builder()
                .nodes(address)
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void tenThousandThreadsGetTheirValues(int connections) throws Exception {
        getAtOnce(options(server.address()).connections(connections));
    }

    @Test
    void tenThousandThreadsGetTheirValuesFromThreeNodes() throws Exception {
        try (MemcachedServer second = MemcachedServer.start();
                MemcachedServer third = MemcachedServer.start()) {
            getAtOnce(options(server.address()).nodes(server.address(), second.address(), third.address()));
        }
    }

    private static void getAtOnce(ClientOptions.Builder builder) throws Exception {
        ClientOptions options =
                builder.maxQueuedPerNode(16_384).ringBytes(2 << 20).options();
        try (MemcachedClient client = MemcachedClient.connect(options);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                client.set("vt" + i, KeyTaggedValues.make("vt" + i, 100, i));
            }
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String key = "vt" + i % 100;
                calls.add(threads.submit(() -> {
                    start.await();
                    KeyTaggedValues.verify(key, client.get(key));
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> call : calls) {
                call.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void tenThousandThreadsFinishWithTheDefaultRing() throws Exception {
        ClientOptions options =
                options(server.address()).maxQueuedPerNode(16_384).options();
        try (MemcachedClient client = MemcachedClient.connect(options);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            client.set("vt", KeyTaggedValues.make("vt", 100, 1));
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                calls.add(threads.submit(() -> {
                    KeyTaggedValues.verify("vt", client.get("vt"));
                    return null;
                }));
            }
            for (Future<?> call : calls) {
                call.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void defaultBoundRefusesWhatAServerThatDoesNotAnswerPilesUp() throws Exception {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        int bound = options("unused").options().maxQueuedPerNode();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(THREADS - bound);
        CountDownLatch ended = new CountDownLatch(THREADS);
        try (ScriptedServer silent = ScriptedServer.start(fake);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                MemcachedClient client =
                        options(silent.address()).connections(1).connect()) {
            for (int i = 0; i < THREADS; i++) {
                threads.execute(() -> {
                    try {
                        client.get("k");
                    } catch (MemcachedException.Overloaded e) {
                        assertThat(e.isRetryable()).isTrue();
                        assertThat(e.outcomeUnknown()).isFalse();
                        refused.incrementAndGet();
                        over.countDown();
                    } catch (MemcachedException.Closed e) {
                        assertThat(e.node()).isNotNull();
                    } finally {
                        ended.countDown();
                    }
                });
            }
            assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(refused).hasValue(THREADS - bound);
    }

    @Test
    void deadlineIsKeptWhileACallbackBlocksTheLoop() throws Exception {
        CompletableFuture<byte[]> blocked = new CompletableFuture<>();
        MemorySegment key = MemorySegment.ofArray("k".getBytes(US_ASCII));
        try (MemcachedClient client = options(server.address())
                .timeout(Duration.ofMillis(300))
                .connections(1)
                .connect()) {
            DirectRequest request = client.direct().newRequest(reply -> {
                Thread.startVirtualThread(() -> completeWith(blocked, () -> client.get("k")));
                blocked.exceptionally(e -> null).orTimeout(10, TimeUnit.SECONDS).join();
            });
            assertThat(request.key(key).get()).isEqualTo(DirectRequest.Offer.ACCEPTED);
            assertThat(blocked)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withCauseInstanceOf(MemcachedException.Timeout.class);
        }
    }

    private static void completeWith(CompletableFuture<byte[]> future, Supplier<byte[]> call) {
        try {
            future.complete(call.get());
        } catch (MemcachedException e) {
            future.completeExceptionally(e);
        }
    }

    @Test
    void oneCarrierServesOthersWhileOneThreadWaits() {
        ChildJvm.Result result = ChildJvm.run(
                OneCarrierScenario.class,
                List.of("-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1"));

        assertThat(result.stderr()).doesNotContain("Exception");
        assertThat(result.stdout()).contains("pinned=0").doesNotContain("overtaken=false");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void threadsOfAllKindsShareOneClient() throws Exception {
        try (MemcachedClient client = options(server.address()).connect();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService platform = Executors.newFixedThreadPool(6)) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                int worker = i;
                calls.add((i < 6 ? platform : virtual).submit(() -> {
                    KeyTaggedValues values = new KeyTaggedValues(worker, 40_000);
                    for (int round = 0; round < 100; round++) {
                        String key = "shared" + (worker * 7 + round) % 50;
                        if (round % 3 == 0) {
                            client.set(key, values.next(key));
                        } else if (round % 7 == 0) {
                            client.delete(key);
                        } else if (round % 5 == 0) {
                            client.getAll(List.of(key, "shared0", "shared49"))
                                    .orThrow()
                                    .forEach(KeyTaggedValues::verify);
                        } else if (round % 2 == 0) {
                            byte[] value = client.async().get(key).get(30, TimeUnit.SECONDS);
                            if (value != null) {
                                KeyTaggedValues.verify(key, value);
                            }
                        } else {
                            byte[] value = client.get(key);
                            if (value != null) {
                                KeyTaggedValues.verify(key, value);
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> call : calls) {
                call.get(60, TimeUnit.SECONDS);
            }
        }
    }
}
