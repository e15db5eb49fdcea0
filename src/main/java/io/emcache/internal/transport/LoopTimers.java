package io.emcache.internal.transport;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * When each lane wants to be looked after next: one timer a lane, in a binary heap. A timer knows its place in it, so none of a
 * thousand has to be searched for. Belongs to the event loop.
 *
 * <p>A timer that is moved to a later time stays where it is, fires early and is set again, so that the busy path never
 * touches the heap.
 */
final class LoopTimers {
    private static final int FIRST_CAPACITY = 16;

    private int size;
    private @Nullable Timer[] heap = new Timer[FIRST_CAPACITY];

    /** The timer of one lane. */
    static final class Timer {
        private int place;
        private long atNs = Long.MAX_VALUE;
        private final LongConsumer alarm;

        /**
         * @param alarm is told the time when it has come
         */
        Timer(LongConsumer alarm) {
            this.alarm = alarm;
        }

        private boolean isSet() {
            return atNs != Long.MAX_VALUE;
        }
    }

    /** When the next timer fires. */
    long earliestNs() {
        Timer first = heap[0];
        return first == null ? Long.MAX_VALUE : first.atNs;
    }

    /** Fires then at the latest; returns when it will. */
    long set(Timer timer, long atNs) {
        if (atNs >= timer.atNs) {
            return timer.atNs;
        }
        if (!timer.isSet()) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            timer.place = size++;
        }
        timer.atNs = atNs;
        rise(timer, timer.place);
        return atNs;
    }

    void remove(Timer timer) {
        if (!timer.isSet()) {
            return;
        }
        timer.atNs = Long.MAX_VALUE;
        Timer last = heap[--size];
        heap[size] = null;
        if (last != null && last != timer) {
            rise(last, timer.place);
            sink(last, last.place);
        }
    }

    /** Fires what is due; returns how many did. What is set meanwhile waits for the next run. */
    int run(long nowNs) {
        int fired = 0;
        for (int limit = size; fired < limit; fired++) {
            Timer first = heap[0];
            if (first == null || first.atNs > nowNs) {
                break;
            }
            remove(first);
            first.alarm.accept(nowNs);
        }
        return fired;
    }

    private void rise(Timer timer, int from) {
        int place = from;
        while (place > 0) {
            int above = (place - 1) >>> 1;
            Timer parent = heap[above];
            if (parent == null || parent.atNs <= timer.atNs) {
                break;
            }
            put(parent, place);
            place = above;
        }
        put(timer, place);
    }

    private void sink(Timer timer, int from) {
        int place = from;
        for (int below = 2 * place + 1; below < size; below = 2 * place + 1) {
            Timer child = heap[below];
            Timer other = below + 1 < size ? heap[below + 1] : null;
            if (child == null || (other != null && other.atNs < child.atNs)) {
                child = other;
            }
            if (child == null || child.atNs >= timer.atNs) {
                break;
            }
            int freed = child.place;
            put(child, place);
            place = freed;
        }
        put(timer, place);
    }

    private void put(Timer timer, int place) {
        heap[place] = timer;
        timer.place = place;
    }
}
