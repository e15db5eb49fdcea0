package io.emcache.bench;

import io.emcache.DirectClient;
import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import java.util.concurrent.locks.LockSupport;

/**
 * Direct gets of one thread, which keeps many in flight as {@link GetWindow} does: when all requests are taken, it waits
 * for the oldest, parked, and offers it again. For one thread.
 */
final class DirectWindow implements Load {
    private static final int GETS_PER_LOOK_AT_CLOCK = 64;

    private int oldest;

    private final Keys keys;
    private final DirectKeys directKeys;
    private final Place[] places;
    private final ResourceMeter meter = new ResourceMeter();
    private final Thread caller = Thread.currentThread();

    /** A request and how its commands ended. */
    private final class Place {
        private long ended;
        private long hits;
        private volatile boolean free = true;
        private volatile boolean awaited;

        private final DirectRequest request;

        Place(DirectClient client) {
            request = client.newRequest(this::ended);
        }

        private void ended(DirectReply reply) {
            ended++;
            if (reply.result() == DirectReply.Result.HIT && reply.valueLength() == Keys.VALUE_BYTES) {
                hits++;
            }
            free = true;
            if (awaited) {
                LockSupport.unpark(caller);
            }
        }

        void await() {
            if (free) {
                return;
            }
            awaited = true;
            while (!free) {
                LockSupport.park(this);
            }
            awaited = false;
        }

        void get(int key) {
            // The callback that has freed this place may not have returned.
            while (request.isPending()) {
                Thread.yield();
            }
            free = false;
            DirectRequest.Offer offer = directKeys.choose(request, key).get();
            if (offer != DirectRequest.Offer.ACCEPTED) {
                throw new IllegalStateException("not taken: " + offer);
            }
        }
    }

    /** Makes the requests. To be run by the same thread. */
    DirectWindow(DirectClient client, Keys keys, DirectKeys directKeys, int inFlight) {
        this.keys = keys;
        this.directKeys = directKeys;
        places = new Place[inFlight];
        for (int i = 0; i < inFlight; i++) {
            places[i] = new Place(client);
        }
    }

    @Override
    public Turn runFor(long durationNs) {
        for (Place place : places) {
            place.ended = 0;
            place.hits = 0;
        }
        meter.start();
        long elapsedNs = loop(durationNs);
        meter.stop();
        long ended = 0;
        long hits = 0;
        for (Place place : places) {
            ended += place.ended;
            hits += place.hits;
        }
        return Turn.counted(ended, hits, elapsedNs, meter);
    }

    private long loop(long durationNs) {
        long start = System.nanoTime();
        do {
            for (int i = 0; i < GETS_PER_LOOK_AT_CLOCK; i++) {
                Place place = places[oldest];
                place.await();
                place.get(keys.nextIndex());
                oldest = (oldest + 1) % places.length;
            }
        } while (System.nanoTime() - start < durationNs);
        for (Place place : places) {
            place.await();
        }
        return System.nanoTime() - start;
    }
}
