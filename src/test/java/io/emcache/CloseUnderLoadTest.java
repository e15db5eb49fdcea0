package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client is closed, by several threads at once, while calls of all kinds are inside: each ends, with its result or as Closed. */
@NoLeaks
@WithMemcached
class CloseUnderLoadTest {
    private final MemcachedServer server;

    CloseUnderLoadTest(MemcachedServer server) {
        this.server = server;
    }

    /** Not the invoked one: its futures need somebody who polls. */
    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.YIELD));
    }

    private MemcachedClient connect(Driver driver) {
        return MemcachedClient.builder()
                .nodes(server.address())
                .driver(driver)
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10))
                .connect();
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void everyCallEnds(Driver driver) throws Exception {
        for (int round = 0; round < 15; round++) {
            closeWhileBusy(connect(driver), Duration.ofMillis(round % 3 == 0 ? 0 : 20));
        }
    }

    @RepeatedTest(5)
    void drainLetsCallsFinish() throws Exception {
        MemcachedClient client = connect(Driver.caller());
        List<CompletableFuture<StoreResult>> inside = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            inside.add(client.async().set("drain" + i, new byte[2_000]));
        }
        client.close(Duration.ofSeconds(10));
        for (CompletableFuture<StoreResult> future : inside) {
            assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(StoreResult.STORED);
        }
    }

    private static void closeWhileBusy(MemcachedClient client, Duration drain) throws Exception {
        int callers = 6;
        CountDownLatch busy = new CountDownLatch(callers);
        try (ExecutorService platform = Executors.newCachedThreadPool();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int worker = i;
                workers.add((i % 2 == 0 ? platform : virtual).submit(() -> untilClosed(client, worker, busy)));
            }
            assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 3; i++) {
                workers.add(platform.submit(() -> client.close(drain)));
            }
            for (Future<?> worker : workers) {
                worker.get(20, TimeUnit.SECONDS);
            }
        }
    }

    private static void untilClosed(MemcachedClient client, int worker, CountDownLatch busy) {
        String key = "busy" + worker;
        for (int round = 0; ; round++) {
            try {
                switch (round % 4) {
                    case 0 -> client.set(key, KeyTaggedValues.make(key, 3_000, round));
                    case 1 ->
                        client.async()
                                .set(key, KeyTaggedValues.make(key, 70_000, round))
                                .join();
                    case 2 -> KeyTaggedValues.verify(key, client.get(key));
                    default ->
                        client.getAll(List.of(key, "busy0", "busy1"))
                                .failures()
                                .values()
                                .forEach(e -> assertThat(e).isInstanceOf(MemcachedException.Closed.class));
                }
            } catch (MemcachedException.Closed e) {
                assertThat(e.isRetryable()).isFalse();
                return;
            } catch (CompletionException e) {
                assertThat(e.getCause()).isInstanceOf(MemcachedException.Closed.class);
            }
            if (round == 8) {
                busy.countDown();
            }
        }
    }
}
