package io.emcache;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The verbs as one suite sees them, whichever face of a client runs them: each waits for its result and throws what the face
 * fails with. Safe for all threads.
 */
interface Face {
    /** How long a test waits for what must happen. */
    Duration GUARD = Duration.ofSeconds(10);

    byte @Nullable [] get(String key);

    byte @Nullable [] get(Key key);

    StoreResult set(String key, byte[] value);

    StoreResult set(Key key, byte[] value);

    StoreResult set(String key, byte[] value, Ttl ttl);

    StoreResult set(Key key, byte[] value, Ttl ttl);

    boolean delete(String key);

    boolean delete(Key key);

    MultiResult<String, byte[]> getAll(Collection<String> keys);

    MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys);

    /** Calls on the thread of the test. */
    static Face sync(MemcachedClient client) {
        return new SyncFace(client);
    }

    /** Each call on a virtual thread of its own. */
    static Face virtual(MemcachedClient client) {
        Face sync = new SyncFace(client);
        return forwarding(sync, Face::onVirtualThread);
    }

    /** Futures, waited for; with {@link Driver#invoked()} the waiting thread polls. */
    static Face async(MemcachedClient client, Driver driver) {
        return new AsyncFace(client, driver);
    }

    /** Runs a call somewhere else. */
    interface Runner {
        <T extends @Nullable Object> T run(Callable<T> call);
    }

    private static Face forwarding(Face face, Runner runner) {
        return new ForwardingFace(face, runner);
    }

    private static <T extends @Nullable Object> T onVirtualThread(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofVirtual().start(task);
        try {
            return task.get(GUARD.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no result after " + GUARD, e);
        } catch (InterruptedException e) {
            throw new AssertionError("the test was interrupted", e);
        }
    }

    /** What a task failed with, as its own call would have thrown it. */
    static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof RuntimeException runtime) {
            return runtime;
        }
        throw failure instanceof Error error ? error : new AssertionError(failure);
    }

    /** See {@link #sync}. */
    record SyncFace(MemcachedClient client) implements Face {
        @Override
        public byte @Nullable [] get(String key) {
            return client.get(key);
        }

        @Override
        public byte @Nullable [] get(Key key) {
            return client.get(key);
        }

        @Override
        public StoreResult set(String key, byte[] value) {
            return client.set(key, value);
        }

        @Override
        public StoreResult set(Key key, byte[] value) {
            return client.set(key, value);
        }

        @Override
        public StoreResult set(String key, byte[] value, Ttl ttl) {
            return client.set(key, value, ttl);
        }

        @Override
        public StoreResult set(Key key, byte[] value, Ttl ttl) {
            return client.set(key, value, ttl);
        }

        @Override
        public boolean delete(String key) {
            return client.delete(key);
        }

        @Override
        public boolean delete(Key key) {
            return client.delete(key);
        }

        @Override
        public MultiResult<String, byte[]> getAll(Collection<String> keys) {
            return client.getAll(keys);
        }

        @Override
        public MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys) {
            return client.getAllByKey(keys);
        }
    }

    /** Another face, each call of which a runner makes. */
    record ForwardingFace(Face face, Runner runner) implements Face {
        @Override
        public byte @Nullable [] get(String key) {
            return runner.run(() -> face.get(key));
        }

        @Override
        public byte @Nullable [] get(Key key) {
            return runner.run(() -> face.get(key));
        }

        @Override
        public StoreResult set(String key, byte[] value) {
            return runner.run(() -> face.set(key, value));
        }

        @Override
        public StoreResult set(Key key, byte[] value) {
            return runner.run(() -> face.set(key, value));
        }

        @Override
        public StoreResult set(String key, byte[] value, Ttl ttl) {
            return runner.run(() -> face.set(key, value, ttl));
        }

        @Override
        public StoreResult set(Key key, byte[] value, Ttl ttl) {
            return runner.run(() -> face.set(key, value, ttl));
        }

        @Override
        public boolean delete(String key) {
            return runner.run(() -> face.delete(key));
        }

        @Override
        public boolean delete(Key key) {
            return runner.run(() -> face.delete(key));
        }

        @Override
        public MultiResult<String, byte[]> getAll(Collection<String> keys) {
            return runner.run(() -> face.getAll(keys));
        }

        @Override
        public MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys) {
            return runner.run(() -> face.getAllByKey(keys));
        }
    }

    /** See {@link #async}. */
    record AsyncFace(MemcachedClient client, Driver driver) implements Face {
        private <T extends @Nullable Object> T join(CompletableFuture<T> future) {
            long startNs = System.nanoTime();
            while (driver instanceof Driver.Invoked && !future.isDone()) {
                if (client.poll() == 0) {
                    Thread.onSpinWait();
                }
                if (System.nanoTime() - startNs > GUARD.toNanos()) {
                    throw new AssertionError("no result after " + GUARD);
                }
            }
            try {
                return future.orTimeout(GUARD.toSeconds(), TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                throw unchecked(e.getCause());
            }
        }

        @Override
        public byte @Nullable [] get(String key) {
            return join(client.async().get(key));
        }

        @Override
        public byte @Nullable [] get(Key key) {
            return join(client.async().get(key));
        }

        @Override
        public StoreResult set(String key, byte[] value) {
            return join(client.async().set(key, value));
        }

        @Override
        public StoreResult set(Key key, byte[] value) {
            return join(client.async().set(key, value));
        }

        @Override
        public StoreResult set(String key, byte[] value, Ttl ttl) {
            return join(client.async().set(key, value, ttl));
        }

        @Override
        public StoreResult set(Key key, byte[] value, Ttl ttl) {
            return join(client.async().set(key, value, ttl));
        }

        @Override
        public boolean delete(String key) {
            return join(client.async().delete(key));
        }

        @Override
        public boolean delete(Key key) {
            return join(client.async().delete(key));
        }

        @Override
        public MultiResult<String, byte[]> getAll(Collection<String> keys) {
            return join(client.async().getAll(keys));
        }

        @Override
        public MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys) {
            return join(client.async().getAllByKey(keys));
        }
    }
}
