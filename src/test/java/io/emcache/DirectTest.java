package io.emcache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.DirectReply.Result;
import io.emcache.DirectRequest.Offer;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the direct face has: callbacks, values in place, statuses. Its verbs are run by the behaviour suite. */
@NoLeaks
@WithMemcached
class DirectTest {
    private final MemcachedServer server;

    DirectTest(MemcachedServer server) {
        this.server = server;
    }

    private ClientOptions.Builder options(boolean classic) {
        return ClientOptions.fromUri(server.uri())
                .mutate()
                .timeout(Duration.ofSeconds(10))
                .forceClassic(classic);
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valuesOfEverySizeAreShownWhole(boolean classic) throws InterruptedException {
        int[] sizes = {0, 1, 100, 16_383, 16_384, 65_000, 65_530, 65_536, 70_000, 1 << 19, 1_000_000};
        try (MemcachedClient client = options(classic).connect()) {
            for (int size : sizes) {
                byte[] value = new byte[size];
                Arrays.fill(value, (byte) ('a' + size % 7));
                client.set("size:" + size, value);
            }
            for (int round = 0; round < 3; round++) {
                CountDownLatch done = new CountDownLatch(sizes.length);
                List<String> wrong = new CopyOnWriteArrayList<>();
                for (int size : sizes) {
                    DirectRequest request = client.direct().newRequest(reply -> {
                        byte[] seen = reply.value().toArray(JAVA_BYTE);
                        byte[] expected = new byte[size];
                        Arrays.fill(expected, (byte) ('a' + size % 7));
                        if (reply.result() != Result.HIT || !Arrays.equals(seen, expected)) {
                            wrong.add(size + ": " + reply.result() + ", " + seen.length + " bytes, " + reply.failure());
                        }
                        done.countDown();
                    });
                    assertThat(request.key(segment("size:" + size)).get()).isEqualTo(Offer.ACCEPTED);
                }
                assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
                assertThat(wrong).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callbackOffersTheSameRequestAgain(boolean classic) throws InterruptedException {
        int rounds = 2_000;
        try (MemcachedClient client = options(classic).connect()) {
            client.set("n", "0".getBytes(UTF_8));
            AtomicInteger left = new AtomicInteger(rounds);
            CountDownLatch done = new CountDownLatch(1);
            AtomicReference<Object> surprise = new AtomicReference<>();
            DirectRequest request = client.direct().newRequest(reply -> {
                if (reply.result() != Result.DONE || reply.counter() != rounds - left.get() + 1) {
                    surprise.set(reply.result() + " " + reply.counter());
                    done.countDown();
                } else if (left.decrementAndGet() == 0) {
                    done.countDown();
                } else if (reply.request().increment(1) != Offer.ACCEPTED) {
                    surprise.set("not accepted");
                    done.countDown();
                }
            });
            assertThat(request.key(segment("n")).increment(1)).isEqualTo(Offer.ACCEPTED);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(surprise.get()).isNull();
            assertThat(client.get("n")).asString(UTF_8).isEqualTo(String.valueOf(rounds));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void syncAndDirectCallsShareOneConnection(boolean classic) throws InterruptedException {
        try (MemcachedClient client = options(classic).connections(1).connect()) {
            client.set("shared", "v".getBytes(UTF_8));
            AtomicInteger hits = new AtomicInteger();
            AtomicInteger others = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            AtomicInteger syncHits = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int n = 0; n < 2_000; n++) {
                        byte[] value = client.get("shared");
                        if (value != null && value.length == 1) {
                            syncHits.incrementAndGet();
                        }
                    }
                }));
            }
            for (int i = 0; i < 8; i++) {
                AtomicInteger left = new AtomicInteger(1_000);
                DirectRequest request = client.direct().newRequest(reply -> {
                    (reply.result() == Result.HIT ? hits : others).incrementAndGet();
                    if (left.decrementAndGet() > 0 && reply.request().get() != Offer.ACCEPTED) {
                        others.incrementAndGet();
                    }
                });
                assertThat(request.key(segment("shared")).get()).isEqualTo(Offer.ACCEPTED);
            }
            for (Thread thread : threads) {
                assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> hits.get() + others.get() >= 8_000);
            assertThat(others.get()).isZero();
            assertThat(syncHits.get()).isEqualTo(6_000);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callbackRunsOnTheLoopAndMustNotBlock(boolean classic) throws InterruptedException {
        try (MemcachedClient client = options(classic).connect()) {
            AtomicReference<String> thread = new AtomicReference<>();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            CountDownLatch done = new CountDownLatch(1);
            client.direct()
                    .newRequest(reply -> {
                        thread.set(Thread.currentThread().getName());
                        try {
                            client.get("x");
                        } catch (IllegalStateException e) {
                            thrown.set(e);
                        }
                        done.countDown();
                    })
                    .key(segment("x"))
                    .get();
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(thread.get()).startsWith("emcache-loop");
            assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void throwingCallbackHarmsNobody(boolean classic) throws InterruptedException {
        try (MemcachedClient client = options(classic).connections(1).connect()) {
            CountDownLatch thrown = new CountDownLatch(2);
            DirectRequest request = client.direct().newRequest(reply -> {
                thrown.countDown();
                throw new IllegalArgumentException("from the callback");
            });
            assertThat(request.key(segment("x")).get()).isEqualTo(Offer.ACCEPTED);
            await().until(() -> thrown.getCount() == 1 && !request.isPending());
            assertThat(request.get()).isEqualTo(Offer.ACCEPTED);
            assertThat(thrown.await(10, TimeUnit.SECONDS)).isTrue();
            client.set("x", new byte[1]);
            assertThat(client.get("x")).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatCannotBeOfferedIsAStatus(boolean classic) {
        MemcachedClient client = options(classic).itemSizeLimit(1000).connect();
        DirectRequest request = client.direct().newRequest(reply -> {});
        try (client) {
            assertThat(request.key(segment("")).get()).isEqualTo(Offer.INVALID_KEY);
            assertThat(request.key(segment("a b")).get()).isEqualTo(Offer.INVALID_KEY);
            assertThat(request.key(segment("k".repeat(251))).get()).isEqualTo(Offer.INVALID_KEY);
            request.key(segment("k")).value(MemorySegment.ofArray(new byte[1001]));
            assertThat(request.set(Ttl.NONE)).isEqualTo(Offer.VALUE_TOO_LARGE);
            assertThatThrownBy(() -> request.flags(1L << 32)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> request.flags(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> request.key(segment("k"), 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(request.isPending()).isFalse();
        }
        assertThat(request.get()).isEqualTo(Offer.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void frozenServerEndsInAFailure(boolean classic) throws InterruptedException {
        try (MemcachedClient client =
                options(classic).timeout(Duration.ofMillis(200)).connect()) {
            AtomicReference<MemcachedException> failure = new AtomicReference<>();
            CountDownLatch done = new CountDownLatch(1);
            DirectRequest request = client.direct().newRequest(reply -> {
                failure.set(reply.failure());
                done.countDown();
            });
            server.suspend();
            try {
                assertThat(request.key(segment("k")).get()).isEqualTo(Offer.ACCEPTED);
                assertThat(request.get()).isEqualTo(Offer.PENDING);
                assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
                assertThat(failure.get()).isInstanceOf(MemcachedException.Timeout.class);
            } finally {
                server.resume();
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> succeeds(client));
        }
    }

    private static boolean succeeds(MemcachedClient client) {
        try {
            client.get("k");
            return true;
        } catch (MemcachedException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closeCallsEveryPendingCallback(boolean classic) throws InterruptedException {
        int count = 50;
        AtomicInteger called = new AtomicInteger();
        int accepted = 0;
        MemcachedClient client = options(classic).connect();
        server.suspend();
        try (client) {
            for (int i = 0; i < count; i++) {
                DirectRequest request = client.direct().newRequest(reply -> called.incrementAndGet());
                if (request.key(segment("k" + i)).get() == Offer.ACCEPTED) {
                    accepted++;
                }
            }
        } finally {
            server.resume();
        }
        assertThat(accepted).isEqualTo(count);
        assertThat(called.get()).isEqualTo(count);
    }
}
