package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.CallOptions;
import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import io.emcache.DirectRequest.Offer;
import io.emcache.MemcachedClient;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Outcome;
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
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Callers of all faces on one client, some of whom give up early, and one who sends keys that no face would let pass. For
 * the thread of a test.
 */
final class C0Storm {
    private static final Duration GUARD = Duration.ofSeconds(30);
    private static final int WINDOW = 16;
    private static final int ANSWERS_PER_LONG_KEY = 500;
    private static final String LINE = "x".repeat(2_100);
    private static final int[] LONG_KEY_OPS = {
        OpCode.GET,
        OpCode.GET_ITEM,
        OpCode.GAT,
        OpCode.GAT_ITEM,
        OpCode.GET,
        OpCode.GET_ITEM,
        OpCode.SET,
        OpCode.ADD,
        OpCode.APPEND,
        OpCode.CAS,
        OpCode.DELETE,
        OpCode.TOUCH,
        OpCode.INCREMENT
    };

    private final int calls;
    private final boolean classic;
    private final long seed;

    private long lastAnswered = -1;
    private long progressNs = System.nanoTime();
    private volatile boolean stopped;

    private final ObservedClient observed;
    private final MemcachedClient client;
    private final MemcachedClient hasty;
    private final Ledger ledger = new Ledger();
    private final LongAdder longKeys = new LongAdder();
    private final LongAdder longLines = new LongAdder();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Thread> interruptible = new ArrayList<>();

    C0Storm(ObservedClient observed, boolean classic, int calls, long seed) {
        this.observed = observed;
        this.client = observed.client();
        this.hasty = client.with(CallOptions.timeout(Duration.ofMillis(1)));
        this.classic = classic;
        this.calls = calls;
        this.seed = seed;
    }

    Ledger ledger() {
        return ledger;
    }

    long longKeys() {
        return longKeys.sum();
    }

    /** Keys sent that were too long for any line, after which some servers hang up. */
    long longLines() {
        return longLines.sum();
    }

