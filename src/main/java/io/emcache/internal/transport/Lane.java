package io.emcache.internal.transport;

import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.telemetry.LaneTelemetry;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.Selector;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a node, with everything that belongs to it. Safe for all threads.
 *
 * <p>Whoever holds the <em>driver token</em> ({@link Duty}) runs the duty cycle: takes commands from the ring, writes,
 * reads, completes. The rules that let no wake-up be lost:
 *
 * <ul>
 *   <li><em>Publish</em>: commit, full fence, try the token; on failure wake the driver, if it said that it sleeps.
 *   <li><em>Sleep</em>: say so, full fence, look at the ring again, select.
 *   <li><em>Ride</em>: put your thread into the slot, full fence, try the token once more, park.
 *   <li><em>Leave</em>, on every way out: if anything is left to do, the oldest rider is unparked, or else the event
 *       loop is asked. Both take the token by CAS like anybody.
 * </ul>
 *
 * <p>A lane outlives its connections. Calls enter through the {@link Admission admission word}; its memory goes back when
 * the last of them leaves a closed lane.
 */
public final class Lane {
    /** Never connected: commands wait. */
    static final int NEW = 0;
    /** On the way to a connection. */
    static final int CONNECTING = 1;
    /** Connected; what the server is, is not known yet. */
    static final int NEGOTIATING = 2;
    /** In service. */
    static final int ACTIVE = 3;
    /** The connection is gone; the loop has not seen to it yet. */
    static final int BROKEN = 4;
    /** Waits for the next attempt to connect. */
    static final int WAITING = 5;
    /** Gone for good. */
    static final int CLOSED = 6;

