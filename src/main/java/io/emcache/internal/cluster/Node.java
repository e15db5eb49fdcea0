package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.LaneOwner;
import io.emcache.internal.transport.Slot;
import io.emcache.internal.transport.Transport;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One memcached server: its lanes, and whether it answers. Safe for all threads; the methods of {@link LaneOwner} belong
 * to the event loop of the node.
 */
public final class Node implements LaneOwner {
    private enum Health {
        /** No attempt has ended yet, or the last connection has just gone: commands wait. */
        UNKNOWN,
        /** At least one connection has answered. */
        HEALTHY,
        /** Attempts to connect fail, or the server stopped answering: commands fail at once. */
        UNHEALTHY
    }

    private static final int STRIPES = 64;

    /** Whether a thread has driven, or would have: only a preference, so the races on it do no harm. */
    private boolean leavesFirstLane;

    private volatile boolean refusing;

    private final NodeAddress address;
    private final Lane[] lanes;
    /** The lane that a thread drove last, by its id: only a preference, so the races on it do no harm. */
    private final byte[] lastLane = new byte[STRIPES];

    private @Nullable Lane prober;
    private volatile Health health = Health.UNKNOWN;
    private volatile CompletableFuture<Boolean> ready = new CompletableFuture<>();

    Node(NodeAddress address, Transport transport, int connections, int index) {
        this.address = address;
        this.lanes = new Lane[connections];
        for (int i = 0; i < connections; i++) {
            lanes[i] = transport.open(address, this, index);
        }
    }

    /**
     * Enters a lane of this node with a command.
     *
     * @param op one of {@link OpCode}
     * @param bytes key and value together
     * @param deadlineNs when the call ends
     * @param completion where the reply goes, or null for a calling thread that waits
     * @return a slot of the lane that suits the caller best, or null if every lane is full or closed
     */
    public @Nullable Slot begin(int op, long bytes, long deadlineNs, @Nullable Completion completion) {
        boolean drives = completion == null && !Thread.currentThread().isVirtual();
        int preferred = drives ? chooseToDrive() : chooseToRide();
        Slot slot = lanes[preferred].begin(op, bytes, deadlineNs, completion);
        return slot != null || lanes.length == 1 ? slot : beginElsewhere(preferred, op, bytes, deadlineNs, completion);
    }

    private @Nullable Slot beginElsewhere(
            int tried, int op, long bytes, long deadlineNs, @Nullable Completion completion) {
        for (int i = 1; i < lanes.length; i++) {
            Slot slot = lanes[(tried + i) % lanes.length].begin(op, bytes, deadlineNs, completion);
            if (slot != null) {
                return slot;
            }
        }
        return null;
    }

    /** A thread that will drive wants a lane where nobody is, else one that nobody drives. */
    private int chooseToDrive() {
        if (!leavesFirstLane) {
            leavesFirstLane = true;
        }
        int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
        int last = lastLane[stripe] & 0xff;
        int chosen = isIdle(lanes[last]) ? last : chooseAmongAll(last);
        lastLane[stripe] = (byte) chosen;
        return chosen;
    }

    private int chooseAmongAll(int last) {
        int free = isFree(lanes[last]) ? last : -1;
        for (int i = 0; i < lanes.length; i++) {
            if (isIdle(lanes[i])) {
                return i;
            }
            if (free < 0 && isFree(lanes[i])) {
                free = i;
            }
        }
        return free >= 0 ? free : leastLoaded(last, 0);
    }

    private static boolean isFree(Lane lane) {
        return lane.isActive() && lane.isFree();
    }

    private static boolean isIdle(Lane lane) {
        return isFree(lane) && lane.calls() == 0;
    }

    /** What the loop drives leaves the first lane to threads that drive, once there are any, or they would do its work. */
    private int chooseToRide() {
        return leastLoaded(lanes.length - 1, leavesFirstLane && lanes.length > 1 ? 1 : 0);
    }

    /** The preferred lane, unless another has far less to do. */
    private int leastLoaded(int preferred, int first) {
        int best = preferred;
        long bestLoad = lanes[preferred].isActive() ? lanes[preferred].calls() / 2 : Long.MAX_VALUE;
        for (int i = first; i < lanes.length; i++) {
            if (lanes[i].isActive() && lanes[i].calls() < bestLoad) {
                best = i;
                bestLoad = lanes[i].calls();
            }
        }
        return bestLoad == Long.MAX_VALUE ? 0 : best;
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
        for (Lane lane : lanes) {
            Throwable failure = lane.lastFailure();
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    /**
     * How many calls are inside the lanes.
     *
     * @return a gauge
     */
    public int calls() {
        int calls = 0;
        for (Lane lane : lanes) {
            calls += lane.calls();
        }
        return calls;
    }

    /**
     * Lanes of this node.
     *
     * @return how many
     */
    public int laneCount() {
        return lanes.length;
    }

    void start() {
        for (Lane lane : lanes) {
            lane.start();
        }
    }

    void refuse() {
        for (Lane lane : lanes) {
            lane.refuse();
        }
        refusing = true;
        ready.complete(false);
    }

    @Override
    public boolean mayConnect(Lane lane) {
        if (health == Health.HEALTHY) {
            return true;
        }
        if (prober == null) {
            prober = lane;
        }
        return prober == lane;
    }

    @Override
    public void connected(Lane lane) {
        prober = null;
        health = Health.HEALTHY;
        ready.complete(true);
        start();
    }

    @Override
    public void disconnected(Lane lane, Throwable cause, boolean stalled) {
        if (!hasConnection()) {
            lost(stalled ? Health.UNHEALTHY : Health.UNKNOWN);
        }
    }

    @Override
    public void connectFailed(Lane lane, Throwable cause) {
        if (!hasConnection()) {
            lost(Health.UNHEALTHY);
        }
    }

    private void lost(Health now) {
        boolean known = health == now;
        health = now;
        if (ready.isDone()) {
            ready = new CompletableFuture<>();
            if (refusing) {
                ready.complete(false);
            }
        }
        if (!known) {
            start(); // what waits in the other lanes may have to fail
        }
    }

    @Override
    public boolean hasConnection() {
        for (Lane lane : lanes) {
            if (lane.isActive()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "Node[" + address.identity() + ", " + health + "]";
    }
}
