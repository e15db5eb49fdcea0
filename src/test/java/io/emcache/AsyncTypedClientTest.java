package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where codecs run, and futures of typed values. */
@NoLeaks
@WithMemcached
class AsyncTypedClientTest {
    private final MemcachedServer server;

    AsyncTypedClientTest(MemcachedServer server) {
        this.server = server;
    }

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF));
    }

    private static ClientOptions.Builder options(String address) {
        return MemcachedClient.builder()
                .nodes(address)
                .connections(1)
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static <T> T within(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    /** What a dependent that is attached directly is given. */
    private static Throwable failureOf(CompletableFuture<?> future) throws Exception {
        CompletableFuture<Throwable> failure = future.handle((_, thrown) -> thrown);
        return within(failure);
    }

    private static Codec<String> decodingBy(UnaryOperator<String> decode) {
        return new Codec<>() {
            @Override
            public EncodedValue encode(String value) {
                return Codecs.utf8().encode(value);
            }

            @Override
            public String decode(byte[] value, long flags) {
                return decode.apply(Codecs.utf8().decode(value, flags));
            }
        };
    }

    /** Tells the threads on which it encodes and decodes. */
    private record Tracing(Set<Thread> encoding, Set<Thread> decoding) implements Codec<String> {
        Tracing() {
            this(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
        }

        @Override
        public EncodedValue encode(String value) {
            encoding.add(Thread.currentThread());
            return Codecs.utf8().encode(value);
        }

        @Override
        public String decode(byte[] value, long flags) {
            decoding.add(Thread.currentThread());
            return Codecs.utf8().decode(value, flags);
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void codecRunsNeitherOnTheLoopNorDecodesOnTheCaller(Driver driver) throws Exception {
        Tracing codec = new Tracing();
        try (MemcachedClient client = options(server.address()).driver(driver).connect()) {
            AsyncTypedClient<String> texts = client.async().typed(codec);
            within(texts.set("k", "text"));
            List<CompletableFuture<String>> reads = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                reads.add(texts.get("k"));
                reads.add(texts.getItem("k").thenApply(Item::value));
            }
            for (CompletableFuture<String> read : reads) {
                assertThat(within(read)).isEqualTo("text");
            }
        }
        assertThat(codec.encoding()).containsExactly(Thread.currentThread());
        assertThat(codec.decoding())
                .isNotEmpty()
                .doesNotContain(Thread.currentThread())
                .noneMatch(thread -> thread.getName().startsWith("emcache-"));
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void syncFaceRunsTheCodecOnTheCaller(Driver driver) {
        Tracing codec = new Tracing();
        try (MemcachedClient client = options(server.address()).driver(driver).connect()) {
            TypedClient<String> texts = client.typed(codec);
            texts.set("k", "text");
            assertThat(texts.get("k")).isEqualTo("text");
        }
        assertThat(codec.encoding()).containsExactly(Thread.currentThread());
        assertThat(codec.decoding()).containsExactly(Thread.currentThread());
    }

    @Test
    void executorOfTheUserDecodes() throws Exception {
        Tracing codec = new Tracing();
        try (ExecutorService mine = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
                MemcachedClient client =
                        options(server.address()).completionExecutor(mine).connect()) {
            AsyncTypedClient<String> texts = client.async().typed(codec);
            within(texts.set("k", "text"));
            for (int i = 0; i < 100; i++) {
                assertThat(within(texts.get("k"))).isEqualTo("text");
            }
        }
        assertThat(codec.decoding())
                .hasSize(1)
                .allMatch(thread -> thread.getName().equals("mine"));
    }

    @Test
    void decodingThatBlocksHoldsNobodyUp() throws Exception {
        CountDownLatch others = new CountDownLatch(20);
        Codec<String> blocking = decodingBy(text -> {
            try {
                return others.await(10, TimeUnit.SECONDS) ? text : "held up";
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try (ExecutorService two = Executors.newFixedThreadPool(2);
                MemcachedClient client =
                        options(server.address()).completionExecutor(two).connect()) {
            client.set("k", "text".getBytes(UTF_8));
            CompletableFuture<String> blocked = client.async().typed(blocking).get("k");
            List<CompletableFuture<Void>> counting = IntStream.range(0, 20)
                    .mapToObj(_ -> client.async().get("k").thenRun(others::countDown))
                    .toList();

            assertThat(within(blocked)).isEqualTo("text");
            for (CompletableFuture<Void> each : counting) {
                within(each);
            }
        }
    }

    @Test
    void codecMayCallTheClient() throws Exception {
        try (MemcachedClient client = options(server.address()).connect()) {
            client.set("k", "other".getBytes(UTF_8));
            client.set("other", "text".getBytes(UTF_8));
            Codec<String> following = decodingBy(key -> new String(client.get(key), UTF_8));

            assertThat(within(client.async().typed(following).get("k"))).isEqualTo("text");
            assertThat(client.typed(following).get("k")).isEqualTo("text");
        }
    }

    @Test
    void failuresAreNotWrapped() throws Exception {
        try (MemcachedClient client = options(server.address()).connect()) {
            client.set("k", "text".getBytes(UTF_8), WriteOptions.NONE.withFlags(3));
            AsyncTypedClient<String> texts = client.async().typed(Codecs.utf8());

            for (CompletableFuture<?> failed : List.of(texts.get("k"), texts.getItem("k"), texts.set("k", "\ud800"))) {
                assertThat(failureOf(failed)).isInstanceOf(MemcachedException.Codec.class);
                assertThatThrownBy(() -> within(failed))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(MemcachedException.Codec.class);
            }
            assertThat(failureOf(texts.get("with space"))).isInstanceOf(MemcachedException.InvalidKey.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancelledBeforeItIsSentIsNeverSent(boolean classic) throws Exception {
        FakeMemcached fake = fake(classic);
        Gate version = new Gate();
        Tracing codec = new Tracing();
        try (ScriptedServer late = ScriptedServer.start(session -> {
                    session.expectLine("version");
                    version.pass();
                    session.send(classic ? "VERSION 1.5.22\r\n" : "VERSION 1.6.18\r\n");
                    fake.run(session);
                });
                MemcachedClient client = options(late.address()).build()) {
            AsyncTypedClient<String> texts = client.async().typed(codec);
            CompletableFuture<String> cancelled = texts.get("cancelled");
            CompletableFuture<StoreResult> store = texts.set("cancelled", "never");
            CompletableFuture<byte[]> kept = client.async().get("k");
            version.awaitReached();

            assertThat(cancelled.cancel(true)).isTrue();
            assertThat(store.cancel(true)).isTrue();
            version.open();

            assertThat(within(kept)).isEqualTo("text".getBytes(UTF_8));
            assertThat(late.receivedLines()).noneMatch(line -> line.contains("cancelled"));
            assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
        }
        assertThat(codec.decoding()).isEmpty();
    }

    @Test
    void replyToACancelledCallIsDroppedUndecoded() throws Exception {
        FakeMemcached fake = fake(true);
        Gate gate = new Gate();
        Tracing codec = new Tracing();
        fake.onNext("gets", Answer.late(gate));
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client = options(server.address()).connect()) {
            CompletableFuture<String> cancelled = client.async().typed(codec).get("k");
            gate.awaitReached();

            assertThat(cancelled.cancel(false)).isTrue();
            CompletableFuture<String> next = client.async().typed(Codecs.utf8()).get("other");
            gate.open();

            assertThat(within(next)).isEqualTo("other text");
            assertThat(server.connections()).isEqualTo(1);
        } finally {
            gate.open();
        }
        assertThat(codec.decoding()).isEmpty();
    }

    private static FakeMemcached fake(boolean classic) {
        FakeMemcached fake = classic ? FakeMemcached.classic("1.5.22") : new FakeMemcached();
        return fake.put("k", "text".getBytes(UTF_8)).put("other", "other text".getBytes(UTF_8));
    }
}
