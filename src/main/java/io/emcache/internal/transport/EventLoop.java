package io.emcache.internal.transport;

import io.emcache.ClientHealth;
import io.emcache.internal.telemetry.FlightEvents;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.jspecify.annotations.Nullable;

/**
 * Drives what callers do not: asynchronous work, connecting, times. An Agrona agent, run by a thread of its own or by
 * the user's.
 *
 * <p>{@link #request}, {@link #execute}, {@link #add} and {@link #wake} are for any thread, everything else for the thread
 * that runs {@link #doWork}.
 * The loop holds no driver token while it sleeps.
 */
final class EventLoop implements Agent {
    private static final long TRIM_ROUND_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_ROUND_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** So many completions are handed over at once, while the turn goes on. */
    private static final int ENOUGH_DONE = 64;

    private static final VarHandle ASKING;
    private static final VarHandle DELIVERIES;
    private static final VarHandle SLEEPING;
    private static final VarHandle POLLING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ASKING = lookup.findVarHandle(EventLoop.class, "asking", Lane.class);
            DELIVERIES = lookup.findVarHandle(EventLoop.class, "deliveries", Completion.class);
            SLEEPING = lookup.findVarHandle(EventLoop.class, "sleeping", boolean.class);
            POLLING = lookup.findVarHandle(EventLoop.class, "polling", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Driving driving;
    private final String name;

    private int selectedWork;
    private int doneCount;
    private long nowNs;
    private long trimAtNs;
    private long lookAtNs;

    private volatile boolean sleeping;
    private volatile boolean closing;
    private volatile boolean closed;

    @SuppressWarnings("unused") // through POLLING
    private volatile boolean polling;

    private final TransportSettings settings;
    private final NanoClock clock;
    private final LoopHeartbeat heartbeat;
    private final LoopTimers timers = new LoopTimers();
    private final CompletionDispatcher dispatcher;
    private final List<LaneKeeper> keepers = new ArrayList<>();
    private final List<LoopMember> members = new ArrayList<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger nodes = new AtomicInteger();
    private final Consumer<SelectionKey> onReady = this::ready;
    private final Selector selector;

    private List<EventLoop> siblings = List.of(this);

    private @Nullable Completion firstDone;
    private @Nullable Completion lastDone;

    private volatile @Nullable Thread dutyThread;

    @SuppressWarnings("unused") // through ASKING
    private volatile @Nullable Lane asking;

    @SuppressWarnings("unused") // through DELIVERIES
    private volatile @Nullable Completion deliveries;

    EventLoop(String name, TransportSettings settings, CompletionDispatcher dispatcher, Selector selector) {
        this.name = name;
        this.driving = settings.driving();
        this.settings = settings;
        this.clock = settings.lanes().clock();
        this.heartbeat = new LoopHeartbeat(clock);
        this.trimAtNs = clock.nowNs() + TRIM_ROUND_NS;
        this.dispatcher = dispatcher;
        this.selector = selector;
    }

    /** Milliseconds for a selector: rounded up, and never 0, which would mean for ever. */
    static long ceilMillis(long ns) {
        return Math.max(1, (ns + 999_999) / 1_000_000);
    }

    /** Has the loop look after a lane, and wakes it if it sleeps. Any thread. */
    void request(Lane lane) {
        remember(lane);
        VarHandle.fullFence();
        if (sleeping) {
            wake();
        }
    }

    /** Has the loop look after a lane in its next turn. Any thread; does not wake it. */
    void remember(Lane lane) {
        if (lane.ask()) {
            Lane head;
            do {
                head = asking;
                lane.nextAsking = head;
            } while (!ASKING.compareAndSet(this, head, lane));
        }
    }

    /** Has the loop run something in its next turn; after the loop has ended, this or another such thread runs it. Any thread. */
    void execute(Runnable task) {
        tasks.add(task);
        VarHandle.fullFence();
        if (sleeping) {
            wake();
        }
        if (closed) {
            runTasks();
        }
    }

    private int runTasks() {
        int work = 0;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            work++;
            try {
                task.run();
            } catch (Throwable t) {
                settings.lanes().counters().loopFailures.increment();
            }
        }
        return work;
    }

    /** Has the loop finish a completion that must not run elsewhere; a loop that has ended leaves it to this thread. */
    void deliver(Completion completion) {
        Completion head;
        do {
            head = deliveries;
            completion.next(head);
        } while (!DELIVERIES.compareAndSet(this, head, completion));
        VarHandle.fullFence();
        if (sleeping) {
            wake();
        }
        if (closed) {
            finishDeliveries();
        }
    }

