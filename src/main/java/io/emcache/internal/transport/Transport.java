package io.emcache.internal.transport;

import io.emcache.ClientHealth;
import io.emcache.Driver;
import io.emcache.NodeAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/** The event loops of a client, and the threads that run them. Safe for all threads. */
public final class Transport {
    private static final int MAX_RESTARTS = 1;

    private final TransportSettings settings;
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private boolean started;
    private volatile boolean closing;

    /**
     * Makes the loops; nothing runs yet.
     *
     * @param driver who drives
     * @param loops how many loops
     * @param lanes what all lanes have in common
     * @param completions runs users' code
     * @param resolver runs what asks the name service
     */
    public Transport(Driver driver, int loops, LaneSettings lanes, Executor completions, Executor resolver) {
        this.settings = new TransportSettings(drivingOf(driver), idleOf(driver), loops, lanes, completions, resolver);
        CompletionDispatcher dispatcher = new CompletionDispatcher(completions, lanes.counters());
        for (int i = 0; i < loops; i++) {
            this.loops.add(new EventLoop("emcache-loop-" + i, settings, dispatcher, openSelector()));
        }
        this.loops.forEach(loop -> loop.siblings(List.copyOf(this.loops)));
    }

    private static Driving drivingOf(Driver driver) {
        return switch (driver) {
            case Driver.Caller caller -> Driving.CALLER;
            case Driver.Dedicated dedicated -> Driving.DEDICATED;
            case Driver.Invoked invoked -> Driving.INVOKED;
        };
    }

    private static Supplier<IdleStrategy> idleOf(Driver driver) {
        return driver instanceof Driver.Dedicated dedicated
                ? switch (dedicated.idle()) {
                    case SPIN -> () -> BusySpinIdleStrategy.INSTANCE;
                    case YIELD -> () -> YieldingIdleStrategy.INSTANCE;
                    case BACKOFF -> BackoffIdleStrategy::new;
                }
                : () -> NoOpIdleStrategy.INSTANCE;
    }

    /**
     * Chooses the loop for a node: the one that has the fewest.
     *
     * @return the loop, until {@link NodeLoop#release}
     */
    public NodeLoop home() {
        EventLoop least = loops.getFirst();
        for (EventLoop loop : loops) {
            if (loop.nodes().get() < least.nodes().get()) {
                least = loop;
            }
        }
        least.nodes().incrementAndGet();
        return new NodeLoop(least, this);
    }

    Lane open(NodeAddress address, LaneOwner owner, int index) {
        return open(address, owner, loops.get(index % loops.size()));
    }

    /** Makes a lane at any time. */
    Lane open(NodeAddress address, LaneOwner owner, EventLoop loop) {
        Selector selector = settings.driving() == Driving.CALLER ? openSelector() : null;
        boolean done = false;
        try {
            Lane lane = new Lane(settings.lanes(), loop, owner, new Endpoint(address), selector);
            loop.add(lane.keeper());
            done = true;
            return lane;
        } finally {
            if (!done && selector != null) {
                closeQuietly(selector);
            }
        }
    }

    private static Selector openSelector() {
        try {
            return Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeQuietly(Selector selector) {
        try {
            selector.close();
        } catch (IOException e) {
            settings.lanes().counters().closeFailures.increment();
        }
    }

    /** Starts the threads. Does nothing the second time. */
    public synchronized void start() {
        if (!started && !closing) {
            started = true;
            if (settings.driving() != Driving.INVOKED) {
                loops.forEach(loop -> run(loop, 0));
            }
        }
    }

    private synchronized void run(EventLoop loop, int restarts) {
        AgentRunner runner =
                new AgentRunner(new UninterruptedIdle(settings.idle().get()), this::failed, null, loop);
        Thread thread = new Thread(() -> {
            try {
                runner.run();
            } finally {
                if (!loop.isClosed()) {
                    ended(loop, restarts);
                }
            }
        });
        thread.setName(loop.roleName());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** What came out of a turn. The runner also passes on the exception by which a loop says that it has ended. */
    private void failed(Throwable t) {
        if (!(t instanceof AgentTerminationException)) {
            settings.lanes().counters().loopFailures.increment();
        }
    }

    /** A runner that finds its thread interrupted after an idle turn ends in silence: the status is cleared before. */
    private record UninterruptedIdle(IdleStrategy inner) implements IdleStrategy {
        @Override
        public void idle(int workCount) {
            inner.idle(workCount);
            Thread.interrupted();
        }

        @Override
        public void idle() {
            inner.idle();
            Thread.interrupted();
        }

        @Override
        public void reset() {
            inner.reset();
        }

        @Override
        public String alias() {
            return inner.alias();
        }
    }

    /** A loop has ended unasked: its connections are given up, and it is started once more. */
    private void ended(EventLoop loop, int restarts) {
        settings.lanes().counters().loopDeaths.increment();
        loop.failLanes(new IOException("the event loop ended"));
        if (restarts < MAX_RESTARTS && !closing) {
            run(loop, restarts + 1);
        } else {
            loop.shutDown();
            runToEnd(loop);
        }
    }

    /**
     * One turn of every loop on this thread, for {@link Driver#invoked()}.
     *
     * @return how much was done, 0 if nothing, if another thread is in a turn, or inside a turn
     */
    public int poll() {
        if (isInTurn()) {
            return 0;
        }
        int work = 0;
        for (int i = 0; i < loops.size(); i++) {
            work += loops.get(i).poll();
        }
        return work;
    }

    /**
     * Whether this thread is inside a turn of one of the loops, where nothing may block.
     *
     * @return true inside a duty cycle
     */
    public boolean isInTurn() {
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).isInTurn()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What the loops do now.
     *
     * @return each loop
     */
    public List<ClientHealth.Loop> health() {
        return loops.stream().map(EventLoop::health).toList();
    }

    /**
     * Fails what is left in all lanes, closes them and ends the loops. Returns when that is done, except inside a turn.
     */
    public void close() {
        closing = true;
        loops.forEach(EventLoop::shutDown);
        if (isInTurn()) {
            return;
        }
        List<Thread> running;
        synchronized (this) {
            running = List.copyOf(threads);
        }
        if (running.isEmpty()) {
            loops.forEach(Transport::runToEnd);
        }
        running.forEach(Transport::join);
    }

    private static void runToEnd(EventLoop loop) {
        while (!loop.isClosed()) {
            loop.poll();
            Thread.yield();
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                TimeUnit.SECONDS.timedJoin(thread, 1);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Which command rings are in use, for the log.
     *
     * @return one line, with the JVM flag that would change it
     */
    public static String describeRings() {
        return CommandRings.describe();
    }
}
