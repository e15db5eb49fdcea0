package io.emcache.internal.client;

import io.emcache.ClientHealth;
import io.emcache.ClientOptions;
import io.emcache.Driver;
import io.emcache.DumpedKey;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.internal.client.ReadMany.Chunk;
import io.emcache.internal.cluster.Cluster;
import io.emcache.internal.cluster.Discovery;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.ScratchPool;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.telemetry.EventDispatcher;
import io.emcache.internal.telemetry.FlightEvents;
import io.emcache.internal.transport.Batch;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.DumpConnection;
import io.emcache.internal.transport.LaneSettings;
import io.emcache.internal.transport.NanoClock;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Security;
import io.emcache.internal.transport.Slot;
import io.emcache.internal.transport.Transport;
import io.emcache.internal.transport.TransportCounters;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What all faces of a client share: nodes, memory, time, the way in and the end. Safe for all threads. */
final class Engine {
    private static final int MAX_ATTEMPTS = 2;
    private static final long MIN_STALL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MEMORY_PER_LANE_BYTES = 1L << 20;
    private static final int BYTES_PER_COMMAND = 96;
    private static final long LARGEST_RING_BYTES = 64L << 20;
    private static final long SPARE_MEMORY_BYTES = 64L << 20;
    private static final long SLOW_CALLBACK_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long DUMP_PROGRESS_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long DRAIN_LOOK_NS = TimeUnit.MICROSECONDS.toNanos(200);

    private final long timeoutNs;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    private final ClientOptions options;
    private final NanoClock clock;
    private final SlabPool slabs;
    private final ScratchPool scratches;
    private final Security security;
    private final TransportCounters counters = new TransportCounters();
    private final EventDispatcher events = new EventDispatcher();
    private final EventSource listener = new EventSource(events);
    private final Dumps dumps = new Dumps();
    private final SingleFlight flights = new SingleFlight();
    private final Transport transport;
    private final Cluster cluster;
    private final Executor background;
    private final @Nullable Discovery discovery;

    Engine(ClientOptions options) {
        this.options = options;
        this.timeoutNs = options.timeout().toNanos();
        this.clock = new NanoClock(options.nanoClock());
        this.slabs = new SlabPool(SPARE_MEMORY_BYTES); // nodes bring what they need
        this.scratches = new ScratchPool(slabs);
        this.security = new Security(options.tls(), options.credentials(), slabs);
        this.background =
                task -> Thread.ofPlatform().daemon().name("emcache-background").start(task);
        this.transport = new Transport(
                options.driver(), options.eventLoops(), laneSettings(), options.completionExecutor(), background);
        this.cluster = openCluster();
        events.watch(new LoopWatch(transport::health, events));
        this.discovery =
                Discovery.of(options, clock, background, security, this::replaceNodes, listener::discoveryFailed);
    }

    private Cluster openCluster() {
        boolean done = false;
        try {
            Cluster opened = new Cluster(options, memoryPerNode(), MIN_STALL_NS, transport, slabs, listener);
            done = true;
            return opened;
        } finally {
            if (!done) {
                transport.close();
                scratches.close();
                slabs.close();
            }
        }
    }

    private LaneSettings laneSettings() {
        return new LaneSettings(
                ceilPowerOfTwo(options.maxInFlightPerConnection()),
                ringBytes(),
                options.maxQueuedPerNode(),
                options.maxQueuedBytesPerNode(),
                options.largestValueRead(),
                options.connectionTimeout().toNanos(),
                options.heartbeatInterval().toNanos(),
                MIN_STALL_NS,
                options.forceClassic(),
                security,
                clock,
                slabs,
                counters,
                listener);
    }

    /** Room for as many gets with keys of usual length as may wait in the node: all may be in one lane. */
    private int ringBytes() {
        long wanted = Math.min(LARGEST_RING_BYTES, (long) options.maxQueuedPerNode() * BYTES_PER_COMMAND);
        return Math.max(options.ringBytes(), ceilPowerOfTwo((int) wanted));
    }

    private long memoryPerNode() {
        return options.maxConnections() * (MEMORY_PER_LANE_BYTES + ringBytes()) + 2 * options.maxQueuedBytesPerNode();
    }

    /** The longest key block that a ring takes. */
    int maxBlockBytes() {
        return ringBytes() / 8 - CommandLayout.HEADER_LENGTH;
    }

    private static int ceilPowerOfTwo(int n) {
        return Integer.highestOneBit(2 * n - 1);
    }

    ClientOptions options() {
        return options;
    }

    Cluster cluster() {
        return cluster;
    }

    SlabPool slabs() {
        return slabs;
    }

