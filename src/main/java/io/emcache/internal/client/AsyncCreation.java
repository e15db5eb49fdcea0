package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.StoreResult;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A change that makes what is not there, asynchronously: one command on servers that have it, else the steps of a
 * {@link Creation} one after the other. Each step is begun by whoever completes the one before.
 *
 * @param <T> what the future completes with
 */
final class AsyncCreation<T> extends CompletableFuture<T> {
    private final long startNs;
    private final long deadlineNs;

    private int round;

    private final Scope scope;
    private final Object key;
    private final Creation<T> creation;

    private volatile @Nullable CompletableFuture<?> step;

    AsyncCreation(Scope scope, Object key, Creation<T> creation) {
        this.scope = scope;
        this.key = key;
        this.creation = creation;
        this.startNs = scope.engine().nowNs();
        this.deadlineNs = startNs + scope.timeoutNs();
    }

    /**
     * Begins.
     *
     * @param asked the terms of the one command
     * @return false if it was refused at once
     */
    boolean start(Terms asked) {
        return begin(creation.verb(), asked, creation.value(), this::complete, failure -> {
            if (failure instanceof MemcachedException.Unsupported) {
                change();
            } else {
                completeExceptionally(failure);
            }
        });
    }

    private void change() {
        round++;
        begin(creation.verb(), creation.change(), creation.value(), this::changed, this::completeExceptionally);
    }

    private void changed(T result) {
        if (creation.isMissing(result, round)) {
            begin(Verbs.ADD, creation.add(), creation.first(), this::added, this::completeExceptionally);
        } else {
            complete(result);
        }
    }

    private void added(StoreResult result) {
        if (result == StoreResult.STORED) {
            complete(creation.created());
        } else {
            change();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what is done at the end does not throw
    private <R> boolean begin(
            Verb<R> verb, Terms terms, byte @Nullable [] value, Consumer<R> done, Consumer<Throwable> failed) {
        if (isDone()) {
            return false;
        }
        AsyncCall<R> call = new AsyncCall<>(scope, verb, key, terms, startNs, deadlineNs);
        step = call;
        call.whenComplete((result, failure) -> {
            if (failure == null) {
                done.accept(result);
            } else {
                failed.accept(failure);
            }
        });
        call.send(value);
        return call.isSent();
    }

    /** Cancels the step on its way, too. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        CompletableFuture<?> step = this.step;
        if (cancelled && step != null) {
            step.cancel(false);
        }
        return cancelled;
    }
}
