package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who drives when threads of all kinds share a client. A calling thread that drives sleeps in a selector and never parks; one
 * that rides parks. The JVM counts how often a thread has parked, so nothing in the client has to be counted.
 */
@NoLeaks
@Timeout(60)
@WithMemcached
class MixedUseTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int CALLS = 2_000;
    private static final int KEYS = 100;

    private final MemcachedServer server;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong othersDone = new AtomicLong();

    MixedUseTest(MemcachedServer server) {
        this.server = server;
    }

    private enum Beside {
        NOTHING,
        ASYNC,
        VIRTUAL,
        ASYNC_AND_VIRTUAL,
        SYNC;

        boolean isAsync() {
            return this == ASYNC || this == ASYNC_AND_VIRTUAL;
        }

        boolean isVirtual() {
            return this == VIRTUAL || this == ASYNC_AND_VIRTUAL;
        }
    }

    private static Stream<Arguments> besides() {
        return Stream.of(Beside.values())
                .flatMap(beside -> Stream.of(1, 2).map(connections -> Arguments.of(beside, connections)));
    }

    private MemcachedClient connect(int connections, Driver driver) {
        MemcachedClient client = ClientOptions.fromUri(server.uri())
                .mutate()
                .connections(connections)
                .driver(driver)
                .timeout(Duration.ofSeconds(30))
                .connect();
        for (int i = 0; i < KEYS; i++) {
            client.set("key" + i, KeyTaggedValues.make("key" + i, 100, i));
        }
        return client;
    }

    /** With one connection all share it, and who comes late rides. With two there is one that callers drive. */
    @ParameterizedTest
    @MethodSource("besides")
    void syncCallerDrivesBesideWhateverElseThereIs(Beside beside, int connections) throws Exception {
        try (MemcachedClient client = connect(connections, Driver.caller());
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService platform = Executors.newCachedThreadPool()) {
            List<Future<?>> load = new ArrayList<>();
            if (beside.isAsync()) {
                load.add(platform.submit(() -> getAsync(client)));
            }
            if (beside.isVirtual()) {
                IntStream.range(0, 50).forEach(i -> load.add(virtual.submit(() -> getSync(client))));
            }
            if (beside == Beside.SYNC) {
                load.add(platform.submit(() -> getSync(client)));
            }
            long parks;
            try {
                await().atMost(Face.GUARD).until(() -> load.isEmpty() || othersDone.get() > 1_000);
                parks = countParks(client);
            } finally {
                stop.set(true);
            }
            if (connections > 1 || load.isEmpty()) {
                assertThat(parks).isLessThan(CALLS / 10);
            }
            for (Future<?> task : load) {
                task.get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** That parks are seen at all. */
    @Test
    void syncCallerRidesWhereLoopsDrive() {
        try (MemcachedClient client = connect(2, Driver.dedicated(Driver.Idle.BACKOFF))) {
            assertThat(countParks(client)).isGreaterThan(CALLS / 10);
        }
    }

    /** How often this thread parks in so many gets. */
    private static long countParks(MemcachedClient client) {
        long before = parks();
        for (int i = 0; i < CALLS; i++) {
            get(client, i);
        }
        return parks() - before;
    }

    private static long parks() {
        return THREADS.getThreadInfo(Thread.currentThread().threadId()).getWaitedCount();
    }

    private static void get(MemcachedClient client, int i) {
        String key = "key" + i % KEYS;
        KeyTaggedValues.verify(key, client.get(key));
    }

    private @Nullable Void getSync(MemcachedClient client) {
        for (int i = 0; !stop.get(); i++) {
            get(client, i);
            othersDone.incrementAndGet();
        }
        return null;
    }

    private @Nullable Void getAsync(MemcachedClient client) throws Exception {
        ArrayDeque<CompletableFuture<byte[]>> window = new ArrayDeque<>();
        for (int i = 0; !stop.get(); i++) {
            window.add(client.async().get("key" + i % KEYS));
            if (window.size() == 256) {
                window.remove().get(20, TimeUnit.SECONDS);
                othersDone.incrementAndGet();
            }
        }
        for (CompletableFuture<byte[]> get : window) {
            get.get(20, TimeUnit.SECONDS);
        }
        return null;
    }
}