    /** Who computes which value here. */
    SingleFlight flights() {
        return flights;
    }

    TransportCounters counters() {
        return counters;
    }

    EventDispatcher events() {
        return events;
    }

    long nowNs() {
        return clock.nowNs();
    }

    long timeoutNs() {
        return timeoutNs;
    }

    /** What must hold before a call that may block, whatever it does. */
    void checkBlockingCall() {
        checkOpen();
        if (transport.isInTurn()) {
            throw new IllegalStateException("a blocking call inside a duty cycle would wait for itself");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new MemcachedException.Interrupted("interrupted before the call began", null, false);
        }
    }

    void checkOpen() {
        if (closing.get()) {
            throw new MemcachedException.Closed("the client is closed", null, false);
        }
        start();
    }

    /** Begins to connect, once. */
    void start() {
        if (cluster.start()) {
            FlightEvents.follow(background);
            if (discovery == null || !cluster.nodes().isEmpty()) {
                background.execute(this::loadHashing);
            }
            if (discovery != null) {
                discovery.start();
            }
        }
    }

    /** Takes a tenth of a second the first time that there is more than one node. */
    private void loadHashing() {
        StartLine.say(cluster.loadHashing());
    }

    /** {@link Cluster#addNode}. */
    boolean addNode(NodeAddress address) {
        boolean added = cluster.addNode(address);
        if (added) {
            background.execute(this::loadHashing);
        }
        return added;
    }

    private void replaceNodes(List<NodeAddress> addresses) {
        cluster.replaceNodes(addresses);
        loadHashing();
    }

    /** A place to encode a key into, which the caller releases; null if there is no memory for it. */
    @Nullable
    KeyScratch scratchOrNull() {
        return scratches.lease();
    }

    /** A place to encode a key into; the caller releases it. */
    KeyScratch scratch() {
        KeyScratch scratch = scratches.lease();
        if (scratch == null) {
            throw new MemcachedException.Overloaded("no memory to encode a key", null);
        }
        return scratch;
    }

    /** Memory for a {@link RouteBlock}, which the caller gives back; null if there is none, or nothing to choose between. */
    @Nullable
    Slab leaseRouteBlock() {
        return cluster.nodes().size() == 1 ? null : slabs.lease(MemoryTag.SCRATCH, RouteBlock.SIZE_BYTES);
    }

    /** Values are measured before they are sent: a server that refuses one may have deleted the old one. */
    void checkValue(byte[] value) {
        Objects.requireNonNull(value, "value");
        if (value.length > options.itemSizeLimit()) {
            throw new MemcachedException.ValueTooLarge(
                    "the value is larger than the item size limit", null, value.length, options.itemSizeLimit());
        }
    }

    /**
     * Puts a command for one key into the ring of a lane, to be awaited there or, with a completion or without a reply, to
     * be launched.
     *
     * @param key a {@link String} or a {@link Key}
     * @param startNs when the call began
     */
    Slot submit(
            KeySpace keys,
            int op,
            Object key,
            Terms terms,
            byte @Nullable [] value,
            long startNs,
            long deadlineNs,
            @Nullable Completion completion) {
        KeyScratch scratch = scratch();
        try {
            while (true) {
                Node apart = KeySpace.routesByWire(key) ? null : route(keys, key, scratch);
                int keyLength = keys.encode(key, scratch.segment());
                Node node = apart == null ? route(scratch, keyLength) : apart;
                int options = optionsOf(key, terms);
                Slot slot =
                        submit(node, scratch, keyLength, op, options, terms, value, startNs, deadlineNs, completion);
                if (slot != null) {
                    return slot;
                }
                if (!node.isRemoved()) {
                    throw refused(node);
                }
            }
        } finally {
            scratch.release();
        }
    }

    /**
     * The same for a key of which the node is known.
     *
     * @return the slot, or null if the lanes of the node are full now, or it was removed
     */
    @Nullable
    Slot submitTo(
            Node node,
            KeySpace keys,
            int op,
            Object key,
            Terms terms,
            byte @Nullable [] value,
            long deadlineNs,
            @Nullable Completion completion) {
        KeyScratch scratch = scratch();
        try {
            int keyLength = keys.encode(key, scratch.segment());
            int options = optionsOf(key, terms);
            return submit(node, scratch, keyLength, op, options, terms, value, clock.nowNs(), deadlineNs, completion);
        } finally {
            scratch.release();
        }
    }

