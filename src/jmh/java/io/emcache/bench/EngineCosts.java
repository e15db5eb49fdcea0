package io.emcache.bench;

import io.emcache.bench.EngineLoad.Cost;
import io.emcache.bench.EnginePair.Buffers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import javax.net.ssl.SSLException;

/**
 * What the JDK's engine alone costs, by protocol, buffers and size of a record: what is left of a difference between TLS
 * and plain text after that is the client's own. For one thread.
 */
final class EngineCosts {
    private static final int REQUEST_BYTES = 24;
    private static final int REPLY_BYTES = Keys.VALUE_BYTES + 27;
    private static final int LARGE_BYTES = 16_000;
    private static final int[] SIZES = {REQUEST_BYTES, REPLY_BYTES, LARGE_BYTES};
    private static final long WARMUP_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long TURN_NS = TimeUnit.MILLISECONDS.toNanos(250);

    private final List<Case> cases = new ArrayList<>();

    private record Case(String protocol, Buffers buffers, int textBytes, EngineLoad load, List<Cost> costs) {

        double median(ToDoubleFunction<Cost> number) {
            return Spread.of(costs, number).median();
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("protocol", protocol);
            map.put("buffers", buffers);
            map.put("textBytes", textBytes);
            map.put("costs", costs.stream().map(Cost::toMap).toList());
            return map;
        }
    }

    EngineCosts(String... protocols) throws SSLException {
        TlsCertificates certificates = new TlsCertificates();
        for (String protocol : protocols) {
            EnginePair pair = new EnginePair(certificates.clientContext(), certificates.serverContext(), protocol);
            for (Buffers buffers : Buffers.values()) {
                for (int size : SIZES) {
                    EngineLoad load = new EngineLoad(pair, buffers, size);
                    cases.add(new Case(protocol, buffers, size, load, new ArrayList<>()));
                }
            }
        }
    }

    void run(int rounds) throws SSLException {
        for (Case each : cases) {
            each.load.runFor(WARMUP_NS);
        }
        for (int round = 0; round < rounds; round++) {
            for (Case each : cases) {
                each.costs.add(each.load.runFor(TURN_NS));
            }
        }
        print();
    }

    private void print() {
        System.out.printf(
                "The JDK's engine alone, in memory%n%n%-11s%-14s%8s%12s%12s%12s%12s%n",
                "medians", "buffers", "bytes", "wrap ns", "unwrap ns", "wrap B", "unwrap B");
        for (Case each : cases) {
            System.out.printf(
                    Locale.ROOT,
                    "%-11s%-14s%8d%12.0f%12.0f%12.1f%12.1f%n",
                    each.protocol,
                    each.buffers.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    each.textBytes,
                    each.median(Cost::wrapNs),
                    each.median(Cost::unwrapNs),
                    each.median(Cost::wrapBytes),
                    each.median(Cost::unwrapBytes));
        }
        System.out.println();
    }

    /** Heap bytes that an engine with direct buffers allocates for one get: one record there, one back. */
    double heapBytesOfGet(String protocol) {
        return direct(protocol, REQUEST_BYTES).median(Cost::wrapBytes)
                + direct(protocol, REPLY_BYTES).median(Cost::unwrapBytes);
    }

    private Case direct(String protocol, int textBytes) {
        return cases.stream()
                .filter(each ->
                        each.protocol.equals(protocol) && each.buffers == Buffers.DIRECT && each.textBytes == textBytes)
                .findFirst()
                .orElseThrow();
    }

    List<Map<String, Object>> toList() {
        return cases.stream().map(Case::toMap).toList();
    }
}
