package io.emcache.internal.cluster;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.NodeAddress;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.telemetry.NodeTelemetry;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.LaneOwner;
import io.emcache.internal.transport.LoopMember;
import io.emcache.internal.transport.NodeLoop;
import io.emcache.internal.transport.Slot;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One memcached server: its lanes, and whether it answers. Safe for all threads; the methods of {@link LaneOwner} and
 * {@link LoopMember} belong to the event loop of the node.
 */
public final class Node implements LaneOwner, LoopMember {
    private enum Health {
        /** No attempt has ended yet, or the last connection has just gone: commands wait. */
        UNKNOWN,
        /** At least one connection has answered. */
        HEALTHY,
        /** Attempts to connect fail, or the server stopped answering: commands fail at once. */
        UNHEALTHY
    }

    private static final int STRIPES = 64;

    /** So long after it was removed a node takes calls that were routed to it before. */
    private static final long LAST_CALLS_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final boolean callersDrive;

    private boolean toldHealthy;
    private boolean toldUnhealthy;
    private boolean leaving;
    private boolean ending;
    private long removedAtNs;

    private volatile boolean refusing;
    private volatile boolean asked;
    private volatile boolean removed;
    private volatile boolean tight;

    private final NodeAddress address;
    private final NodeSettings settings;
    private final NodeLoop home;
    private final Cluster cluster;
    private final NodeTelemetry telemetry;
    private final Pool pool;
    /** One more than the index of the lane that a thread used last, by its id: only a preference, so races do no harm. */
    private final byte[] lastLane = new byte[STRIPES];

    private @Nullable Lane prober;
    private volatile Health health = Health.UNKNOWN;
    private volatile CompletableFuture<Boolean> ready = new CompletableFuture<>();

    Node(NodeAddress address, NodeSettings settings, NodeLoop home, Cluster cluster) {
        this.address = address;
        this.settings = settings;
        this.home = home;
        this.cluster = cluster;
        this.telemetry = new NodeTelemetry(address.identity());
        this.callersDrive = home.callersDrive();
        settings.slabs().raiseLimit(settings.memoryBytes());
        this.pool = new Pool(settings, address, home, this);
        boolean done = false;
        try {
            pool.openLeast();
            done = true;
        } finally {
            if (!done) {
                pool.endAll(home.nowNs());
                home.release();
                settings.slabs().raiseLimit(-settings.memoryBytes());
            }
        }
        if (!settings.pool().isFixed() || settings.pool().min() > 1) {
            home.execute(() -> home.join(this));
        }
    }

    /**
     * Enters a lane of this node with a command.
     *
     * @param op one of {@link OpCode}
     * @param bytes key and value together
     * @param deadlineNs when the call ends
     * @param completion where the reply goes, or null for a calling thread that waits
     * @return a slot of the lane that suits the caller best, or null if the node is full, closed, or {@link #isRemoved}
     */
    public @Nullable Slot begin(int op, long bytes, long deadlineNs, @Nullable Completion completion) {
        LaneSet set = pool.set();
        while (true) {
            Slot slot = begin(set, op, bytes, deadlineNs, completion);
            if (slot != null) {
                return slot;
            }
            LaneSet now = pool.set(); // a lane that was given up meanwhile has refused
            if (now == set) {
                return null;
            }
            set = now;
        }
    }

    private @Nullable Slot begin(LaneSet set, int op, long bytes, long deadlineNs, @Nullable Completion completion) {
        if (set.size() == 0) {
            return null;
        }
        int chosen = choose(set, completion == null);
        Lane lane = set.lane(chosen);
        Slot slot = lane.begin(op, bytes, deadlineNs, completion);
        if (!set.isShared()) {
            return slot;
        }
        for (int i = 1; slot == null && i < set.size(); i++) {
            lane = set.lane((chosen + i) % set.size());
            slot = lane.begin(op, bytes, deadlineNs, completion);
        }
        if (slot != null && (tight || set.isAboveShare(lane)) && isOver(set, completion != null)) {
            lane.cancel(slot);
            return null;
        }
        return slot;
    }

