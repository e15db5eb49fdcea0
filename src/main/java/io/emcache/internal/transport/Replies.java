package io.emcache.internal.transport;

import io.emcache.internal.protocol.CommandEncoder;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.Dialect;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.internal.protocol.ReplyHandler;
import io.emcache.internal.protocol.ReplyLine;
import io.emcache.internal.protocol.ServerVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives each reply to the command it answers: the oldest in flight, checked by the echo of its opaque and key. Owned by
 * the holder of the driver token. Any doubt is a {@link DesyncException}, which ends the connection.
 */
final class Replies implements ReplyHandler {
    private static final byte[] TOO_LARGE =
            "SERVER_ERROR object too large for cache".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_MEMORY =
            "SERVER_ERROR out of memory storing object".getBytes(StandardCharsets.US_ASCII);

    private boolean classic;
    private boolean hit;
    private boolean outOfMemory;
    private int classicReads;
    private int batchOutcome;
    private int targetFilled;
    private int manyIndex;
    private long manyOffset;

    private final Lane lane;
    private final Wire wire;
    private final InFlight inFlight;

    private CommandEncoder encoder = Dialect.META.encoder();
    private byte @Nullable [] target;
    private @Nullable String batchError;
    private @Nullable ServerVersion version;

    Replies(Lane lane, Wire wire, InFlight inFlight) {
        this.lane = lane;
        this.wire = wire;
        this.inFlight = inFlight;
    }

    /** A new connection: the first reply on it is the server's version. */
    void reset() {
        version = null;
        startNext();
    }

    /** In service from here on. */
    void begin(Dialect dialect) {
        encoder = dialect.encoder();
        classic = dialect == Dialect.CLASSIC;
        recount();
    }

    /** What the server said of itself, once it has. */
    @Nullable
    ServerVersion version() {
        return version;
    }

    void added(int op) {
        if (classic && isClassicRead(op)) {
            classicReads++;
        }
    }

    /** Counts what is in flight anew. */
    void recount() {
        classicReads = 0;
        for (int i = 0; i < inFlight.size(); i++) {
            added(inFlight.opAt(i));
        }
        startNext();
    }

    @Override
    public void onLine(ReplyLine line) {
        if (version == null) {
            greeted(line);
            return;
        }
        int op = headOp(line.kind());
        if (line.isError()) {
            onError(op, line);
            return;
        }
        checkEcho(op, line);
        if (encoder.ends(op, line.kind())) {
            finish(op, line.kind());
        }
    }

    private void greeted(ReplyLine line) {
        if (line.kind() == ReplyLine.VERSION) {
            version = ServerVersion.parse(line.text());
        } else {
            throw new RefusedException("the server refused the connection: " + line.text());
        }
    }

    private int headOp(int kind) {
        if (inFlight.isEmpty()) {
            throw new DesyncException("a reply that nobody asked for: " + ReplyLine.nameOf(kind));
        }
        int op = inFlight.headOp();
        if (!encoder.accepts(op, kind)) {
            throw new DesyncException(
                    "a reply that cannot answer the oldest command: " + ReplyLine.nameOf(kind) + " [op=" + op + "]");
        }
        return op;
    }

    private void finish(int op, int kind) {
        if (op == OpCode.GET_MANY) {
            finishBatch();
            return;
        }
        switch (kind) {
            case ReplyLine.EN -> finishHead(Outcome.MISS);
            case ReplyLine.END -> finishHead(valueOutcome());
            case ReplyLine.HD, ReplyLine.STORED, ReplyLine.DELETED, ReplyLine.MN, ReplyLine.VERSION ->
                finishHead(Outcome.DONE);
            case ReplyLine.NS, ReplyLine.NOT_STORED -> finishHead(Outcome.NOT_STORED);
            case ReplyLine.EX, ReplyLine.EXISTS -> finishHead(Outcome.EXISTS);
            case ReplyLine.NF, ReplyLine.NOT_FOUND -> finishHead(Outcome.NOT_FOUND);
            default -> throw new DesyncException("a reply without a meaning here: " + ReplyLine.nameOf(kind));
        }
    }

    private int valueOutcome() {
        return !hit ? Outcome.MISS : outOfMemory ? Outcome.OUT_OF_MEMORY : Outcome.HIT;
    }

