package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.spi.NodeDiscovery;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@NoLeaks
@Timeout(60)
class DiscoveryTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(1);
    private static final List<NodeAddress> A = List.of(NodeAddress.parse("a:1"));
    private static final List<NodeAddress> AB = List.of(NodeAddress.parse("a:1"), NodeAddress.parse("b:1"));
    private static final Executor DIRECT = Runnable::run;
    private static final Executor BACKGROUND =
            task -> Thread.ofPlatform().daemon().name("emcache-background").start(task);

    private final List<List<NodeAddress>> told = new CopyOnWriteArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();

    private Discovery discovery(NodeDiscovery source, Duration timeout, Executor background) {
        PollSchedule schedule = new PollSchedule(Duration.ofMillis(1).toNanos(), () -> 0.5);
        return new Discovery(source, timeout, 1, schedule, background, told::add, failures::add);
    }

    @Test
    void listsThatAreNewAreTold() {
        List<List<NodeAddress>> lists = new ArrayList<>(List.of(A, A, AB, AB, A));
        Discovery discovery = discovery(timeout -> lists.removeFirst(), LONG, DIRECT);
        for (int i = 0; i < 5; i++) {
            assertThat(discovery.turn()).isEqualTo(1_000_000);
        }
        assertThat(told).containsExactly(A, AB, A);
        assertThat(failures).isEmpty();
        assertThat(discovery.lastFailure()).isNull();
        assertThat(discovery.firstList()).isCompletedWithValue(true);
    }

    @Test
    void sourceIsGivenTheTimeout() {
        AtomicReference<Duration> given = new AtomicReference<>();
        discovery(
                        timeout -> {
                            given.set(timeout);
                            return A;
                        },
                        LONG,
                        DIRECT)
                .turn();
        assertThat(given).hasValue(LONG);
    }

    @Test
    void listIsCopied() {
        List<NodeAddress> mutable = new ArrayList<>(AB);
        Discovery discovery = discovery(timeout -> mutable, LONG, DIRECT);
        discovery.turn();
        mutable.removeLast();
        assertThat(told).containsExactly(AB);
        discovery.turn();
        assertThat(told).containsExactly(AB, A);
    }

    /** What a source may do instead of giving a list, and what is to be said of it. */
    private record Fault(String reason, NodeDiscovery source) {
        @Override
        public String toString() {
            return reason;
        }
    }

    @SuppressWarnings("NullAway")
    static List<Fault> faults() {
        return List.of(
                new Fault("found no node", timeout -> null),
                new Fault("found no node", timeout -> List.of()),
                new Fault("names a node twice: a:1", timeout -> List.of(A.getFirst(), AB.getFirst())),
                new Fault(
                        "names a node twice: a:1",
                        timeout ->
                                List.of(A.getFirst(), NodeAddress.parse("b:2").withId("a:1"))),
                new Fault("NullPointerException", timeout -> Arrays.asList(A.getFirst(), null)),
                new Fault("IOException: no way", timeout -> {
                    throw new IOException("no way");
                }),
                new Fault("no way [node=seed:1]: java.io.IOException: pulled; spare", timeout -> {
                    MemcachedException failure = new MemcachedException.NodeUnavailable(
                            "no way", "seed:1", false, new IOException("pulled"));
                    failure.addSuppressed(new MemcachedException.NodeUnavailable("spare", null, false, null));
                    throw failure;
                }),
                new Fault("StackOverflowError", timeout -> {
                    throw new StackOverflowError();
                }),
                new Fault("InterruptedException", timeout -> {
                    throw new InterruptedException();
                }));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void faultIsToldAndTheListKept(Fault fault) {
        List<NodeDiscovery> sources = new ArrayList<>(List.of(fault.source, timeout -> A, fault.source, timeout -> A));
        Discovery discovery = discovery(timeout -> sources.removeFirst().discover(timeout), LONG, DIRECT);
        discovery.turn();
        assertThat(failures).singleElement().asString().contains(fault.reason);
        assertThat(discovery.lastFailure()).isNotNull();
        assertThat(discovery.firstList()).isNotDone();
        discovery.turn();
        assertThat(told).containsExactly(A);
        assertThat(discovery.firstList()).isCompletedWithValue(true);
        discovery.turn();
        assertThat(failures).hasSize(2);
        discovery.turn();
        assertThat(told).containsExactly(A);
        assertThat(discovery.lastFailure()).isNull();
    }

    @Test
    void sourceThatHangsIsLeftBehindAndNotAskedAgainBeforeItIsBack() {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Discovery discovery = discovery(
                timeout -> {
                    if (calls.incrementAndGet() == 1) {
                        awaitUninterruptibly(gate);
                    }
                    return calls.get() == 1 ? AB : A;
                },
                SHORT,
                BACKGROUND);
        turnUntil(discovery, () -> calls.get() == 1);
        assertThat(failures.getLast()).contains("did not return in time");
        discovery.turn();
        assertThat(failures.getLast()).contains("has not returned yet");
        assertThat(calls).hasValue(1);
        gate.countDown();
        turnUntil(discovery, () -> !told.isEmpty());
        assertThat(told).containsExactly(A);
    }

    @Test
    void sourceThatIsTooSlowIsInterrupted() {
        CountDownLatch interrupted = new CountDownLatch(1);
        Discovery discovery = discovery(
                timeout -> {
                    try {
                        Thread.sleep(Duration.ofHours(1));
                    } finally {
                        interrupted.countDown();
                    }
                    return A;
                },
                SHORT,
                BACKGROUND);
        turnUntil(discovery, () -> interrupted.getCount() == 0);
        assertThat(told).isEmpty();
    }

    @Test
    void executorThatTakesNothingIsAFailureOnce() {
        AtomicInteger calls = new AtomicInteger();
        Discovery discovery = discovery(timeout -> A, LONG, task -> {
            switch (calls.getAndIncrement()) {
                case 0 -> throw new RejectedExecutionException("full");
                case 1 -> throw new OutOfMemoryError("unable to create native thread");
                default -> task.run();
            }
        });
        discovery.turn();
        discovery.turn();
        assertThat(failures).hasSize(2).allMatch(reason -> reason.contains("no thread"));
        discovery.turn();
        assertThat(told).containsExactly(A);
    }

    @Test
    void listThatCouldNotBeTakenOverIsToldAgain() {
        AtomicInteger calls = new AtomicInteger();
        Discovery discovery = new Discovery(
                timeout -> A,
                LONG,
                1,
                new PollSchedule(1_000_000, () -> 0.5),
                DIRECT,
                nodes -> {
                    if (calls.getAndIncrement() == 0) {
                        throw new IllegalStateException("not now");
                    }
                    told.add(nodes);
                },
                reason -> {
                    failures.add(reason);
                    throw new IllegalStateException("nor this");
                });
        discovery.turn();
        assertThat(failures).singleElement().asString().contains("not now");
        assertThat(discovery.firstList()).isNotDone();
        discovery.turn();
        assertThat(told).containsExactly(A);
    }

    @Test
    void threadAsksAgainAndAgainAndNotBeforeStart() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        try (Discovery discovery = discovery(
                timeout -> {
                    if (calls.incrementAndGet() % 3 == 0) {
                        throw new IOException("now and then");
                    }
                    return calls.get() % 2 == 0 ? A : AB;
                },
                LONG,
                BACKGROUND)) {
            assertThat(discovery.firstList().isDone()).isFalse();
            discovery.start();
            discovery.start();
            assertThat(discovery.firstList().get(10, TimeUnit.SECONDS)).isTrue();
            await().until(() -> told.size() >= 5 && failures.size() >= 2);
        }
        int after = calls.get();
        assertThat(told).allMatch(nodes -> nodes.equals(A) || nodes.equals(AB));
        Thread.sleep(20);
        assertThat(calls).hasValue(after);
    }

    @Test
    void closeBeforeStartAndStartAfterClose() {
        Discovery discovery = discovery(timeout -> A, LONG, DIRECT);
        discovery.close();
        discovery.start();
        discovery.close();
        assertThat(discovery.firstList()).isCompletedWithValue(false);
        discovery.turn();
        assertThat(told).isEmpty();
        assertThat(failures).isEmpty();
    }

    @Test
    void closeEndsTheWaitBetweenTwoCalls() {
        Discovery discovery = new Discovery(
                timeout -> A,
                LONG,
                1,
                new PollSchedule(Long.MAX_VALUE / 2, () -> 0.5),
                DIRECT,
                told::add,
                failures::add);
        discovery.start();
        await().until(() -> !told.isEmpty());
        discovery.close();
        await().until(() -> noThread("emcache-discovery"));
    }

    @Test
    void closeInterruptsASourceThatWaits() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        Discovery discovery = discovery(
                timeout -> {
                    inside.countDown();
                    Thread.sleep(Duration.ofHours(1));
                    return A;
                },
                Duration.ofHours(1),
                BACKGROUND);
        discovery.start();
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        discovery.close();
        await().until(() -> noThread("emcache-discovery") && noThread("emcache-background"));
        assertThat(discovery.firstList()).isCompletedWithValue(false);
        assertThat(told).isEmpty();
        assertThat(failures).isEmpty();
    }

    @Test
    void closeDoesNotWaitForASourceThatHeedsNothing() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        Discovery discovery = discovery(
                timeout -> {
                    inside.countDown();
                    awaitUninterruptibly(gate);
                    return A;
                },
                Duration.ofHours(1),
                BACKGROUND);
        discovery.start();
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        discovery.close();
        await().until(() -> noThread("emcache-discovery"));
        assertThat(noThread("emcache-background")).isFalse();
        gate.countDown();
        await().until(() -> noThread("emcache-background"));
        assertThat(told).isEmpty();
    }

    @Test
    void sourceMayCloseIt() {
        AtomicReference<Discovery> self = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Discovery discovery = discovery(
                timeout -> {
                    self.get().close();
                    interrupted.set(Thread.interrupted());
                    return A;
                },
                LONG,
                BACKGROUND);
        self.set(discovery);
        discovery.start();
        await().until(() -> interrupted.get() != null);
        assertThat(interrupted).hasValue(false);
        assertThat(told).isEmpty();
    }

    /** On a busy machine the source may not have been called before its time was over. */
    private static void turnUntil(Discovery discovery, BooleanSupplier done) {
        await().until(() -> {
            discovery.turn();
            return done.getAsBoolean();
        });
    }

    private static void awaitUninterruptibly(CountDownLatch gate) {
        boolean done = false;
        while (!done) {
            try {
                done = gate.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                done = false; // a name service that hangs hears nothing either
            }
        }
    }

    private static boolean noThread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals(name));
    }
}
