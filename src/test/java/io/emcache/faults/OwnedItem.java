package io.emcache.faults;

import java.util.HashSet;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * An item of one caller, which has one call for it at a time and so knows what may be there: what was last known, whatever a
 * call of unknown outcome would leave, however late it is executed, and nothing if a server has died since. Handed from
 * thread to thread, used by one at a time.
 */
final class OwnedItem {
    /** Stands for the stamp of an item that is not there. */
    static final long ABSENT = 0;

    /** Beyond so many doubts about an item too much is allowed: the caller takes another one. */
    private static final int MAX_DOUBTS = 6;

    private long known = ABSENT;
    private int deathsBefore;

    private final String key;
    private final IntSupplier deaths;
    private final Set<Long> doubts = new HashSet<>();

    OwnedItem(String key, IntSupplier deaths) {
        this.key = key;
        this.deaths = deaths;
        this.deathsBefore = deaths.getAsInt();
    }

    String key() {
        return key;
    }

    boolean isDoubtful() {
        return doubts.size() > MAX_DOUBTS;
    }

    /** A call may leave this, sooner or later. */
    void doubt(long stamp) {
        doubts.add(stamp);
    }

    /** A reply says that this is there, or, with {@link #ABSENT}, that nothing is. */
    void seen(long stamp, int deathsAtStart) {
        if (stamp != known && !doubts.contains(stamp) && !(stamp == ABSENT && hasDied())) {
            throw new AssertionError(
                    "found " + stamp + " under " + key + ", known is " + known + ", possible " + doubts);
        }
        set(stamp, deathsAtStart);
    }

    /** A reply says that something is there. */
    void seenAny() {
        if (known == ABSENT && doubts.stream().allMatch(stamp -> stamp == ABSENT)) {
            throw new AssertionError("found an item under " + key + " where none can be");
        }
    }

    /** A reply says that this was done. */
    void set(long stamp, int deathsAtStart) {
        known = stamp;
        deathsBefore = deathsAtStart;
    }

    private boolean hasDied() {
        return deaths.getAsInt() != deathsBefore;
    }
}
