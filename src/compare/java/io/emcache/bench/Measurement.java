package io.emcache.bench;

import io.emcache.bench.Scenario.YardstickForm;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What one contender did in one turn. What it cannot tell is not among the numbers. Immutable.
 *
 * @param numbers its numbers
 * @param latencyNs how long each operation took, in nanoseconds; null if they were not timed one by one
 * @param failure the first exception of the turn, or null if there was none
 */
record Measurement(
        Map<Metric, Double> numbers,
        @Nullable Histogram latencyNs,
        @Nullable String failure) {
    private static final double LEAST_SUCCESS_PERCENT = 99;

    /** What the callers of a turn counted together. */
    static final class Tally {
        long ops;
        long succeeded;

        @Nullable
        Throwable failure;

        void add(Tally other) {
            ops += other.ops;
            succeeded += other.succeeded;
            if (failure == null) {
                failure = other.failure;
            }
        }
    }

    static Measurement of(Tally tally, long elapsedNs, ResourceMeter meter, @Nullable Histogram latencyNs) {
        Map<Metric, Double> numbers = new EnumMap<>(Metric.class);
        double ops = tally.ops;
        numbers.put(Metric.OPS, ops * 1e9 / elapsedNs);
        numbers.put(Metric.SUCCESS, ops == 0 ? 0 : 100 * tally.succeeded / ops);
        numbers.put(Metric.CPU, meter.cpuNs() / 1e3 / ops);
        numbers.put(Metric.BYTES, meter.processBytes() / ops);
        if (latencyNs != null) {
            addLatencies(numbers, latencyNs);
        }
        return new Measurement(numbers, latencyNs, tally.failure == null ? null : tally.failure.toString());
    }

    private static void addLatencies(Map<Metric, Double> numbers, Histogram latencyNs) {
        long medianNs = latencyNs.getValueAtPercentile(50);
        Histogram corrected = latencyNs.copyCorrectedForCoordinatedOmission(medianNs);
        numbers.put(Metric.MEAN, latencyNs.getMean() / 1e3);
        numbers.put(Metric.P50, medianNs / 1e3);
        numbers.put(Metric.P90, latencyNs.getValueAtPercentile(90) / 1e3);
        numbers.put(Metric.P99, latencyNs.getValueAtPercentile(99) / 1e3);
        numbers.put(Metric.P999, latencyNs.getValueAtPercentile(99.9) / 1e3);
        numbers.put(Metric.MAX, latencyNs.getMaxValue() / 1e3);
        numbers.put(Metric.CORRECTED_P99, corrected.getValueAtPercentile(99) / 1e3);
        numbers.put(Metric.CORRECTED_P999, corrected.getValueAtPercentile(99.9) / 1e3);
    }

    /** Of a window of several the yardstick times the window, not the operations. It does not look at replies to sets. */
    static Measurement of(Turn turn, YardstickForm form) {
        Map<Metric, Double> numbers = new EnumMap<>(Metric.class);
        numbers.put(Metric.OPS, turn.opsPerSecond());
        numbers.put(Metric.CPU, turn.cpuPerOpUs());
        if (!form.form().equals("set")) {
            numbers.put(Metric.SUCCESS, turn.hitPercent());
        }
        if (form.window() == 1) {
            numbers.put(Metric.P50, turn.p50Us());
            numbers.put(Metric.P99, turn.p99Us());
            numbers.put(Metric.P999, turn.p999Us());
        }
        return new Measurement(numbers, null, null);
    }

    /** Gets that miss do not carry a value, so they say nothing about gets. */
    boolean isValid() {
        return numbers.getOrDefault(Metric.SUCCESS, 100.0) >= LEAST_SUCCESS_PERCENT;
    }

    double number(Metric metric) {
        return numbers.getOrDefault(metric, Double.NaN);
    }

    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        numbers.forEach((metric, number) -> map.put(metric.key, number));
        if (failure != null) {
            map.put("failure", failure);
        }
        return map;
    }

    /** With the latencies, for another process. */
    Map<String, @Nullable Object> toMapWithLatencies() {
        Map<String, @Nullable Object> map = toMap();
        if (latencyNs != null) {
            ByteBuffer buffer = ByteBuffer.allocate(latencyNs.getNeededByteBufferCapacity());
            int length = latencyNs.encodeIntoCompressedByteBuffer(buffer);
            map.put("latencies", Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length)));
        }
        return map;
    }

    static Measurement parse(Map<String, @Nullable Object> map) {
        Map<Metric, Double> numbers = new EnumMap<>(Metric.class);
        for (Metric metric : Metric.values()) {
            if (map.get(metric.key) instanceof Double number) {
                numbers.put(metric, number);
            }
        }
        Histogram latencyNs = null;
        if (map.get("latencies") instanceof String text) {
            try {
                latencyNs = Histogram.decodeFromCompressedByteBuffer(
                        ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
            } catch (DataFormatException e) {
                throw new IllegalArgumentException("not a histogram: " + text, e);
            }
        }
        return new Measurement(numbers, latencyNs, (String) map.get("failure"));
    }
}
