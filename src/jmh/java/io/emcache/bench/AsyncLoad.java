package io.emcache.bench;

import io.emcache.AsyncMemcachedClient;

/** Async gets on a thread of their own, so many in flight, until they are stopped. For one thread. */
final class AsyncLoad {
    private volatile boolean stopped;

    private final GetWindow window;
    private final Thread thread;
    private final long startNs = System.nanoTime();

    AsyncLoad(AsyncMemcachedClient client, int inFlight) {
        window = new GetWindow(client, new Keys(), inFlight);
        thread = Thread.ofPlatform().daemon().name("async-load").start(this::run);
    }

    private void run() {
        while (!stopped) {
            window.next();
        }
        window.drain();
    }

    /** Ends the load; returns how many gets ended in a second. */
    double stop() throws InterruptedException {
        stopped = true;
        thread.join();
        return window.ended() * 1e9 / (System.nanoTime() - startNs);
    }
}
