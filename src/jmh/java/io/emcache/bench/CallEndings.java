package io.emcache.bench;

import io.emcache.MemcachedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** When and how the calls of one case ended. Safe for all threads. */
final class CallEndings {
    private final int expected;
    private final long timeoutNs;
    private final List<Long> lateNs = new ArrayList<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();

    /** Makes a record for {@code expected} calls, each with a deadline {@code timeoutNs} after its entry. */
    CallEndings(int expected, long timeoutNs) {
        this.expected = expected;
        this.timeoutNs = timeoutNs;
    }

    /** Adds a call that ended just now. */
    void add(long enteredNs, @Nullable Object result, @Nullable Throwable failure) {
        long late = System.nanoTime() - enteredNs - timeoutNs;
        add(late, failure == null ? describe(result) : describe(failure));
    }

    private synchronized void add(long late, String outcome) {
        lateNs.add(late);
        outcomes.merge(outcome, 1, Integer::sum);
    }

    private static String describe(@Nullable Object result) {
        if (result == null) {
            return "miss";
        }
        return result instanceof byte[] ? "hit" : result.toString();
    }

    private static String describe(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        return failure instanceof MemcachedException.Timeout timeout ? name + ' ' + timeout.phase() : name;
    }

    /** Calls that ended more than so much after their deadline. */
    synchronized long laterThan(long limitNs) {
        return lateNs.stream().filter(late -> late > limitNs).count();
    }

    /** Calls of which the end is not known. */
    synchronized int missing() {
        return expected - lateNs.size();
    }

    synchronized int ended() {
        return lateNs.size();
    }

    /** How long after the deadline, in milliseconds; negative is before it, and NaN when no call has ended. */
    synchronized double percentileMs(double percent) {
        if (lateNs.isEmpty()) {
            return Double.NaN;
        }
        long[] numbers = lateNs.stream().mapToLong(Long::longValue).toArray();
        return Spread.percentile(numbers, percent) / 1e6;
    }

    /** How often each outcome came. */
    synchronized Map<String, Integer> outcomes() {
        return new LinkedHashMap<>(outcomes);
    }
}
