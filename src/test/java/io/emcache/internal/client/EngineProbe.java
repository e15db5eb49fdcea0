package io.emcache.internal.client;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.internal.transport.TransportCounters;

/** A client together with the gauges and counters of its engine, which users cannot see. Safe for all threads. */
public final class EngineProbe {
    private final Engine engine;
    private final MemcachedClient client;

    private EngineProbe(Engine engine) {
        this.engine = engine;
        this.client = new SyncClient(engine);
    }

    /**
     * Makes a client as {@link MemcachedClient#create} does.
     *
     * @param options the options
     * @return the client and its probe
     */
    public static EngineProbe create(ClientOptions options) {
        return new EngineProbe(new Engine(options));
    }

    /**
     * Returns the client.
     *
     * @return the same object each time
     */
    public MemcachedClient client() {
        return client;
    }

    /**
     * Returns how many calls are inside the lanes, tombstones included.
     *
     * @return a gauge
     */
    public int calls() {
        return engine.cluster().calls();
    }

    /**
     * Returns the off-heap bytes that this client has leased.
     *
     * @return a gauge in bytes
     */
    public long leasedBytes() {
        return engine.slabs().leasedBytes();
    }

    /**
     * Returns what the engine counts.
     *
     * @return the counters, live
     */
    public TransportCounters counters() {
        return engine.counters();
    }
}
