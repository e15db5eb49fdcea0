package io.emcache.internal.transport;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * So many may do something at once. Who has to wait is served in turn, since those who fail come back for ever: served in any
 * other order they would keep somebody out. Safe for all threads, without locks.
 */
final class Places {
    private final Semaphore free;
    private final Queue<Place> waiting = new ConcurrentLinkedQueue<>();

    Places(int count) {
        this.free = new Semaphore(count);
    }

    /** A place that somebody has or waits for. */
    final class Place {
        private static final int WAITING = 0;
        private static final int GIVEN = 1;
        private static final int LEFT = 2;

        private final AtomicInteger state = new AtomicInteger(WAITING);
        private final Runnable onGiven;

        private Place(Runnable onGiven) {
            this.onGiven = onGiven;
        }

        boolean isGiven() {
            return state.get() == GIVEN;
        }

        private boolean give() {
            return state.compareAndSet(WAITING, GIVEN);
        }

        /** Gives it back, or waits for it no longer. Does nothing the second time. */
        void leave() {
            if (state.getAndSet(LEFT) == GIVEN) {
                passOn();
            }
        }
    }

    /**
     * Asks for a place, which is to be left in any case.
     *
     * @param onGiven called, on any thread, once it is given to somebody who had to wait
     */
    Place ask(Runnable onGiven) {
        Place place = new Place(onGiven);
        if (free.tryAcquire()) {
            place.give();
            return place;
        }
        waiting.add(place);
        if (free.tryAcquire()) { // one became free before this was among those who wait
            passOn();
        }
        return place;
    }

    private void passOn() {
        do {
            for (Place next = waiting.poll(); next != null; next = waiting.poll()) {
                if (next.give()) {
                    next.onGiven.run();
                    return;
                }
            }
            free.release();
        } while (!waiting.isEmpty() && free.tryAcquire());
    }
}
