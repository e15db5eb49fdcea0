package io.emcache.bench;

import io.emcache.DirectClient;
import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Direct gets, many in flight, each offered by the callback of the one before: the thread that starts them only waits for
 * the end of its turn. For one thread.
 */
final class DirectChains implements Load {
    private final DirectKeys directKeys;
    private final Chain[] chains;
    private final AtomicInteger running = new AtomicInteger();
    private final ResourceMeter meter = new ResourceMeter();
    private final Thread caller = Thread.currentThread();

    private volatile boolean stopped;
    private volatile DirectRequest.@Nullable Offer refusal;

    /** A request that is offered again and again. */
    private final class Chain {
        private long ended;
        private long hits;

        private final Keys keys;
        private final DirectRequest request;

        Chain(DirectClient client, Keys keys) {
            this.keys = keys;
            request = client.newRequest(this::ended);
        }

        private void ended(DirectReply reply) {
            ended++;
            if (reply.result() == DirectReply.Result.HIT && reply.valueLength() == Keys.VALUE_BYTES) {
                hits++;
            }
            if (stopped) {
                end();
            } else {
                get();
            }
        }

        void get() {
            DirectRequest.Offer offer =
                    directKeys.choose(request, keys.nextIndex()).get();
            if (offer != DirectRequest.Offer.ACCEPTED) {
                refusal = offer;
                end();
            }
        }

        private void end() {
            if (running.decrementAndGet() == 0) {
                LockSupport.unpark(caller);
            }
        }
    }

    /** Makes the requests. To be run by the same thread. */
    DirectChains(DirectClient client, Keys keys, DirectKeys directKeys, int inFlight) {
        this.directKeys = directKeys;
        chains = new Chain[inFlight];
        for (int i = 0; i < inFlight; i++) {
            chains[i] = new Chain(client, keys.forCaller(i));
        }
    }

    @Override
    public Turn runFor(long durationNs) {
        for (Chain chain : chains) {
            chain.ended = 0;
            chain.hits = 0;
            // The last callback of the turn before may not have returned.
            while (chain.request.isPending()) {
                Thread.yield();
            }
        }
        meter.start();
        long elapsedNs = loop(durationNs);
        meter.stop();
        long ended = 0;
        long hits = 0;
        for (Chain chain : chains) {
            ended += chain.ended;
            hits += chain.hits;
        }
        return Turn.counted(ended, hits, elapsedNs, meter);
    }

    private long loop(long durationNs) {
        long start = System.nanoTime();
        stopped = false;
        running.set(chains.length);
        for (Chain chain : chains) {
            chain.get();
        }
        for (long left = durationNs; left > 0; left = durationNs - (System.nanoTime() - start)) {
            LockSupport.parkNanos(left);
        }
        stopped = true;
        while (running.get() > 0) {
            LockSupport.park();
        }
        if (refusal != null) {
            throw new IllegalStateException("not taken: " + refusal);
        }
        return System.nanoTime() - start;
    }
}