    private static @Nullable Slot submit(
            Node node,
            KeyScratch scratch,
            int keyLength,
            int op,
            int options,
            Terms terms,
            byte @Nullable [] value,
            long startNs,
            long deadlineNs,
            @Nullable Completion completion) {
        if (node.isUnavailable()) {
            if (node.isRemoved()) {
                return null;
            }
            throw Failures.unavailable(node);
        }
        int bytes = keyLength + (value == null ? 0 : value.length);
        Slot slot = node.begin(op, bytes, deadlineNs, completion);
        if (slot == null) {
            return null;
        }
        slot.beganAt(startNs);
        slot.ask(options, terms.itemFlags(), terms.exptime(), terms.number(), terms.extra());
        return slot.lane().publish(slot, scratch.segment(), keyLength, value) ? slot : null;
    }

    private static int optionsOf(Object key, Terms terms) {
        return KeySpace.isBinary(key) ? terms.options() | CommandLayout.BINARY_KEY : terms.options();
    }

    /** The node of a key; leaves anything in the scratch. */
    Node route(KeySpace keys, Object key, KeyScratch scratch) {
        return route(scratch, keys.encodeRoute(key, scratch.segment()));
    }

    MemcachedException noNode() {
        return Failures.noNode(cluster, discovery == null ? null : discovery.lastFailure());
    }

    /** The node of the bytes that the scratch has. */
    Node route(KeyScratch scratch, int length) {
        Node node = cluster.route(scratch.segment(), length);
        if (node == null) {
            throw noNode();
        }
        return node;
    }

    /** Puts a command about a server itself into the ring of a lane, to be launched. */
    Slot submitTo(Node node, NodeCommand<?> command, long deadlineNs, Completion completion) {
        if (node.isUnavailable()) {
            throw Failures.unavailable(node);
        }
        KeyScratch scratch = scratch();
        try {
            int length = command.putArguments(scratch.segment());
            Slot slot = node.begin(command.op(), length, deadlineNs, completion);
            if (slot == null) {
                throw refused(node);
            }
            slot.beganAt(clock.nowNs());
            slot.ask(0, 0, 0, command.number(), 0);
            if (!slot.lane().publish(slot, scratch.segment(), length, null)) {
                throw refused(node);
            }
            return slot;
        } finally {
            scratch.release();
        }
    }

    /** The keys of a node, over a connection of their own that opens with the first of them. */
    Stream<DumpedKey> dump(Node node, long timeoutNs) {
        checkOpen();
        DumpConnection connection = new DumpConnection(
                node.address(),
                options.connectionTimeout().toNanos(),
                Math.max(timeoutNs, DUMP_PROGRESS_NS),
                clock,
                background,
                security);
        return KeyDump.stream(connection, dumps);
    }

    /**
     * Puts a command for the keys of a chunk into the ring of a lane, or says why not.
     *
     * @return the slot, or null if the lanes of the node are full now
     */
    @Nullable
    Slot submitMany(KeySpace keys, Chunk<?, ?> chunk, Batch batch, long deadlineNs, @Nullable Completion completion) {
        if (chunk.node.isUnavailable()) {
            throw Failures.unavailable(chunk.node);
        }
        int blockLength = chunk.blockLength();
        Slab block = slabs.lease(MemoryTag.SCRATCH, blockLength + KeyScratch.SIZE_BYTES);
        if (block == null) {
            return null;
        }
        try {
            write(keys, chunk, block);
            Slot slot = chunk.node.begin(chunk.op, blockLength, deadlineNs, completion);
            if (slot == null) {
                return null;
            }
            slot.beganAt(clock.nowNs());
            slot.ask(0, 0, chunk.exptime(), 0, 0);
            boolean published =
                    slot.lane().publishMany(slot, block.segment(), chunk.keys().size(), blockLength, batch);
            return published ? slot : null;
        } finally {
            block.release();
        }
    }

    private void write(KeySpace keys, Chunk<?, ?> chunk, Slab block) {
        KeyScratch scratch = scratch();
        try {
            long at = 0;
            for (Object key : chunk.keys()) {
                int length = keys.encode(key, scratch.segment());
                at = CommandLayout.putBlockKey(block.segment(), at, scratch.segment(), 0, length, false);
            }
        } finally {
            scratch.release();
        }
    }

    boolean isPast(long deadlineNs) {
        return deadlineNs - clock.nowNs() <= 0;
    }

    /** Whether a command that ended so is to be sent again: nothing of it was sent, or it only reads. */
    boolean mayRetry(int op, int outcome, int attempts, long deadlineNs) {
        int code = Outcome.code(outcome);
        boolean harmless = code == Outcome.UNSENT || (code == Outcome.LOST && OpCode.isRead(op));
        return harmless && attempts < MAX_ATTEMPTS && !closing.get() && deadlineNs - clock.nowNs() > 0;
    }

