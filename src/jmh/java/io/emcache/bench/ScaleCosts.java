package io.emcache.bench;

import io.emcache.CallOptions;
import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.NodeAddress;
import io.emcache.bench.ScaleTable.Result;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** The turns of {@link ScaleBenchmark}: what a connection, a node, and a key among many cost. For one thread. */
final class ScaleCosts {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Server server;
    private final Keys keys;
    private final ResourceMeter resources = new ResourceMeter();
    private final MemoryMeter memory = new MemoryMeter();

    ScaleCosts(Server server, Keys keys) {
        this.server = server;
        this.keys = keys;
    }

    /**
     * A client with so many connections to one server. Threads that call sync spread over them; async gets are packed into
     * few as long as these are not deep.
     *
     * @param inFlight gets in flight, by as many threads with sync and by one with async
     * @return heap and off-heap KB of an idle connection, CPU time and time of a sync get, the same of an async one in us
     */
    Result ofConnection(int connections, int inFlight, long durationNs) throws InterruptedException {
        memory.start();
        try (MemcachedClient client = options(1).connections(connections).connect()) {
            memory.stop();
            resources.start();
            long startNs = System.nanoTime();
            double syncOps = PoolLoad.sync(client, keys, inFlight, durationNs);
            double syncGets = syncOps * (System.nanoTime() - startNs) / 1e9;
            resources.stop();
            Turn async = new AsyncGets(client.async(), keys, inFlight).runFor(durationNs);
            return new Result(
                    async.hitPercent(),
                    List.of(
                            memory.heapBytes() / 1024.0 / connections,
                            memory.offHeapBytes() / 1024.0 / connections,
                            resources.cpuNs() / 1e3 / syncGets,
                            1e6 / syncOps,
                            async.cpuPerOpUs(),
                            1e6 / async.opsPerSecond()));
        }
    }

    /**
     * A client with so many nodes, one connection each. They are one server under many identities, so that only the client
     * has more work to do.
     *
     * @return ms to connect each, heap and off-heap KB of each when idle, CPU time and time of an async get in us
     */
    Result ofNode(int nodes, int inFlight, long durationNs) {
        memory.start();
        long startNs = System.nanoTime();
        try (MemcachedClient client = options(nodes).connections(1).connect()) {
            double connectMs = (System.nanoTime() - startNs) / 1e6;
            memory.stop();
            Turn turn = new AsyncGets(client.async(), keys, inFlight).runFor(durationNs);
            return new Result(
                    turn.hitPercent(),
                    List.of(
                            connectMs / nodes,
                            memory.heapBytes() / 1024.0 / nodes,
                            memory.offHeapBytes() / 1024.0 / nodes,
                            turn.cpuPerOpUs(),
                            1e6 / turn.opsPerSecond()));
        }
    }

    private ClientOptions.Builder options(int nodes) {
        NodeAddress address = NodeAddress.parse(server.node());
        return MemcachedClient.builder()
                .nodes(IntStream.range(0, nodes)
                        .mapToObj(i -> address.withId("node-" + i))
                        .toList())
                .timeout(PATIENCE)
                .connectionTimeout(PATIENCE);
    }

    /**
     * One call for so many keys after the other, one at least, each with a deadline of 30 s.
     *
     * @return time and CPU time of a key in us, and heap bytes
     */
    Result ofKey(MemcachedClient client, int count, long durationNs) {
        MemcachedClient patient = client.with(CallOptions.timeout(PATIENCE));
        List<String> asked = keys.first(count);
        long found = 0;
        long total = 0;
        resources.start();
        long startNs = System.nanoTime();
        long elapsedNs;
        do {
            MultiResult<String, byte[]> result = patient.getAll(asked);
            found += result.hits().size();
            total += count;
            elapsedNs = System.nanoTime() - startNs;
        } while (elapsedNs < durationNs);
        resources.stop();
        return new Result(
                100.0 * found / total,
                List.of(
                        elapsedNs / 1e3 / total,
                        resources.cpuNs() / 1e3 / total,
                        (double) resources.processBytes() / total));
    }
}
