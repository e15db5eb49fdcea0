package io.emcache.internal.cluster;

import io.emcache.Autodiscovery;
import io.emcache.ClientOptions;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import io.emcache.internal.transport.NanoClock;
import io.emcache.internal.transport.Security;
import io.emcache.spi.NodeDiscovery;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a source for the nodes, now and then, and tells a list that is good and new. A list that cannot be had, is empty or
 * names a node twice is a failure, and the one before stays. Safe for all threads.
 *
 * <p>A thread of its own keeps the time and never calls the source itself: that is done by a background thread which may
 * hang, in a name service or in a user's code, and is left behind then. The source is not asked again before it has come
 * back, so one thread at a time at most is lost in it.
 */
public final class Discovery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.discovery");

    /** How much longer than it may take a source is waited for, so that it can say itself what was too slow. */
    private static final long GRACE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final long limitNs;
    private final Duration timeout;
    private final CountDownLatch closing = new CountDownLatch(1);

    private final NodeDiscovery source;
    private final PollSchedule schedule;
    private final Executor background;
    private final Consumer<List<NodeAddress>> listener;
    private final Consumer<String> failures;
    private final CompletableFuture<Boolean> firstList = new CompletableFuture<>();
    private final Object lock = new Object();

    private List<NodeAddress> told = List.of();
    private @Nullable Attempt attempt;
    private @Nullable Thread thread;
    private volatile @Nullable MemcachedException lastFailure;

    /**
     * Makes a discovery that does nothing before {@link #start}.
     *
     * @param source whom to ask
     * @param timeout what the source is given as its time-out
     * @param steps how often it may use that up in one call, at least 1
     * @param schedule when to ask again
     * @param background runs each call of the source
     * @param listener is told each new list, on the thread of this discovery; must not block
     * @param failures is told why there is no list, likewise
     */
    Discovery(
            NodeDiscovery source,
            Duration timeout,
            int steps,
            PollSchedule schedule,
            Executor background,
            Consumer<List<NodeAddress>> listener,
            Consumer<String> failures) {
        this.limitNs = timeout.toNanos() * steps + GRACE_NS;
        this.timeout = timeout;
        this.source = source;
        this.schedule = schedule;
        this.background = background;
        this.listener = listener;
        this.failures = failures;
    }

    /**
     * Makes the discovery that the options want.
     *
     * @param options say where the nodes are learned from
     * @param clock measures the times of connections
     * @param background runs what blocks
     * @param security how connections are encrypted, and who the client is
     * @param listener is told each new list, on a thread that must not be held up
     * @param failures is told why there is none, likewise
     * @return a discovery that does nothing yet; null if the options name the nodes
     */
    public static @Nullable Discovery of(
            ClientOptions options,
            NanoClock clock,
            Executor background,
            Security security,
            Consumer<List<NodeAddress>> listener,
            Consumer<String> failures) {
        NodeDiscovery source = sourceOf(options, clock, background, security);
        if (source == null) {
            return null;
        }
        int steps = options.autodiscovery() == Autodiscovery.CONFIG
                ? options.nodes().size()
                : 1;
        long intervalNs = options.autodiscoveryPollInterval().toNanos();
        return new Discovery(
                source,
                options.autodiscoveryTimeout(),
                steps,
                new PollSchedule(intervalNs, () -> ThreadLocalRandom.current().nextDouble()),
                background,
                listener,
                failures);
    }

    private static @Nullable NodeDiscovery sourceOf(
            ClientOptions options, NanoClock clock, Executor background, Security security) {
        return switch (options.autodiscovery()) {
            case NONE -> options.discovery();
            case CONFIG -> ConfigSource.over(options.nodes(), clock, background, security);
            case DNS -> new DnsSource(options.nodes(), InetAddress::getAllByName);
            case SRV -> new SrvSource(options.nodes(), SrvSource.SYSTEM_SERVERS);
        };
    }

    /** Begins to ask. Does nothing the second time, or once closed. */
    public void start() {
        synchronized (lock) {
            if (thread == null && !isClosed()) {
                thread = Thread.ofPlatform()
                        .daemon()
                        .name("emcache-discovery")
                        .inheritInheritableThreadLocals(false)
                        .start(this::run);
            }
        }
    }

    /**
     * Completes when the first list was told, or this was closed before.
     *
     * @return true or false; a future for waiting only
     */
    public CompletableFuture<Boolean> firstList() {
        return firstList;
    }

    /**
     * Why there is no list, or none that is newer.
     *
     * @return what the last attempt failed with; null if it did not, or there was none
     */
    public @Nullable MemcachedException lastFailure() {
        return lastFailure;
    }

    private boolean isClosed() {
        return closing.getCount() == 0;
    }

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            long waitNs = turn();
            try {
                goesOn = !closing.await(waitNs, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                goesOn = !isClosed(); // nobody means this thread, and only a close ends it
            }
        }
    }

    /** Asks once and tells what came of it; returns how long to wait before the next time. For one thread at a time. */
    long turn() {
        try {
            tell(find());
            lastFailure = null;
            return schedule.afterSuccessNs();
        } catch (MemcachedException e) {
            fail(e);
        } catch (InterruptedException e) {
            fail(new MemcachedException.Interrupted("discovery was interrupted", null, false));
        } catch (RuntimeException | Error e) {
            fail(unavailable("the nodes that were discovered could not be taken over", e));
        }
        return schedule.afterFailureNs();
    }

    private void tell(List<NodeAddress> nodes) {
        if (!nodes.equals(told) && !isClosed()) {
            listener.accept(nodes);
            told = nodes;
        }
        firstList.complete(true);
    }

    private void fail(MemcachedException failure) {
        lastFailure = failure;
        if (isClosed()) {
            return;
        }
        try {
            failures.accept(reason(failure));
        } catch (RuntimeException | Error e) {
            LOG.warn("a failure of discovery could not be told", e);
        }
    }

    private static String reason(Throwable failure) {
        StringBuilder reason = new StringBuilder(String.valueOf(failure.getMessage()));
        if (failure.getCause() != null) {
            reason.append(": ").append(failure.getCause());
        }
        for (Throwable other : failure.getSuppressed()) {
            reason.append("; ").append(reason(other));
        }
        return reason.toString();
    }

    private List<NodeAddress> find() throws InterruptedException {
        Attempt next = new Attempt();
        synchronized (lock) {
            if (attempt != null && !attempt.hasEnded()) {
                throw timeout("the last call of the discovery has not returned yet");
            }
            if (isClosed()) {
                throw closed();
            }
            attempt = next;
        }
        next.begin();
        try {
            return next.result.get(limitNs, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            MemcachedException failure = timeout("the discovery did not return in time");
            next.abandon(failure);
            throw failure;
        } catch (ExecutionException e) {
            throw typed(e.getCause());
        }
    }

    private static MemcachedException typed(@Nullable Throwable cause) {
        return cause instanceof MemcachedException failure ? failure : unavailable("discovery failed", cause);
    }

    private static MemcachedException unavailable(String what, @Nullable Throwable cause) {
        return new MemcachedException.NodeUnavailable(what, null, false, cause);
    }

    private static MemcachedException closed() {
        return new MemcachedException.Closed("the client is closed", null, false);
    }

    private MemcachedException timeout(String what) {
        return new MemcachedException.Timeout(what, null, Phase.RECEIVING, Duration.ofNanos(limitNs), 1, false);
    }

    /** A copy of what the source gave, which may be anything. */
    private static List<NodeAddress> checked(@Nullable List<NodeAddress> nodes) {
        if (nodes == null || nodes.isEmpty()) {
            throw unavailable("the discovery found no node", null);
        }
        Set<String> identities = new HashSet<>();
        List<NodeAddress> copy = List.copyOf(nodes);
        for (NodeAddress node : copy) {
            if (!identities.add(node.identity())) {
                throw unavailable("the discovery names a node twice: " + node.identity(), null);
            }
        }
        return copy;
    }

    /** Ends the asking at once. A source that does not heed its interrupt is left behind; what it finds is not told. */
    @Override
    public void close() {
        closing.countDown();
        firstList.complete(false);
        Attempt last;
        Thread keeper;
        synchronized (lock) {
            last = attempt;
            keeper = thread;
        }
        if (last != null) {
            last.abandon(closed());
        }
        if (keeper != null && keeper != Thread.currentThread()) {
            awaitEnd(keeper);
        }
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One call of the source. Safe for all threads. */
    private final class Attempt implements Runnable {
        private boolean abandoned;
        private volatile boolean ended;

        private final CompletableFuture<List<NodeAddress>> result = new CompletableFuture<>();

        private @Nullable Thread runner;

        void begin() {
            try {
                background.execute(this);
            } catch (RuntimeException | Error e) {
                ended = true;
                throw unavailable("discovery found no thread to run on", e);
            }
        }

        @Override
        public void run() {
            List<NodeAddress> nodes = List.of();
            Throwable failure = null;
            try {
                nodes = enter() ? checked(source.discover(timeout)) : nodes;
            } catch (Throwable e) {
                failure = e;
            } finally {
                leave();
            }
            if (failure == null) {
                result.complete(nodes);
            } else {
                result.completeExceptionally(failure);
            }
        }

        private synchronized boolean enter() {
            runner = Thread.currentThread();
            return !abandoned;
        }

        /** Before the result is there, or the next attempt could come too early. An interrupt was for the source only. */
        private synchronized void leave() {
            runner = null;
            ended = true;
            if (abandoned) {
                Thread.interrupted();
            }
        }

        boolean hasEnded() {
            return ended;
        }

        void abandon(MemcachedException why) {
            result.completeExceptionally(why);
            synchronized (this) {
                abandoned = true;
                if (runner != null && runner != Thread.currentThread()) {
                    runner.interrupt();
                }
            }
        }
    }
}