    private static final int KEYS_BYTES = 64 * 1024;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int PAGE_BYTES = 4096;

    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(Slot[].class);
    private static final VarHandle EARLIEST;
    private static final VarHandle ATTENTION;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            EARLIEST = lookup.findVarHandle(Lane.class, "earliestAsyncNs", long.class);
            ATTENTION = lookup.findVarHandle(Lane.class, "attention", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long earliestAsyncNs = Long.MAX_VALUE;
    private volatile long drainUntilNs = Long.MAX_VALUE;
    private volatile long connection;
    private volatile int state = NEW;
    private volatile boolean armed;

    @SuppressWarnings("unused") // through ATTENTION
    private volatile boolean attention;

    private final LaneSettings settings;
    private final LaneTelemetry telemetry;
    private final Admission admission;
    private final @Nullable Slot[] slots;
    private final SlotIndexStack freeSlots;
    private final Slab memory;
    private final CommandRing ring;
    private final CommandWriter writer;
    private final LaneLoad load = new LaneLoad();
    private final RiderWatch riders;
    private final Wire wire;
    private final Duty duty;
    private final Callers callers;
    private final EventLoop loop;
    private final LaneKeeper keeper;

    /** The next lane that asked for the loop's attention; the loop's list. */
    @Nullable
    Lane nextAsking;

    private volatile @Nullable Throwable lastFailure;
    private volatile @Nullable Throwable end;

    Lane(LaneSettings settings, EventLoop loop, LaneOwner owner, Endpoint endpoint, @Nullable Selector selector) {
        this.settings = settings;
        this.loop = loop;
        this.admission = new Admission(Admission.MOST_CALLS, settings.maxBytes());
        this.slots = new Slot[settings.maxCalls()]; // they bound the calls: a stay is not one
        this.freeSlots = new SlotIndexStack(settings.maxCalls());
        this.riders = new RiderWatch(slots, settings);
        long ringBytes = roundUp(CommandRing.requiredBytes(settings.ringBytes()));
        Slab memory = settings.slabs().lease(MemoryTag.LANE, ringBytes + KEYS_BYTES + 2 * BUFFER_BYTES);
        if (memory == null) {
            throw new IllegalStateException("no off-heap memory left for a connection");
        }
        this.memory = memory;
        this.telemetry = owner.telemetry().openLane();
        MemorySegment segment = memory.segment();
        this.ring = CommandRings.create(segment.asSlice(0, ringBytes), settings.ringBytes());
        this.writer = new CommandWriter(ring, settings.slabs(), BUFFER_BYTES / 2);
        this.wire = new Wire(
                this,
                ring,
                segment.asSlice(ringBytes, KEYS_BYTES),
                segment.asSlice(ringBytes + KEYS_BYTES, BUFFER_BYTES),
                segment.asSlice(ringBytes + KEYS_BYTES + BUFFER_BYTES, BUFFER_BYTES));
        this.duty = new Duty(this, wire, ring, loop, selector);
        this.callers = new Callers(this, wire, duty, loop);
        this.keeper = new LaneKeeper(this, wire, duty, ring, loop, owner, endpoint);
        admission.enter(0); // the loop's own stay
    }

    private static long roundUp(long bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /**
     * Enters the lane with a command, or is refused: the lane is full or closed.
     *
     * @param op one of {@link OpCode}
     * @param bytes key and value together, in bytes
     * @param deadlineNs when the call ends, by the clock of the client
     * @param completion where the reply goes, or null if the calling thread will {@link #await} it; with one, the call
     *     stays inside until {@link #launch}, however soon the reply is there
     * @return a slot to publish, or null
     */
    public @Nullable Slot begin(int op, long bytes, long deadlineNs, @Nullable Completion completion) {
        long admitted = CommandLayout.HEADER_LENGTH + bytes;
        if (admission.enter(admitted) != Admission.ENTERED) {
            return null;
        }
        if (state != ACTIVE) {
            telemetry.node().waited();
        }
        int index = freeSlots.pop();
        if (index < 0) {
            leave(admitted);
            return null;
        }
        Slot slot = (Slot) SLOTS.getAcquire(slots, index);
        if (slot == null) {
            slot = new Slot(this, index);
            SLOTS.setRelease(slots, index, slot);
        }
        slot.open(op, admitted, deadlineNs, completion);
        if (completion != null) {
            admission.hold();
        }
        return slot;
    }

    /**
     * Puts a command for one key into the ring. The memory of key and value is the caller's again when this returns.
     *
     * @param slot what {@link #begin} gave
     * @param key the segment that the key begins
     * @param keyLength its length in bytes
     * @param value the value, or null if the command has none
     * @return false if there is no room now; the slot is given back then
     */
    public boolean publish(Slot slot, MemorySegment key, int keyLength, byte @Nullable [] value) {
        hold(slot);
        boolean published = false;
        try {
            published = writer.write(slot, key, keyLength, value);
        } finally {
            if (!published) {
                giveBack(slot);
            }
        }
        return published;
    }

    /**
     * Puts a command for one key with a value from a segment into the ring, as the other {@code publish}.
     *
     * @param slot what {@link #begin} gave
     * @param key the segment that the key begins
     * @param keyLength its length in bytes
     * @param value where the value is
     * @param valueOffset where it begins
     * @param valueLength its length in bytes
     * @return false if there is no room now; the slot is given back then
     */
    public boolean publish(
            Slot slot, MemorySegment key, int keyLength, MemorySegment value, long valueOffset, int valueLength) {
        hold(slot);
        boolean published = false;
        try {
            published = writer.write(slot, key, keyLength, value, valueOffset, valueLength);
        } finally {
            if (!published) {
                giveBack(slot);
            }
        }
        return published;
    }

    /**
     * Puts a command for many keys into the ring.
     *
     * @param slot what {@link #begin} gave
     * @param block the keys, as {@link CommandLayout} describes a key block, from the start of the segment
     * @param keyCount how many keys
     * @param blockLength bytes of the block
     * @param batch where the values go
     * @return false if there is no room now; the slot is given back then
     */
    public boolean publishMany(Slot slot, MemorySegment block, int keyCount, int blockLength, Batch batch) {
        slot.batch = batch;
        boolean published = false;
        try {
            published = writer.writeMany(slot, block, keyCount, blockLength);
        } finally {
            if (!published) {
                giveBack(slot);
            }
        }
        return published;
    }

    /**
     * Gives back a slot that was begun and not published.
     *
     * @param slot what {@link #begin} gave
     */
    public void cancel(Slot slot) {
        boolean held = slot.completion != null;
        retire(slot);
        if (held) {
            leave(0);
        }
    }

    /** A call whose reply nobody waits for stays inside until {@link #launch}, however soon the reply is there. */
    private void hold(Slot slot) {
        if (slot.quiet && slot.completion == null) { // with a completion it was held from the beginning
            admission.hold();
        }
    }

    /** There was no room: the slot goes back, and the loop sees to what a refused claim may have left in the ring. */
    private void giveBack(Slot slot) {
        boolean held = slot.completion != null || slot.quiet;
        loop.request(this);
        retire(slot);
        if (held) {
            leave(0);
        }
    }

    /**
     * Waits for the reply to a published command of this thread, driving the lane or riding on it, until its deadline.
     *
     * @param slot a slot without completion; afterwards to be given to {@link #release}, unless it was abandoned
     * @return the outcome, with the phase in which the call was given up if it was; {@link Outcome#NONE} if the group of
     *     the slot has called its owner away, who comes back later
     */
    public int await(Slot slot) {
        return callers.await(slot);
    }

    /**
     * Gets a published command with a completion on its way, without waiting, and ends the call's stay in the lane.
     *
     * @param deadlineNs the deadline that the slot was begun with; the slot itself may have another owner by now
     */
    public void launch(long deadlineNs) {
        try {
            callers.kick(deadlineNs);
        } finally {
            leave(0);
        }
    }

    /** Gets a published command of this thread on its way, which it will {@link #await} after others. */
    public void flush() {
        callers.flush();
    }

    /**
     * Reads what is there, without waiting, for a call that is about to be given up; unless somebody drives, who does the
     * same, or a loop that never sleeps.
     */
    public void readOnce() {
        callers.readOnce();
    }

    void wakeDriver() {
        duty.wakeDriver();
    }

    /** One more stay of somebody who is inside, to be ended by {@link #leave}. */
    void hold() {
        admission.hold();
    }

    /**
     * Gives a finished slot back.
     *
     * @param slot a slot whose outcome and value were read
     */
    public void release(Slot slot) {
        retire(slot);
    }

    /**
     * Gives a command up whose reply nobody wants any more; the reply is consumed when it comes.
     *
     * @param slot the slot, which may have found another owner since
     * @param completion the completion that it was opened with
     * @return true if the completion will never be called
     */
    public boolean abandon(Slot slot, Completion completion) {
        return abandonedIn(slot, completion) >= 0;
    }

    /**
     * Does what {@link #abandon} does, and says how far the command got.
     *
     * @param slot the slot, which may have found another owner since
     * @param completion the completion that it was opened with
     * @return one of the phases of {@link Slot}; negative if the completion is being called or was
     */
    public int abandonedIn(Slot slot, Completion completion) {
        int generation = slot.generation();
        boolean abandoned = slot.completion == completion && slot.abandon(generation);
        return abandoned ? slot.phaseWhenAbandoned(generation) : -1;
    }

    /**
     * Where it leads.
     *
     * @return the identity of the node
     */
    public String node() {
        return keeper.endpoint().toString();
    }

    /**
     * Whether commands go straight to a connection.
     *
     * @return true if there is a connection in service
     */
    public boolean isActive() {
        return state == ACTIVE;
    }

    /**
     * Whether nobody drives the lane now: a hint.
     *
     * @return true if a caller would find the token free
     */
    public boolean isFree() {
        return !duty.isTaken();
    }

    /**
     * How many calls are inside: a gauge.
     *
     * @return calls, 0 for an idle lane
     */
    public int calls() {
        return Math.max(0, admission.calls() - 1);
    }

    /**
     * How many bytes of commands are inside: a gauge.
     *
     * @return bytes, 0 for an idle lane
     */
    public long queuedBytes() {
        return admission.bytes();
    }

    /**
     * Whether more is inside than a share of something.
     *
     * @param calls the share of calls
     * @param bytes the share of bytes
     * @return true if one of the two is passed
     */
    public boolean isAbove(int calls, long bytes) {
        return calls() > calls || admission.bytes() > bytes;
    }

    /**
     * Commands encoded and not answered: a hint that may be stale.
     *
     * @return how many
     */
    public int inFlight() {
        return wire.inFlight();
    }

    /**
     * How much goes through the lane.
     *
     * @return always the same one
     */
    public LaneLoad load() {
        return load;
    }

    /**
     * The number that its owner has given to the connection in service.
     *
     * @return 0 before the first
     */
    public long connection() {
        return connection;
    }

    /**
     * Numbers the connection in service. By the event loop.
     *
     * @param number what {@link #connection} returns from now on
     */
    public void connection(long number) {
        connection = number;
    }

    /**
     * Counts a call that has ended at its deadline. Only for one whose slot was given up from outside.
     *
     * @param phase one of the phases of {@link Slot}
     * @param elapsedNs since the call began
     */
    public void timedOut(int phase, long elapsedNs) {
        telemetry.node().timedOut(phaseOf(phase), elapsedNs);
    }

    /**
     * Names how far a call got, at its deadline.
     *
     * @param phase one of the phases of {@link Slot}
     * @return the same, with what the lane is doing now
     */
    public Phase phaseOf(int phase) {
        return switch (phase) {
            case Slot.SENT -> Phase.WRITTEN;
            case Slot.RECEIVING -> Phase.RECEIVING;
            default -> isActive() ? Phase.QUEUED : Phase.CONNECTING;
        };
    }

    /**
     * Whether the lane takes no calls any more.
     *
     * @return true once it is closed
     */
    public boolean isClosed() {
        return admission.isClosed();
    }

    /**
     * Why the last connection, or the last attempt, failed.
     *
     * @return the cause, or null if nothing ever failed
     */
    public @Nullable Throwable lastFailure() {
        return lastFailure;
    }

    /** Has the loop connect. */
    public void start() {
        loop.request(this);
    }

    /** Takes no new calls. Those inside go on. */
    public void refuse() {
        admission.close();
    }

    /**
     * Takes no new calls, and ends for good when those inside are done: then its owner is told, and connection, memory
     * and all else is given back. Any thread.
     *
     * @param untilNs when it ends at the latest, by the clock of the client; what is inside fails then
     */
    public void drain(long untilNs) {
        drainUntilNs = untilNs;
        admission.close();
        loop.request(this);
    }

    /**
     * Closes the connection if nothing is in flight and no command was taken since a time. By the event loop.
     *
     * @param sinceNs the time, by the clock of the client
     * @param cause why
     */
    public void stopIfSilent(long sinceNs, Throwable cause) {
        keeper.stopIfSilent(sinceNs, cause);
    }

    boolean isDraining() {
        return drainUntilNs != Long.MAX_VALUE;
    }

    /** Whether a lane that drains is to end now. */
    boolean isDrained(long nowNs) {
        return admission.calls() <= 1 || nowNs >= drainUntilNs;
    }

    long drainUntilNs() {
        return drainUntilNs;
    }

    /** What fails commands that are found in a lane that has ended. Said before the state is CLOSED. */
    void end(Throwable cause) {
        end = cause;
    }

    @Nullable
    Throwable end() {
        return end;
    }

    LaneSettings settings() {
        return settings;
    }

    TransportCounters counters() {
        return settings.counters();
    }

    /** What went over this lane: for the holder of the driver token. */
    LaneTelemetry telemetry() {
        return telemetry;
    }

    LaneKeeper keeper() {
        return keeper;
    }

    Slot slot(int index) {
        Slot slot = (Slot) SLOTS.getAcquire(slots, index);
        if (slot == null) {
            throw new IllegalStateException("no such slot");
        }
        return slot;
    }

    int state() {
        return state;
    }

    void state(int state) {
        this.state = state;
    }

    boolean isConnected() {
        int state = this.state;
        return state == ACTIVE || state == NEGOTIATING;
    }

    /** Whether the loop hears of bytes that arrive. */
    boolean isArmed() {
        return armed;
    }

    void armed(boolean armed) {
        this.armed = armed;
    }

    /** True for the one caller that may put this lane on the loop's list. */
    boolean ask() {
        return !attention && ATTENTION.compareAndSet(this, false, true);
    }

    void heard() {
        attention = false;
        VarHandle.fullFence();
    }

    void broken(Throwable cause) {
        lastFailure = cause;
        state = BROKEN;
    }

    void failed(Throwable cause) {
        lastFailure = cause;
    }

    /** The reply is here: by the driver. */
    void finish(Slot slot, int outcome) {
        slot.outcome = outcome;
        Completion completion = slot.completion;
        boolean unawaited = slot.quiet || slot.direct; // once it is done, a waiting owner may make room for the next
        count(slot, outcome);
        if (!slot.finish()) {
            retire(slot);
        } else if (unawaited) {
            finishUnawaited(slot, outcome, completion);
        } else if (completion != null) {
            completion.take(slot);
            duty.collect(completion);
            retire(slot);
        } else {
            Thread rider = slot.rider();
            if (rider != null) {
                LockSupport.unpark(rider);
            }
            SlotGroup group = slot.group();
            if (group != null) {
                group.ended(outcome);
            }
        }
    }

    /** Before it is done, so that whoever learns of it finds it counted. What was given up was counted then. */
    private void count(Slot slot, int outcome) {
        if (!slot.isPending()) {
            return;
        }
        if (Outcome.isAnswer(outcome)) {
            telemetry.answered();
        } else {
            countFailure(slot, outcome);
        }
    }

    private void countFailure(Slot slot, int outcome) {
        int code = Outcome.code(outcome);
        if (code == Outcome.TIMEOUT || code == Outcome.OVERDUE) {
            timedOut(Outcome.phase(outcome), slot.elapsedNs(settings.clock().nowNs()));
        } else {
            telemetry.failed();
        }
    }

    /**
     * Nobody waits: a callback is told on the loop, and with a command without a reply only failures matter. An answer is
     * told where it is read; a failure is told later, since here somebody goes through what is in flight or in the ring.
     */
    private void finishUnawaited(Slot slot, int outcome, @Nullable Completion completion) {
        if (completion == null) {
            noteIfFailed(slot, outcome);
            retire(slot);
            return;
        }
        completion.take(slot);
        if (Outcome.isAnswer(outcome) && loop.isInTurn()) {
            loop.finish(completion);
            retire(slot);
        } else {
            retire(slot);
            loop.deliver(completion);
        }
    }

    private void noteIfFailed(Slot slot, int outcome) {
        if (!Outcome.isAnswer(outcome)) {
            settings.counters().noReplyFailures.increment();
            settings.listener().noReplyFailed(node(), slot.op, outcome, slot.text);
        }
    }

    void fail(Slot slot, int outcome, Throwable cause) {
        slot.cause = cause;
        finish(slot, Outcome.of(outcome, slot.phase()));
    }

    /** Takes a slot out of use and lets its call leave: by the owner or by the driver, whoever is second. */
    void retire(Slot slot) {
        long admitted = slot.admittedBytes;
        Slab external = slot.external;
        if (external != null) {
            slot.external = null;
            external.release();
        }
        slot.clear();
        freeSlots.push(slot.index);
        leave(admitted);
    }

    /** Ends a stay. The last one out of a closed lane gives its memory back; the last call, before it, has the loop look. */
    void leave(long bytes) {
        int left = admission.leave(bytes);
        if (left == 0) {
            memory.release();
            telemetry.end();
        } else if (left == 1) {
            loop.request(this);
        }
    }

    /** Has the loop look at the deadlines then. After a full fence that follows what the loop is to see. */
    void noteDeadline(long deadlineNs) {
        long earliest = earliestAsyncNs;
        while (deadlineNs < earliest && !EARLIEST.compareAndSet(this, earliest, deadlineNs)) {
            earliest = earliestAsyncNs;
        }
    }

    /** Has the rider of a slot, which parks without a time-out, woken at its deadline. By its owner, before the loop is told. */
    void watch(Slot slot) {
        riders.watch(slot);
    }

    long earliestAsyncNs() {
        return earliestAsyncNs;
    }

    /** Gives up every asynchronous command whose deadline has passed, and wakes riders that asked for it: by the loop. */
    void expire(long nowNs) {
        EARLIEST.setVolatile(this, Long.MAX_VALUE);
        VarHandle.fullFence();
        Completion expired = null;
        for (int i = 0; i < slots.length; i++) {
            Slot slot = (Slot) SLOTS.getAcquire(slots, i);
            if (slot == null) {
                continue;
            }
            int generation = slot.generation();
            Completion completion = slot.completion;
            long deadlineNs = slot.deadlineNs;
            long elapsedNs = slot.elapsedNs(nowNs);
            boolean expires = completion != null || slot.watched;
            if (!expires || !slot.isPending(generation)) {
                continue;
            }
            if (deadlineNs - nowNs > 0) {
                noteDeadline(deadlineNs);
                continue;
            }
            if (completion == null) {
                LockSupport.unpark(slot.rider());
                continue;
            }
            if (slot.abandon(generation)) {
                int phase = slot.phaseWhenAbandoned(generation);
                timedOut(phase, elapsedNs);
                completion.giveUp(this, Outcome.TIMEOUT, phase);
                if (completion.runsOnLoop()) {
                    loop.finish(completion);
                    continue;
                }
                completion.next(expired);
                expired = completion;
            }
        }
        loop.dispatch(expired);
    }

    @Override
    public String toString() {
        return "Lane[node=" + keeper.endpoint() + ", state=" + state + ", calls=" + calls() + "]";
    }
}
