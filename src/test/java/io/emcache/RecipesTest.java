package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Computing what is missing once for all, and changing what is there, on a real server. */
@NoLeaks
@WithMemcached
class RecipesTest {
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    private static final AtomicInteger TESTS = new AtomicInteger();

    private final String key = "key:" + TESTS.incrementAndGet();
    private final MemcachedServer server;

    RecipesTest(MemcachedServer server) {
        this.server = server;
    }

    private MemcachedClient connect(boolean classic) {
        return ClientOptions.fromUri(server.uri())
                .mutate()
                .timeout(Duration.ofSeconds(10))
                .forceClassic(classic)
                .connect();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void missIsComputedAndStoredAndAHitIsNot(boolean classic) {
        try (MemcachedClient client = connect(classic)) {
            AtomicInteger loads = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                byte[] value = client.getOrCompute(key, HOUR, () -> bytes("v" + loads.incrementAndGet()));
                assertThat(value).asString(UTF_8).isEqualTo("v1");
            }
            assertThat(loads.get()).isEqualTo(1);
            assertThat(client.get(key)).asString(UTF_8).isEqualTo("v1");
            assertThat(client.getOrCompute(Key.of(key), HOUR, () -> bytes("other")))
                    .asString(UTF_8)
                    .isEqualTo("v1");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyCallersAtOnceComputeOnce(boolean classic) throws Exception {
        int callers = 16;
        try (MemcachedClient client = connect(classic);
                ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            AtomicInteger loads = new AtomicInteger();
            CountDownLatch computing = new CountDownLatch(1);
            List<Future<byte[]>> calls = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                calls.add(threads.submit(() -> client.getOrCompute(key, HOUR, () -> {
                    loads.incrementAndGet();
                    awaitQuietly(computing);
                    return bytes("once");
                })));
            }
            TimeUnit.MILLISECONDS.sleep(50); // lets most of them find the work begun; the outcome is the same if not
            computing.countDown();
            for (Future<byte[]> call : calls) {
                assertThat(call.get(10, TimeUnit.SECONDS)).asString(UTF_8).isEqualTo("once");
            }
            assertThat(loads.get()).isEqualTo(1);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("S7 the place of a value that somebody computes is a miss for everybody else")
    void placeholderIsAMiss() {
        try (MemcachedClient client = connect(false)) {
            byte[] value = client.getOrCompute(key, HOUR, () -> {
                assertThat(client.get(key)).isNull();
                assertThat(client.getItem(key)).isNull();
                assertThat(client.getAll(List.of(key)).misses()).containsExactly(key);
                return bytes("v");
            });
            assertThat(value).asString(UTF_8).isEqualTo("v");
        }
    }

    @Test
    @DisplayName("S9 when the winner dies the others compute for themselves after the lease")
    void deadWinnerHoldsNobodyForLong() {
        ComputeOptions options = ComputeOptions.of(HOUR).withLease(Duration.ofSeconds(1));
        try (MemcachedClient client = connect(false)) {
            assertThat(server.command("mg " + key + " N1")).startsWith("HD");
            assertThat(client.getOrCompute(key, options, () -> bytes("mine")))
                    .asString(UTF_8)
                    .isEqualTo("mine");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void failedLoaderIsThrownAndTheNextOneComputes(boolean classic) {
        try (MemcachedClient client = connect(classic)) {
            assertThatThrownBy(() -> client.getOrCompute(key, HOUR, () -> {
                        throw new IllegalArgumentException("from the loader");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("from the loader");
            assertThat(client.getOrCompute(key, HOUR, () -> bytes("next")))
                    .asString(UTF_8)
                    .isEqualTo("next");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nullIsReturnedAndNotStored(boolean classic) {
        try (MemcachedClient client = connect(classic)) {
            assertThat(client.getOrCompute(key, HOUR, () -> null)).isNull();
            assertThat(client.get(key)).isNull();
            assertThat(client.getOrCompute(key, HOUR, () -> bytes("v"))).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void emptyValueIsCached(boolean classic) {
        try (MemcachedClient client = connect(classic)) {
            AtomicInteger loads = new AtomicInteger();
            for (int i = 0; i < 2; i++) {
                byte[] value = client.getOrCompute(key, HOUR, () -> {
                    loads.incrementAndGet();
                    return new byte[0];
                });
                assertThat(value).isNotNull().isEmpty();
            }
            assertThat(loads.get()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("S6 a stale value is served to all but the one who computes it anew")
    void staleWhileRevalidate() {
        try (MemcachedClient client = connect(false)) {
            client.set(key, bytes("old"));
            assertThat(client.invalidate(key)).isTrue();
            byte[] computed = client.getOrCompute(key, HOUR, () -> {
                byte[] served = client.getOrCompute(key, HOUR, () -> bytes("never"));
                assertThat(served).asString(UTF_8).isEqualTo("old");
                return bytes("new");
            });
            assertThat(computed).asString(UTF_8).isEqualTo("new");
            assertThat(client.getItem(key)).satisfies(item -> {
                assertThat(item.value()).asString(UTF_8).isEqualTo("new");
                assertThat(item.stale()).isFalse();
            });
        }
    }

    @Test
    @DisplayName("S7 an empty stale item is not served: it may be one whose value was dropped")
    void emptyStaleItemIsNotServed() {
        ComputeOptions options = ComputeOptions.of(HOUR).withLease(Duration.ofSeconds(1));
        try (MemcachedClient client = connect(false)) {
            client.set(key, new byte[0]);
            assertThat(client.invalidate(key)).isTrue();
            byte[] computed = client.getOrCompute(key, options, () -> {
                assertThat(client.getOrCompute(key, options, () -> bytes("own")))
                        .asString(UTF_8)
                        .isEqualTo("own");
                return bytes("new");
            });
            assertThat(computed).asString(UTF_8).isEqualTo("new");
        }
    }

    @Test
    void failedLoaderOfAStaleValueLetsAnotherWin() {
        try (MemcachedClient client = connect(false)) {
            client.set(key, bytes("old"));
            client.invalidate(key);
            assertThatThrownBy(() -> client.getOrCompute(key, HOUR, () -> {
                        throw new IllegalStateException("from the loader");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(client.getOrCompute(key, HOUR, () -> bytes("new")))
                    .asString(UTF_8)
                    .isEqualTo("new");
        }
    }

    @Test
    @DisplayName("S8 near its end a value is computed anew by one, and served to the others")
    void recacheWindow() {
        ComputeOptions options = ComputeOptions.of(HOUR).withRecacheWindow(Duration.ofSeconds(30));
        try (MemcachedClient client = connect(false)) {
            client.set(key, bytes("old"), Ttl.of(Duration.ofSeconds(20)));
            byte[] computed = client.getOrCompute(key, options, () -> {
                assertThat(client.getOrCompute(key, options, () -> bytes("never")))
                        .asString(UTF_8)
                        .isEqualTo("old");
                return bytes("new");
            });
            assertThat(computed).asString(UTF_8).isEqualTo("new");
            assertThat(client.getOrCompute(key, options, () -> bytes("never")))
                    .asString(UTF_8)
                    .isEqualTo("new");
        }
    }

    @Test
    void valueDeletedWhileItIsComputedStaysDeleted() {
        try (MemcachedClient client = connect(false)) {
            byte[] computed = client.getOrCompute(key, HOUR, () -> {
                assertThat(client.delete(key)).isTrue();
                return bytes("of before the delete");
            });
            assertThat(computed).isNotNull();
            assertThat(client.get(key)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("S5 concurrent updates lose nothing")
    void updatesOfManyThreadsAllCount(boolean classic) throws Exception {
        int callers = 4;
        int rounds = 100;
        try (MemcachedClient client = connect(classic);
                ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                calls.add(threads.submit(() -> {
                    for (int n = 0; n < rounds; n++) {
                        client.update(
                                key,
                                old -> bytes(old == null ? "1" : "" + (Long.parseLong(new String(old, UTF_8)) + 1)));
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get(30, TimeUnit.SECONDS);
            }
            assertThat(client.get(key)).asString(UTF_8).isEqualTo("" + callers * rounds);
        }
    }

    @Test
    void updateKeepsFlagsAndTimeToLive() {
        try (MemcachedClient client = connect(false)) {
            client.set(key, bytes("a"), WriteOptions.of(HOUR).withFlags(7));
            assertThat(client.update(key, old -> bytes("b"))).asString(UTF_8).isEqualTo("b");
            Item<byte[]> item = client.getItem(key);
            assertThat(item).isNotNull();
            assertThat(item.flags()).isEqualTo(7);
            assertThat(item.ttl()).isNotNull().isNotEqualTo(Ttl.NONE);
            assertThat(client.update(key, Ttl.NONE, old -> bytes("c"))).isNotNull();
            assertThat(client.getItem(key))
                    .satisfies(kept -> assertThat(kept.ttl()).isEqualTo(Ttl.NONE));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void updateThatGivesNullChangesNothing(boolean classic) {
        try (MemcachedClient client = connect(classic)) {
            assertThat(client.update(key, old -> null)).isNull();
            assertThat(client.get(key)).isNull();
            client.set(key, bytes("v"));
            assertThat(client.update(key, old -> null)).isNull();
            assertThat(client.get(key)).asString(UTF_8).isEqualTo("v");
        }
    }

    @Test
    @DisplayName("S2 an update on a server that keeps no CAS says so")
    void serverWithoutCas() {
        try (MemcachedServer plain = MemcachedServer.start("-C");
                MemcachedClient client = MemcachedClient.connect(plain.uri())) {
            client.set("old", bytes("v"));
            assertThatThrownBy(() -> client.update("old", old -> bytes("w")))
                    .isInstanceOf(MemcachedException.Unsupported.class);
            assertThat(client.getOrCompute(key, HOUR, () -> bytes("v"))).hasSize(1);
            assertThat(client.get(key)).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void typedRecipesGoThroughTheCodec(boolean classic) {
        try (MemcachedClient client = connect(classic)) {
            TypedClient<String> texts = client.typed(Compression.deflate(Codecs.utf8()));
            String large = "word ".repeat(2_000);
            assertThat(texts.getOrCompute(key, HOUR, () -> large)).isEqualTo(large);
            assertThat(texts.getOrCompute(Key.of(key), ComputeOptions.of(HOUR), () -> "other"))
                    .isEqualTo(large);
            assertThat(client.get(key)).hasSizeLessThan(large.length());
            assertThat(texts.update(key, old -> old + "!")).isEqualTo(large + "!");
            assertThat(texts.update(key, Ttl.NONE, old -> "short")).isEqualTo("short");
            assertThat(texts.get(key)).isEqualTo("short");
            assertThat(client.get(key)).asString(UTF_8).isEqualTo("short");
            assertThat(texts.update("none:" + key, old -> null)).isNull();
        }
    }
}
