package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;
import io.emcache.MemcachedClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes the calls of one case: so many at once, so many times. Who ends before its deadline waits for it, so that the
 * calls spread over the time of the case. For one thread.
 */
final class FaultCalls {
    static final long FOREVER_NS = TimeUnit.SECONDS.toNanos(10);

    private static final byte[] VALUE = new byte[Keys.VALUE_BYTES];

    private final int concurrency;
    private final int rounds;
    private final long timeoutNs;
    private final MemcachedClient client;
    private final Verb verb;
    private final CallEndings endings;

    /** Which operation. */
    enum Verb {
        SET,
        GET
    }

    /** Which face of the client, and from which threads. */
    enum Caller {
        PLATFORM,
        VIRTUAL,
        ASYNC
    }

    FaultCalls(MemcachedClient client, Verb verb, int concurrency, int rounds, long timeoutNs) {
        this.client = client;
        this.verb = verb;
        this.concurrency = concurrency;
        this.rounds = rounds;
        this.timeoutNs = timeoutNs;
        endings = new CallEndings(concurrency * rounds, timeoutNs);
    }

    /** Makes the calls and waits for them, but not for ever. */
    CallEndings run(Caller caller) throws InterruptedException {
        switch (caller) {
            case PLATFORM -> callFromThreads(Thread.ofPlatform().daemon());
            case VIRTUAL -> callFromThreads(Thread.ofVirtual());
            case ASYNC -> callAsync();
        }
        return endings;
    }

    private void callFromThreads(Thread.Builder builder) throws InterruptedException {
        long patienceEndNs = System.nanoTime() + 2L * rounds * timeoutNs + FOREVER_NS;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < concurrency; i++) {
            String key = "key:" + i;
            threads.add(builder.start(() -> callInTurn(key)));
        }
        for (Thread thread : threads) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(patienceEndNs - System.nanoTime());
            thread.join(Math.max(1, leftMs));
        }
    }

    private void callInTurn(String key) {
        try {
            for (int i = 0; i < rounds && !client.isClosed(); i++) {
                long enteredNs = System.nanoTime();
                call(key, enteredNs);
                sleepUntil(enteredNs + timeoutNs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void call(String key, long enteredNs) {
        try {
            Object result = verb == Verb.GET ? client.get(key) : client.set(key, VALUE);
            endings.add(enteredNs, result, null);
        } catch (RuntimeException e) {
            endings.add(enteredNs, null, e);
        }
    }

    private void callAsync() throws InterruptedException {
        AsyncMemcachedClient async = client.async();
        boolean ended = true;
        for (int round = 0; round < rounds && ended; round++) {
            CountDownLatch inFlight = new CountDownLatch(concurrency);
            long startedNs = System.nanoTime();
            for (int i = 0; i < concurrency; i++) {
                String key = "key:" + i;
                long enteredNs = System.nanoTime();
                CompletableFuture<?> future = verb == Verb.GET ? async.get(key) : async.set(key, VALUE);
                CompletableFuture<?> _ = future.whenComplete((result, failure) -> {
                    endings.add(enteredNs, result, failure);
                    inFlight.countDown();
                });
            }
            ended = inFlight.await(timeoutNs + FOREVER_NS, TimeUnit.NANOSECONDS);
            sleepUntil(startedNs + timeoutNs);
        }
    }

    private static void sleepUntil(long ns) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(ns - System.nanoTime());
    }
}
