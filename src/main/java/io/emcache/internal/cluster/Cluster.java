package io.emcache.internal.cluster;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.internal.transport.Transport;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The nodes of a client. Safe for all threads. */
public final class Cluster {
    private final List<Node> nodes;
    private final Router router;
    private final Transport transport;
    private final AtomicBoolean started = new AtomicBoolean();

    /**
     * Makes the nodes; nothing is connected yet.
     *
     * @param addresses where they are
     * @param connections how many to each
     * @param transport carries the bytes
     */
    public Cluster(List<NodeAddress> addresses, int connections, Transport transport) {
        this.transport = transport;
        List<Node> nodes = new ArrayList<>();
        for (NodeAddress address : addresses) {
            nodes.add(new Node(address, transport, connections, nodes.size()));
        }
        this.nodes = List.copyOf(nodes);
        this.router = new Router(addresses, Locator.RENDEZVOUS, null);
    }

    /**
     * Begins to connect. Does nothing the second time.
     *
     * @return true the first time
     */
    public boolean start() {
        if (started.get() || !started.compareAndSet(false, true)) {
            return false;
        }
        transport.start();
        nodes.forEach(Node::start);
        return true;
    }

    /**
     * Chooses how keys are hashed from now on, which may take a tenth of a second. Keys go to the same nodes before and
     * after it.
     *
     * @return false if there is one node only, so that nothing is hashed
     */
    public boolean loadHashing() {
        if (nodes.size() == 1) {
            return false;
        }
        Hashing.OF_PROCESS.load();
        return true;
    }

    /**
     * The node that a key belongs to.
     *
     * @param key the segment that the key begins
     * @param length its length in bytes
     * @return always the same node for the same key
     */
    public Node route(MemorySegment key, int length) {
        return nodes.get(router.route(key, length));
    }

    /**
     * The nodes that many keys belong to, all at one moment.
     *
     * @param keys the keys, end to end
     * @param offsets {@code keyCount + 1} ints: key {@code i} reaches from offset {@code i} up to offset {@code i + 1}
     * @param keyCount how many keys there are
     * @param scratch room for {@code keyCount} ints
     * @param chosen receives the nodes
     */
    public void routeMany(
            MemorySegment keys, MemorySegment offsets, int keyCount, MemorySegment scratch, Node[] chosen) {
        router.routeMany(keys, offsets, keyCount, scratch);
        for (int i = 0; i < keyCount; i++) {
            chosen[i] = nodes.get(scratch.getAtIndex(ValueLayout.JAVA_INT, i));
        }
    }

    /**
     * All nodes, in the order they were given.
     *
     * @return the nodes
     */
    public List<Node> nodes() {
        return nodes;
    }

    /** Takes no calls from now on. Those inside go on. */
    public void refuse() {
        nodes.forEach(Node::refuse);
    }

    /**
     * How many calls are inside all nodes.
     *
     * @return a gauge
     */
    public int calls() {
        int calls = 0;
        for (Node node : nodes) {
            calls += node.calls();
        }
        return calls;
    }

    /** Gives the router's memory back, after the last call. */
    public void close() {
        router.close();
    }
}
