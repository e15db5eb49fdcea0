package io.emcache.internal.cluster;

import io.emcache.Autodiscovery;
import io.emcache.ClientOptions;
import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.transport.Transport;
import io.emcache.spi.NodeLocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a client, which may change at any time. Safe for all threads.
 *
 * <p>Keys are routed by an immutable snapshot. Who changes the nodes holds a lock while making another; an event loop
 * never waits for it, but leaves word that the snapshot is stale, and whoever has the lock sees to that.
 */
public final class Cluster {
    private static final Snapshot NONE = new Snapshot(List.of(), List.of(), null);

    private final boolean purges;
    private boolean refusing;
    private volatile boolean stale;
    private volatile int memberCount;

    private final Transport transport;
    private final NodeSettings settings;
    private final Locator locator;
    private final ClusterListener listener;
    private final @Nullable NodeLocator customLocator;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicLong connections = new AtomicLong();
    private final CompletableFuture<Boolean> populated = new CompletableFuture<>();
    private final Lock lock = new ReentrantLock();
    /** In the order of the users' list; those that were not asked yet get no keys. Guarded by the lock, as what follows. */
    private final List<Node> members = new ArrayList<>();
    /** To be removed as soon as those that come in their place have been asked. */
    private final List<Node> retiring = new ArrayList<>();
    /** To be removed with the next snapshot. */
    private final List<Node> removing = new ArrayList<>();
    /** Removed, and not gone yet. Written by many. */
    private final List<Node> leaving = new CopyOnWriteArrayList<>();

    private volatile Snapshot snapshot = NONE;

    /**
     * Where keys go. Immutable.
     *
     * @param placed the nodes that keys are placed on
     * @param routed those of them that are chosen among
     * @param router chooses; null if there is none
     */
    private record Snapshot(
            List<Node> placed, List<Node> routed, @Nullable Router router) {}

    /**
     * Makes the nodes; nothing is connected yet.
     *
     * @param options where they are, unless they are discovered, and how each is used
     * @param memoryBytes how much off-heap memory a node may take
     * @param minStallNs the least time without progress after which a connection counts as dead
     * @param transport carries the bytes
     * @param slabs where the memory comes from
     * @param listener who is told what becomes of nodes
     */
    public Cluster(
            ClientOptions options,
            long memoryBytes,
            long minStallNs,
            Transport transport,
            SlabPool slabs,
            ClusterListener listener) {
        this.transport = transport;
        this.listener = listener;
        this.locator = options.locator();
        this.customLocator = options.customLocator();
        this.purges = options.purgeUnhealthyNodes();
        this.settings = new NodeSettings(
                new PoolPolicy(
                        options.minConnections(),
                        options.maxConnections(),
                        options.purgeUnusedConnectionsAfter().toNanos(),
                        Runtime.getRuntime().availableProcessors()),
                options.maxQueuedPerNode(),
                options.maxQueuedBytesPerNode(),
                memoryBytes,
                Math.max(options.timeout().toNanos(), minStallNs),
                minStallNs,
                slabs,
                listener);
        boolean known = options.autodiscovery() == Autodiscovery.NONE; // else those of the options are whom to ask
        for (NodeAddress address : known ? options.nodes() : List.<NodeAddress>of()) {
            Node node = newNode(address);
            node.trust();
            members.add(node);
        }
        memberCount = members.size();
        List<Node> all = List.copyOf(members);
        if (!all.isEmpty()) {
            snapshot = new Snapshot(all, all, newRouter(all));
            populated.complete(true);
        }
    }

    private Node newNode(NodeAddress address) {
        return new Node(address, settings, transport.home(), this);
    }

    private Router newRouter(List<Node> nodes) {
        return new Router(nodes.stream().map(Node::address).toList(), locator, customLocator);
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
        lock.lock();
        try {
            members.forEach(Node::start);
        } finally {
            lock.unlock();
        }
        settle();
        return true;
    }

    /**
     * Chooses how keys are hashed from now on, which may take a tenth of a second. Keys go to the same nodes before and
     * after it.
     *
     * @return false if there is one node only, so that nothing is hashed
     */
    public boolean loadHashing() {
        if (memberCount == 1) {
            return false;
        }
        Hashing.OF_PROCESS.load();
        return true;
    }

    /**
     * The node that a key belongs to now.
     *
     * @param key the segment that the key begins
     * @param length its length in bytes
     * @return the node, or null if there is none, or none that answers and the others are not to be asked
     */
    public @Nullable Node route(MemorySegment key, int length) {
        Snapshot snapshot = this.snapshot;
        Router router = snapshot.router;
        return router == null ? null : snapshot.routed.get(router.route(key, length));
    }

