package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.AsyncMemcachedClient;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.testkit.KeyTaggedValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Threads that use a client until they are told to stop. Every value that comes back must carry its key, every call must
 * end, with an answer or with an exception that the test allows, long before its deadline. Safe for all threads.
 */
final class Load {
    static final Duration GUARD = Duration.ofSeconds(10);

    private static final int KEYS = 200;
    private static final int WINDOW = 16;

    private volatile boolean stopped;

    private final int maxValueBytes;
    private final List<Class<? extends MemcachedException>> allowed;
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Map<Class<?>, LongAdder> refused = new ConcurrentHashMap<>();
    private final LongAdder answers = new LongAdder();
    private final LongAdder interrupted = new LongAdder();

    /** What a worker does again and again. */
    @FunctionalInterface
    interface Round {
        void run(Worker worker) throws Exception;
    }

    /** One thread of the load. */
    static final class Worker {
        final int id;
        final SplittableRandom random;
        final KeyTaggedValues values;
        private final AtomicLong busySinceNs = new AtomicLong();
        private volatile @Nullable Thread thread;

        Worker(int id, int maxValueBytes) {
            this.id = id;
            this.random = new SplittableRandom(id);
            this.values = new KeyTaggedValues(id, maxValueBytes);
        }

        String key() {
            return "key:" + random.nextInt(KEYS);
        }

        void interrupt() {
            Thread thread = this.thread;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    Load(int maxValueBytes, Class<? extends MemcachedException>... allowed) {
        this.maxValueBytes = maxValueBytes;
        this.allowed = List.of(allowed);
    }

    Load platform(int count, Round round) {
        return start(count, round, Thread.ofPlatform().daemon().name("load-", workers.size()));
    }

    Load virtual(int count, Round round) {
        return start(count, round, Thread.ofVirtual().name("load-virtual-", workers.size()));
    }

    private Load start(int count, Round round, Thread.Builder builder) {
        for (int i = 0; i < count; i++) {
            Worker worker = new Worker(workers.size(), maxValueBytes);
            workers.add(worker);
            worker.thread = builder.start(() -> work(worker, round));
        }
        return this;
    }

    private void work(Worker worker, Round round) {
        while (!stopped) {
            long startNs = System.nanoTime();
            worker.busySinceNs.set(startNs);
            try {
                round.run(worker);
                answers.increment();
            } catch (MemcachedException e) {
                count(e);
            } catch (InterruptedException e) {
                interrupted.increment();
            } catch (Throwable t) {
                failures.add(t);
                stopped = true;
            }
            long tookNs = System.nanoTime() - startNs;
            if (tookNs > GUARD.toNanos()) {
                failures.add(new AssertionError("a call took " + Duration.ofNanos(tookNs)));
            }
            Thread.interrupted(); // a late interrupt is for the round before
        }
        worker.busySinceNs.set(0);
    }

    private void count(MemcachedException e) {
        if (allowed.contains(e.getClass())) {
            refused.computeIfAbsent(e.getClass(), any -> new LongAdder()).increment();
        } else {
            failures.add(e);
            stopped = true;
        }
    }

    /** Lets the load go on for so long, or until something fails. */
    void run(Duration duration) throws InterruptedException {
        run(duration, () -> {});
    }

    /** As before; does something in between again and again. */
    void run(Duration duration, Runnable disturbance) throws InterruptedException {
        long endNs = System.nanoTime() + duration.toNanos();
        while (!stopped && endNs - System.nanoTime() > 0) {
            disturbance.run();
            Thread.sleep(5);
            requireProgress();
        }
    }

    private void requireProgress() {
        long nowNs = System.nanoTime();
        for (Worker worker : workers) {
            long sinceNs = worker.busySinceNs.get();
            if (sinceNs != 0 && nowNs - sinceNs > GUARD.toNanos()) {
                failures.add(stuck(worker));
                stopped = true;
            }
        }
    }

    private static AssertionError stuck(Worker worker) {
        AssertionError error = new AssertionError("worker " + worker.id + " is stuck in one call");
        Thread thread = worker.thread;
        if (thread != null) {
            error.setStackTrace(thread.getStackTrace());
        }
        return error;
    }

    Worker anyWorker(SplittableRandom random) {
        return workers.get(random.nextInt(workers.size()));
    }

    /** Has all workers end, and fails if one does not or if anything went wrong. */
    void end() throws InterruptedException {
        stopped = true;
        for (Worker worker : workers) {
            Thread thread = worker.thread;
            if (thread != null && !thread.join(GUARD)) {
                failures.add(stuck(worker));
            }
        }
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError(failures.size() + " failures, the first: " + failures.peek());
            failures.stream().limit(5).forEach(error::addSuppressed);
            throw error;
        }
        assertThat(answers.sum()).as("rounds that were answered").isPositive();
    }

