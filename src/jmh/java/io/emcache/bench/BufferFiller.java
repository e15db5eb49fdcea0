package io.emcache.bench;

import io.emcache.MemcachedClient;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps sending large values that no server reads, so that the socket buffers of a client are full. Has a thread of its
 * own.
 */
final class BufferFiller {
    private static final int VALUE_BYTES = 512 << 10;
    private static final int IN_FLIGHT = 8;
    private static final int PAUSE_MS = 20;

    private volatile boolean stopped;

    private final MemcachedClient client;
    private final Thread thread;

    BufferFiller(MemcachedClient client) {
        this.client = client;
        thread = Thread.ofPlatform().daemon().name("buffer-filler").start(this::fill);
    }

    private void fill() {
        byte[] value = new byte[VALUE_BYTES];
        ArrayDeque<CompletableFuture<?>> inFlight = new ArrayDeque<>();
        while (!stopped) {
            inFlight.removeIf(CompletableFuture::isDone);
            while (inFlight.size() < IN_FLIGHT) {
                inFlight.add(client.async().set("large", value));
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                stopped = true;
            }
        }
    }

    void stop() {
        stopped = true;
        thread.interrupt();
    }
}
