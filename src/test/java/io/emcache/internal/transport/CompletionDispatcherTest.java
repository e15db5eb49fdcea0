package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@NoLeaks
class CompletionDispatcherTest {
    private final TransportCounters counters = new TransportCounters();

    private static final class Done implements Completion {
        private final boolean dependents;
        private final Runnable action;
        private @Nullable Completion next;

        Done(boolean dependents, Runnable action) {
            this.dependents = dependents;
            this.action = action;
        }

        @Override
        public void take(Slot slot) {}

        @Override
        public void giveUp(Lane lane, int code, int phase) {}

        @Override
        public void finish() {
            assertThat(next).as("a finished completion is in no list").isNull();
            action.run();
        }

        @Override
        public boolean hasDependents() {
            return dependents;
        }

        @Override
        public @Nullable Completion next() {
            return next;
        }

        @Override
        public void next(@Nullable Completion next) {
            this.next = next;
        }
    }

    private static Completion chain(List<Done> batch) {
        for (int i = 1; i < batch.size(); i++) {
            batch.get(i - 1).next(batch.get(i));
        }
        return batch.getFirst();
    }

    private static List<Done> batch(int size, boolean dependents, List<Integer> order) {
        return IntStream.range(0, size)
                .mapToObj(i -> new Done(dependents, () -> order.add(i)))
                .toList();
    }

    @Test
    void nothingIsDispatchedForAnEmptyBatch() {
        new CompletionDispatcher(
                        task -> {
                            throw new AssertionError("not expected");
                        },
                        counters)
                .dispatch(null);

        assertThat(counters.rejectedCompletions.sum()).isZero();
    }

    @Test
    void batchIsFinishedInItsOrder() {
        List<Integer> order = new ArrayList<>();
        new CompletionDispatcher(Runnable::run, counters).dispatch(chain(batch(100, false, order)));

        assertThat(order).isEqualTo(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void batchWithoutDependentsIsOneTask() {
        AtomicInteger tasks = new AtomicInteger();
        List<Integer> order = new ArrayList<>();
        Executor executor = task -> {
            tasks.incrementAndGet();
            task.run();
        };
        new CompletionDispatcher(executor, counters).dispatch(chain(batch(50, false, order)));

        assertThat(tasks).hasValue(1);
        assertThat(order).hasSize(50);
    }

    @Test
    void restIsForkedBeforeACompletionWithDependentsRuns() throws InterruptedException {
        CountDownLatch second = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        Done blocking = new Done(true, () -> {
            if (awaits(second)) {
                first.countDown();
            }
        });
        try (var executor = Executors.newCachedThreadPool()) {
            new CompletionDispatcher(executor, counters)
                    .dispatch(chain(List.of(blocking, new Done(false, second::countDown))));
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void restIsForkedInTheCommonPoolToo() throws InterruptedException {
        CountDownLatch second = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        Done blocking = new Done(true, () -> {
            if (awaits(second)) {
                first.countDown();
            }
        });
        try (ForkJoinPool pool = new ForkJoinPool(2)) {
            new CompletionDispatcher(pool, counters)
                    .dispatch(chain(List.of(blocking, new Done(false, second::countDown))));
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean awaits(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rejectedBatchRunsHereAndIsCounted() {
        List<Integer> order = new ArrayList<>();
        new CompletionDispatcher(
                        task -> {
                            throw new RejectedExecutionException("no");
                        },
                        counters)
                .dispatch(chain(batch(5, true, order)));

        assertThat(order).containsExactly(0, 1, 2, 3, 4);
        assertThat(counters.rejectedCompletions.sum()).isPositive();
    }

    @Test
    void executorThatFailsOtherwiseLosesNothing() {
        for (Throwable failure : List.of(new IllegalStateException("broken"), new OutOfMemoryError("no thread"))) {
            List<Integer> order = new ArrayList<>();
            new CompletionDispatcher(task -> sneak(failure), counters).dispatch(chain(batch(3, false, order)));
            assertThat(order).containsExactly(0, 1, 2);
        }
    }

    @SuppressWarnings("unchecked") // the cast exists for the compiler only
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    @Test
    void closedPoolRunsHereAndIsCounted() {
        ForkJoinPool pool = new ForkJoinPool(1);
        pool.shutdown();
        List<Integer> order = new ArrayList<>();
        new CompletionDispatcher(pool, counters).dispatch(chain(batch(3, false, order)));

        assertThat(order).containsExactly(0, 1, 2);
        assertThat(counters.rejectedCompletions.sum()).isPositive();
    }

    @Test
    void completionThatThrowsDoesNotStopTheOthers() {
        List<Integer> order = new ArrayList<>();
        Done throwing = new Done(false, () -> {
            throw new AssertionError("from user code");
        });
        Done throwingToo = new Done(true, () -> {
            throw new IllegalStateException("from user code");
        });
        new CompletionDispatcher(Runnable::run, counters)
                .dispatch(chain(List.of(throwing, throwingToo, new Done(false, () -> order.add(1)))));

        assertThat(order).containsExactly(1);
        assertThat(counters.failedCompletions.sum()).isEqualTo(2);
    }

    @Test
    void largeBatchWithDependentsDoesNotOverflowTheStackOfADirectExecutor() {
        List<Integer> order = new ArrayList<>();
        new CompletionDispatcher(Runnable::run, counters).dispatch(chain(batch(65_536, true, order)));

        assertThat(order).hasSize(65_536).doesNotHaveDuplicates();
        assertThat(counters.failedCompletions.sum()).isZero();
    }

    @Test
    void tasksAreReusedWithoutLosingOrRepeatingAny() throws InterruptedException {
        for (boolean forkJoin : new boolean[] {true, false}) {
            ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();
            int threads = 4;
            int batches = 5000;
            CountDownLatch all = new CountDownLatch(threads * batches * 3);
            try (var executor = forkJoin ? new ForkJoinPool(4) : Executors.newFixedThreadPool(4)) {
                CompletionDispatcher dispatcher = new CompletionDispatcher(executor, counters);
                List<Thread> dispatching = IntStream.range(0, threads)
                        .mapToObj(thread -> Thread.ofPlatform().start(() -> {
                            for (int i = 0; i < batches; i++) {
                                List<Done> batch = new ArrayList<>();
                                for (int j = 0; j < 3; j++) {
                                    int id = (thread * batches + i) * 3 + j;
                                    batch.add(new Done(id % 5 == 0, () -> {
                                        seen.add(id);
                                        all.countDown();
                                    }));
                                }
                                dispatcher.dispatch(chain(batch));
                            }
                        }))
                        .toList();
                assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
                for (Thread thread : dispatching) {
                    thread.join();
                }
            }
            assertThat(seen).hasSize(threads * batches * 3).doesNotHaveDuplicates();
            assertThat(counters.failedCompletions.sum()).isZero();
        }
    }
}
