package io.emcache.internal.transport;

import io.emcache.internal.protocol.ProtocolException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The driver token of a lane and what its holder does. {@link #tryTake}, {@link #wakeDriver} and {@link #kill} are for
 * any thread, everything else for the holder.
 */
final class Duty {
    private static final int SPINS_BEFORE_YIELD = 64;
    private static final VarHandle TOKEN;
    private static final VarHandle ASLEEP;
    private static final VarHandle SLEEP_UNTIL;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TOKEN = lookup.findVarHandle(Duty.class, "token", int.class);
            ASLEEP = lookup.findVarHandle(Duty.class, "driverAsleep", boolean.class);
            SLEEP_UNTIL = lookup.findVarHandle(Duty.class, "sleepUntilNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private int driverInterest;
    private int emptyTurns;
    private boolean readable;

    @SuppressWarnings("unused") // through SLEEP_UNTIL
    private long sleepUntilNs = Long.MAX_VALUE;

    private volatile long watchedFromNs = Long.MAX_VALUE;

    @SuppressWarnings("unused") // through TOKEN
    private volatile int token;

    private volatile boolean driverAsleep;

    private final Lane lane;
    private final Wire wire;
    private final CommandRing ring;
    private final EventLoop loop;
    private final NanoClock clock;
    private final Consumer<SelectionKey> onReady = this::noteReady;
    private final @Nullable Selector selector;

    private @Nullable Completion firstDone;
    private @Nullable Completion lastDone;
    private @Nullable SelectionKey driverKey;
    private volatile @Nullable Throwable killer;

    /**
     * @param selector what a calling thread sleeps in, or null if callers never drive
     */
    Duty(Lane lane, Wire wire, CommandRing ring, EventLoop loop, @Nullable Selector selector) {
        this.lane = lane;
        this.wire = wire;
        this.ring = ring;
        this.loop = loop;
        this.clock = lane.settings().clock();
        this.selector = selector;
    }

    boolean tryTake() {
        return (int) TOKEN.getOpaque(this) == 0 && TOKEN.compareAndSet(this, 0, 1);
    }

    boolean isTaken() {
        return (int) TOKEN.getVolatile(this) != 0;
    }

    /** Wakes a driver that said that it sleeps; at most one thread does it for each sleep. */
    void wakeDriver() {
        if (driverAsleep && ASLEEP.compareAndSet(this, true, false) && selector != null) {
            selector.wakeup();
        }
    }

    /** Has the connection closed by whoever drives, for this reason. */
    void kill(Throwable reason) {
        killer = reason;
        VarHandle.fullFence();
        wakeDriver();
    }

    /**
     * Drives until the slot has its reply, the deadline has passed, the thread is interrupted or called away, or the
     * connection is gone. Gives the token back.
     */
    void driveFor(Slot own) {
        own.hinted = false;
        try {
            while (own.isPending() && lane.isActive()) {
                long nowNs = clock.nowNs();
                if (!turn(nowNs) || Thread.currentThread().isInterrupted()) {
                    return;
                }
                if (wire.awaitsDirect()) {
                    return; // only the loop may read, which leaving asks for
                }
                if (own.deadlineNs - nowNs <= 0) {
                    wire.read();
                    return;
                }
                if (isStalled(nowNs)) {
                    throw new StallException();
                }
                if (own.isPending()) {
                    sleep(own, nowNs);
                    if (readable) {
                        wire.read();
                    }
                }
                if (firstDone != null || own.isCalledAway()) {
                    return; // futures of others do not wait for the reply of this thread: it leaves, and comes back
                }
            }
        } catch (Throwable t) {
            die(t);
        } finally {
            leave();
        }
    }

    /** Writes what is there, and reads if others wait already, without waiting for anything. Gives the token back. */
    void driveOnce() {
        try {
            if (lane.isActive()) {
                boolean owed = wire.inFlight() > 0;
                if (turn(clock.nowNs()) && owed && !wire.awaitsDirect()) {
                    wire.read();
                }
            }
        } catch (Throwable t) {
            die(t);
        } finally {
            leave();
        }
    }

    /** Takes what is in the ring and writes it; false if the connection had to be closed. */
    private boolean turn(long nowNs) throws IOException {
        Throwable killer = this.killer;
        if (killer != null && obeys(killer, nowNs)) {
            die(killer);
            return false;
        }
        boolean madeRoom;
        do {
            emptyTurns = wire.drain(nowNs) == 0 ? emptyTurns + 1 : 0;
            madeRoom = wire.hasUnsent() && !wire.write() && wire.isBlocked();
        } while (madeRoom);
        return true;
    }

    /** A stall that was seen from outside may be over: the replies are here, or there were none to wait for. */
    private boolean obeys(Throwable killer, long nowNs) throws IOException {
        if (killer instanceof StallException && !isStalled(nowNs)) {
            this.killer = null;
            return false;
        }
        return true;
    }

    private boolean isStalled(long nowNs) throws IOException {
        if (nowNs < wire.stallAtNs() || (wire.awaitsDirect() && !loop.isInTurn())) {
            return false;
        }
        wire.read();
        return nowNs >= wire.stallAtNs();
    }

    private void sleep(Slot own, long nowNs) throws IOException {
        long deadlineNs = own.deadlineNs;
        Selector selector = this.selector;
        SelectionKey key = driverKey;
        if (selector == null || key == null) {
            throw new IOException("nothing to wait for");
        }
        int interest = wire.wantsToWrite() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (interest != driverInterest) {
            key.interestOps(interest);
            driverInterest = interest;
        }
        long waitNs = Math.min(deadlineNs, wire.stallAtNs()) - nowNs;
        readable = false;
        SLEEP_UNTIL.setOpaque(this, deadlineNs);
        ASLEEP.setOpaque(this, true);
        VarHandle.fullFence();
        if (killer != null || own.isCalledAway() || (ring.hasWork() && !wire.isBlocked())) {
            ASLEEP.setOpaque(this, false);
            pause();
            selector.selectNow(onReady);
        } else if (watchedFromNs <= deadlineNs) {
            selector.select(onReady); // a time-out costs the kernel a timer
            ASLEEP.setOpaque(this, false);
        } else {
            selector.select(onReady, EventLoop.ceilMillis(waitNs));
            ASLEEP.setOpaque(this, false);
        }
        SLEEP_UNTIL.setOpaque(this, Long.MAX_VALUE);
    }

    /** When a driver that sleeps must be woken, by the clock; for ever if none sleeps. */
    long sleepUntilNs() {
        return (long) SLEEP_UNTIL.getOpaque(this);
    }

    /**
     * The loop will look at this lane then, and from then on knows how long its driver sleeps. Returns whether a driver
     * has gone to sleep meanwhile that must be woken before.
     */
    boolean watchFrom(long nextLookNs) {
        watchedFromNs = nextLookNs;
        VarHandle.fullFence();
        return sleepUntilNs() < nextLookNs;
    }

    private void noteReady(SelectionKey key) {
        readable |= key.isReadable();
    }

    /** Somebody has claimed and not committed: let them. */
    private void pause() {
        if (emptyTurns > SPINS_BEFORE_YIELD) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    /** The loop's turn: reads if there is something, takes, writes; returns what was done. Keeps the token. */
    int service(boolean readable) {
        long before = wire.activity();
        try {
            if (readable && lane.isConnected()) {
                wire.read();
            }
            if (lane.isActive()) {
                turn(clock.nowNs());
            }
        } catch (Throwable t) {
            die(t);
        }
        return (int) (wire.activity() - before);
    }

    /** The loop's way out: what is left to do it finds by itself. */
    void release() {
        Completion done = takeDone();
        TOKEN.setRelease(this, 0);
        VarHandle.fullFence();
        if (ring.hasWork() && !wire.isBlocked() && lane.isActive()) {
            loop.remember(lane);
        }
        loop.dispatch(done);
    }

    /** The only way out for everybody but the loop. */
    void leave() {
        Slot heir = null;
        int generation = 0;
        try {
            if (lane.isActive()) {
                if (ring.hasWork() && !wire.isBlocked()) {
                    turn(clock.nowNs());
                }
                heir = wire.awaitsDirect() ? null : wire.findHeir();
                generation = heir == null ? 0 : heir.generation();
            }
        } catch (Throwable t) {
            die(t);
            heir = null;
        }
        boolean owing = wire.inFlight() > 0 || wire.hasUnsent();
        Completion done = takeDone();
        TOKEN.setRelease(this, 0);
        VarHandle.fullFence();
        if (!lane.isActive() || killer != null) {
            loop.request(lane);
        } else if (heir != null && heir.isPending(generation)) {
            LockSupport.unpark(heir.rider());
        } else if (ring.hasWork() || (owing && !(lane.isArmed() && heir == null && !wire.wantsToWrite()))) {
            loop.request(lane);
        }
        loop.dispatch(done);
    }

    /** Fails what is in the ring of a closed lane, on whatever thread finds it there. */
    void bury() {
        VarHandle.fullFence();
        while (ring.hasWork() || wire.inFlight() > 0) {
            if (tryTake()) {
                Throwable end = lane.end();
                Throwable cause = end == null ? new ShutdownException() : end;
                wire.failAll(cause instanceof ShutdownException ? Outcome.CLOSED : Outcome.UNSENT, cause);
                release();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Something has failed: closes the connection. */
    void die(Throwable cause) {
        if (lane.isConnected()) {
            lane.counters().dutyFailures.increment();
            end(cause);
        }
    }

    /** Closes the connection; what had begun fails, what had not is kept. */
    void end(Throwable cause) {
        if (!lane.isConnected()) {
            return;
        }
        killer = null;
        try {
            wire.detach(outcomeOf(cause), cause);
            driverKey = null;
            if (selector != null) {
                selector.selectNow(); // a cancelled key holds its channel open until then
            }
        } catch (Throwable t) {
            if (t != cause) {
                cause.addSuppressed(t);
            }
        } finally {
            lane.broken(cause);
        }
    }

    private int outcomeOf(Throwable cause) {
        if (cause instanceof ShutdownException) {
            return Outcome.CLOSED;
        }
        if (cause instanceof StallException) {
            lane.counters().stalls.increment();
            return Outcome.LOST;
        }
        if (cause instanceof DesyncException || cause instanceof ProtocolException) {
            lane.counters().desyncDetected.increment();
            return Outcome.VIOLATION;
        }
        return Outcome.LOST;
    }

    /** A new connection to drive. */
    void attach(SocketChannel channel, SocketStream stream, @Nullable Login login) throws IOException {
        wire.attach(stream, login);
        killer = null;
        if (selector != null) {
            driverInterest = SelectionKey.OP_READ;
            driverKey = channel.register(selector, driverInterest);
        }
    }

    /** Keeps a completion until the token is given back: what it runs must not run under it. */
    void collect(Completion completion) {
        completion.next(null);
        if (lastDone == null) {
            firstDone = completion;
        } else {
            lastDone.next(completion);
        }
        lastDone = completion;
    }

    private @Nullable Completion takeDone() {
        Completion done = firstDone;
        firstDone = null;
        lastDone = null;
        return done;
    }

    void closeSelector() {
        if (selector != null) {
            try {
                selector.close();
            } catch (IOException e) {
                lane.counters().closeFailures.increment();
            }
        }
    }
}
