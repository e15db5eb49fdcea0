package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DecodedFutureTest {
    private final AtomicInteger decoded = new AtomicInteger();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final CompletableFuture<String> call = new CompletableFuture<>();

    private int length(String value) {
        decoded.incrementAndGet();
        return value.length();
    }

    private CompletableFuture<Integer> lengthOf(CompletableFuture<String> call) {
        return DecodedFuture.of(call, this::length, tasks::add);
    }

    /** What a dependent that is attached directly is given. */
    private static <T> @Nullable Throwable failureOf(CompletableFuture<T> future) {
        AtomicReference<Throwable> seen = new AtomicReference<>();
        CompletableFuture<T> _ = future.whenComplete((_, failure) -> seen.set(failure));
        return seen.get();
    }

    @Test
    void decodesWhereTheCallIsCompleted() {
        CompletableFuture<Integer> future = lengthOf(call);
        assertThat(future).isNotDone();
        call.complete("four");

        assertThat(future).isCompletedWithValue(4);
        assertThat(tasks).isEmpty();
    }

    @Test
    void callThatIsCompleteIsDecodedByTheExecutor() {
        CompletableFuture<Integer> future = lengthOf(CompletableFuture.completedFuture("four"));
        assertThat(future).isNotDone();
        tasks.remove().run();

        assertThat(future).isCompletedWithValue(4);
        assertThat(tasks).isEmpty();
    }

    @Test
    void executorThatRefusesDoesNotLoseTheResult() {
        CompletableFuture<Integer> future =
                DecodedFuture.of(CompletableFuture.completedFuture("four"), this::length, task -> {
                    throw new RejectedExecutionException("no");
                });

        assertThat(future).isCompletedWithValue(4);
    }

    @Test
    void failuresAreGivenOnAsTheyAre() {
        IllegalStateException failure = new IllegalStateException("of the call");
        CompletableFuture<Integer> future = lengthOf(call);
        call.completeExceptionally(failure);

        assertThat(failureOf(future)).isSameAs(failure);
        assertThat(failureOf(lengthOf(CompletableFuture.failedFuture(failure)))).isSameAs(failure);
        assertThat(decoded).hasValue(0);
    }

    @Test
    void whatDecodingThrowsIsTheFailure() {
        AssertionError failure = new AssertionError("of the codec");
        CompletableFuture<Integer> future = DecodedFuture.of(
                call,
                _ -> {
                    throw failure;
                },
                tasks::add);
        call.complete("four");

        assertThat(failureOf(future)).isSameAs(failure);
    }

    @Test
    void cancellingCancelsTheCall() {
        CompletableFuture<Integer> future = lengthOf(call);

        assertThat(future.cancel(true)).isTrue();
        assertThat(future.cancel(true)).isTrue();
        assertThat(call).isCancelled();
        assertThat(failureOf(future)).isInstanceOf(CancellationException.class);
        assertThat(decoded).hasValue(0);
    }

    @Test
    void cancellingBeforeTheExecutorRunsSparesTheDecoding() {
        CompletableFuture<Integer> future = lengthOf(CompletableFuture.completedFuture("four"));
        future.cancel(false);
        tasks.remove().run();

        assertThat(future).isCancelled();
        assertThat(decoded).hasValue(0);
    }

    @Test
    void callThatIsCancelledCancels() {
        CompletableFuture<Integer> future = lengthOf(call);
        call.cancel(false);

        assertThat(future).isCancelled();
    }

    @Test
    void futureThatWasCompletedByHandStaysAsItIs() {
        CompletableFuture<Integer> future = lengthOf(call);
        future.complete(7);
        call.complete("four");

        assertThat(future).isCompletedWithValue(7);
        assertThat(future.cancel(true)).isFalse();
        assertThat(decoded).hasValue(0);
    }
}
