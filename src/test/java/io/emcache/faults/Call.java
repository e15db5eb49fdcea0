package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.MemcachedException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way. For the thread of the test. That it does not end within 10 s fails the test.
 *
 * @param <T> what it gives
 */
final class Call<T extends @Nullable Object> {
    private static final long GUARD_SECONDS = 10;

    private final CompletableFuture<T> future;
    private final @Nullable Thread thread;

    Call(CompletableFuture<T> future, @Nullable Thread thread) {
        this.future = future;
        this.thread = thread;
    }

    /** The result; a failure of the call fails the test. */
    T value() {
        Throwable failure = await();
        if (failure != null) {
            throw new AssertionError("the call failed: " + failure, failure);
        }
        return future.resultNow();
    }

    /** The failure, which must be of this type. */
    <X extends MemcachedException> X failure(Class<X> type) {
        Throwable failure = await();
        if (failure == null) {
            throw new AssertionError(
                    "expected " + type.getSimpleName() + " but the call gave " + describe(future.resultNow()));
        }
        assertThat(failure).isExactlyInstanceOf(type);
        return type.cast(failure);
    }

    /** Waits for the end; null if it is a result. */
    @Nullable
    Throwable await() {
        try {
            future.get(GUARD_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            AssertionError hang = new AssertionError("the call does not end", e);
            if (thread != null) {
                AssertionError where = new AssertionError("it stands here");
                where.setStackTrace(thread.getStackTrace());
                hang.addSuppressed(where);
            }
            throw hang;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    boolean isDone() {
        return future.isDone();
    }

    /** Cancels an async call, interrupts a sync one. */
    void disturb() {
        if (thread == null) {
            future.cancel(false);
        } else {
            thread.interrupt();
        }
    }

    private static String describe(@Nullable Object result) {
        return result instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(result);
    }
}
