package io.emcache.internal.transport;

import io.emcache.internal.memory.Slab;
import io.emcache.internal.protocol.CommandLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way: from the call that owns it, through the ring, to the reply.
 *
 * <p>The owner writes the request fields before it publishes; the driver of the lane writes the result fields before
 * {@code PENDING -> DONE}; the owner reads them after it. {@code PENDING -> ABANDONED} is the owner's other way out.
 * The second of the two frees the slot. The state word carries a generation, so that nobody acts on a slot that has
 * found a new owner.
 */
public final class Slot implements Reply {
    /** The command waits in the ring. */
    public static final int QUEUED = 0;
    /** The command is encoded; bytes of it may be with the server. */
    public static final int SENT = 1;
    /** A part of the reply is here. */
    public static final int RECEIVING = 2;

    /** Beside the options of {@link CommandLayout}: a read that does not become a part of a multi-key get. */
    public static final int ALONE = 0x100;

    private static final int STATE_BITS = 2;
    private static final long UNKNOWN = Long.MIN_VALUE;
    private static final int GENERATION_MASK = -(1 << STATE_BITS);
    private static final int FREE = 0;
    private static final int PENDING = 1;
    private static final int DONE = 2;
    private static final int ABANDONED = 3;
    private static final VarHandle STATE;
    private static final VarHandle PHASE;
    private static final VarHandle RIDER;
    private static final VarHandle GROUP;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Slot.class, "state", int.class);
            PHASE = lookup.findVarHandle(Slot.class, "phase", int.class);
            RIDER = lookup.findVarHandle(Slot.class, "rider", Thread.class);
            GROUP = lookup.findVarHandle(Slot.class, "group", SlotGroup.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final int index;

    int op;
    int options;
    int itemFlags;
    int exptime;
    long number;
    long extra;
    long admittedBytes;
    long startNs;
    long dueNs;
    long deadlineNs;
    int outcome;
    int phase;
    long counter;
    boolean quiet;
    boolean direct;
    int directLength;
    long directOffset;
    boolean watched;
    private boolean mayDrive;
    volatile boolean hinted;
    private volatile int state;

    final Lane lane;

    @Nullable
    Completion completion;

    @Nullable
    Batch batch;

    @Nullable
    Slab external;

    @Nullable
    ItemMeta meta;

    @Nullable
    MemorySegment directSegment;

    byte @Nullable [] value;

    @Nullable
    String text;

    @Nullable
    Throwable cause;

    @SuppressWarnings("unused") // through RIDER
    private volatile @Nullable Thread rider;

    private volatile @Nullable SlotGroup group;

    Slot(Lane lane, int index) {
        this.lane = lane;
        this.index = index;
    }

    /** Takes a free slot into use. Called by its new owner only. */
    int open(int op, long admittedBytes, long deadlineNs, @Nullable Completion completion) {
        this.op = op;
        this.admittedBytes = admittedBytes;
        this.startNs = UNKNOWN;
        this.dueNs = deadlineNs;
        this.deadlineNs = completion == null ? deadlineNs : Long.MAX_VALUE;
        this.options = 0;
        this.itemFlags = 0;
        this.exptime = 0;
        this.number = 0;
        this.extra = 0;
        this.completion = completion;
        this.direct = completion != null && completion.runsOnLoop();
        this.quiet = false;
        this.watched = false;
        this.outcome = Outcome.NONE;
        this.phase = QUEUED;
        this.hinted = false;
        int generation = ((state >>> STATE_BITS) + 1) & (-1 >>> STATE_BITS);
        STATE.setVolatile(this, (generation << STATE_BITS) | PENDING);
        return generation;
    }

    /**
     * Says more of the command than its op code, key and value. By the owner, before it publishes.
     *
     * @param options options of {@link CommandLayout}, and {@link #ALONE}
     * @param itemFlags client flags, unsigned
     * @param exptime expiry as the wire has it
     * @param number CAS, delta or argument, unsigned
     * @param extra the initial number or the CAS to give, unsigned
     */
    public void ask(int options, int itemFlags, int exptime, long number, long extra) {
        this.options = options;
        this.itemFlags = itemFlags;
        this.exptime = exptime;
        this.number = number;
        this.extra = extra;
        this.quiet = (options & CommandLayout.NO_REPLY) != 0;
    }

    /**
     * Says when the call began that the command is part of: its latency counts from then. Who does not say it has it count
     * from when the command is encoded. By the owner, before it publishes.
     *
     * @param startNs by the clock of the client
     */
    public void beganAt(long startNs) {
        this.startNs = startNs;
    }

    void beganAtLatest(long nowNs) {
        if (startNs == UNKNOWN) {
            startNs = nowNs;
        }
    }

    long elapsedNs(long nowNs) {
        return startNs == UNKNOWN ? 0 : nowNs - startNs;
    }

    /** Where the driver puts what the server tells of an item; made once for the slot. */
    ItemMeta ownMeta() {
        ItemMeta meta = this.meta;
        if (meta == null) {
            meta = new ItemMeta();
            this.meta = meta;
        }
        return meta;
    }

    /** Forgets everything that belonged to the last owner. */
    void clear() {
        completion = null;
        batch = null;
        value = null;
        text = null;
        cause = null;
        directSegment = null;
        if (group != null) {
            GROUP.setOpaque(this, (SlotGroup) null);
        }
        RIDER.setOpaque(this, (Thread) null);
        STATE.setRelease(this, (state & GENERATION_MASK) | FREE);
    }

    /** From now on the loop may give the command up: it is as good as published. */
    void startDeadline() {
        deadlineNs = dueNs;
    }

    /**
     * Tells this use of the slot from earlier and later ones.
     *
     * @return the generation
     */
    public int generation() {
        return (int) STATE.getAcquire(this) >>> STATE_BITS;
    }

    /** PENDING to DONE, by the driver; false if the owner has gone. */
    boolean finish() {
        int state = this.state;
        return (state & 3) == PENDING && STATE.compareAndSet(this, state, (state & GENERATION_MASK) | DONE);
    }

    /** PENDING to ABANDONED, by the owner of this generation; false if the reply was first. */
    boolean abandon(int generation) {
        int bits = generation << STATE_BITS;
        return STATE.compareAndSet(this, bits | PENDING, bits | ABANDONED);
    }

    boolean isPending(int generation) {
        return (int) STATE.getAcquire(this) == ((generation << STATE_BITS) | PENDING);
    }

    boolean isPending() {
        return ((int) STATE.getAcquire(this) & 3) == PENDING;
    }

    /**
     * The owner's question: is my reply here? Then there is nothing to await.
     *
     * @return true if the command has ended and was not given up
     */
    public boolean isDone() {
        return ((int) STATE.getAcquire(this) & 3) == DONE;
    }

    boolean isAbandoned() {
        return ((int) STATE.getAcquire(this) & 3) == ABANDONED;
    }

    /**
     * Lets the end of this slot call its owner away from other lanes. By the owner, after it has published.
     *
     * @param group the owner's
     */
    public void join(SlotGroup group) {
        this.group = group;
        if (isDone()) {
            group.ended(outcome);
        }
    }

    /** The group that the slot has joined, whose driver reads it after the end: it may then be another owner's. */
    @Nullable
    SlotGroup group() {
        return group;
    }

    /** Whether the owner has something to see to elsewhere, and does not wait here for now. */
    boolean isCalledAway() {
        SlotGroup group = this.group;
        return group != null && group.isCalled();
    }

    /** The owner parks from here on, and may be told to drive or not. */
    void ride(Thread thread, boolean mayDrive) {
        this.mayDrive = mayDrive;
        RIDER.setVolatile(this, thread);
    }

    void endRide() {
        RIDER.setOpaque(this, (Thread) null);
    }

    /** Whether the owner is parked, or about to, and would drive if it were told. */
    boolean canInherit() {
        return rider() != null && mayDrive;
    }

    @Nullable
    Thread rider() {
        return (Thread) RIDER.getVolatile(this);
    }

    void enterPhase(int phase) {
        PHASE.setOpaque(this, phase);
    }

    /** Whether the owner still waits when the driver is about to send: whoever gives up from here on is told SENT. */
    boolean claimForSending() {
        PHASE.setVolatile(this, SENT);
        return isPending();
    }

    /** How far the command got that its owner has just abandoned; SENT once the slot is no longer the owner's to ask. */
    int phaseWhenAbandoned(int generation) {
        int phase = (int) PHASE.getVolatile(this);
        return (int) STATE.getVolatile(this) == ((generation << STATE_BITS) | ABANDONED) ? phase : SENT;
    }

    /**
     * How far the command got: {@link #QUEUED}, {@link #SENT} or {@link #RECEIVING}. Any thread.
     *
     * @return the phase
     */
    public int phase() {
        return (int) PHASE.getOpaque(this);
    }

    @Override
    public int outcome() {
        return outcome;
    }

    @Override
    public byte @Nullable [] value() {
        return value;
    }

    @Override
    public @Nullable ItemMeta meta() {
        return meta;
    }

    @Override
    public long counter() {
        return counter;
    }

    @Override
    public @Nullable String text() {
        return text;
    }

    @Override
    public @Nullable Throwable cause() {
        return cause;
    }

    /**
     * Where the value of a hit lies, for completions that run on the loop, until {@link Completion#finish} returns.
     *
     * @return the memory, read-only, or null
     */
    public @Nullable MemorySegment directSegment() {
        return directSegment;
    }

    /**
     * Where in {@link #directSegment} the value begins.
     *
     * @return an offset in bytes
     */
    public long directOffset() {
        return directOffset;
    }

    /**
     * How long the value in {@link #directSegment} is.
     *
     * @return bytes
     */
    public int directLength() {
        return directLength;
    }

    /**
     * The lane that the command went to.
     *
     * @return the lane
     */
    public Lane lane() {
        return lane;
    }
}
