package io.emcache.internal.client;

import io.emcache.DirectCallback;
import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import io.emcache.MemcachedException;
import io.emcache.Ttl;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.ItemMeta;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reusable request, its reply and its completion in one. Who offers owns the fields of the request; the event loop owns
 * those of the reply from the moment the command is accepted until the callback returns.
 */
final class DirectCall implements DirectRequest, DirectReply, Completion {
    private static final MemorySegment NOTHING =
            MemorySegment.ofArray(new byte[0]).asReadOnly();
    private static final ItemMeta NO_ITEM = new ItemMeta();
    private static final long LARGEST_FLAGS = 0xffff_ffffL;
    private static final int IDLE = 0;
    private static final int PENDING = 1;
    private static final int CALLING = 2;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(DirectCall.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long timeoutNs;

    private int op;
    private int keyLength;
    private int valueLength;
    private int flags;
    private int exptime;
    private long number;
    private long keyOffset;
    private long valueOffset;
    private long startNs;
    private int outcome;
    private int replyLength;
    private long replyOffset;
    private long counter;
    private volatile int state;

    private final Engine engine;
    private final KeySpace keys;
    private final DirectCallback callback;
    private final ItemMeta meta = new ItemMeta();

    /** The thread that the callback runs on, unless it has offered this request again. */
    private @Nullable Thread calling;

    private MemorySegment key = NOTHING;
    private MemorySegment value = NOTHING;
    private MemorySegment reply = NOTHING;
    private @Nullable Lane lane;
    private @Nullable String text;
    private @Nullable Throwable cause;
    private @Nullable Completion next;

    DirectCall(Engine engine, KeySpace keys, long timeoutNs, DirectCallback callback) {
        this.engine = engine;
        this.keys = keys;
        this.timeoutNs = timeoutNs;
        this.callback = callback;
    }

    @Override
    public DirectRequest key(MemorySegment segment, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        key = segment;
        keyOffset = offset;
        keyLength = length;
        return this;
    }

    @Override
    public DirectRequest value(MemorySegment segment, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        value = segment;
        valueOffset = offset;
        valueLength = length;
        return this;
    }

    @Override
    public DirectRequest flags(long flags) {
        if (flags < 0 || flags > LARGEST_FLAGS) {
            throw new IllegalArgumentException("client flags are 0 to 2^32-1, not " + flags);
        }
        this.flags = (int) flags;
        return this;
    }

    @Override
    public Offer get() {
        return offer(OpCode.GET, 0, 0);
    }

    @Override
    public Offer getItem() {
        return offer(OpCode.GET_ITEM, 0, 0);
    }

    @Override
    public Offer gat(Ttl ttl) {
        return offer(OpCode.GAT, wire(ttl), 0);
    }

    @Override
    public Offer gatItem(Ttl ttl) {
        return offer(OpCode.GAT_ITEM, wire(ttl), 0);
    }

    @Override
    public Offer set(Ttl ttl) {
        return offer(OpCode.SET, wire(ttl), 0);
    }

    @Override
    public Offer add(Ttl ttl) {
        return offer(OpCode.ADD, wire(ttl), 0);
    }

    @Override
    public Offer replace(Ttl ttl) {
        return offer(OpCode.REPLACE, wire(ttl), 0);
    }

    @Override
    public Offer cas(long cas, Ttl ttl) {
        if (cas == 0) {
            throw new IllegalArgumentException(
                    "CAS 0: the server keeps no CAS values, or the item was not read from one");
        }
        return offer(OpCode.CAS, wire(ttl), cas);
    }

    @Override
    public Offer append() {
        return offer(OpCode.APPEND, 0, 0);
    }

    @Override
    public Offer prepend() {
        return offer(OpCode.PREPEND, 0, 0);
    }

    @Override
    public Offer delete() {
        return offer(OpCode.DELETE, 0, 0);
    }

    @Override
    public Offer touch(Ttl ttl) {
        return offer(OpCode.TOUCH, wire(ttl), 0);
    }

    @Override
    public Offer increment(long delta) {
        return offer(OpCode.INCREMENT, 0, delta);
    }

    @Override
    public Offer decrement(long delta) {
        return offer(OpCode.DECREMENT, 0, delta);
    }

    private int wire(Ttl ttl) {
        return WireTtl.encode(ttl, engine.options().wallClock());
    }

    private Offer offer(int op, int exptime, long number) {
        if (OpCode.carriesData(op) && valueLength > engine.options().itemSizeLimit()) {
            return Offer.VALUE_TOO_LARGE;
        }
        if (engine.isClosed()) {
            return Offer.CLOSED;
        }
        boolean again = calling == Thread.currentThread();
        if (!again && !STATE.compareAndSet(this, IDLE, PENDING)) {
            return Offer.PENDING;
        }
        this.op = op;
        this.exptime = exptime;
        this.number = number;
        calling = null;
        state = PENDING;
        boolean accepted = false;
        try {
            engine.start();
            Offer offer = submit();
            accepted = offer == Offer.ACCEPTED;
            return offer;
        } finally {
            if (!accepted) {
                calling = again ? Thread.currentThread() : null;
                state = again ? CALLING : IDLE;
            }
        }
    }

    private Offer submit() {
        KeyScratch scratch = engine.scratchOrNull();
        if (scratch == null) {
            return Offer.OVERLOADED;
        }
        try {
            int length = keys.encode(key, keyOffset, keyLength, scratch.segment());
            if (length < 0) {
                return Offer.INVALID_KEY;
            }
            while (true) {
                Node node = engine.cluster().route(scratch.segment(), length);
                if (node == null || node.isUnavailable()) {
                    return Offer.UNAVAILABLE;
                }
                Offer offer = submit(node, scratch.segment(), length);
                if (offer == Offer.ACCEPTED || !node.isRemoved()) {
                    return offer;
                }
            }
        } finally {
            scratch.release();
        }
    }

    private Offer submit(Node node, MemorySegment wireKey, int wireKeyLength) {
        boolean data = OpCode.carriesData(op);
        startNs = engine.nowNs();
        long deadlineNs = startNs + timeoutNs;
        Slot slot = node.begin(op, wireKeyLength + (data ? valueLength : 0), deadlineNs, this);
        if (slot == null) {
            return refusal();
        }
        Lane lane = slot.lane();
        slot.beganAt(startNs);
        slot.ask(0, data ? flags : 0, exptime, number, 0);
        boolean published = data
                ? lane.publish(slot, wireKey, wireKeyLength, value, valueOffset, valueLength)
                : lane.publish(slot, wireKey, wireKeyLength, null);
        if (!published) {
            return refusal();
        }
        lane.launch(deadlineNs);
        return Offer.ACCEPTED;
    }

    private Offer refusal() {
        return engine.isClosed() ? Offer.CLOSED : Offer.OVERLOADED;
    }

    @Override
    public void take(Slot slot) {
        lane = slot.lane();
        outcome = slot.outcome();
        counter = slot.counter();
        text = slot.text();
        cause = slot.cause();
        MemorySegment segment = slot.directSegment();
        reply = segment == null ? NOTHING : segment;
        replyOffset = slot.directOffset();
        replyLength = segment == null ? 0 : slot.directLength();
        ItemMeta told = slot.meta();
        boolean ownItem = OpCode.wantsItem(op) && outcome == Outcome.HIT; // else it is what another command was told
        meta.copyFrom(told != null && ownItem ? told : NO_ITEM);
    }

    @Override
    public void giveUp(Lane lane, int code, int phase) {
        this.lane = lane;
        outcome = Outcome.of(code, phase);
        text = null;
        cause = null;
        reply = NOTHING;
        replyLength = 0;
        meta.copyFrom(NO_ITEM);
    }

    @Override
    public void finish() {
        long calledNs = engine.nowNs();
        calling = Thread.currentThread();
        state = CALLING;
        try {
            callback.onReply(this);
        } catch (Throwable t) {
            engine.callbackFailed(t);
        }
        if (calling == Thread.currentThread()) {
            calling = null;
            state = IDLE;
        }
        engine.callbackEnded(calledNs);
    }

    @Override
    public boolean runsOnLoop() {
        return true;
    }

    @Override
    public boolean hasDependents() {
        return true;
    }

    @Override
    public @Nullable Completion next() {
        return next;
    }

    @Override
    public void next(@Nullable Completion next) {
        this.next = next;
    }

    @Override
    public boolean isPending() {
        return state != IDLE && calling != Thread.currentThread();
    }

    @Override
    public DirectRequest request() {
        return this;
    }

    @Override
    public Result result() {
        return switch (Outcome.code(outcome)) {
            case Outcome.HIT -> Result.HIT;
            case Outcome.MISS -> Result.MISS;
            case Outcome.DONE -> Result.DONE;
            case Outcome.NOT_STORED -> Result.NOT_STORED;
            case Outcome.EXISTS -> Result.EXISTS;
            case Outcome.NOT_FOUND -> Result.NOT_FOUND;
            default -> Result.FAILED;
        };
    }

    @Override
    public MemorySegment segment() {
        return reply;
    }

    @Override
    public long valueOffset() {
        return replyOffset;
    }

    @Override
    public int valueLength() {
        return replyLength;
    }

    @Override
    public MemorySegment value() {
        return reply.asSlice(replyOffset, replyLength);
    }

    @Override
    public long flags() {
        return meta.itemFlags();
    }

    @Override
    public long cas() {
        return meta.cas();
    }

    @Override
    public long counter() {
        return counter;
    }

    @Override
    public @Nullable MemcachedException failure() {
        if (result() != Result.FAILED) {
            return null;
        }
        Lane lane = Objects.requireNonNull(this.lane);
        int sent = OpCode.carriesData(op) ? valueLength : 0;
        return Failures.of(op, outcome, lane, engine.nowNs() - startNs, sent, text, cause);
    }
}
