package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;

/** Gets of one thread, many in flight; they are counted, not timed one by one. For one thread. */
final class AsyncGets implements Load {
    private static final int GETS_PER_LOOK_AT_CLOCK = 64;

    private final int inFlight;
    private final Keys keys;
    private final AsyncMemcachedClient client;
    private final ResourceMeter meter = new ResourceMeter();

    AsyncGets(AsyncMemcachedClient client, Keys keys, int inFlight) {
        this.client = client;
        this.keys = keys;
        this.inFlight = inFlight;
    }

    @Override
    public Turn runFor(long durationNs) {
        GetWindow window = new GetWindow(client, keys, inFlight);
        meter.start();
        long elapsedNs = loop(window, durationNs);
        meter.stop();
        return Turn.counted(window.ended(), window.hits(), elapsedNs, meter);
    }

    private static long loop(GetWindow window, long durationNs) {
        long start = System.nanoTime();
        do {
            for (int i = 0; i < GETS_PER_LOOK_AT_CLOCK; i++) {
                window.next();
            }
        } while (System.nanoTime() - start < durationNs);
        window.drain();
        return System.nanoTime() - start;
    }
}