    private int finishDeliveries() {
        if (deliveries == null) {
            return 0;
        }
        int work = 0;
        Completion completion = (Completion) DELIVERIES.getAndSet(this, (Completion) null);
        while (completion != null) {
            Completion next = completion.next();
            completion.next(null);
            finish(completion);
            completion = next;
            work++;
        }
        return work;
    }

    /** Runs a completion that belongs here. What comes out of it harms nobody else. */
    void finish(Completion completion) {
        try {
            completion.finish();
        } catch (Throwable t) {
            settings.lanes().counters().failedCompletions.increment();
        }
    }

    /** Ends the loop's sleep, if it sleeps; at most one thread does it for each sleep. */
    private void wake() {
        if (SLEEPING.compareAndSet(this, true, false)) {
            selector.wakeup();
        }
    }

    @Override
    public String roleName() {
        return name;
    }

    @Override
    public int doWork() {
        Thread.interrupted(); // select would return at once for as long as it is set
        dutyThread = Thread.currentThread();
        try {
            nowNs = clock.nowNs();
            heartbeat.beginTurn(nowNs);
            int work = runTasks();
            work += serveAsking();
            work += select();
            nowNs = clock.nowNs();
            work += timers.run(nowNs);
            if (nowNs >= lookAtNs) {
                look();
            }
            dispatchDone(); // what is finished here runs users' code, which those are not to wait for
            work += finishDeliveries();
            if (nowNs >= trimAtNs) {
                trimAtNs = nowNs + TRIM_ROUND_NS;
                settings.lanes().slabs().trim();
                FlightEvents.follow(settings.resolver());
            }
            if (closing && closeLanes()) {
                closeSelector();
                throw new AgentTerminationException("closed");
            }
            return work;
        } catch (AgentTerminationException e) {
            throw e;
        } catch (Throwable t) {
            settings.lanes().counters().loopFailures.increment();
            return 0;
        } finally {
            try {
                dispatchDone();
            } finally {
                dutyThread = null;
                heartbeat.rest();
            }
        }
    }

    private int serveAsking() {
        Lane lane = (Lane) ASKING.getAndSet(this, (Lane) null);
        int work = 0;
        while (lane != null) {
            Lane next = lane.nextAsking;
            lane.nextAsking = null;
            lane.heard();
            work += lane.keeper().attend(nowNs);
            lane = next;
        }
        return work;
    }

    private int select() throws IOException {
        selectedWork = 0;
        if (driving == Driving.CALLER && !closing && isIdle()) {
            dispatchDone();
            sleeping = true;
            VarHandle.fullFence();
            if (isIdle() && !closing) {
                long waitNs = members.isEmpty() ? timers.earliestNs() : Math.min(timers.earliestNs(), lookAtNs);
                heartbeat.rest();
                if (waitNs == Long.MAX_VALUE) {
                    selector.select(onReady);
                } else {
                    selector.select(onReady, ceilMillis(waitNs - nowNs));
                }
                sleeping = false;
                heartbeat.wake();
                return selectedWork;
            }
            sleeping = false;
        }
        selector.selectNow(onReady);
        return selectedWork;
    }

    private boolean isIdle() {
        return asking == null && deliveries == null && tasks.isEmpty();
    }

    private void ready(SelectionKey key) {
        heartbeat.wake(); // callbacks run here, inside the select
        if (sleeping) {
            sleeping = false; // what is asked for from here on is found before the next sleep
        }
        selectedWork += ((LaneKeeper) key.attachment()).ready(key, nowNs);
    }