    /**
     * The nodes that many keys belong to, all at one moment.
     *
     * @param keys the keys, end to end
     * @param offsets {@code keyCount + 1} ints: key {@code i} reaches from offset {@code i} up to offset {@code i + 1}
     * @param keyCount how many keys there are
     * @param scratch room for {@code keyCount} ints
     * @param chosen receives the nodes
     * @return false if there is none, or none that answers and the others are not to be asked
     */
    public boolean routeMany(
            MemorySegment keys, MemorySegment offsets, int keyCount, MemorySegment scratch, Node[] chosen) {
        Snapshot snapshot = this.snapshot;
        Router router = snapshot.router;
        if (router == null) {
            return false;
        }
        router.routeMany(keys, offsets, keyCount, scratch);
        for (int i = 0; i < keyCount; i++) {
            chosen[i] = snapshot.routed.get(scratch.getAtIndex(ValueLayout.JAVA_INT, i));
        }
        return true;
    }

    /**
     * All nodes that keys are placed on, in the order they were given.
     *
     * @return the nodes of this moment
     */
    public List<Node> nodes() {
        return snapshot.placed;
    }

    /**
     * Completes when there are nodes, or will never be.
     *
     * @return a future for waiting only
     */
    public CompletableFuture<Boolean> populated() {
        return populated;
    }

    /**
     * Adds a node. Keys are placed on it once an attempt to connect has ended, or at once if there is no other.
     *
     * @param address where it is
     * @return false if there is one with this identity, or the client is being closed
     * @throws IllegalArgumentException if the locator cannot place keys on it
     */
    public boolean addNode(NodeAddress address) {
        lock.lock();
        try {
            if (refusing || find(members, address.identity()) != null) {
                return false;
            }
            List<NodeAddress> wanted = new ArrayList<>(addresses());
            wanted.add(address);
            want(wanted);
            return true;
        } finally {
            unlock();
        }
    }

    /**
     * Removes a node: its keys belong to others at once. What is inside is served, for as long as a call may take.
     *
     * @param identity who it is
     * @return false if there is none, or the client is being closed
     * @throws IllegalStateException if it is the only one
     */
    public boolean removeNode(String identity) {
        lock.lock();
        try {
            Node node = find(members, identity);
            if (refusing || node == null) {
                return false;
            }
            if (members.size() == 1) {
                throw new IllegalStateException("the only node cannot be removed: " + identity);
            }
            List<NodeAddress> left = new ArrayList<>(addresses());
            left.remove(node.address());
            want(left);
            return true;
        } finally {
            unlock();
        }
    }

    /**
     * Has these nodes and no others from now on. A node whose address is the same stays; those that go leave when those that
     * come have been asked.
     *
     * @param addresses the nodes, each identity once
     * @throws IllegalArgumentException if the locator cannot place keys on them
     */
    public void replaceNodes(List<NodeAddress> addresses) {
        lock.lock();
        try {
            if (!refusing) {
                want(addresses);
            }
        } finally {
            unlock();
        }
    }

    /** Whoever had the lock looks whether somebody has tried to get it meanwhile. */
    private void unlock() {
        lock.unlock();
        settle();
    }

    private List<NodeAddress> addresses() {
        return members.stream().map(Node::address).toList();
    }

    private void want(List<NodeAddress> addresses) {
        if (!addresses.isEmpty()) {
            new Router(addresses, locator, customLocator).close(); // throws before anything has changed
        }
        List<Node> before = List.copyOf(members);
        List<Node> wanted = takeOrMake(addresses);
        members.clear();
        members.addAll(wanted);
        memberCount = members.size();
        retiring.removeAll(wanted);
        boolean grows = !before.containsAll(wanted);
        for (Node node : before) {
            if (!wanted.contains(node)) {
                retire(node, grows);
            }
        }
        rebuild();
    }

    /** The nodes of these addresses, those that there are and new ones; none is made if one cannot be. */
    private List<Node> takeOrMake(List<NodeAddress> addresses) {
        List<Node> wanted = new ArrayList<>();
        List<Node> made = new ArrayList<>();
        boolean done = false;
        try {
            for (NodeAddress address : addresses) {
                Node node = find(address);
                if (node == null) {
                    node = newNode(address);
                    made.add(node);
                }
                wanted.add(node);
            }
            done = true;
        } finally {
            if (!done) {
                made.forEach(this::leave);
            }
        }
        made.forEach(this::begin);
        return wanted;
    }

