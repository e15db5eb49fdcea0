package io.emcache.bench;

import io.emcache.bench.Measurement.Tally;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a fixed number of operations of one thread in flight, as {@link GetWindow} does: when so many are, the oldest is
 * waited for before the next starts. They are counted, not timed one by one. For one thread.
 */
final class WindowLoad implements ContenderLoad {
    private static final int STARTS_PER_LOOK_AT_CLOCK = 64;

    private final int size;
    private final Starter starter;
    private final Queue<Future<?>> inFlight;
    private final Keys keys;

    private Tally tally = new Tally();

    /** Starts an operation, and judges what its future ended with. */
    interface Starter {

        Future<?> start(String key);

        boolean isSuccess(@Nullable Object result);
    }

    WindowLoad(Starter starter, Keys keys, int size) {
        this.starter = starter;
        this.keys = keys;
        this.size = size;
        inFlight = new ArrayDeque<>(size + 1);
    }

    @Override
    public Measurement runFor(long durationNs) throws InterruptedException {
        tally = new Tally();
        ResourceMeter meter = new ResourceMeter();
        meter.start();
        long startNs = System.nanoTime();
        do {
            // A look at the clock costs little beside a value of many kilobytes, and nothing beside a window of few.
            for (int i = 0; i < Math.min(size, STARTS_PER_LOOK_AT_CLOCK); i++) {
                if (inFlight.size() == size) {
                    awaitOldest();
                }
                startNext();
            }
        } while (System.nanoTime() - startNs < durationNs);
        while (!inFlight.isEmpty()) {
            awaitOldest();
        }
        long elapsedNs = System.nanoTime() - startNs;
        meter.stop();
        return Measurement.of(tally, elapsedNs, meter, null);
    }

    private void startNext() {
        try {
            inFlight.add(starter.start(keys.next()));
        } catch (RuntimeException e) {
            tally.ops++;
            tally.failure = e;
        }
    }

    private void awaitOldest() throws InterruptedException {
        tally.ops++;
        try {
            Object result = inFlight.remove().get(Roster.TIMEOUT_MS, TimeUnit.MILLISECONDS);
            if (starter.isSuccess(result)) {
                tally.succeeded++;
            }
        } catch (ExecutionException | TimeoutException e) {
            tally.failure = e;
        }
    }
}
