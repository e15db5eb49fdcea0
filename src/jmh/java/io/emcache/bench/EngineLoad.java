package io.emcache.bench;

import com.sun.management.ThreadMXBean;
import io.emcache.bench.EnginePair.Buffers;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLException;

/** Wraps and unwraps records of one size in memory, and tells the two apart. For one thread. */
final class EngineLoad {
    private static final int RECORDS_AT_ONCE = 32;
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final EnginePair pair;
    private final ByteBuffer source;
    private final ByteBuffer records;
    private final ByteBuffer sink;

    /**
     * What a record costs.
     *
     * @param wrapNs nanoseconds to wrap it
     * @param wrapBytes heap bytes allocated to wrap it
     * @param unwrapNs nanoseconds to unwrap it
     * @param unwrapBytes heap bytes allocated to unwrap it
     */
    record Cost(double wrapNs, double wrapBytes, double unwrapNs, double unwrapBytes) {

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("wrapNs", wrapNs);
            map.put("wrapBytes", wrapBytes);
            map.put("unwrapNs", unwrapNs);
            map.put("unwrapBytes", unwrapBytes);
            return map;
        }
    }

    EngineLoad(EnginePair pair, Buffers buffers, int textBytes) {
        this.pair = pair;
        source = buffers.text(textBytes);
        records = buffers.records(RECORDS_AT_ONCE * pair.mostBytesOfRecord());
        sink = buffers.text(pair.mostBytesOfText());
    }

    Cost runFor(long durationNs) throws SSLException {
        long wrapNs = 0;
        long wrapBytes = 0;
        long unwrapNs = 0;
        long unwrapBytes = 0;
        long count = 0;
        long startNs = System.nanoTime();
        long nowNs = startNs;
        while (nowNs - startNs < durationNs) {
            long beforeNs = System.nanoTime();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            wrap();
            long between = THREADS.getCurrentThreadAllocatedBytes();
            long betweenNs = System.nanoTime();
            unwrap();
            nowNs = System.nanoTime();
            wrapNs += betweenNs - beforeNs;
            unwrapNs += nowNs - betweenNs;
            wrapBytes += between - before;
            unwrapBytes += THREADS.getCurrentThreadAllocatedBytes() - between;
            count += RECORDS_AT_ONCE;
        }
        return new Cost(
                (double) wrapNs / count,
                (double) wrapBytes / count,
                (double) unwrapNs / count,
                (double) unwrapBytes / count);
    }

    private void wrap() throws SSLException {
        records.clear();
        for (int i = 0; i < RECORDS_AT_ONCE; i++) {
            EnginePair.wrap(pair.client(), source.clear(), records);
        }
        records.flip();
    }

    private void unwrap() throws SSLException {
        for (int i = 0; i < RECORDS_AT_ONCE; i++) {
            EnginePair.unwrap(pair.server(), records, sink.clear());
        }
    }
}