    /** One turn on the caller's thread; 0 at once if somebody else is in one. */
    int poll() {
        if (closed || Thread.currentThread() == dutyThread || !POLLING.compareAndSet(this, false, true)) {
            return 0;
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            return closed ? 0 : doWork();
        } catch (AgentTerminationException e) {
            closed = true;
            return 0;
        } finally {
            POLLING.setVolatile(this, false);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A lane of this loop from now on; it is closed if the loop has ended. Any thread. */
    void add(LaneKeeper keeper) {
        execute(() -> {
            if (!closed) {
                keepers.add(keeper);
                return;
            }
            while (!keeper.close()) {
                Thread.onSpinWait();
            }
        });
    }

    /** A lane has ended. */
    void remove(LaneKeeper keeper) {
        keepers.remove(keeper);
        timers.remove(keeper.timer());
    }

    void join(LoopMember member) {
        if (!members.contains(member)) {
            members.add(member);
            lookAtNs = Math.min(lookAtNs, nowNs + LOOK_ROUND_NS);
        }
    }

    void part(LoopMember member) {
        members.remove(member);
    }

    private void look() {
        lookAtNs = nowNs + LOOK_ROUND_NS;
        for (int i = 0; i < members.size(); i++) {
            try {
                members.get(i).look(nowNs);
            } catch (Throwable t) {
                settings.lanes().counters().loopFailures.increment();
            }
        }
    }

    /** How many nodes have this loop. */
    AtomicInteger nodes() {
        return nodes;
    }

    long nowNs() {
        return clock.nowNs();
    }

    /** Has the keeper of the timer called then or before; returns when. */
    long schedule(LoopTimers.Timer timer, long atNs) {
        return timers.set(timer, atNs);
    }

    void unschedule(LoopTimers.Timer timer) {
        timers.remove(timer);
    }

    /**
     * Hands completions over to those who run users' code. Any thread; in a turn of this loop those of all its lanes go
     * together, since each hand-over may wake a thread.
     */
    void dispatch(@Nullable Completion first) {
        if (first == null) {
            return;
        }
        if (!isInTurn()) {
            dispatcher.dispatch(first);
            return;
        }
        if (lastDone == null) {
            firstDone = first;
        } else {
            lastDone.next(first);
        }
        Completion last = first;
        doneCount++;
        for (Completion next = last.next(); next != null; next = last.next()) {
            last = next;
            doneCount++;
        }
        lastDone = last;
        if (doneCount >= ENOUGH_DONE) {
            dispatchDone();
        }
    }

    private void dispatchDone() {
        while (firstDone != null) { // an executor may run users' code here, and that may end more
            Completion first = firstDone;
            firstDone = null;
            lastDone = null;
            doneCount = 0;
            dispatcher.dispatch(first);
        }
    }

    Executor resolver() {
        return settings.resolver();
    }

    Selector selector() {
        return selector;
    }

    boolean callersDrive() {
        return driving == Driving.CALLER;
    }

    /** Whether it will not take what is queued just now: it sleeps, or something else has kept it for long. Any thread. */
    boolean isAway() {
        return sleeping || heartbeat.isLate();
    }

    boolean isInvoked() {
        return driving == Driving.INVOKED;
    }

    /** Whether this thread is inside a turn of this loop. */
    boolean isInTurn() {
        return dutyThread == Thread.currentThread();
    }

    /** Whether this thread is inside a turn of this loop or of another one of the same client. */
    boolean isAnyInTurn() {
        for (int i = 0; i < siblings.size(); i++) {
            if (siblings.get(i).isInTurn()) {
                return true;
            }
        }
        return false;
    }

    /** Says which loops the client has, this one included, before any of them runs. */
    void siblings(List<EventLoop> siblings) {
        this.siblings = siblings;
    }

    /** Has the loop fail and close all its lanes and end. Any thread. */
    void shutDown() {
        closing = true;
        VarHandle.fullFence();
        wake();
    }

    /** What the loop does now. Any thread. */
    ClientHealth.Loop health() {
        return new ClientHealth.Loop(name, closed ? ClientHealth.State.ENDED : heartbeat.state(), heartbeat.turns());
    }

    boolean isClosing() {
        return closing;
    }

    boolean isClosed() {
        return closed;
    }

    private boolean closeLanes() {
        boolean all = true;
        for (LaneKeeper keeper : keepers) {
            all &= keeper.close();
        }
        if (!all) {
            Thread.yield();
        }
        return all;
    }

    private void closeSelector() throws IOException {
        try {
            selector.selectNow(); // closed channels that are still registered stay open until then
            selector.close();
        } finally {
            dispatchDone();
            closed = true;
            VarHandle.fullFence();
            finishDeliveries();
            runTasks();
        }
    }

    /** The thread that ran this loop is gone: every connection is given up, so that nothing waits for it in vain. */
    void failLanes(Throwable cause) {
        for (LaneKeeper keeper : keepers) {
            try {
                keeper.stop(cause);
            } catch (RuntimeException e) {
                settings.lanes().counters().loopFailures.increment();
            }
        }
    }
}
