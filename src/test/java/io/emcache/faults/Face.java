package io.emcache.faults;

import io.emcache.AsyncMemcachedClient;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How a test calls the client. Immutable. */
enum Face {
    /** Sync, from a platform thread of its own. */
    PLATFORM,
    /** Sync, from a virtual thread of its own. */
    VIRTUAL,
    /** Async, from the thread of the test. */
    ASYNC;

    Call<byte @Nullable []> get(MemcachedClient client, String key) {
        return start(client, sync -> sync.get(key), async -> async.get(key));
    }

    Call<StoreResult> set(MemcachedClient client, String key, byte[] value) {
        return start(client, sync -> sync.set(key, value), async -> async.set(key, value));
    }

    Call<Boolean> delete(MemcachedClient client, String key) {
        return start(client, sync -> sync.delete(key), async -> async.delete(key));
    }

    Call<MultiResult<String, byte[]>> getAll(MemcachedClient client, Collection<String> keys) {
        return start(client, sync -> sync.getAll(keys), async -> async.getAll(keys));
    }

    /** Any call, given for both faces. */
    <T extends @Nullable Object> Call<T> start(
            MemcachedClient client,
            Function<MemcachedClient, T> sync,
            Function<AsyncMemcachedClient, CompletableFuture<T>> async) {
        if (this == ASYNC) {
            return new Call<>(async.apply(client.async()), null);
        }
        CompletableFuture<T> future = new CompletableFuture<>();
        Runnable task = () -> {
            try {
                future.complete(sync.apply(client));
            } catch (Throwable t) {
                future.completeExceptionally(t);
            }
        };
        Thread thread = this == VIRTUAL
                ? Thread.ofVirtual().name("caller").start(task)
                : Thread.ofPlatform().daemon().name("caller").start(task);
        return new Call<>(future, thread);
    }
}
