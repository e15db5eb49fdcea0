package io.emcache.faults;

import static org.awaitility.Awaitility.await;

import io.emcache.CallOptions;
import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import io.emcache.DirectRequest.Offer;
import io.emcache.MemcachedClient;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The callers of a storm: threads of all faces on one client, each of which does one deed after the other. Of eight calls
 * one has hardly any time, some futures are cancelled, and {@link #interruptOne} is for those who wait. For the thread of a
 * test.
 */
final class StormFaces {
    private static final Duration GUARD = Duration.ofSeconds(30);
    private static final Duration HASTE = Duration.ofMillis(1);
    private static final int WINDOW = 16;
    /** A node that is away fails calls at once: the storm is no busy loop. */
    private static final long PAUSE_NS = 500_000;

    private final long seed;

    private long lastAnswered = -1;
    private long progressNs = System.nanoTime();
    private volatile boolean stopped;

    private final MemcachedClient client;
    private final @Nullable MemcachedClient hasty;
    private final Ledger ledger;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Thread> interruptible = new ArrayList<>();

    StormFaces(MemcachedClient client, Ledger ledger, long seed) {
        this(client, client.with(CallOptions.timeout(HASTE)), ledger, seed);
    }

    private StormFaces(MemcachedClient client, @Nullable MemcachedClient hasty, Ledger ledger, long seed) {
        this.client = client;
        this.hasty = hasty;
        this.ledger = ledger;
        this.seed = seed;
    }

    /** Callers of which none gives up early. */
    static StormFaces patient(MemcachedClient client, Ledger ledger, long seed) {
        return new StormFaces(client, null, ledger, seed);
    }

    /** A thread that calls sync. */
    void sync(String name, Supplier<Deed> deeds) {
        SplittableRandom random = nextRandom();
        interruptible.add(start(true, name, () -> callSync(deeds, random)));
    }

    /** A virtual thread that calls sync. */
    void virtual(String name, Supplier<Deed> deeds) {
        SplittableRandom random = nextRandom();
        interruptible.add(start(false, name, () -> callSync(deeds, random)));
    }

    /** A thread that keeps async calls in flight. */
    void async(String name, Supplier<Deed> deeds) {
        SplittableRandom random = nextRandom();
        start(true, name, () -> callAsync(deeds, random));
    }

    /** A thread that keeps direct calls in flight. */
    void direct(String name, Supplier<Deed> deeds) {
        start(true, name, () -> callDirect(deeds));
    }

    /** A thread that does anything else until {@link #isStopped}. */
    void other(String name, Runnable work) {
        start(true, name, work);
    }

    boolean isStopped() {
        return stopped;
    }

    void interruptOne(SplittableRandom random) {
        interruptible.get(random.nextInt(interruptible.size())).interrupt();
    }

    /** Fails if nothing was answered for half a minute. */
    void requireProgress() {
        long answered = ledger.answered();
        long nowNs = System.nanoTime();
        if (answered != lastAnswered) {
            lastAnswered = answered;
            progressNs = nowNs;
        } else if (nowNs - progressNs > GUARD.toNanos()) {
            stopped = true;
            throw new AssertionError("nothing is answered any more: " + ledger);
        }
    }

    /** Lets every caller end its last call, and waits for the end of each call that was begun. */
    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            if (!thread.join(GUARD)) {
                AssertionError hang = new AssertionError(thread + " does not end");
                hang.setStackTrace(thread.getStackTrace());
                throw hang;
            }
        }
        await("every call ended").atMost(GUARD).until(() -> ledger.ended() == ledger.begun());
    }

    private SplittableRandom nextRandom() {
        return new SplittableRandom(seed * 1_000 + threads.size());
    }

    private Thread start(boolean platform, String name, Runnable work) {
        Thread.Builder builder = platform
                ? Thread.ofPlatform().daemon().name(name)
                : Thread.ofVirtual().name(name);
        Thread thread = builder.start(() -> {
            try {
                work.run();
            } catch (Throwable t) {
                ledger.wrong(name, t);
            }
        });
        threads.add(thread);
        return thread;
    }

    private static boolean oneOf(SplittableRandom random, int n) {
        return random.nextInt(n) == 0;
    }

    private MemcachedClient anyClient(SplittableRandom random) {
        return hasty != null && oneOf(random, 8) ? hasty : client;
    }

    private void callSync(Supplier<Deed> deeds, SplittableRandom random) {
        while (!stopped) {
            Deed deed = deeds.get();
            ledger.begin("sync");
            try {
                ledger.end(deed, deed.sync().call(anyClient(random)));
            } catch (Throwable t) {
                ledger.end(deed, t);
                pauseUnlessInterrupted();
            }
        }
    }

    /** An interrupt is for one call. */
    private static void pauseUnlessInterrupted() {
        if (!Thread.interrupted()) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private void callAsync(Supplier<Deed> deeds, SplittableRandom random) {
        Semaphore window = new Semaphore(WINDOW);
        while (!stopped) {
            window.acquireUninterruptibly();
            Deed deed = deeds.get();
            ledger.begin("async");
            CompletableFuture<?> future = deed.async().call(anyClient(random).async());
            follow(deed, future, window);
            if (hasty != null && oneOf(random, 10)) {
                future.cancel(true);
            } else if (future.isCompletedExceptionally()) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        window.acquireUninterruptibly(WINDOW);
    }

    private <T> void follow(Deed deed, CompletableFuture<T> future, Semaphore window) {
        CompletableFuture<T> _ = future.whenComplete((result, failure) -> {
            if (failure == null) {
                ledger.end(deed, result);
            } else {
                ledger.end(deed, causeOf(failure));
            }
            window.release();
        });
    }

    private static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException wrapper ? Objects.requireNonNull(wrapper.getCause()) : failure;
    }

    /** A request of the direct face and the deed that it is at. */
    private final class Errand {
        private final BlockingQueue<Errand> idle;
        private final DirectRequest request;
        private volatile @Nullable Deed deed;

        Errand(MemcachedClient client, BlockingQueue<Errand> idle) {
            this.idle = idle;
            this.request = client.direct().newRequest(this::done);
        }

        void go(Deed deed) {
            this.deed = deed;
            byte[] value = deed.value();
            request.key(MemorySegment.ofArray(deed.key().getBytes(StandardCharsets.US_ASCII)))
                    .value(MemorySegment.ofArray(value == null ? new byte[0] : value));
            ledger.begin("direct");
            Offer offer = offer(deed);
            if (offer != Offer.ACCEPTED) {
                ledger.notTaken(deed, offer);
                LockSupport.parkNanos(PAUSE_NS);
                idle.add(this);
            }
        }

        /** Its callback has put it back, but may not have returned yet. */
        private Offer offer(Deed deed) {
            Deed.Direct direct = Objects.requireNonNull(deed.direct());
            Offer offer = direct.offer(request);
            while (offer == Offer.PENDING) {
                Thread.onSpinWait();
                offer = direct.offer(request);
            }
            return offer;
        }

        private void done(DirectReply reply) {
            Deed deed = Objects.requireNonNull(this.deed);
            if (reply.result() == DirectReply.Result.FAILED) {
                ledger.end(deed, Objects.requireNonNull(reply.failure()));
            } else {
                ledger.end(deed, deed.read(reply));
            }
            idle.add(this);
        }
    }

    private void callDirect(Supplier<Deed> deeds) {
        BlockingQueue<Errand> idle = new LinkedBlockingQueue<>();
        for (int i = 0; i < WINDOW; i++) {
            idle.add(new Errand(i == 0 && hasty != null ? hasty : client, idle));
        }
        while (!stopped) {
            Deed deed = deeds.get();
            if (deed.direct() == null) {
                deed.over().run();
            } else {
                take(idle).go(deed);
            }
        }
        for (int i = 0; i < WINDOW; i++) {
            take(idle);
        }
    }

    private static Errand take(BlockingQueue<Errand> idle) {
        try {
            return Objects.requireNonNull(
                    idle.poll(GUARD.toSeconds(), TimeUnit.SECONDS), "a request does not come back");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