    private void finishBatch() {
        Slot slot = inFlight.headSlot();
        if (slot != null && batchError != null) {
            slot.text = batchError;
            finishHead(batchOutcome);
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
        if (classicReads > 0 && !(OpCode.carriesData(op) && canOnlyAnswerStorage(line))) {
            throw new DesyncException("an error while a classic read is in flight: " + line.text());
        }
        if (OpCode.carriesData(op) && !serverError) {
            throw new DesyncException("an error for a command with a data block: " + line.text());
        }
        if (op == OpCode.NOOP) {
            throw new DesyncException("an error for a command that cannot fail: " + line.text());
        }
        if (op == OpCode.GET_MANY) {
            noteBatchError(line, serverError);
            return;
        }
        Slot slot = inFlight.headSlot();
        if (slot != null) {
            slot.text = line.whole();
        }
        finishHead(serverError ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR);
    }

    /** Of several errors among the quiet gets the first is told. */
    private void noteBatchError(ReplyLine line, boolean serverError) {
        if (batchError == null) {
            batchError = line.whole();
            batchOutcome = serverError ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR;
        }
    }

    /** The value announced for the oldest command is larger than may be read, so the connection ends here. */
    void valueTooLarge(ProtocolException cause) {
        if (version != null && !inFlight.isEmpty() && OpCode.isRead(inFlight.headOp())) {
            Slot slot = inFlight.headSlot();
            if (slot != null) {
                slot.cause = cause;
            }
            finishHead(Outcome.TOO_LARGE);
        }
    }

    private static boolean canOnlyAnswerStorage(ReplyLine line) {
        return startsWith(line, TOO_LARGE) || startsWith(line, NO_MEMORY);
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
        if (version == null) {
            throw new RefusedException("a value where the version was expected");
        }
        int op = headOp(header.kind());
        if (hit && op != OpCode.GET_MANY) {
            throw new DesyncException("a second value for one key");
        }
        checkEcho(op, header);
        hit = true;
        targetFilled = 0;
        target = null;
        Slot slot = inFlight.headSlot();
        if (slot != null && slot.isPending()) {
            slot.enterPhase(Slot.RECEIVING);
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
        }
    }

    @Override
    public void onValueEnd() {
        Slot slot = inFlight.headSlot();
        byte[] value = target;
        target = null;
        if (slot != null && value != null) {
            if (inFlight.headOp() == OpCode.GET_MANY) {
                Objects.requireNonNull(slot.batch).hit(manyIndex - 1, value);
            } else {
                slot.value = value;
            }
        }
        if (inFlight.headOp() == OpCode.GET && !classic) {
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
            if (value) {
                throw new DesyncException("a value without its key");
            }
            return;
        }
        if (op == OpCode.GET_MANY) {
            passToKey(line);
        } else if (!line.keyEquals(inFlight.keys(), inFlight.headKeyOffset(), inFlight.headKeyLength())) {
            throw new DesyncException("a reply for another key");
        }
    }

    /** A server before the fix of memcached issue 880 leaves it out of EN; who did something names it. */
    private boolean owesOpaque(int op, int kind) {
        return !classic && op != OpCode.GET_MANY && (kind == ReplyLine.VA || kind == ReplyLine.HD);
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
            if (line.keyEquals(keys, at + CommandLayout.BLOCK_KEY_PREFIX_LENGTH, length)) {
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
        if (classic && isClassicRead(inFlight.headOp())) {
            classicReads--;
        }
        inFlight.removeHead();
        startNext();
        if (slot != null) {
            lane.finish(slot, outcome);
        }
        if (early) {
            throw new DesyncException("an error before the command was sent"); // twemproxy issue 149
        }
    }

    private static boolean isError(int outcome) {
        return outcome == Outcome.SERVER_ERROR || outcome == Outcome.CLIENT_ERROR;
    }

    private void startNext() {
        hit = false;
        outOfMemory = false;
        target = null;
        batchError = null;
        manyIndex = 0;
        manyOffset = 0;
    }

    private static boolean isClassicRead(int op) {
        return op == OpCode.GET || op == OpCode.GET_MANY;
    }
}
