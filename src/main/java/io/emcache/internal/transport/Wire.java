package io.emcache.internal.transport;

import io.emcache.internal.memory.Slab;
import io.emcache.internal.protocol.Capabilities;
import io.emcache.internal.protocol.CommandEncoder;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.Dialect;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.internal.protocol.ReplyParser;
import io.emcache.internal.protocol.ServerVersion;
import io.emcache.internal.telemetry.LaneTelemetry;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a lane: takes commands from the ring, encodes them, writes, reads, and has the replies parsed in place.
 * Owned by the holder of the driver token; what other threads may look at says so.
 *
 * <p>Stream positions count the bytes of commands since the connection was made. A command of which no byte was written
 * survives the connection: it is kept, and sent by the next one.
 */
final class Wire implements CommandRing.Handler {
    /** Behind the encoded requests: room for what is said before the connection is in service. */
    private static final int GREETING_BYTES = 1024;

    private static final int DRAIN_LIMIT = 512;

    /** A lane that has sent anything but plain reads makes no multi-key gets for so long, since others would wait for them. */
    private static final long UNBATCHED_NS = 10_000_000;

    /** Fewer in flight are not worth a batch. */
    private static final int MIN_BATCHED_IN_FLIGHT = 4;

    private static final VarHandle ACTIVITY;
    private static final VarHandle STALL_AT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ACTIVITY = lookup.findVarHandle(Wire.class, "activity", long.class);
            STALL_AT = lookup.findVarHandle(Wire.class, "stallAtNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long minStallNs;
    private final int outCapacity;

    private long activity;

    @SuppressWarnings("unused") // through STALL_AT
    private long stallAtNs = Long.MAX_VALUE;

    private long drainNs;
    private long batchFromNs;
    private long readNs;
    private long position;
    private int outStart;
    private int outEnd;
    private int inEnd;
    private int nextOpaque;
    private boolean blocked;
    private boolean unwritten;
    private boolean insideCommand;

    private final Lane lane;
    private final CommandRing ring;
    private final CommandWriter writer;
    private final NanoClock clock;
    private final LaneTelemetry telemetry;
    private final MemorySegment out;
    private final ByteBuffer outBuffer;
    private final MemorySegment in;
    private final ByteBuffer inBuffer;
    private final InFlight inFlight;
    private final ReplyParser parser;
    private final Greeting greeting = new Greeting();
    private final Replies replies;
    private final LaneLoad load;
    private final ByteBuffer[] gather = new ByteBuffer[2];

    private CommandEncoder encoder = Dialect.META.encoder();
    private Capabilities capabilities = new Capabilities(Dialect.META, 0, 0);

    private final @Nullable GetBatch batch;

    private @Nullable SocketStream stream;
    private @Nullable Slab external;

    /**
     * @param ring where commands come from
     * @param keys room for the keys in flight
     * @param out room for encoded requests
     * @param in room for replies
     */
    Wire(Lane lane, CommandRing ring, MemorySegment keys, MemorySegment out, MemorySegment in) {
        LaneSettings settings = lane.settings();
        this.lane = lane;
        this.load = lane.load();
        this.ring = ring;
        this.clock = settings.clock();
        this.telemetry = lane.telemetry();
        this.minStallNs = settings.minStallNs();
        this.out = out;
        this.outBuffer = out.asByteBuffer();
        this.outCapacity = (int) out.byteSize() - GREETING_BYTES;
        this.in = in;
        this.inBuffer = in.asByteBuffer();
        this.inFlight = new InFlight(settings.maxInFlight(), keys);
        this.parser = new ReplyParser(settings.largestValueBytes(), (int) in.byteSize() - 2);
        this.replies = new Replies(lane, this, greeting, inFlight, in);
        this.writer = new CommandWriter(ring, settings.slabs(), outCapacity / 2);
        this.batchFromNs = clock.nowNs();
        int batchKeys = Math.min(settings.maxBatchKeys(), LaneSettings.MOST_BATCH_KEYS);
        this.batch = batchKeys > 1 && settings.maxInFlight() >= MIN_BATCHED_IN_FLIGHT
                ? new GetBatch(batchKeys, inFlight)
                : null;
    }

    /**
     * A new connection, of which nothing is known yet. Nothing but a greeting may be written before {@link #begin}.
     *
     * @param login who the client is, or null if it has no name; the greeting's from now on
     */
    void attach(SocketStream stream, @Nullable Login login) {
        this.stream = stream;
        this.inEnd = 0;
        parser.reset();
        replies.reset();
        greeting.begin(login);
    }

    /** Says the next words of the greeting, if it is the client's turn. */
    void greet() throws IOException {
        byte[] words = greeting.words();
        if (words == null) {
            return;
        }
        int end = outCapacity + words.length;
        MemorySegment.copy(words, 0, out, ValueLayout.JAVA_BYTE, outCapacity, words.length);
        outBuffer.limit(end).position(outCapacity);
        long written;
        try {
            written = stream().write(outBuffer);
        } finally {
            greeting.said();
            out.asSlice(outCapacity, words.length).fill((byte) 0); // they may be a password
        }
        if (written != words.length || stream().hasUnsent()) {
            throw new IOException("a fresh connection takes no bytes");
        }
        telemetry.wrote(written);
    }

    /** The connection speaks this dialect and is in service. Kept commands that cannot be sent as they are, are failed. */
    void begin(Capabilities capabilities) {
        boolean changed = !capabilities.equals(this.capabilities);
        if (changed || keepsAbandoned()) {
            failKept(Outcome.UNSENT, new IOException("not sent before the connection was lost"));
        }
        greeting.end();
        this.capabilities = capabilities;
        encoder = capabilities.dialect().encoder();
        replies.begin(capabilities.dialect());
        noteHead(clock.nowNs());
    }

    /**
     * Whether a kept command must not be sent any more, because its caller has been told that it was given up, or has not
     * waited for it and it is late.
     */
    private boolean keepsAbandoned() {
        long nowNs = clock.nowNs();
        for (int i = 0; i < inFlight.size(); i++) {
            Slot slot = inFlight.slotAt(i);
            if (slot != null && (!slot.isPending() || (slot.quiet && slot.deadlineNs - nowNs <= 0))) {
                return true;
            }
        }
        return false;
    }

    /** Takes commands from the ring as long as there is room, and encodes them. */
    int drain(long nowNs) {
        blocked = false;
        drainNs = nowNs;
        int drained = drainRing();
        if (drained > 0) {
            touch();
            load.taken(drained, nowNs);
        }
        load.blocked(blocked, nowNs);
        return drained;
    }

    private int drainRing() {
        GetBatch batch = this.batch;
        if (batch == null) {
            return ring.drain(this, DRAIN_LIMIT);
        }
        try {
            return ring.drain(this, DRAIN_LIMIT);
        } finally {
            encode(batch);
        }
    }

    @Override
    public boolean onCommand(int offset, int length) {
        MemorySegment message = ring.segment();
        Slot slot = lane.slot(CommandLayout.slot(message, offset));
        if (!slot.isPending()) {
            lane.retire(slot);
            return true;
        }
        if (slot.quiet || !capabilities.knows(message, offset)) {
            if (isRefused(slot, message, offset)) {
                return true;
            }
        }
        GetBatch batch = this.batch;
        if (batch != null) {
            if (goesInto(batch, slot, message, offset)) {
                return gather(batch, slot, message, offset);
            }
            encode(batch);
            if (mustWaitForBatch(message, offset)) {
                blocked = true;
                return false;
            }
        }
        int keyLength = keyLength(message, offset);
        if (external != null || !inFlight.hasRoom(keyLength) || !makeRoom(encoder.maxEncodedLength(message, offset))) {
            blocked = true;
            return false;
        }
        if (slot.claimForSending()) {
            encode(slot, message, offset, keyLength);
        } else {
            lane.retire(slot);
        }
        return true;
    }

    /** Ends a command that is not to be sent: the server does not know it, or nobody waited for it and it is late. */
    private boolean isRefused(Slot slot, MemorySegment message, int offset) {
        if (!capabilities.knows(message, offset)) {
            slot.text = capabilities.whyNot(message, offset);
            lane.finish(slot, Outcome.UNSUPPORTED);
            return true;
        }
        if (slot.deadlineNs - drainNs <= 0) {
            lane.finish(slot, Outcome.TIMEOUT);
            return true;
        }
        return false;
    }

    /**
     * Whether a command is a get that may be asked together with others. What asks for more than a classic get can tell goes alone,
     * and so does what is shown where it was received.
     */
    private boolean goesInto(GetBatch batch, Slot slot, MemorySegment message, int offset) {
        if (slot.options != 0 || slot.direct) {
            return false;
        }
        int op = CommandLayout.op(message, offset);
        if (replies.isClassic()) {
            return op == OpCode.GET || op == OpCode.GET_ITEM;
        }
        return op == OpCode.GET
                && (!batch.isEmpty() || (drainNs - batchFromNs >= 0 && !replies.awaitsOtherThanReads()));
    }

    /**
     * A failing multi-key get takes the replies with it that wait before it, and the connection ends. Reads can be sent again; the
     * others are not sent while one is on its way, so that each of them has an outcome of its own.
     */
    private boolean mustWaitForBatch(MemorySegment message, int offset) {
        if (replies.isClassic() || OpCode.isPlainRead(CommandLayout.op(message, offset))) {
            return false;
        }
        batchFromNs = drainNs + UNBATCHED_NS;
        return replies.awaitsBatch();
    }

    private boolean gather(GetBatch batch, Slot slot, MemorySegment message, int offset) {
        int op = CommandLayout.op(message, offset);
        int keyLength = CommandLayout.keyLength(message, offset);
        if (!batch.takes(op, keyLength)) {
            encode(batch);
        }
        boolean room = external == null
                && inFlight.hasRoomForTwo(keyLength)
                && makeRoom(batch.bytesWith(keyLength) + CommandEncoder.GET_REST);
        if (!room) {
            blocked = true;
            return false;
        }
        if (!slot.claimForSending()) {
            lane.retire(slot);
            return true;
        }
        boolean first = inFlight.isEmpty();
        slot.beganAtLatest(drainNs);
        long keyOffset = CommandLayout.keyOffset(offset);
        int batched = OpCode.batched(op);
        inFlight.add(slot, batched, 0, position, message, keyOffset, keyLength);
        replies.added(slot, batched);
        batch.add(op, message, keyOffset, keyLength);
        if (first) {
            noteHead(drainNs);
        }
        return true;
    }

    /** Encodes what was gathered, if anything: one get as it would have been encoded alone. */
    private void encode(GetBatch batch) {
        if (batch.size() == 1) {
            encodeAlone(batch.first(), batch.op());
        } else if (!batch.isEmpty()) {
            MemorySegment keys = inFlight.keys();
            long at = CommandEncoder.beginMultiKeyGet(batch.op(), out, outEnd);
            for (int i = batch.first(), end = i + batch.size(); i != end; i++) {
                if (!inFlight.isTwin(i)) {
                    at = CommandEncoder.addKey(keys, inFlight.keyOffset(i), inFlight.keyLength(i), out, at);
                }
            }
            inFlight.add(null, OpCode.END_OF_BATCH, CommandEncoder.NO_OPAQUE, position, out, 0, 0);
            replies.added(null, OpCode.END_OF_BATCH);
            advance((int) (CommandEncoder.endMultiKeyGet(out, at) - outEnd));
        }
        batch.clear();
    }

    private void encodeAlone(int at, int op) {
        int opaque = nextOpaque++ & 0xffff;
        inFlight.isAlone(at, op, opaque);
        advance(encoder.encodeGet(
                op, inFlight.keys(), inFlight.keyOffset(at), inFlight.keyLength(at), opaque, out, outEnd));
    }

    /** Asks a get once more that was part of a batch, alone. */
    void askAgain(Slot slot, MemorySegment keys, long keyOffset, int keyLength) {
        slot.options |= Slot.ALONE;
        if (!writer.writeAgain(slot, keys, keyOffset, keyLength)) {
            lane.fail(slot, Outcome.LOST, new BatchException("no room to ask again", null));
        }
    }

    private static int keyLength(MemorySegment message, int offset) {
        return OpCode.isMany(CommandLayout.op(message, offset))
                ? CommandLayout.valueLength(message, offset)
                : CommandLayout.keyLength(message, offset);
    }

    private void encode(Slot slot, MemorySegment message, int offset, int keyLength) {
        int op = CommandEncoder.wireOp(message, offset);
        boolean first = inFlight.isEmpty();
        int opaque = nextOpaque++ & 0xffff;
        slot.beganAtLatest(drainNs);
        inFlight.add(slot, op, opaque, position, message, CommandLayout.keyOffset(offset), keyLength);
        replies.added(slot, op);
        advance(encoder.encode(message, offset, opaque, out, outEnd));
        if (CommandLayout.isValueExternal(message, offset)) {
            external = Objects.requireNonNull(slot.external);
            slot.external = null;
        }
        if (first) {
            noteHead(drainNs);
        }
    }

    /** Encodes a question of the lane's own for a sign of life, if nothing is in flight. */
    void encodeHeartbeat() {
        if (inFlight.isEmpty() && !hasUnsent()) {
            CommandLayout.putHeader(out, outCapacity, 0, 0, OpCode.NOOP, 0, 0, 0, 0, 0, 0);
            inFlight.add(null, OpCode.NOOP, CommandEncoder.NO_OPAQUE, position, out, 0, 0);
            replies.added(null, OpCode.NOOP);
            advance(encoder.encode(out, outCapacity, CommandEncoder.NO_OPAQUE, out, outEnd));
            noteHead(clock.nowNs());
        }
    }

    private void advance(int encoded) {
        outEnd += encoded;
        position += encoded;
    }

    private boolean makeRoom(int bytes) {
        if (outCapacity - outEnd >= bytes) {
            return true;
        }
        if (outStart > 0) {
            MemorySegment.copy(out, outStart, out, 0, outEnd - outStart);
            outEnd -= outStart;
            outStart = 0;
        }
        return outCapacity - outEnd >= bytes;
    }

    /** Writes what is encoded, as much as the socket takes; says whether anything is left. */
    boolean write() throws IOException {
        while (hasUnsent()) {
            SocketStream stream = stream();
            int end = wholeCommands(stream);
            boolean all = end == outEnd;
            outBuffer.limit(end).position(outStart);
            Slab external = this.external;
            if (external == null || !all) {
                telemetry.wrote(stream.write(outBuffer));
            } else {
                gather[0] = outBuffer;
                gather[1] = external.buffer();
                telemetry.wrote(stream.write(gather));
            }
            outStart = outBuffer.position();
            boolean taken = outStart == end;
            insideCommand = !taken;
            if (outStart == outEnd) {
                outStart = 0;
                outEnd = 0;
            }
            if (external != null && !external.buffer().hasRemaining()) {
                position += external.buffer().limit();
                releaseExternal();
            }
            if (!taken || stream.hasUnsent() || (all && this.external != null)) {
                unwritten = true;
                return true;
            }
        }
        unwritten = false;
        return false;
    }

    /**
     * How far to write at once, in the request buffer: all, unless the stream wants whole commands of a limited length. What is left of
     * one goes alone, since it may be the rest of a value.
     */
    private int wholeCommands(SocketStream stream) {
        int unsent = outEnd - outStart;
        int most = stream.mostAtOnce();
        boolean alone = insideCommand && most < Integer.MAX_VALUE;
        if (unsent <= most && !alone) {
            return outEnd;
        }
        long written = position - unsent;
        long end = inFlight.endBehind(written, alone ? written : written + most);
        return end >= position ? outEnd : outStart + (int) (end - written);
    }

    /** Reads what is there and has it parsed; returns the bytes read. */
    int read() throws IOException {
        int total = 0;
        while (true) {
            int room = inBuffer.capacity() - inEnd;
            inBuffer.limit(inBuffer.capacity()).position(inEnd);
            int count = stream().read(inBuffer);
            if (count < 0) {
                throw new EOFException(
                        parser.insideReply() || inEnd > 0
                                ? "the server closed the connection inside a reply"
                                : "the server closed the connection");
            }
            if (count > 0) {
                total += count;
                telemetry.read(count);
                readNs = clock.nowNs();
                parse(inEnd + count);
            }
            if (count < room && !stream().hasEnded()) {
                break;
            }
        }
        if (total > 0) {
            touch();
            noteHead(readNs);
        }
        return total;
    }

    /** When what is parsed now was read. */
    long readNs() {
        return readNs;
    }

    private void parse(int end) {
        int consumed = consume(end);
        int left = end - consumed;
        replies.beforeMove();
        if (left > 0 && consumed > 0) {
            MemorySegment.copy(in, consumed, in, 0, left);
        }
        inEnd = left;
    }

    private int consume(int end) {
        try {
            return (int) parser.parse(in, 0, end, replies);
        } catch (ProtocolException e) {
            if (e.reason() == ProtocolException.Reason.VALUE_TOO_LARGE) {
                replies.valueTooLarge(e);
            }
            throw e;
        }
    }

    /**
     * The connection is gone. Commands of which a byte was written fail; the others are kept for the next connection.
     * The stream is closed.
     */
    void detach(int outcome, Throwable cause) {
        closeStream();
        long written = position - (outEnd - outStart);
        while (!inFlight.isEmpty() && inFlight.headStart() < written) {
            Slot slot = inFlight.headSlot();
            inFlight.removeHead();
            if (slot != null) {
                lane.fail(slot, isOverdue(slot, cause) ? Outcome.OVERDUE : outcome, cause);
            }
        }
        long keptFrom = inFlight.isEmpty() ? position : inFlight.headStart();
        if (inFlight.isEmpty() || (external != null && external.buffer().position() > 0)) {
            releaseExternal();
        }
        int kept = (int) (position - keptFrom);
        MemorySegment.copy(out, outEnd - kept, out, 0, kept);
        outStart = 0;
        outEnd = kept;
        inFlight.rebase(keptFrom);
        position = kept;
        unwritten = false;
        insideCommand = false;
        replies.recount();
        STALL_AT.setOpaque(this, Long.MAX_VALUE);
    }

    /** The stall limit of a command is its deadline, so both may be noticed in either order: its owner sees a time-out. */
    private boolean isOverdue(Slot slot, Throwable cause) {
        return cause instanceof StallException && slot.deadlineNs - clock.nowNs() <= 0;
    }

    /** Fails everything that was taken from the ring and not written. */
    private void failKept(int outcome, Throwable cause) {
        while (!inFlight.isEmpty()) {
            Slot slot = inFlight.headSlot();
            inFlight.removeHead();
            if (slot != null) {
                lane.fail(slot, outcome, cause);
            }
        }
        releaseExternal();
        outStart = 0;
        outEnd = 0;
        position = 0;
        replies.recount();
    }

    /** Fails everything that waits here or in the ring. */
    void failAll(int outcome, Throwable cause) {
        failKept(outcome, cause);
        while (ring.drain((offset, length) -> failCommand(offset, outcome, cause), DRAIN_LIMIT) > 0) {
            touch();
        }
    }

    private boolean failCommand(int offset, int outcome, Throwable cause) {
        Slot slot = lane.slot(CommandLayout.slot(ring.segment(), offset));
        Completion completion = slot.completion;
        if (outcome == Outcome.UNSENT && completion != null && completion.sendsAgain()) {
            slot.value = valueOf(slot, ring.segment(), offset);
        }
        lane.fail(slot, outcome, cause);
        return true;
    }

    /** The value of a command that is still in the ring, or null if there is none or no memory for it. */
    private static byte @Nullable [] valueOf(Slot slot, MemorySegment message, int offset) {
        int op = CommandLayout.op(message, offset);
        if (!OpCode.carriesData(op)) {
            return null;
        }
        int length = CommandLayout.valueLength(message, offset);
        Slab external = slot.external;
        MemorySegment from = external == null ? message : external.segment();
        long at = external == null
                ? CommandLayout.keyOffset(offset) + (long) CommandLayout.keyLength(message, offset)
                : 0;
        try {
            return from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    /** What the server said of itself on this connection, or null until it has. */
    @Nullable
    ServerVersion version() {
        return greeting.version();
    }

    /** Whether the server has said nothing on this connection, or on the last one if there is none. */
    boolean isUnanswered() {
        return greeting.isUnanswered();
    }

    /** Whether the server is known, has been told nothing of who the client is, and could have been. */
    boolean isLoginUnneeded() {
        return greeting.isLoginUnneeded();
    }

    private void closeStream() {
        SocketStream stream = this.stream;
        this.stream = null;
        inEnd = 0;
        greeting.end();
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                lane.counters().closeFailures.increment();
            }
        }
    }

    private void releaseExternal() {
        if (external != null) {
            external.release();
            external = null;
            gather[1] = outBuffer;
        }
    }

    /** The oldest live slot whose owner rides here, marked as hinted; or null. */
    @Nullable
    Slot findHeir() {
        for (int i = 0; i < inFlight.size(); i++) {
            Slot slot = inFlight.slotAt(i);
            if (slot != null && slot.canInherit()) {
                slot.hinted = true;
                VarHandle.fullFence();
                if (slot.isPending() && slot.canInherit()) {
                    return slot;
                }
            }
        }
        return null;
    }

    /** Whether the last byte of the oldest command is written. */
    boolean isHeadSent() {
        return !hasUnsent() || inFlight.headEnd() <= position - (outEnd - outStart);
    }

    /** Whether the first byte of the oldest command is written. */
    boolean isHeadBegun() {
        return inFlight.headStart() < position - (outEnd - outStart);
    }

    boolean hasUnsent() {
        return outStart < outEnd || external != null || (stream != null && stream.hasUnsent());
    }

    /** The socket took less than it was given: wait until it can take more. */
    boolean wantsToWrite() {
        return unwritten;
    }

    /** The last drain stopped for want of room. */
    boolean isBlocked() {
        return blocked;
    }

    /** Whether a reply may be one that only the event loop hands over. Any thread may ask; without the token it is a hint. */
    boolean awaitsDirect() {
        return replies.awaitsDirect();
    }

    /** Commands encoded and not answered. Any thread may ask; without the token it is a hint. */
    int inFlight() {
        return inFlight.size();
    }

    /** Grows with every drain and every read. Any thread. */
    long activity() {
        return (long) ACTIVITY.getOpaque(this);
    }

    /** When the oldest command will have waited too long, in nanoseconds of the clock. Any thread. */
    long stallAtNs() {
        return (long) STALL_AT.getOpaque(this);
    }

    private void touch() {
        ACTIVITY.setOpaque(this, activity + 1);
    }

    /** Starts the stall watch of the oldest command: its own deadline, but not before the least time. */
    private void noteHead(long nowNs) {
        if (inFlight.isEmpty()) {
            STALL_AT.setOpaque(this, Long.MAX_VALUE);
            return;
        }
        Slot slot = inFlight.headSlot();
        long leastNs = nowNs + minStallNs;
        STALL_AT.setOpaque(this, slot == null ? leastNs : Math.max(leastNs, slot.deadlineNs));
    }

    private SocketStream stream() throws IOException {
        SocketStream stream = this.stream;
        if (stream == null) {
            throw new IOException("not connected");
        }
        return stream;
    }
}