    MemcachedException refused(Node node) {
        if (closing.get()) {
            return new MemcachedException.Closed("the client is closed", node.identity(), false);
        }
        return node.isRemoved()
                ? new MemcachedException.NodeUnavailable("the node was removed", node.identity(), false, null)
                : new MemcachedException.Overloaded(
                        "too many commands wait for this node, calls=" + node.calls(), node.identity());
    }

    boolean isInvoked() {
        return options.driver() instanceof Driver.Invoked;
    }

    int poll() {
        if (!isInvoked()) {
            throw new IllegalStateException("poll() is for Driver.invoked()");
        }
        if (!closing.get()) {
            start();
        }
        return transport.poll();
    }

    void awaitReady(Duration timeout) {
        long timeoutNs = waitNs(timeout);
        checkBlockingCall();
        long startNs = clock.nowNs();
        long deadlineNs = startNs + timeoutNs;
        while (cluster.nodes().isEmpty() && !cluster.populated().isDone()) {
            checkWait(deadlineNs, startNs, null);
            await(cluster.populated(), deadlineNs - clock.nowNs(), null);
        }
        if (cluster.nodes().isEmpty()) {
            checkWait(clock.nowNs(), startNs, null);
        }
        for (Node node : cluster.nodes()) {
            while (!node.isHealthy() && !node.isRemoved()) {
                checkWait(deadlineNs, startNs, node);
                await(node.ready(), deadlineNs - clock.nowNs(), node);
            }
        }
    }

    private void checkWait(long deadlineNs, long startNs, @Nullable Node node) {
        if (closing.get()) {
            throw new MemcachedException.Closed(
                    "the client was closed meanwhile", node == null ? null : node.identity(), false);
        }
        if (deadlineNs - clock.nowNs() <= 0) {
            throw node == null ? noNode() : Failures.notReady(node, clock.nowNs() - startNs);
        }
    }

    /** A time to wait in nanoseconds; one that no long can hold is as good as for ever. */
    private static long waitNs(Duration timeout) {
        return Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
    }

    private void await(Future<Boolean> future, long leftNs, @Nullable Node node) {
        try {
            if (isInvoked()) {
                if (transport.poll() == 0) {
                    Thread.yield();
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedException();
                }
            } else {
                future.get(leftNs, TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            // the caller's loop finds out and says what is missing
        } catch (ExecutionException e) {
            throw new AssertionError("readiness never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MemcachedException.Interrupted(
                    "interrupted while connecting", node == null ? null : node.identity(), false);
        }
    }

    ClientHealth health() {
        List<Node> members = cluster.nodes();
        int healthy = (int) members.stream().filter(Node::isHealthy).count();
        return new ClientHealth(transport.health(), members.size(), healthy);
    }

    boolean isClosed() {
        return closing.get();
    }

    /** A write that nobody waits for, but of which this client sees the steps, has failed. */
    void noReplyFailed(int op, MemcachedException failure) {
        counters.noReplyFailures.increment();
        listener.noReplyFailed(op, failure);
    }

    void callbackFailed(Throwable failure) {
        counters.failedCallbacks.increment();
        listener.callbackFailed(failure);
    }

    /** A callback has returned the event loop that it was called on then. */
    void callbackEnded(long calledNs) {
        long elapsedNs = clock.nowNs() - calledNs;
        if (elapsedNs > SLOW_CALLBACK_NS) {
            listener.callbackSlow(elapsedNs);
        }
    }

    void close(Duration drainTimeout) {
        long drainNs = waitNs(drainTimeout);
        if (!closing.compareAndSet(false, true)) {
            awaitClosed();
            return;
        }
        try {
            if (discovery != null) {
                discovery.close();
            }
            cluster.refuse();
            dumps.close();
            if (!transport.isInTurn()) {
                drain(clock.nowNs() + drainNs);
            }
            transport.close();
            events.close();
            scratches.close();
            cluster.close();
            slabs.close();
        } finally {
            closed.countDown();
        }
    }

    /** Somebody else closes. If that was from inside a turn, it has not waited for the end. */
    private void awaitClosed() {
        if (transport.isInTurn()) {
            return;
        }
        try {
            closed.await();
            transport.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain(long deadlineNs) {
        while (cluster.calls() > 0
                && deadlineNs - clock.nowNs() > 0
                && !Thread.currentThread().isInterrupted()) {
            if (!isInvoked()) {
                LockSupport.parkNanos(this, DRAIN_LOOK_NS);
            } else if (transport.poll() == 0) {
                Thread.yield();
            }
        }
    }
}
