package io.emcache.bench;

import io.emcache.MemcachedClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Gets as fast as they go. For one thread, which the others of a turn work for. */
final class PoolLoad {
    private static final int GETS_PER_LOOK_AT_CLOCK = 64;

    private PoolLoad() {}

    /** Gets a second of so many threads, each with one get after the other. */
    static double sync(MemcachedClient client, Keys keys, int threads, long durationNs) throws InterruptedException {
        LongAdder gets = new LongAdder();
        List<Thread> callers = new ArrayList<>();
        long startNs = System.nanoTime();
        for (int i = 0; i < threads; i++) {
            Keys own = keys.forCaller(i);
            callers.add(Thread.ofPlatform().daemon().start(() -> {
                long count = 0;
                while (System.nanoTime() - startNs < durationNs) {
                    for (int j = 0; j < GETS_PER_LOOK_AT_CLOCK; j++) {
                        client.get(own.next());
                    }
                    count += GETS_PER_LOOK_AT_CLOCK;
                }
                gets.add(count);
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        return gets.sum() * 1e9 / (System.nanoTime() - startNs);
    }

    /** Gets a second of one thread that keeps so many in flight. */
    static double async(MemcachedClient client, int inFlight, long durationNs) {
        GetWindow window = new GetWindow(client.async(), new Keys(), inFlight);
        long startNs = System.nanoTime();
        do {
            for (int i = 0; i < GETS_PER_LOOK_AT_CLOCK; i++) {
                window.next();
            }
        } while (System.nanoTime() - startNs < durationNs);
        window.drain();
        return window.ended() * 1e9 / (System.nanoTime() - startNs);
    }
}
