package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Futures: where they are completed, and what users do to them. */
@NoLeaks
class AsyncTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    private final FakeMemcached fake = new FakeMemcached().put("k", VALUE).put("other", VALUE);
    private final Gate gate = new Gate();
    private ScriptedServer server;
    private MemcachedClient client;

    @BeforeEach
    void open() {
        server = ScriptedServer.start(fake);
        client = options().connect();
    }

    private ClientOptions.Builder options() {
        return MemcachedClient.builder()
                .nodes(server.address())
                .connections(1)
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        gate.open();
        client.close();
        server.close();
    }

    private static <T> T within(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    /** The name of the thread that completes a get; the dependent is there before the reply. */
    private CompletableFuture<String> nameOfCompleter(MemcachedClient client) {
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<String> name = client.async()
                .get("k")
                .thenApply(value -> Thread.currentThread().getName());
        gate.open();
        return name;
    }

    @Test
    void completionIsOffTheLoopByDefault() throws Exception {
        assertThat(within(nameOfCompleter(client))).doesNotStartWith("emcache-");
    }

    @Test
    void executorOfTheUserCompletes() throws Exception {
        try (ExecutorService mine = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
                MemcachedClient client = options().completionExecutor(mine).connect()) {
            assertThat(within(nameOfCompleter(client))).isEqualTo("mine");
        }
    }

    @Test
    void virtualThreadsMayComplete() throws Exception {
        try (ExecutorService mine = Executors.newVirtualThreadPerTaskExecutor();
                MemcachedClient client = options().completionExecutor(mine).connect()) {
            fake.onNext("mg", Answer.late(gate));
            CompletableFuture<Boolean> virtual = client.async()
                    .get("k")
                    .thenApply(value -> Thread.currentThread().isVirtual());
            gate.open();
            assertThat(within(virtual)).isTrue();
        }
    }

    @Test
    void ownForkJoinPoolCompletesManyTimes() throws Exception {
        try (ForkJoinPool mine = new ForkJoinPool(2);
                MemcachedClient client = options().completionExecutor(mine).connect()) {
            for (int round = 0; round < 300; round++) {
                List<CompletableFuture<byte[]>> futures = IntStream.range(0, 20)
                        .mapToObj(i -> client.async().get(i % 2 == 0 ? "k" : "absent"))
                        .toList();
                for (int i = 0; i < futures.size(); i++) {
                    assertThat(within(futures.get(i))).isEqualTo(i % 2 == 0 ? VALUE : null);
                }
            }
        }
    }

    @Test
    void executorThatRefusesLeavesItToTheLoop() throws Exception {
        MemcachedClient refused = options()
                .completionExecutor(task -> {
                    throw new RejectedExecutionException("no");
                })
                .connect();
        try (refused) {
            assertThat(within(nameOfCompleter(refused))).startsWith("emcache-loop");
            assertThat(within(refused.async().set("new", VALUE))).isEqualTo(StoreResult.STORED);
            assertThat(within(refused.async().getAll(List.of("k", "absent"))).hits())
                    .containsOnlyKeys("k");
            assertThat(refused.get("k")).isEqualTo(VALUE);
        }
    }

    @Test
    void executorThatBreaksDoesNotBreakTheClient() throws Exception {
        MemcachedClient broken = options()
                .completionExecutor(task -> {
                    throw new IllegalStateException("broken executor");
                })
                .connect();
        try (broken) {
            for (int i = 0; i < 20; i++) {
                assertThat(within(broken.async().get("k"))).isEqualTo(VALUE);
                assertThat(broken.get("other")).isEqualTo(VALUE);
            }
        }
        assertThat(server.connections()).isEqualTo(2);
    }

    /** With two threads to complete on: the common pool has a single one on a machine of two processors. */
    @Test
    void dependentThatBlocksDoesNotHoldUpTheOthers() throws Exception {
        try (ForkJoinPool forking = new ForkJoinPool(2);
                ExecutorService plain = Executors.newFixedThreadPool(2)) {
            for (Executor executor : List.of(forking, plain)) {
                try (MemcachedClient client =
                        options().completionExecutor(executor).connect()) {
                    blockOneOfMany(client);
                }
            }
        }
    }

    private void blockOneOfMany(MemcachedClient client) throws Exception {
        Gate gate = new Gate();
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<byte[]> head = client.async().get("k");
        gate.awaitReached();
        CountDownLatch others = new CountDownLatch(20);
        CompletableFuture<Boolean> blocked = head.thenApply(value -> {
            try {
                return others.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        List<CompletableFuture<Void>> counting = IntStream.range(0, 20)
                .mapToObj(i -> client.async().get("other").thenRun(others::countDown))
                .toList();
        gate.open();

        assertThat(within(blocked)).isTrue();
        for (CompletableFuture<Void> each : counting) {
            within(each);
        }
    }

    @Test
    void dependentMayMakeABlockingCallOfTheSameClient() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<byte[]> first = client.async().get("k").thenApply(value -> client.get("other"));
        CompletableFuture<MultiResult<String, byte[]>> second =
                client.async().set("s", VALUE).thenApply(stored -> client.getAll(List.of("k", "s")));
        gate.open();

        assertThat(within(first)).isEqualTo(VALUE);
        assertThat(within(second).hits()).containsOnlyKeys("k", "s");
    }

    @Test
    void dependentThatThrowsHarmsNobodyElse() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        List<CompletableFuture<byte[]>> futures = new ArrayList<>();
        List<CompletableFuture<Void>> dependents = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<byte[]> future = client.async().get("k");
            futures.add(future);
            dependents.add(future.thenAccept(value -> {
                throw new StackOverflowError("of a dependent");
            }));
        }
        gate.open();

        for (CompletableFuture<byte[]> future : futures) {
            assertThat(within(future)).isEqualTo(VALUE);
        }
        for (CompletableFuture<Void> dependent : dependents) {
            assertThatThrownBy(() -> within(dependent)).hasCauseInstanceOf(StackOverflowError.class);
        }
        assertThat(client.get("k")).isEqualTo(VALUE);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void cancelledBeforeItIsSentIsNeverSent() throws Exception {
        Gate version = new Gate();
        try (ScriptedServer late = ScriptedServer.start(session -> {
                    session.expectLine("version");
                    version.pass();
                    session.send("VERSION 1.6.18\r\n");
                    fake.run(session);
                });
                MemcachedClient client = options().nodes(late.address()).build()) {
            CompletableFuture<StoreResult> cancelled = client.async().set("k", "never".getBytes(UTF_8));
            CompletableFuture<byte[]> kept = client.async().get("k");
            version.awaitReached();

            assertThat(cancelled.cancel(true)).isTrue();
            version.open();

            assertThat(within(kept)).isEqualTo(VALUE);
            assertThat(late.receivedLines()).noneMatch(line -> line.startsWith("ms "));
            assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void replyToACancelledCallIsDropped() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<byte[]> cancelled = client.async().get("k");
        gate.awaitReached();

        assertThat(cancelled.cancel(false)).isTrue();
        assertThat(cancelled.cancel(false)).isTrue();
        CompletableFuture<byte[]> next = client.async().get("absent");
        gate.open();

        assertThat(within(next)).isNull();
        assertThat(client.get("other")).isEqualTo(VALUE);
        assertThat(cancelled).isCancelled();
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void everyOtherOfManyCancelledLeavesTheRestRight() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        List<CompletableFuture<byte[]>> futures = IntStream.range(0, 500)
                .mapToObj(i -> client.async().get(i % 4 < 2 ? "k" : "absent"))
                .toList();
        for (int i = 0; i < futures.size(); i += 2) {
            futures.get(i).cancel(true);
        }
        gate.open();
        for (int i = 1; i < futures.size(); i += 2) {
            assertThat(within(futures.get(i))).isEqualTo(i % 4 < 2 ? VALUE : null);
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void cancelAfterTheResultChangesNothing() throws Exception {
        CompletableFuture<byte[]> done = client.async().get("k");
        assertThat(within(done)).isEqualTo(VALUE);
        assertThat(done.cancel(true)).isFalse();
        assertThat(within(client.async().get("k"))).isEqualTo(VALUE);
    }

    @Test
    void manyKeysThatAreCancelledStopSending() throws Exception {
        List<String> keys = IntStream.range(0, 20_000).mapToObj(i -> "k" + i).toList();
        fake.onNext("mg", Answer.late(gate)).onNext("get", Answer.late(gate));
        CompletableFuture<MultiResult<String, byte[]>> cancelled =
                client.async().getAll(keys);
        gate.awaitReached();

        assertThat(cancelled.cancel(true)).isTrue();
        gate.open();

        assertThat(client.get("k")).isEqualTo(VALUE);
        int asked = fake.requests().stream()
                .filter(request -> request.verb().equals("get"))
                .mapToInt(request -> request.words().size() - 1)
                .sum();
        assertThat(asked).isLessThan(keys.size());
    }

    @Test
    void timeoutOfTheUserLeavesTheConnectionInOrder() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<byte[]> late = client.async().get("k").orTimeout(1, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> within(late)).hasCauseInstanceOf(TimeoutException.class);

        CompletableFuture<byte[]> other = client.async().get("other");
        gate.open();

        assertThat(within(other)).isEqualTo(VALUE);
        assertThat(client.get("absent")).isNull();
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void futureCompletedByHandKeepsItsValue() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<byte[]> future = client.async().get("k");
        byte[] mine = {1};
        assertThat(future.complete(mine)).isTrue();
        gate.open();
        assertThat(client.get("other")).isEqualTo(VALUE);

        assertThat(within(future)).isSameAs(mine);
    }

    @Test
    void copiesWorkLikeAnyOther() throws Exception {
        CompletableFuture<byte[]> joined =
                client.async().get("k").thenCombine(client.async().get("other"), (a, b) -> new byte[] {a[0], b[0]});
        assertThat(within(joined)).containsExactly('v', 'v');
        assertThat(within(client.async().get("absent").copy())).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 5_000, 100_000})
    void valueIsCopiedBeforeTheCallReturns(int size) throws Exception {
        Gate version = new Gate();
        try (ScriptedServer late = ScriptedServer.start(session -> {
                    session.expectLine("version");
                    version.pass();
                    session.send("VERSION 1.6.18\r\n");
                    fake.run(session);
                });
                MemcachedClient client = options().nodes(late.address()).build()) {
            byte[] value = new byte[size];
            Arrays.fill(value, (byte) 'a');
            CompletableFuture<StoreResult> stored = client.async().set("copied", value);
            Arrays.fill(value, (byte) 'b');
            version.awaitReached();
            version.open();

            assertThat(within(stored)).isEqualTo(StoreResult.STORED);
            assertThat(fake.get("copied")).hasSize(size).containsOnly('a');
        }
    }

    @Test
    void keysOfManyAreCopiedBeforeTheCallReturns() throws Exception {
        fake.onNext("get", Answer.late(gate)).onNext("mg", Answer.late(gate));
        List<String> keys = new ArrayList<>(List.of("k", "absent"));
        CompletableFuture<MultiResult<String, byte[]>> result = client.async().getAll(keys);
        keys.clear();
        gate.open();

        assertThat(within(result).hits()).containsOnlyKeys("k");
        assertThat(within(result).misses()).containsExactly("absent");
    }

    @Test
    void failuresKnownOnEntryAreFailedFutures() {
        client.close();
        List<CompletableFuture<?>> futures = List.of(
                client.async().get("k"),
                client.async().set("k", VALUE),
                client.async().delete(Key.of("k")),
                client.async().getAll(List.of("k")),
                client.async().getAllByKey(List.of()));
        assertThat(futures)
                .allSatisfy(future -> assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(MemcachedException.Closed.class));
    }

    @Test
    void timeoutOfTheCallNamesItsPhase() {
        fake.onEvery("mg", Answer.never());
        try (MemcachedClient hasty = options().timeout(Duration.ofMillis(50)).connect()) {
            CompletableFuture<byte[]> get = hasty.async().get("k");
            await().atMost(Face.GUARD).until(get::isDone);
            assertThatThrownBy(get::join).cause().isInstanceOfSatisfying(MemcachedException.Timeout.class, e -> {
                assertThat(e.phase()).isEqualTo(MemcachedException.Timeout.Phase.WRITTEN);
                assertThat(e.node()).isEqualTo(server.address());
                assertThat(e.outcomeUnknown()).isFalse();
            });
        }
    }

    @Test
    void boundIsExactForCallersThatWaitInTurn() throws Exception {
        int callers = 8;
        try (MemcachedClient bounded = options().maxQueuedPerNode(callers).connect();
                ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            List<CompletableFuture<Void>> ended = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                boolean async = i % 2 == 0;
                ended.add(CompletableFuture.runAsync(
                        () -> {
                            for (int round = 0; round < 300; round++) {
                                byte[] value = async ? bounded.async().get("k").join() : bounded.get("k");
                                assertThat(value).isEqualTo(VALUE);
                            }
                        },
                        threads));
            }
            for (CompletableFuture<Void> each : ended) {
                each.get(30, TimeUnit.SECONDS);
            }
        }
    }
}