    private int choose(LaneSet set, boolean waits) {
        Thread thread = Thread.currentThread();
        int stripe = (int) thread.threadId() & (STRIPES - 1);
        int last = lastLane[stripe] & 0xff;
        boolean drives = waits && callersDrive && !thread.isVirtual();
        int chosen = drives ? set.forCaller(last - 1) : set.forOthers(last - 1);
        if (chosen < 0) {
            (drives ? pool.drivenCalls() : pool.deepCalls()).note(stripe);
            chosen = ~chosen;
        }
        if (chosen + 1 != last) {
            lastLane[stripe] = (byte) (chosen + 1);
        }
        return chosen;
    }

    /**
     * Whether more is inside all lanes than the node takes. Asked by whoever has entered a lane that has more than its
     * share, and by all who enter any lane after that, until all are far below it: a sum over the lanes for each call
     * would cost more than the call has.
     *
     * @param held whether the caller has a second stay in its lane
     */
    private boolean isOver(LaneSet set, boolean held) {
        if (!tight) {
            tight = true;
        }
        int calls = set.calls() - (held ? 1 : 0);
        long bytes = set.queuedBytes();
        if (calls > settings.maxCalls() || (bytes > settings.maxBytes() && calls > 1)) {
            return true;
        }
        if (calls <= settings.maxCalls() / 4 && bytes <= settings.maxBytes() / 4 && !set.isAnyAboveShare()) {
            tight = false;
            if (set.isAnyAboveShare()) {
                tight = true;
            }
        }
        return false;
    }

    /**
     * Whether commands to this node fail at once.
     *
     * @return true while the node does not answer
     */
    @Override
    public boolean isUnavailable() {
        return health == Health.UNHEALTHY;
    }

    /**
     * Whether a connection is in service.
     *
     * @return true if the node answered on at least one connection that still stands
     */
    public boolean isHealthy() {
        return health == Health.HEALTHY;
    }

    /**
     * Completes when the node is healthy, or takes no calls any more.
     *
     * @return a future of this moment's wait, for waiting only
     */
    public CompletableFuture<Boolean> ready() {
        return ready;
    }

    /**
     * Whether no key is placed on it any more: a call that it does not take is to be routed anew.
     *
     * @return true once it is removed
     */
    public boolean isRemoved() {
        return removed;
    }

    /** Whether an attempt to connect has ended, either way. */
    boolean isAsked() {
        return asked;
    }

    /** Keys are placed on it whether it was asked or not. */
    void trust() {
        asked = true;
    }

    /**
     * Who this is.
     *
     * @return the configured identity
     */
    public String identity() {
        return address.identity();
    }

    /**
     * Where it is.
     *
     * @return the configured address
     */
    public NodeAddress address() {
        return address;
    }

    /**
     * Why the node is unavailable.
     *
     * @return what the newest failure of a connection said, or null
     */
    public @Nullable Throwable lastFailure() {
        return pool.lastFailure();
    }

    /**
     * How many calls are inside the lanes.
     *
     * @return a gauge
     */
    public int calls() {
        return pool.set().calls();
    }

    @Override
    public NodeTelemetry telemetry() {
        return telemetry;
    }

    /**
     * What happened with the connections, and what went through them.
     *
     * @return a copy
     */
    public ConnectionPoolMetrics metrics() {
        LaneSet set = pool.set();
        return telemetry.metrics(set.inService(), set.calls(), set.queuedBytes());
    }

    /**
     * How many bytes of requests are inside the lanes.
     *
     * @return a gauge
     */
    public long queuedBytes() {
        return pool.set().queuedBytes();
    }

    /**
     * Lanes of this node that take calls.
     *
     * @return how many
     */
    public int laneCount() {
        return pool.set().size();
    }

    /**
     * Connections in service.
     *
     * @return how many
     */
    public int connections() {
        return pool.set().inService();
    }

    void start() {
        pool.startAll();
    }

    void refuse() {
        refusing = true;
        pool.refuse();
        ready.complete(false);
    }

    /** No key is placed on it any more: it serves what comes late and what is inside, and then gives everything back. */
    void remove() {
        removed = true;
        VarHandle.fullFence();
        ready.complete(false);
        home.execute(() -> {
            removedAtNs = home.nowNs();
            leaving = true;
            home.join(this);
        });
    }