    /** Lets it rage until there were enough calls, and waits for the end of each. */
    void rage() throws InterruptedException {
        Deeds.prepare(client, seed);
        for (int i = 0; i < 3; i++) {
            interruptible.add(start(true, "sync-" + i, this::callSync));
            interruptible.add(start(false, "virtual-" + i, this::callSync));
        }
        start(true, "async-0", this::callAsync);
        start(true, "async-1", this::callAsync);
        start(true, "direct-0", this::callDirect);
        start(true, "long-0", this::sendLongKeys);
        SplittableRandom random = new SplittableRandom(seed);
        while (ledger.answered() < calls) {
            interruptible.get(random.nextInt(interruptible.size())).interrupt();
            Thread.sleep(2);
            requireProgress();
        }
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

    private void requireProgress() {
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

    private Thread start(boolean platform, String name, Consumer<Deeds> work) {
        Deeds deeds = new Deeds(name, classic, ledger, new SplittableRandom(seed * 100 + threads.size()));
        Thread.Builder builder = platform
                ? Thread.ofPlatform().daemon().name(name)
                : Thread.ofVirtual().name(name);
        Thread thread = builder.start(() -> {
            try {
                work.accept(deeds);
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

    private void callSync(Deeds deeds) {
        SplittableRandom random = deeds.random();
        while (!stopped) {
            Deed deed = deeds.next();
            ledger.begin("sync");
            try {
                ledger.end(deed, deed.sync().call(oneOf(random, 8) ? hasty : client));
            } catch (Throwable t) {
                ledger.end(deed, t);
                pauseUnlessInterrupted();
            }
        }
    }

    /** A node that is away fails calls at once: the storm is no busy loop. An interrupt is for one call. */
    private static void pauseUnlessInterrupted() {
        if (!Thread.interrupted()) {
            LockSupport.parkNanos(500_000);
        }
    }

    private void callAsync(Deeds deeds) {
        SplittableRandom random = deeds.random();
        Semaphore window = new Semaphore(WINDOW);
        while (!stopped) {
            window.acquireUninterruptibly();
            Deed deed = deeds.next();
            ledger.begin("async");
            CompletableFuture<?> future = deed.async().call((oneOf(random, 8) ? hasty : client).async());
            follow(deed, future, window);
            if (oneOf(random, 10)) {
                future.cancel(true);
            } else if (future.isCompletedExceptionally()) {
                LockSupport.parkNanos(500_000);
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
                LockSupport.parkNanos(500_000);
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

    private void callDirect(Deeds deeds) {
        BlockingQueue<Errand> idle = new LinkedBlockingQueue<>();
        for (int i = 0; i < WINDOW; i++) {
            idle.add(new Errand(i == 0 ? hasty : client, idle));
        }
        while (!stopped) {
            Deed deed = deeds.next();
            if (deed.direct() != null) {
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

    private void sendLongKeys(Deeds deeds) {
        long next = 0;
        while (!stopped) {
            if (ledger.answered() < next) {
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            next = ledger.answered() + ANSWERS_PER_LONG_KEY;
            List<RawCommand> commands = new ArrayList<>();
            addOthers(commands, deeds);
            int bad = commands.size();
            commands.add(longKey(deeds));
            addOthers(commands, deeds);
            List<Answer> answers = observed.pipeline(commands, Duration.ofSeconds(5));
            longKeys.increment();
            if (commands.get(bad).key().length() == LINE.length()) {
                longLines.increment();
            }
            for (int i = 0; i < answers.size(); i++) {
                try {
                    check(commands.get(i), answers.get(i), i == bad);
                } catch (AssertionError e) {
                    ledger.wrong("pipeline", e);
                }
            }
        }
    }

    private static void addOthers(List<RawCommand> commands, Deeds deeds) {
        for (int i = deeds.random().nextInt(5); i > 0; i--) {
            commands.add(
                    switch (deeds.random().nextInt(3)) {
                        case 0 -> new RawCommand(OpCode.DELETE, deeds.absent(), null);
                        case 1 -> new RawCommand(OpCode.GET, deeds.absent(), null);
                        default -> new RawCommand(OpCode.GET, deeds.fixed(), null);
                    });
        }
    }

    /** Where the server takes the value for commands, it answers with more than was asked for. */
    private static RawCommand longKey(Deeds deeds) {
        SplittableRandom random = deeds.random();
        int op = LONG_KEY_OPS[random.nextInt(LONG_KEY_OPS.length)];
        String key = oneOf(random, 20) ? LINE : LINE.substring(0, random.nextInt(251, 300));
        String trap = "get " + deeds.fixed() + "\r\nmg " + deeds.fixed() + " v k\r\nmn";
        return new RawCommand(op, key, OpCode.carriesData(op) ? trap.getBytes(StandardCharsets.US_ASCII) : null);
    }

    private void check(RawCommand command, Answer answer, boolean bad) {
        if (!Outcome.isAnswer(answer.code())) {
            assertThat(answer.code())
                    .as("outcome of " + command.op())
                    .isIn(
                            Outcome.NONE,
                            bad ? Outcome.CLIENT_ERROR : Outcome.NONE,
                            Outcome.TIMEOUT,
                            Outcome.OVERDUE,
                            Outcome.LOST,
                            Outcome.UNSENT,
                            Outcome.VIOLATION);
        } else if (bad) {
            throw new AssertionError("an over-long key was answered with " + answer.code());
        } else if (command.op() == OpCode.DELETE) {
            assertThat(answer.code()).as("delete of " + command.key()).isEqualTo(Outcome.NOT_FOUND);
        } else if (command.key().startsWith("absent:")) {
            assertThat(answer.code()).as("get of " + command.key()).isEqualTo(Outcome.MISS);
        } else {
            ledger.requireHit(command.key(), answer.value());
        }
    }
}
