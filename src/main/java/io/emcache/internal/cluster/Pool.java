package io.emcache.internal.cluster;

import io.emcache.NodeAddress;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.LaneOwner;
import io.emcache.internal.transport.NodeLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a node as they come and go. Belongs to the event loop of the node, but for {@link #set} and
 * {@link #refuse}, which are for any thread.
 *
 * <p>A lane that goes is taken out of the set first and refuses calls after that, so a call that is refused finds another
 * set.
 */
final class Pool {
    private static final long LEAST_HOLD_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_HOLD_NS = TimeUnit.SECONDS.toNanos(30);

    private long holdNs;
    private long holdUntilNs;
    private volatile boolean refusing;

    private final NodeSettings settings;
    private final PoolPolicy policy;
    private final NodeAddress address;
    private final NodeLoop home;
    private final LaneOwner owner;
    private final BusyCalls drivenCalls = new BusyCalls();
    private final BusyCalls deepCalls = new BusyCalls();
    private final List<Pooled> pooled = new ArrayList<>();
    private final List<Lane> ending = new ArrayList<>();

    private volatile LaneSet set;

    /** A lane of the set. */
    private static final class Pooled {
        private long commands;
        private long usedAtNs;
        private final Lane lane;

        Pooled(Lane lane, long nowNs) {
            this.lane = lane;
            this.usedAtNs = nowNs;
        }

        /** How many commands it took since the last call. */
        long takeCommands(long nowNs) {
            long now = lane.load().commands();
            long fresh = now - commands;
            if (fresh > 0) {
                commands = now;
                usedAtNs = nowNs;
            }
            return fresh;
        }
    }

    Pool(NodeSettings settings, NodeAddress address, NodeLoop home, LaneOwner owner) {
        this.settings = settings;
        this.policy = settings.pool();
        this.address = address;
        this.home = home;
        this.owner = owner;
        this.set = newSet();
    }

    /** Makes the lanes that are always there. Once, before anybody else knows of this. */
    void openLeast() {
        for (int i = 0; i < policy.min(); i++) {
            pooled.add(new Pooled(home.open(address, owner), home.nowNs()));
        }
        set = newSet();
    }

    private LaneSet newSet() {
        return LaneSet.of(pooled.stream().map(p -> p.lane).toList(), ending, settings.maxCalls(), settings.maxBytes());
    }

    LaneSet set() {
        return set;
    }

    /** Calls whose thread would have driven, but every lane was driven by others. */
    BusyCalls drivenCalls() {
        return drivenCalls;
    }

    /** Calls that do not drive and found every lane deep. */
    BusyCalls deepCalls() {
        return deepCalls;
    }

    /** Whether more lanes are there than have to be. */
    boolean hasExtra() {
        return pooled.size() > policy.min();
    }

    /** Whether nothing is left, after {@link #endAll}. */
    boolean isGone() {
        return pooled.isEmpty() && ending.isEmpty();
    }

    boolean contains(Lane lane) {
        return indexOf(lane) >= 0;
    }

    private int indexOf(Lane lane) {
        for (int i = 0; i < pooled.size(); i++) {
            if (pooled.get(i).lane == lane) {
                return i;
            }
        }
        return -1;
    }

    /** Grows or shrinks by one lane, or neither. */
    void look(long nowNs, boolean mayGrow) {
        LaneSet set = this.set;
        set.age();
        long commands = 0;
        long longestWaitNs = 0;
        Pooled longestUnused = null;
        for (Pooled each : pooled) {
            commands += each.takeCommands(nowNs);
            longestWaitNs = Math.max(longestWaitNs, each.lane.load().takeLongestBlockNs(nowNs));
            if (longestUnused == null || each.usedAtNs <= longestUnused.usedAtNs) {
                longestUnused = each;
            }
        }
        int driven = drivenCalls.take();
        int busy = deepCalls.take() + (policy.hasDriverForMore(set.size(), set.ofOthers()) ? driven : 0);
        if (mayGrow
                && nowNs >= holdUntilNs
                && policy.grows(set.size(), set.inService(), commands, busy, longestWaitNs)) {
            grow(nowNs);
        } else if (longestUnused != null
                && ending.isEmpty()
                && set.inService() == set.size()
                && policy.shrinks(set.size(), nowNs - longestUnused.usedAtNs, longestUnused.lane.calls())) {
            end(longestUnused.lane, nowNs + settings.drainNs());
        }
    }

    private void grow(long nowNs) {
        Lane lane;
        try {
            lane = home.open(address, owner);
        } catch (RuntimeException e) {
            hold(nowNs); // no memory or no file descriptor is left: it works with what there is
            return;
        }
        pooled.add(new Pooled(lane, nowNs));
        set = newSet();
        if (refusing) {
            lane.refuse();
        }
        lane.start();
    }

    /** An attempt to grow has failed: the next is not made soon. */
    void hold(long nowNs) {
        holdNs = Math.min(LONGEST_HOLD_NS, Math.max(LEAST_HOLD_NS, 2 * holdNs));
        holdUntilNs = nowNs + holdNs;
    }

    /** An attempt has succeeded. */
    void unhold() {
        holdNs = 0;
    }

    /** Takes a lane out of the set; it ends when nobody is left inside, at the latest then. */
    void end(Lane lane, long untilNs) {
        int index = indexOf(lane);
        if (index >= 0) {
            pooled.remove(index);
            ending.add(lane);
            set = newSet();
            lane.drain(untilNs);
        }
    }

    void endAll(long untilNs) {
        for (Pooled each : List.copyOf(pooled)) {
            end(each.lane, untilNs);
        }
    }

    void ended(Lane lane) {
        ending.remove(lane);
        set = newSet();
    }

    /** No lane takes calls from now on. Any thread. */
    void refuse() {
        refusing = true;
        for (Lane lane : set.lanes()) {
            lane.refuse();
        }
    }

    void startAll() {
        for (Lane lane : set.lanes()) {
            lane.start();
        }
    }

    @Nullable
    Throwable lastFailure() {
        for (Lane lane : set.lanes()) {
            Throwable failure = lane.lastFailure();
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }
}
