package io.emcache.internal.transport;

import io.emcache.internal.protocol.ClassicEncoder;
import io.emcache.internal.protocol.CommandEncoder;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.Dialect;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.internal.protocol.ReplyHandler;
import io.emcache.internal.protocol.ReplyLine;
import io.emcache.internal.telemetry.LaneTelemetry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives each reply to the command it answers: the oldest in flight, checked by the echo of its opaque and key. Owned by
 * the holder of the driver token. Any doubt is a {@link DesyncException}, which ends the connection.
 */
final class Replies implements ReplyHandler {
    private static final byte[] TOO_LARGE = line("SERVER_ERROR object too large for cache");
    private static final byte[] NO_MEMORY = line("SERVER_ERROR out of memory storing object");
    private static final byte[] NOT_NUMERIC = line("CLIENT_ERROR cannot increment or decrement non-numeric value");
    private static final byte[] BAD_DELTA = line("CLIENT_ERROR invalid numeric delta argument");
    private static final byte[] NOT_ALLOWED = line("CLIENT_ERROR flush_all not allowed");
    private static final int STATS_LIMIT_CHARS = 16 << 20;

    private static final VarHandle DIRECTS;

    static {
        try {
            DIRECTS = MethodHandles.lookup().findVarHandle(Replies.class, "directsInFlight", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private boolean greeted;
    private boolean classic;
    private boolean hit;
    private boolean outOfMemory;
    private boolean doubtful;
    private int classicReads;
    private int othersThanReads;
    private int directsInFlight;

    private int groupOutcome;
    private int targetFilled;
    private int manyIndex;
    private long manyOffset;

    private final Lane lane;
    private final Wire wire;
    private final LaneTelemetry telemetry;
    private final Greeting greeting;
    private final InFlight inFlight;

    private CommandEncoder encoder = Dialect.META.encoder();
    private final DirectValue direct;
    private final CounterText counter = new CounterText();
    private byte @Nullable [] target;
    private @Nullable String groupError;
    private @Nullable StringBuilder statistics;

    /**
     * @param greeting hears what comes first on a connection
     * @param in where replies are received, as it is shown to users
     */
    Replies(Lane lane, Wire wire, Greeting greeting, InFlight inFlight, MemorySegment in) {
        this.lane = lane;
        this.wire = wire;
        this.telemetry = lane.telemetry();
        this.greeting = greeting;
        this.inFlight = inFlight;
        this.direct = new DirectValue(lane.settings().slabs(), in.asReadOnly());
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A new connection: the first replies on it belong to the greeting. */
    void reset() {
        greeted = false;
        direct.release();
        startNext();
    }

    /** In service from here on. */
    void begin(Dialect dialect) {
        encoder = dialect.encoder();
        classic = dialect == Dialect.CLASSIC;
        recount();
    }

    void added(@Nullable Slot slot, int op) {
        if (op == OpCode.END_OF_BATCH || (classic && OpCode.isFetch(op))) {
            classicReads++;
        }
        if (!OpCode.isPlainRead(op)) {
            othersThanReads++;
        }
        if (slot != null && slot.direct) {
            DIRECTS.setOpaque(this, directsInFlight + 1);
        }
    }

    private void removed(@Nullable Slot slot, int op) {
        if (op == OpCode.END_OF_BATCH || (classic && OpCode.isFetch(op))) {
            classicReads--;
        }
        if (!OpCode.isPlainRead(op)) {
            othersThanReads--;
        }
        if (slot != null && slot.direct) {
            DIRECTS.setOpaque(this, directsInFlight - 1);
        }
    }

    /** Counts what is in flight anew. */
    void recount() {
        direct.release();
        classicReads = 0;
        othersThanReads = 0;
        DIRECTS.setOpaque(this, 0);
        for (int i = 0; i < inFlight.size(); i++) {
            added(inFlight.slotAt(i), inFlight.opAt(i));
        }
        startNext();
    }

    /** Whether the connection speaks the classic commands only. */
    boolean isClassic() {
        return classic;
    }

    /** Whether a multi-key get made of several gets is not answered yet, on a connection that speaks the meta commands. */
    boolean awaitsBatch() {
        return classicReads > 0;
    }

    /** Whether commands are in flight that may not be sent again, or have to be told their own outcome. */
    boolean awaitsOtherThanReads() {
        return othersThanReads > 0;
    }

    /** Whether a reply may be one that only the event loop hands over. */
    boolean awaitsDirect() {
        return (int) DIRECTS.getOpaque(this) > 0;
    }

    /** What was received is about to be moved: a value that lies there and is not handed over yet is copied. */
    void beforeMove() {
        if (!direct.keep()) {
            outOfMemory = true;
        }
    }

    @Override
    public void onLine(ReplyLine line) {
        if (!greeted) {
            greeting.heard(line.whole());
            greeted = greeting.version() != null;
            return;
        }
        int op = headOp(line.kind());
        if (line.isError()) {
            onError(op, line);
            return;
        }
        if (OpCode.isBatched(op)) {
            endBatch();
            return;
        }
        checkEcho(op, line);
        if (encoder.ends(op, line.kind())) {
            finish(op, line);
        } else if (line.kind() == ReplyLine.STAT) {
            addStatistic(line);
        }
    }

    private int headOp(int kind) {
        if (inFlight.isEmpty()) {
            throw new DesyncException("a reply that nobody asked for: " + ReplyLine.nameOf(kind));
        }
        int op = inFlight.headOp();
        boolean accepted =
                OpCode.isBatched(op) ? ClassicEncoder.INSTANCE.accepts(OpCode.GET, kind) : encoder.accepts(op, kind);
        if (!accepted) {
            throw new DesyncException(
                    "a reply that cannot answer the oldest command: " + ReplyLine.nameOf(kind) + " [op=" + op + "]");
        }
        return op;
    }

    private void finish(int op, ReplyLine line) {
        if (OpCode.isMany(op) || OpCode.isQuiet(op)) {
            finishGroup();
            return;
        }
        switch (line.kind()) {
            case ReplyLine.EN -> finishHead(op == OpCode.TOUCH ? Outcome.NOT_FOUND : Outcome.MISS);
            case ReplyLine.END -> finishHead(op == OpCode.STATS ? statisticsOutcome() : valueOutcome());
            case ReplyLine.HD, ReplyLine.STORED, ReplyLine.DELETED, ReplyLine.TOUCHED, ReplyLine.MN ->
                finishHead(Outcome.DONE);
            case ReplyLine.NS, ReplyLine.NOT_STORED -> finishHead(Outcome.NOT_STORED);
            case ReplyLine.EX, ReplyLine.EXISTS -> finishHead(Outcome.EXISTS);
            case ReplyLine.NF, ReplyLine.NOT_FOUND -> finishHead(Outcome.NOT_FOUND);
            case ReplyLine.NUMBER -> finishCounter(line.number());
            case ReplyLine.VERSION -> finishWithText(line.text());
            case ReplyLine.ME -> finishWithText(line.whole());
            case ReplyLine.OK, ReplyLine.RESET -> finishHead(Outcome.DONE);
            default -> throw new DesyncException("a reply without a meaning here: " + ReplyLine.nameOf(line.kind()));
        }
    }

    private void finishCounter(long number) {
        Slot slot = inFlight.headSlot();
        if (slot != null) {
            slot.counter = number;
        }
        finishHead(Outcome.DONE);
    }

    private void finishWithText(String text) {
        Slot slot = inFlight.headSlot();
        if (slot != null) {
            slot.text = text;
        }
        finishHead(Outcome.DONE);
    }

    private void addStatistic(ReplyLine line) {
        StringBuilder statistics = this.statistics;
        if (statistics == null) {
            statistics = new StringBuilder();
            this.statistics = statistics;
        }
        if (statistics.length() > STATS_LIMIT_CHARS) {
            throw new DesyncException("statistics without an end");
        }
        statistics.append(line.text()).append('\n');
    }

    private int statisticsOutcome() {
        Slot slot = inFlight.headSlot();
        if (slot != null) {
            slot.text = statistics == null ? "" : statistics.toString();
        }
        return Outcome.DONE;
    }

    private int valueOutcome() {
        return !hit ? Outcome.MISS : outOfMemory ? Outcome.OUT_OF_MEMORY : Outcome.HIT;
    }

    private void finishGroup() {
        Slot slot = inFlight.headSlot();
        if (slot != null && groupError != null) {
            slot.text = groupError;
            finishHead(groupOutcome);
        } else {
            finishHead(outOfMemory ? Outcome.OUT_OF_MEMORY : Outcome.DONE);
        }
    }

    /**
     * An error line. It ends the connection where the position in the stream is in doubt: after a command with a data
     * block, and while a classic read is in flight, since the server may have dropped earlier replies with it
     * (memcached's {@code conn_release_items} in {@code process_get_command_err}).
     */
    private void onError(int op, ReplyLine line) {
        boolean serverError = line.kind() == ReplyLine.SERVER_ERROR;
        if (classicReads > 0 && !classic) {
            throw new BatchException("an error while a multi-key get is in flight: " + line.text(), null);
        }
        if (classicReads > 0 && !canOnlyAnswer(op, line)) {
            throw new DesyncException("an error while a classic read is in flight: " + line.text());
        }
        if (OpCode.carriesData(op) && !serverError) {
            throw new DesyncException("an error for a command with a data block: " + line.text());
        }
        if (op == OpCode.NOOP || (line.kind() == ReplyLine.REFUSED && !OpCode.isAdmin(op))) {
            throw new DesyncException("an error for a command that cannot fail so: " + line.text());
        }
        if (OpCode.isMany(op) || OpCode.isQuiet(op)) {
            noteGroupError(line, serverError);
            return;
        }
        Slot slot = inFlight.headSlot();
        if (slot != null) {
            slot.text = line.whole();
        }
        finishHead(serverError ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR);
    }

    /** Of several errors between two fences the first is told. */
    private void noteGroupError(ReplyLine line, boolean serverError) {
        if (groupError == null) {
            groupError = line.whole();
            groupOutcome = serverError ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR;
        }
    }

    /** The value announced for the oldest command is larger than may be read, so the connection ends here. */
    void valueTooLarge(ProtocolException cause) {
        if (!greeted || inFlight.isEmpty()) {
            return;
        }
        if (OpCode.isBatched(inFlight.headOp())) {
            throw new BatchException("a value of a multi-key get is too large", cause);
        }
        if (OpCode.isFetch(inFlight.headOp())) {
            Slot slot = inFlight.headSlot();
            if (slot != null) {
                slot.cause = cause;
            }
            finishHead(Outcome.TOO_LARGE);
        }
    }

    /** Whether the text of an error belongs to commands like this one and to no other. */
    private static boolean canOnlyAnswer(int op, ReplyLine line) {
        if (OpCode.carriesData(op)) {
            return startsWith(line, TOO_LARGE) || startsWith(line, NO_MEMORY);
        }
        if (OpCode.isCounter(op)) {
            return startsWith(line, NOT_NUMERIC) || startsWith(line, BAD_DELTA);
        }
        boolean refused = line.kind() == ReplyLine.REFUSED || startsWith(line, NOT_ALLOWED);
        return OpCode.isAdmin(op) && refused;
    }

    private static boolean startsWith(ReplyLine line, byte[] prefix) {
        return line.end() - line.start() >= prefix.length
                && MemorySegment.mismatch(
                                line.segment(),
                                line.start(),
                                line.start() + prefix.length,
                                MemorySegment.ofArray(prefix),
                                0,
                                prefix.length)
                        < 0;
    }

    @Override
    public void onValue(ReplyLine header) {
        if (!greeted) {
            throw new RefusedException("a value where the version was expected");
        }
        int op = headOp(header.kind());
        if (OpCode.isBatched(op)) {
            onValueOfBatch(op, header);
            return;
        }
        if (hit && !OpCode.isMany(op)) {
            throw new DesyncException("a second value for one key");
        }
        checkEcho(op, header);
        targetFilled = 0;
        target = null;
        if (isPlaceholder(op, header)) {
            return;
        }
        hit = true;
        Slot slot = inFlight.headSlot();
        if (slot != null && slot.isPending()) {
            slot.enterPhase(Slot.RECEIVING);
            receive(slot, op, header);
        }
    }

    /**
     * A value of one key of a multi-key get. Hits come in the order of the keys, so what was asked before it is not there.
     *
     * <p>A classic get does not tell an empty value from the place of one that somebody computes; on a server that has such, it is
     * asked again.
     */
    private void onValueOfBatch(int op, ReplyLine header) {
        int asked = findAsked(header);
        if (!wire.isHeadSent()) {
            throw new DesyncException("a value of a multi-key get that is not sent yet");
        }
        while (inFlight.head() != asked) {
            finishPart(Outcome.MISS, null);
        }
        hit = true;
        targetFilled = 0;
        doubtful = !classic && header.valueLength() == 0;
        if (!doubtful && isAnyToReceive(op, asked, header)) {
            allocate(header.valueLength());
        }
    }

    private int findAsked(ReplyLine header) {
        for (int at = inFlight.head(); inFlight.op(at) != OpCode.END_OF_BATCH; at++) {
            if (!inFlight.isTwin(at)
                    && header.keyEquals(inFlight.keys(), inFlight.keyOffset(at), inFlight.keyLength(at), false)) {
                return at;
            }
        }
        throw new DesyncException("a value for a key that was not asked for, or not in this order");
    }

    private boolean isAnyToReceive(int op, int first, ReplyLine header) {
        boolean any = false;
        int at;
        int next = first;
        do {
            at = next;
            Slot slot = inFlight.slot(at);
            if (slot != null && slot.isPending()) {
                any = true;
                slot.enterPhase(Slot.RECEIVING);
                if (OpCode.wantsItem(op)) {
                    slot.ownMeta().read(header);
                }
            }
            next = inFlight.nextTwin(at);
        } while (next != at);
        return any;
    }

    private void endPart() {
        byte[] value = target;
        if (doubtful) {
            askPartAgain();
        } else {
            finishPart(outOfMemory ? Outcome.OUT_OF_MEMORY : Outcome.HIT, value);
        }
    }

    /** Ends the oldest get of a multi-key get, and those for the same key, which come after it. */
    private void finishPart(int outcome, byte @Nullable [] value) {
        if (inFlight.isTwin(inFlight.head())) {
            removePart();
            return;
        }
        int kind = kindOf(inFlight.headOp());
        int at;
        int next = inFlight.head();
        boolean given = false;
        do {
            at = next;
            next = inFlight.nextTwin(at);
            Slot slot = inFlight.takeSlot(at);
            if (slot != null) {
                telemetry.replied(kind, wire.readNs() - slot.startNs);
                finishOne(slot, outcome, value, given);
                given = true;
            }
        } while (next != at);
        removePart();
    }

    /** Each caller has an array of its own. */
    private void finishOne(Slot slot, int outcome, byte @Nullable [] value, boolean given) {
        int own = outcome;
        try {
            slot.value = given && value != null ? value.clone() : value;
        } catch (OutOfMemoryError e) {
            own = Outcome.OUT_OF_MEMORY;
        }
        lane.finish(slot, own);
    }

    private void askPartAgain() {
        int head = inFlight.head();
        int at;
        int next = head;
        do {
            at = next;
            next = inFlight.nextTwin(at);
            Slot slot = inFlight.takeSlot(at);
            if (slot == null) {
                continue;
            }
            if (slot.isPending()) {
                wire.askAgain(slot, inFlight.keys(), inFlight.keyOffset(head), inFlight.keyLength(head));
            } else {
                lane.retire(slot);
            }
        } while (next != at);
        removePart();
    }

    /** The others for the same key leave when they are the oldest. Nobody waits for them any more. */
    private void removePart() {
        removed(null, inFlight.headOp());
        inFlight.removeHead();
        startNext();
    }

    /** All keys of a multi-key get were looked at: those without a value are not there. */
    private void endBatch() {
        if (!wire.isHeadSent()) {
            throw new DesyncException("the end of a multi-key get that is not sent yet");
        }
        while (inFlight.headOp() != OpCode.END_OF_BATCH) {
            finishPart(Outcome.MISS, null);
        }
        removePart();
    }

    /** An empty item that holds the place of a value which somebody computes: a miss for who does not ask for leases. */
    private static boolean isPlaceholder(int op, ReplyLine header) {
        return header.valueLength() == 0
                && (header.isWon() || header.isAlreadyWon())
                && !header.isStale()
                && op != OpCode.LEASE
                && !OpCode.isCounter(op);
    }

    private void receive(Slot slot, int op, ReplyLine header) {
        if (OpCode.wantsItem(op)) {
            ItemMeta meta =
                    OpCode.isMany(op) ? Objects.requireNonNull(slot.batch).metaToFill(manyIndex - 1) : slot.ownMeta();
            Objects.requireNonNull(meta).read(header);
        }
        if (OpCode.isCounter(op)) {
            counter.begin(header.valueLength());
        } else if (slot.direct) {
            direct.begin(header.valueLength());
        } else {
            allocate(header.valueLength());
        }
    }

    private void allocate(int length) {
        try {
            target = new byte[length];
        } catch (OutOfMemoryError e) {
            outOfMemory = true;
        }
    }

    @Override
    public void onValueBytes(MemorySegment in, long offset, int length) {
        byte[] target = this.target;
        if (target != null) {
            MemorySegment.copy(in, ValueLayout.JAVA_BYTE, offset, target, targetFilled, length);
            targetFilled += length;
        } else if (counter.isReading()) {
            counter.add(in, offset, length);
        } else if (!direct.add(in, offset, length)) {
            outOfMemory = true;
        }
    }

    @Override
    public void onValueEnd() {
        int op = inFlight.headOp();
        if (OpCode.isBatched(op)) {
            endPart();
            return;
        }
        Slot slot = inFlight.headSlot();
        byte[] value = target;
        target = null;
        if (slot != null && value != null) {
            if (OpCode.isMany(op)) {
                Objects.requireNonNull(slot.batch).hit(manyIndex - 1, value);
            } else {
                slot.value = value;
            }
        }
        if (counter.isReading()) {
            finishCounter(counter.end());
        } else if (OpCode.isCounter(op)) {
            finishHead(Outcome.DONE);
        } else if (!classic && !OpCode.isMany(op)) {
            finishHead(valueOutcome());
        }
    }

    /** Every echo must be that of the oldest command: a reply that was asked for by somebody else is never given to it. */
    private void checkEcho(int op, ReplyLine line) {
        int opaque = line.opaque();
        if (opaque >= 0 && opaque != inFlight.headOpaque()) {
            throw new DesyncException("a reply with the opaque of another command");
        }
        if (opaque < 0 && owesOpaque(op, line.kind())) {
            throw new DesyncException("a reply without the opaque that was asked for");
        }
        boolean value = line.announcesValue();
        if (line.keyLength() < 0) {
            if (value && !OpCode.isCounter(op) && !(isHeadBinary() && opaque >= 0)) {
                throw new DesyncException("a value without its key");
            }
            return;
        }
        if (OpCode.isMany(op)) {
            passToKey(line);
        } else if (!line.keyEquals(
                inFlight.keys(), inFlight.headKeyOffset(), inFlight.headKeyLength(), isHeadBinary())) {
            throw new DesyncException("a reply for another key");
        }
    }

    private boolean isHeadBinary() {
        Slot slot = inFlight.headSlot();
        return slot != null && (slot.options & CommandLayout.BINARY_KEY) != 0;
    }

    /** A server before the fix of memcached issue 880 leaves it out of EN; who did something names it. */
    private boolean owesOpaque(int op, int kind) {
        return !classic && !OpCode.isMany(op) && (kind == ReplyLine.VA || kind == ReplyLine.HD);
    }

    /** Hits come in the order of the keys: moves on to the key of this one. */
    private void passToKey(ReplyLine line) {
        MemorySegment keys = inFlight.keys();
        long base = inFlight.headKeyOffset();
        while (manyOffset < inFlight.headKeyLength()) {
            long at = base + manyOffset;
            int length = CommandLayout.blockKeyLength(keys, at);
            manyOffset += CommandLayout.BLOCK_KEY_PREFIX_LENGTH + length;
            manyIndex++;
            boolean binary = CommandLayout.isBlockKeyBinary(keys, at);
            if (line.keyEquals(keys, at + CommandLayout.BLOCK_KEY_PREFIX_LENGTH, length, binary)) {
                return;
            }
        }
        throw new DesyncException("a reply for a key that was not asked for, or not in this order");
    }

    private void finishHead(int outcome) {
        Slot slot = inFlight.headSlot();
        boolean early = !wire.isHeadSent();
        if (early && !(wire.isHeadBegun() && isError(outcome))) {
            throw new DesyncException("a reply to a command that is not sent yet");
        }
        int op = inFlight.headOp();
        removed(slot, op);
        inFlight.removeHead();
        startNext();
        if (slot != null) {
            telemetry.replied(kindOf(op), wire.readNs() - slot.startNs);
            if (outcome == Outcome.HIT) {
                direct.handOver(slot);
            }
            lane.finish(slot, outcome);
            direct.release();
        }
        if (early) {
            throw new DesyncException("an error before the command was sent"); // twemproxy issue 149
        }
    }

    private static int kindOf(int op) {
        return OpCode.isWrite(op) ? LaneTelemetry.WRITE : OpCode.isFetch(op) ? LaneTelemetry.READ : LaneTelemetry.OTHER;
    }

    private static boolean isError(int outcome) {
        return outcome == Outcome.SERVER_ERROR || outcome == Outcome.CLIENT_ERROR;
    }

    private void startNext() {
        hit = false;
        outOfMemory = false;
        doubtful = false;
        target = null;
        counter.reset();
        groupError = null;
        statistics = null;
        manyIndex = 0;
        manyOffset = 0;
    }
}
