package io.emcache.bench;

import io.emcache.MemcachedClient;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Gets of one thread, one after the other, each of them timed. As in the yardstick the end of one is the start of the
 * next. For one thread.
 */
final class SyncGets implements Load {
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);

    private long ops;
    private long hits;

    private final Keys keys;
    private final MemcachedClient client;
    private final ResourceMeter meter = new ResourceMeter();
    private final Histogram latencyNs = new Histogram(LONGEST_NS, 3);

    SyncGets(MemcachedClient client, Keys keys) {
        this.client = client;
        this.keys = keys;
    }

    @Override
    public Turn runFor(long durationNs) {
        return run(Long.MAX_VALUE, durationNs);
    }

    Turn run(long count) {
        return run(count, Long.MAX_VALUE);
    }

    private Turn run(long count, long durationNs) {
        ops = 0;
        hits = 0;
        latencyNs.reset();
        meter.start();
        long elapsedNs = loop(count, durationNs);
        meter.stop();
        return new Turn(
                ops * 1e9 / elapsedNs,
                100.0 * hits / ops,
                latencyNs.getValueAtPercentile(50) / 1e3,
                latencyNs.getValueAtPercentile(99) / 1e3,
                latencyNs.getValueAtPercentile(99.9) / 1e3,
                meter.cpuNs() / 1e3 / ops,
                (double) meter.callerBytes() / ops,
                (double) meter.processBytes() / ops);
    }

    private long loop(long count, long durationNs) {
        long start = System.nanoTime();
        long before = start;
        do {
            byte[] value = client.get(keys.next());
            long now = System.nanoTime();
            latencyNs.recordValue(Math.min(now - before, LONGEST_NS));
            before = now;
            ops++;
            if (value != null && value.length == Keys.VALUE_BYTES) {
                hits++;
            }
        } while (ops < count && before - start < durationNs);
        return before - start;
    }

    /** Adds the latencies of the last run, in nanoseconds, to those of others. */
    void addLatenciesTo(Histogram sum) {
        sum.add(latencyNs);
    }
}
