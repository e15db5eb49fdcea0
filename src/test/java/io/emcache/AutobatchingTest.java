package io.emcache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.FakeClock;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gets that are asked as one, and what becomes of each of them when something goes wrong: on one thread, which polls. */
@NoLeaks
@Timeout(60)
class AutobatchingTest {
    private static final long GUARD_NS = TimeUnit.SECONDS.toNanos(10);

    private static MemcachedClient connect(ScriptedServer server) {
        return connect(server, System::nanoTime);
    }

    private static MemcachedClient connect(ScriptedServer server, LongSupplier clock) {
        MemcachedClient client = MemcachedClient.builder()
                .nodes(server.address())
                .driver(Driver.invoked())
                .nanoClock(clock)
                .timeout(Duration.ofSeconds(5))
                .connections(1)
                .autobatching(true)
                .completionExecutor(Runnable::run)
                .build();
        client.awaitReady(Duration.ofSeconds(1));
        return client;
    }

    private static void pollUntilDone(MemcachedClient client, CompletableFuture<?>... futures) {
        long startNs = System.nanoTime();
        while (!List.of(futures).stream().allMatch(CompletableFuture::isDone)) {
            client.poll();
            assertThat(System.nanoTime() - startNs).as("nanoseconds of polling").isLessThan(GUARD_NS);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static void answerAlone(Session session, String key, String opaque, String value) throws Exception {
        session.expectLine("mg " + key + " k v O" + opaque);
        session.send("VA " + value.length() + " k" + key + " O" + opaque + "\r\n" + value + "\r\n");
    }

    @Test
    void equalKeysOfSeveralCallersAreSentOnce() {
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.answerVersion();
                    session.expectLine("get a b");
                    session.send("VALUE a 0 1\r\nx\r\nEND\r\n");
                    session.pause();
                });
                MemcachedClient client = connect(server)) {
            CompletableFuture<byte[]> first = client.async().get("a");
            CompletableFuture<byte[]> other = client.async().get("b");
            CompletableFuture<byte[]> second = client.async().get("a");
            pollUntilDone(client, first, other, second);
            assertThat(first).isCompletedWithValueMatching(value -> value.length == 1);
            assertThat(second).isCompletedWithValueMatching(value -> value.length == 1);
            assertThat(first.join()).isNotSameAs(second.join());
            assertThat(other).isCompletedWithValue(null);
        }
    }

    @Test
    void afterAnErrorEachIsAskedAloneOnce() {
        try (ScriptedServer server = ScriptedServer.start(
                        session -> {
                            session.answerVersion();
                            session.expectLine("get a b c");
                            session.send("SERVER_ERROR out of memory writing get response\r\n");
                            session.pause();
                        },
                        session -> {
                            session.answerVersion();
                            answerAlone(session, "a", "0000", "1");
                            session.expectLine("mg b k v O0001");
                            session.send("SERVER_ERROR out of memory writing get response\r\n");
                            answerAlone(session, "c", "0002", "3");
                            session.pause();
                        });
                MemcachedClient client = connect(server)) {
            CompletableFuture<byte[]> a = client.async().get("a");
            CompletableFuture<byte[]> b = client.async().get("b");
            CompletableFuture<byte[]> c = client.async().get("c");
            pollUntilDone(client, a, b, c);
            assertThat(a.join()).isEqualTo(bytes("1"));
            assertThat(c.join()).isEqualTo(bytes("3"));
            assertThat(b.exceptionNow()).isInstanceOf(MemcachedException.ServerError.class);
        }
    }

    @Test
    void whenTheConnectionIsLostEachIsAskedAloneOnce() {
        try (ScriptedServer server = ScriptedServer.start(
                        session -> {
                            session.answerVersion();
                            session.expectLine("get a b c");
                            session.send("VALUE a 0 1\r\n1\r\nVALUE b 0 4\r\nhal");
                            session.close();
                        },
                        session -> {
                            session.answerVersion();
                            answerAlone(session, "b", "0000", "2");
                            answerAlone(session, "c", "0001", "3");
                            session.pause();
                        });
                MemcachedClient client = connect(server)) {
            CompletableFuture<byte[]> a = client.async().get("a");
            CompletableFuture<byte[]> b = client.async().get("b");
            CompletableFuture<byte[]> c = client.async().get("c");
            pollUntilDone(client, a, b, c);
            assertThat(List.of(a.join(), b.join(), c.join())).containsExactly(bytes("1"), bytes("2"), bytes("3"));
        }
    }

    @Test
    void whenTheConnectionIsLostTwiceEachFailsWithTheCause() {
        try (ScriptedServer server = ScriptedServer.start(
                        session -> {
                            session.answerVersion();
                            session.expectLine("get a b");
                            session.close();
                        },
                        session -> {
                            session.answerVersion();
                            session.expectLine("mg a k v O0000");
                            session.close();
                        });
                MemcachedClient client = connect(server)) {
            CompletableFuture<byte[]> a = client.async().get("a");
            CompletableFuture<byte[]> b = client.async().get("b");
            pollUntilDone(client, a, b);
            for (CompletableFuture<byte[]> future : List.of(a, b)) {
                assertThat(future.exceptionNow())
                        .isInstanceOf(MemcachedException.NodeUnavailable.class)
                        .hasCauseInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aDeadlineIsOfOneCallOnly() {
        FakeClock clock = FakeClock.nearOverflow();
        CountDownLatch late = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.answerVersion();
                    session.expectLine("get a b");
                    late.await();
                    session.send("VALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nEND\r\n");
                    session.pause();
                });
                MemcachedClient client = connect(server, clock)) {
            MemcachedClient hasty = client.with(CallOptions.timeout(Duration.ofMillis(10)));
            CompletableFuture<byte[]> patient = client.async().get("a");
            CompletableFuture<byte[]> a = hasty.async().get("a");
            CompletableFuture<byte[]> b = hasty.async().get("b");
            client.poll();
            clock.advance(Duration.ofMillis(10));
            pollUntilDone(client, a, b);
            for (CompletableFuture<byte[]> future : List.of(a, b)) {
                assertThat(future.exceptionNow()).isInstanceOf(MemcachedException.Timeout.class);
            }
            assertThat(patient).isNotDone();
            late.countDown();
            pollUntilDone(client, patient);
            assertThat(patient.join()).isEqualTo(bytes("1"));
        }
    }

    @Test
    void aCancelIsOfOneCallOnly() {
        CountDownLatch late = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.answerVersion();
                    session.expectLine("get a b c");
                    late.await();
                    session.send("VALUE a 0 1\r\n1\r\nVALUE c 0 1\r\n3\r\nEND\r\n");
                    session.pause();
                });
                MemcachedClient client = connect(server)) {
            CompletableFuture<byte[]> early = client.async().get("early");
            assertThat(early.cancel(false)).isTrue();
            CompletableFuture<byte[]> a = client.async().get("a");
            CompletableFuture<byte[]> twin = client.async().get("a");
            CompletableFuture<byte[]> b = client.async().get("b");
            CompletableFuture<byte[]> c = client.async().get("c");
            client.poll();
            assertThat(a.cancel(false)).isTrue();
            assertThat(b.cancel(false)).isTrue();
            late.countDown();
            pollUntilDone(client, twin, c);
            assertThat(twin.join()).isEqualTo(bytes("1"));
            assertThat(c.join()).isEqualTo(bytes("3"));
            assertThat(a).isCancelled();
            assertThat(b).isCancelled();
        }
    }
}