    @Override
    public void look(long nowNs) {
        if (!removed) {
            LaneSet before = pool.set();
            pool.look(nowNs, health == Health.HEALTHY && !refusing);
            if (pool.set() != before) {
                tight = true; // shares have changed
            }
        } else if (leaving && !ending) {
            long sinceNs = nowNs - removedAtNs;
            if (sinceNs >= settings.drainNs() || (sinceNs >= LAST_CALLS_NS && calls() == 0)) {
                ending = true;
                pool.endAll(removedAtNs + settings.drainNs());
            }
        }
    }

    @Override
    public boolean mayConnect(Lane lane) {
        if (health == Health.HEALTHY) {
            return true;
        }
        if (prober == null || !pool.contains(prober)) {
            prober = lane;
        }
        return prober == lane;
    }

    @Override
    public void connected(Lane lane, long elapsedNs) {
        prober = null;
        pool.unhold();
        telemetry.connectionCreated(elapsedNs);
        lane.connection(cluster.nextConnection());
        settings.listener().connectionOpened(identity(), lane.connection());
        become(Health.HEALTHY, null);
        ready.complete(true);
        start();
    }

    @Override
    public void disconnected(Lane lane, Throwable cause, boolean stalled) {
        telemetry.connectionClosed();
        settings.listener().connectionClosed(identity(), lane.connection(), cause);
        if (mayGiveUp() && lane.calls() == 0) {
            giveUp(lane); // the pool grows back when it is needed
        }
        if (stalled) {
            stopSilent();
        }
        if (!hasConnection()) {
            lost(stalled || isUnavailable() ? Health.UNHEALTHY : Health.UNKNOWN, cause);
        }
    }

    private boolean mayGiveUp() {
        return pool.hasExtra() && !refusing;
    }

    private void giveUp(Lane lane) {
        pool.end(lane, home.nowNs() + settings.drainNs());
    }

    /** What was silent for as long as a connection that has stalled has no better server. */
    private void stopSilent() {
        long sinceNs = home.nowNs() - settings.minStallNs();
        for (Lane other : pool.set().lanes()) {
            other.stopIfSilent(sinceNs, new IOException("silent beside a connection that stalled"));
        }
    }

    @Override
    public void connectFailed(Lane lane, Throwable cause) {
        telemetry.connectionFailed();
        settings.listener().connectionRefused(identity(), cause);
        if (!hasConnection()) {
            if (mayGiveUp()) {
                giveUp(lane);
            }
            lost(Health.UNHEALTHY, cause);
        } else if (mayGiveUp()) {
            giveUp(lane);
            pool.hold(home.nowNs());
        }
    }

    private void lost(Health now, Throwable cause) {
        boolean known = health == now;
        become(now, cause);
        if (ready.isDone()) {
            ready = new CompletableFuture<>();
            if (refusing || removed) {
                ready.complete(false);
            }
        }
        if (!known) {
            start(); // what waits in the other lanes may have to fail
        }
    }

    private void become(Health now, @Nullable Throwable cause) {
        boolean changed = health != now || !asked;
        health = now;
        if (removed) {
            return; // nobody is interested any more, and another node may have its name
        }
        if (now == Health.HEALTHY && !toldHealthy) {
            toldHealthy = true;
            toldUnhealthy = false;
            settings.listener().nodeHealthy(identity());
        } else if (now == Health.UNHEALTHY && !toldUnhealthy) {
            toldUnhealthy = true;
            toldHealthy = false;
            settings.listener().nodeUnhealthy(identity(), Objects.requireNonNull(cause));
        }
        if (changed) {
            asked = true;
            cluster.healthChanged();
        }
    }

    @Override
    public void drained(Lane lane, boolean wasInService) {
        if (wasInService) {
            telemetry.connectionPurged();
            settings.listener().connectionClosed(identity(), lane.connection(), null);
        }
        pool.ended(lane);
        if (removed && pool.isGone()) {
            home.part(this);
            home.release();
            settings.slabs().raiseLimit(-settings.memoryBytes());
            cluster.gone(this);
        }
    }

    @Override
    public boolean hasConnection() {
        return pool.set().hasConnection();
    }

    @Override
    public String toString() {
        return "Node[" + address.identity() + ", " + health + "]";
    }
}
