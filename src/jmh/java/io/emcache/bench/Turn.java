package io.emcache.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one contender did in one turn. NaN stands for what it cannot tell. Immutable.
 *
 * @param opsPerSecond operations per second
 * @param hitPercent the share of gets that found a value of the right size
 * @param p50Us median latency in microseconds
 * @param p99Us 99th percentile
 * @param p999Us 99.9th percentile
 * @param cpuPerOpUs CPU time of the whole process for one operation, in microseconds
 * @param callerBytesPerOp heap bytes that the calling thread allocated for one operation
 * @param processBytesPerOp heap bytes that all threads allocated for one operation
 */
record Turn(
        double opsPerSecond,
        double hitPercent,
        double p50Us,
        double p99Us,
        double p999Us,
        double cpuPerOpUs,
        double callerBytesPerOp,
        double processBytesPerOp) {

    private static final double LEAST_HIT_PERCENT = 99;

    /**
     * A turn of operations that were counted, not timed one by one.
     *
     * @param ops how many ended
     * @param hits how many of them found a value of the right size
     * @param elapsedNs how long they took together
     * @param meter what they used, stopped
     */
    static Turn counted(long ops, long hits, long elapsedNs, ResourceMeter meter) {
        return new Turn(
                ops * 1e9 / elapsedNs,
                100.0 * hits / ops,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                meter.cpuNs() / 1e3 / ops,
                (double) meter.callerBytes() / ops,
                (double) meter.processBytes() / ops);
    }

    /** Gets that miss do not carry a value, so they say nothing about gets. */
    boolean isValid() {
        return hitPercent >= LEAST_HIT_PERCENT;
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("opsPerSecond", opsPerSecond);
        map.put("hitPercent", hitPercent);
        map.put("p50Us", p50Us);
        map.put("p99Us", p99Us);
        map.put("p999Us", p999Us);
        map.put("cpuPerOpUs", cpuPerOpUs);
        map.put("callerBytesPerOp", callerBytesPerOp);
        map.put("processBytesPerOp", processBytesPerOp);
        return map;
    }
}