    private @Nullable Node find(NodeAddress address) {
        for (Node node : members) {
            if (node.address().equals(address)) {
                return node;
            }
        }
        for (Node node : retiring) {
            if (node.address().equals(address)) {
                return node;
            }
        }
        return null;
    }

    private void begin(Node node) {
        boolean running = started.get();
        if (!running || snapshot.placed.isEmpty()) {
            node.trust(); // nobody serves meanwhile, and the first to answer must not get the keys of all
        }
        if (running) {
            node.start();
        }
    }

    /** A node that never got a key leaves at once, one in whose place others come when they have been asked. */
    private void retire(Node node, boolean othersCome) {
        if (!snapshot.placed.contains(node)) {
            leave(node);
        } else if (othersCome) {
            retiring.add(node);
        } else {
            removing.add(node);
        }
    }

    private void leave(Node node) {
        leaving.add(node);
        node.remove();
    }

    private static @Nullable Node find(List<Node> nodes, String identity) {
        for (Node node : nodes) {
            if (node.identity().equals(identity)) {
                return node;
            }
        }
        return null;
    }

    /** Makes the snapshot that the state of the nodes asks for. Under the lock; if it throws, the one that there is stays. */
    private void rebuild() {
        Snapshot before = snapshot;
        boolean complete = members.stream().allMatch(Node::isAsked);
        List<Node> going = new ArrayList<>(removing);
        List<Node> placed;
        if (complete || retiring.isEmpty()) {
            placed = new ArrayList<>(members);
            placed.removeIf(node -> !node.isAsked());
            going.addAll(retiring);
        } else {
            placed = new ArrayList<>(before.placed); // one step, so that no locator moves a key twice
            placed.removeAll(removing);
        }
        if (placed.isEmpty() && !members.isEmpty()) {
            members.forEach(Node::trust); // calls wait for the first connection
            placed.addAll(members);
        }
        List<Node> routed = new ArrayList<>(placed);
        if (purges) {
            routed.removeIf(Node::isUnavailable);
        }
        if (!routed.equals(before.routed)) {
            Router router = routed.isEmpty() ? null : newRouter(routed);
            snapshot = new Snapshot(List.copyOf(placed), List.copyOf(routed), router);
            if (before.router != null) {
                before.router.close();
            }
        } else if (!placed.equals(before.placed)) {
            snapshot = new Snapshot(List.copyOf(placed), before.routed, before.router);
        }
        removing.clear();
        retiring.removeAll(going);
        tellAndLeave(before.placed, placed, going);
    }

    private void tellAndLeave(List<Node> before, List<Node> placed, List<Node> going) {
        for (Node node : before) {
            if (!placed.contains(node)) {
                listener.nodeRemoved(node.identity());
            }
        }
        for (Node node : placed) {
            if (!before.contains(node)) {
                listener.nodeAdded(node.identity());
            }
        }
        going.forEach(this::leave);
        if (!placed.isEmpty()) {
            populated.complete(true);
        }
    }

    /** A node has been asked, or its health is another: by its event loop. */
    void healthChanged() {
        stale = true;
        settle();
    }

    /** Has whoever holds the lock, or this thread, make the snapshot that was asked for. Does not wait. */
    private void settle() {
        while (stale && lock.tryLock()) {
            try {
                stale = false;
                if (!refusing) {
                    rebuild();
                }
            } catch (RuntimeException e) {
                listener.discoveryFailed("keys cannot be placed on the nodes that there are now: " + e);
            } finally {
                lock.unlock();
            }
        }
    }

    long nextConnection() {
        return connections.incrementAndGet();
    }

    /** Nothing of a node that was removed is left. By its event loop. */
    void gone(Node node) {
        leaving.remove(node);
    }

    /** Takes no calls from now on. Those inside go on. */
    public void refuse() {
        lock.lock();
        try {
            refusing = true;
            members.forEach(Node::refuse);
            retiring.forEach(Node::refuse);
            leaving.forEach(Node::refuse);
        } finally {
            lock.unlock();
        }
        populated.complete(false);
    }

    /**
     * How many calls are inside all nodes, those that were removed included.
     *
     * @return a gauge
     */
    public int calls() {
        int calls = 0;
        for (Node node : snapshot.placed) {
            calls += node.calls();
        }
        for (Node node : leaving) {
            calls += node.calls();
        }
        return calls;
    }

    /** Gives the router's memory back, after the last call. */
    public void close() {
        Router router = snapshot.router;
        if (router != null) {
            router.close();
        }
    }
}
