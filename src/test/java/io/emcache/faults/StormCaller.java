package io.emcache.faults;

import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.testkit.KeyTaggedValues;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One of the callers of a storm: a platform thread or a virtual one that calls sync, or one that keeps async calls in
 * flight. {@link #disturb} and {@link #stop} are for other threads.
 */
final class StormCaller implements Runnable {
    private static final int KEYS = 100;
    private static final int IN_FLIGHT = 12;
    private static final int MAX_VALUE_BYTES = 100_000;

    private final boolean async;
    private volatile boolean stopped;

    private final String name;
    private final SplittableRandom random;
    private final KeyTaggedValues values;
    private final MemcachedClient client;
    private final StormLog log;
    private final Thread thread;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
    private final ConcurrentLinkedDeque<CompletableFuture<?>> futures = new ConcurrentLinkedDeque<>();

    StormCaller(int number, long seed, MemcachedClient client, StormLog log) {
        this.async = number % 4 == 3;
        this.name = "storm-" + number;
        this.random = new SplittableRandom(seed * 1_000 + number);
        this.values = new KeyTaggedValues(random.nextLong(), MAX_VALUE_BYTES);
        this.client = client;
        this.log = log;
        this.thread = number % 2 == 0
                ? Thread.ofPlatform().daemon().name(name).unstarted(this)
                : Thread.ofVirtual().name(name).unstarted(this);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
    }

    /** Interrupts the call that this caller is in, or cancels one of those in flight. */
    void disturb() {
        CompletableFuture<?> future = futures.pollFirst();
        if (future != null) {
            future.cancel(true);
        } else if (!async) {
            thread.interrupt();
        }
    }

    void requireEnd() {
        await(name).atMost(Rig.GUARD).until(() -> !thread.isAlive() && inFlight.availablePermits() == IN_FLIGHT);
    }

    @Override
    public void run() {
        while (!stopped) {
            String key = "storm:" + random.nextInt(KEYS);
            if (async) {
                callAsync(key);
            } else {
                callSync(key);
            }
        }
    }

    private void callSync(String key) {
        log.begin();
        Throwable failure = null;
        try {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> client.set(key, values.next(key));
                case 3 -> client.delete(key);
                case 4 -> verify(client.getAll(someKeys()));
                default -> log.value(key, client.get(key));
            }
        } catch (Throwable t) {
            failure = t;
        }
        log.end(failure);
        boolean interrupted = Thread.interrupted();
        if (failure != null && !interrupted) {
            pause();
        }
    }

    private void callAsync(String key) {
        if (!inFlight.tryAcquire()) {
            pause();
            return;
        }
        log.begin();
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> follow(client.async().set(key, values.next(key)), stored -> {});
            case 3 -> follow(client.async().delete(key), deleted -> {});
            case 4 -> follow(client.async().getAll(someKeys()), this::verify);
            default -> follow(client.async().get(key), value -> log.value(key, value));
        }
    }

    private <T extends @Nullable Object> void follow(CompletableFuture<T> future, Consumer<T> check) {
        futures.addLast(future);
        if (futures.size() > IN_FLIGHT) {
            futures.pollFirst();
        }
        CompletableFuture<Void> _ = future.thenAccept(check).whenComplete((nothing, failure) -> {
            log.end(causeOf(failure));
            inFlight.release();
        });
    }

    private static @Nullable Throwable causeOf(@Nullable Throwable failure) {
        return failure instanceof CompletionException wrapper && wrapper.getCause() != null
                ? wrapper.getCause()
                : failure;
    }

    private void verify(MultiResult<String, byte[]> many) {
        many.hits().forEach(log::value);
    }

    private List<String> someKeys() {
        List<String> keys = new ArrayList<>();
        for (int i = random.nextInt(1, 30); i > 0; i--) {
            keys.add("storm:" + random.nextInt(KEYS));
        }
        return keys;
    }

    /** A node that is away fails calls at once: the storm is no busy loop. */
    private void pause() {
        LockSupport.parkNanos(1_000_000);
        Thread.interrupted();
    }
}
