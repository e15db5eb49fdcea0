package io.emcache.internal.cluster;

import io.emcache.internal.transport.Lane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The lanes of a node at one time, and the choice among them. Immutable, but for marks of who uses which lane, which are
 * only a preference: races on them do no harm. Safe for all threads.
 *
 * <p>Callers that drive get lanes that other callers drive, all other work gets the others, so that a calling thread
 * keeps its direct way to the socket while asynchronous work goes on beside it.
 */
final class LaneSet {
    /** A lane with more calls inside is busy for work that does not drive. */
    private static final int DEEP = 256;

    /** A lane with no more calls inside is as good as any other for it. */
    private static final int SHALLOW = 64;

    private final int shareCalls;
    private final long shareBytes;

    private final Lane[] lanes;
    private final Lane[] all;
    private final boolean[] callersNow;
    private final boolean[] callersBefore;
    private final boolean[] othersNow;
    private final boolean[] othersBefore;

    private LaneSet(Lane[] lanes, Lane[] all, int maxCalls, long maxBytes) {
        this.lanes = lanes;
        this.all = all;
        this.shareCalls = maxCalls / Math.max(1, all.length);
        this.shareBytes = maxBytes / Math.max(1, all.length);
        this.callersNow = new boolean[lanes.length];
        this.callersBefore = new boolean[lanes.length];
        this.othersNow = new boolean[lanes.length];
        this.othersBefore = new boolean[lanes.length];
    }

    /**
     * @param lanes those that take calls
     * @param ending those that serve what is inside and then end
     * @param maxCalls the bound of the node, of which each lane has a share
     * @param maxBytes the same for the bytes of requests
     */
    static LaneSet of(List<Lane> lanes, List<Lane> ending, int maxCalls, long maxBytes) {
        List<Lane> all = new ArrayList<>(lanes);
        all.addAll(ending);
        return new LaneSet(lanes.toArray(Lane[]::new), all.toArray(Lane[]::new), maxCalls, maxBytes);
    }

    int size() {
        return lanes.length;
    }

    Lane lane(int index) {
        return lanes[index];
    }

    /** Whether a bound of the node is more than the bound of one lane. */
    boolean isShared() {
        return all.length > 1;
    }

    /** Whether a lane has more inside than it would have if all had the same at the bound of the node. */
    boolean isAboveShare(Lane lane) {
        return lane.isAbove(shareCalls, shareBytes);
    }

    boolean isAnyAboveShare() {
        for (Lane lane : all) {
            if (isAboveShare(lane)) {
                return true;
            }
        }
        return false;
    }

    int calls() {
        int calls = 0;
        for (Lane lane : all) {
            calls += lane.calls();
        }
        return calls;
    }

    long queuedBytes() {
        long bytes = 0;
        for (Lane lane : all) {
            bytes += lane.queuedBytes();
        }
        return bytes;
    }

    int inService() {
        int count = 0;
        for (Lane lane : lanes) {
            if (lane.isActive()) {
                count++;
            }
        }
        return count;
    }

    boolean hasConnection() {
        for (Lane lane : lanes) {
            if (lane.isActive()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The lane for a thread that will drive: the last one it used, another one that nobody drives, or the least loaded.
     *
     * @param last the index of the lane that the thread used last, or negative
     * @return an index; the complement of one if every lane in service is driven by others
     */
    int forCaller(int last) {
        int known = last >= 0 && last < lanes.length ? last : 0;
        if (isFree(known) && !isOthers(known)) {
            mark(callersNow, known);
            return known;
        }
        int free = -1;
        for (int i = 0; i < lanes.length; i++) {
            if (isFree(i)) {
                if (!isOthers(i)) {
                    mark(callersNow, i);
                    return i;
                }
                free = free < 0 || i == known ? i : free;
            }
        }
        if (free >= 0) {
            mark(callersNow, free);
            return free;
        }
        int least = leastLoaded(known);
        return lanes[least].isActive() ? ~least : least;
    }

    /**
     * The lane for work that does not drive: the last one its thread used, if callers leave it alone and it is not deep,
     * another one that callers leave alone, or the least loaded.
     *
     * @param last the index of the lane that the thread used last, or negative
     * @return an index; the complement of one if every lane in service is deep
     */
    int forOthers(int last) {
        int known = last >= 0 && last < lanes.length ? last : lanes.length - 1;
        if (lanes[known].isActive() && !isCallers(known) && lanes[known].calls() <= SHALLOW) {
            mark(othersNow, known);
            return known;
        }
        int best = leastLoadedForOthers();
        if (best < 0 || lanes[best].calls() > DEEP) {
            best = leastLoaded(best < 0 ? lanes.length - 1 : best);
        }
        mark(othersNow, best);
        return lanes[best].isActive() && lanes[best].calls() > DEEP ? ~best : best;
    }

    /** Among the lanes that callers leave alone, or negative. */
    private int leastLoadedForOthers() {
        int best = -1;
        int bestLoad = Integer.MAX_VALUE;
        for (int i = lanes.length - 1; i >= 0; i--) {
            if (lanes[i].isActive() && !isCallers(i)) {
                int load = lanes[i].calls();
                if (load < bestLoad) {
                    best = i;
                    bestLoad = load;
                }
            }
        }
        return best;
    }

    /** The preferred lane, unless another has far less to do. */
    private int leastLoaded(int preferred) {
        int best = preferred;
        long bestLoad = lanes[preferred].isActive() ? lanes[preferred].calls() / 2 : Long.MAX_VALUE;
        for (int i = 0; i < lanes.length; i++) {
            if (lanes[i].isActive()) {
                int load = lanes[i].calls();
                if (load < bestLoad) {
                    best = i;
                    bestLoad = load;
                }
            }
        }
        return bestLoad == Long.MAX_VALUE ? 0 : best;
    }

    private boolean isFree(int index) {
        return lanes[index].isActive() && lanes[index].isFree();
    }

    /** How many lanes serve work that does not drive. */
    int ofOthers() {
        int count = 0;
        for (int i = 0; i < lanes.length; i++) {
            if (isOthers(i)) {
                count++;
            }
        }
        return count;
    }

    private boolean isCallers(int index) {
        return callersNow[index] || callersBefore[index];
    }

    private boolean isOthers(int index) {
        return othersNow[index] || othersBefore[index];
    }

    private static void mark(boolean[] marks, int index) {
        if (!marks[index]) {
            marks[index] = true;
        }
    }

    /** Forgets who has not used a lane since the last call. By the event loop. */
    void age() {
        System.arraycopy(callersNow, 0, callersBefore, 0, lanes.length);
        System.arraycopy(othersNow, 0, othersBefore, 0, lanes.length);
        Arrays.fill(callersNow, false);
        Arrays.fill(othersNow, false);
    }

    Lane[] lanes() {
        return lanes;
    }
}
