package io.emcache.internal.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a codec makes of the result of a call. In contrast to a plain dependent it cancels the call when it is cancelled, and
 * fails with the failure itself. The function runs where the call is completed and never on the thread that starts it,
 * which must not wait: if the call is complete by then, the executor takes over.
 *
 * @param <A> the result of the call
 * @param <B> what is made of it
 */
final class DecodedFuture<A extends @Nullable Object, B extends @Nullable Object> extends CompletableFuture<B>
        implements BiConsumer<A, @Nullable Throwable> {
    private final Function<A, B> decode;
    private final Executor executor;

    private @Nullable Thread starter;
    private @Nullable CompletableFuture<A> call;

    private DecodedFuture(CompletableFuture<A> call, Function<A, B> decode, Executor executor) {
        this.call = call;
        this.decode = decode;
        this.executor = executor;
    }

    /**
     * Starts to wait for a call.
     *
     * @param call the call
     * @param decode throws nothing that the future may not fail with
     * @param executor where it runs if the call is complete
     */
    static <A extends @Nullable Object, B extends @Nullable Object> DecodedFuture<A, B> of(
            CompletableFuture<A> call, Function<A, B> decode, Executor executor) {
        DecodedFuture<A, B> future = new DecodedFuture<>(call, decode, executor);
        future.starter = Thread.currentThread();
        CompletableFuture<A> _ = call.whenComplete(future);
        future.starter = null;
        return future;
    }

    @Override
    public void accept(A result, @Nullable Throwable failure) {
        call = null; // it holds the bytes, which nobody needs any more
        if (failure != null) {
            completeExceptionally(failure);
        } else if (starter == Thread.currentThread()) {
            decodeElsewhere(result);
        } else {
            decode(result);
        }
    }

    private void decodeElsewhere(A result) {
        try {
            executor.execute(() -> decode(result));
        } catch (RuntimeException | Error e) {
            decode(result); // as a completion that the executor refuses
        }
    }

    private void decode(A result) {
        if (isDone()) {
            return; // cancelled
        }
        try {
            complete(decode.apply(result));
        } catch (Throwable e) {
            completeExceptionally(e);
        }
    }

    /** Cancels the call, too. What was sent cannot be taken back; its reply is consumed and dropped when it comes. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        CompletableFuture<A> call = this.call;
        if (cancelled && call != null) {
            call.cancel(mayInterruptIfRunning);
        }
        return cancelled;
    }
}