    long refused(Class<? extends MemcachedException> type) {
        LongAdder count = refused.get(type);
        return count == null ? 0 : count.sum();
    }

    /** One synchronous call: mostly gets, some sets, a few deletes and getAlls. */
    static Round calls(MemcachedClient client) {
        return worker -> {
            String key = worker.key();
            int dice = worker.random.nextInt(20);
            if (dice < 5) {
                client.set(key, worker.values.next(key));
            } else if (dice == 5) {
                client.delete(key);
            } else if (dice == 6) {
                verify(client.getAll(keys(worker)));
            } else {
                verify(key, client.get(key));
            }
        };
    }

    /** A window of asynchronous calls; waits for all of them. */
    static Round futures(AsyncMemcachedClient client) {
        return worker -> {
            List<Pending> window = new ArrayList<>();
            for (int i = 0; i < WINDOW; i++) {
                window.add(start(client, worker));
            }
            awaitAll(window);
        };
    }

    /** A window of asynchronous calls of which half are cancelled at once. */
    static Round cancelledFutures(AsyncMemcachedClient client) {
        return worker -> {
            List<Pending> window = new ArrayList<>();
            for (int i = 0; i < WINDOW; i++) {
                window.add(start(client, worker));
            }
            window.removeIf(
                    pending -> worker.random.nextBoolean() && pending.future().cancel(true));
            awaitAll(window);
        };
    }

    private record Pending(String key, CompletableFuture<?> future) {
        void await() throws Exception {
            switch (future.get(GUARD.toSeconds(), TimeUnit.SECONDS)) {
                case byte[] value -> verify(key, value);
                case MultiResult<?, ?> result -> verify(result);
                case null, default -> {}
            }
        }
    }

    private static Pending start(AsyncMemcachedClient client, Worker worker) {
        String key = worker.key();
        int dice = worker.random.nextInt(20);
        if (dice < 5) {
            return new Pending(key, client.set(key, worker.values.next(key)));
        } else if (dice == 5) {
            return new Pending(key, client.delete(key));
        } else if (dice == 6) {
            return new Pending(key, client.getAll(keys(worker)));
        }
        return new Pending(key, client.get(key));
    }

    private static void awaitAll(List<Pending> window) throws Exception {
        MemcachedException last = null;
        for (Pending pending : window) {
            try {
                pending.await();
            } catch (MemcachedException e) {
                last = e;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof MemcachedException cause)) {
                    throw e;
                }
                last = cause;
            }
        }
        if (last != null) {
            throw last;
        }
    }

    private static List<String> keys(Worker worker) {
        String[] keys = new String[1 + worker.random.nextInt(30)];
        Arrays.setAll(keys, i -> worker.key());
        return List.of(keys);
    }

    static void verify(String key, byte @Nullable [] value) {
        if (value != null) {
            KeyTaggedValues.verify(key, value);
        }
    }

    private static void verify(MultiResult<?, ?> result) {
        for (MemcachedException failure : result.failures().values()) {
            throw failure;
        }
        result.hits().forEach((key, value) -> verify((String) key, (byte[]) value));
    }
}
