package io.emcache.bench;

/** A number that a turn comes to. */
enum Metric {
    OPS("opsPerSecond"),
    /** Share of operations that got their value or stored it, of all that ended. */
    SUCCESS("successPercent"),
    MEAN("meanUs"),
    P50("p50Us"),
    P90("p90Us"),
    P99("p99Us"),
    P999("p999Us"),
    MAX("maxUs"),
    /** As if each caller had meant to call once a median, and had not been kept from it by calls that took longer. */
    CORRECTED_P99("correctedP99Us"),
    CORRECTED_P999("correctedP999Us"),
    /** CPU time of the whole process. */
    CPU("cpuUsPerOp"),
    /** Heap bytes that all threads of the process allocated. */
    BYTES("bytesPerOp");

    final String key;

    Metric(String key) {
        this.key = key;
    }
}
