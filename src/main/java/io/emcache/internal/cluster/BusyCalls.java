package io.emcache.internal.cluster;

/**
 * How many calls found every lane busy: counted by callers without an atomic operation, so that a count may be lost when two
 * meet. Safe for all threads.
 */
final class BusyCalls {
    private static final int STRIPES = 8;

    /** A cache line apart. */
    private static final int STRIDE = 16;

    private int seen;

    private final int[] counts = new int[STRIPES * STRIDE];

    void note(int stripe) {
        counts[(stripe & (STRIPES - 1)) * STRIDE]++;
    }

    /** How many since the last call of this method. For one thread. */
    int take() {
        int sum = 0;
        for (int i = 0; i < counts.length; i += STRIDE) {
            sum += counts[i];
        }
        int fresh = sum - seen;
        seen = sum;
        return Math.max(0, fresh);
    }
}
