package io.emcache.internal.transport;

import static io.emcache.testkit.FuzzInput.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.Capabilities;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.Dialect;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.testkit.FuzzInput;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: any commands, sent bit by bit, some given up, against any bytes from the server in any pieces, through the
 * real {@link Wire} and {@link Replies}. Nothing but a violation, a refusal or the end of the stream ends a connection;
 * every command ends, in the order of sending; and whatever a command is told, the server has said it to that
 * command ({@link Evidence}).
 */
public final class RepliesFuzz {
    private static final String[] KEYS = {"a", "b", "ab", "longer:key"};
    private static final String[][] BLOCKS = {{"a", "b", "ab"}, {"b", "b", "longer:key"}};
    private static final int[] OPS = {
        OpCode.GET,
        OpCode.GET,
        OpCode.GET_ITEM,
        OpCode.GAT,
        OpCode.SET,
        OpCode.ADD,
        OpCode.CAS,
        OpCode.APPEND,
        OpCode.DELETE,
        OpCode.TOUCH,
        OpCode.INCREMENT,
        OpCode.GET_MANY,
        OpCode.GET_ITEM_MANY,
        OpCode.LEASE,
        OpCode.META_DEBUG,
        OpCode.STATS
    };
    private static final int LAST_WRITE = 10;
    private static final int FIRST_WRITE = 4;
    private static final int[] VALUE_LENGTHS = {0, 1, 20, 1200};
    private static final String GREETING = "VERSION 1.6.38\r\n";
    private static final int RING_BYTES = 8192;
    private static final int KEYS_BYTES = 256;
    private static final int OUT_BYTES = 8192;
    private static final int IN_BYTES = 256;

    private static @Nullable SlabPool slabs;
    private static @Nullable Transport transport;
    private static @Nullable Lane lane;
    private static @Nullable MemorySegment memory;

    private final boolean forceClassic;
    private final FuzzInput input;
    private Dialect dialect = Dialect.META;
    private final Lane home;
    private final CommandRing ring;
    private final CommandWriter writer;
    private final Wire wire;
    private final MemoryChannel channel = new MemoryChannel();
    private final List<Sent> sent = new ArrayList<>();
    private final long leasedBytes;

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        SlabPool pool = new SlabPool(16 << 20);
        LaneSettings settings = TestLanes.settings(pool, new TransportCounters(), () -> 0);
        Transport opened = new Transport(Driver.invoked(), 1, settings, ForkJoinPool.commonPool(), Runnable::run);
        lane = opened.open(NodeAddress.parse("127.0.0.1:1"), TestLanes.owner(), 0);
        transport = opened;
        slabs = pool;
        memory = Arena.ofAuto().allocate(CommandRing.requiredBytes(RING_BYTES) + KEYS_BYTES + OUT_BYTES + IN_BYTES, 64);
    }

    /** Called by the fuzzer after the last input. */
    public static void fuzzerTearDown() {
        if (transport != null && slabs != null) {
            transport.close();
            slabs.close();
        }
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (lane == null || memory == null || slabs == null) {
            throw new IllegalStateException("not initialized");
        }
        new RepliesFuzz(new FuzzInput(data), lane, memory, slabs).run();
    }

    private RepliesFuzz(FuzzInput input, Lane home, MemorySegment memory, SlabPool slabs) {
        long ringBytes = CommandRing.requiredBytes(RING_BYTES);
        this.input = input;
        this.forceClassic = input.nextBoolean();
        this.home = home;
        this.leasedBytes = slabs.leasedBytes();
        this.ring = CommandRings.create(memory.asSlice(0, ringBytes), RING_BYTES);
        this.writer = new CommandWriter(ring, slabs, OUT_BYTES / 2);
        this.wire = new Wire(
                home,
                ring,
                memory.asSlice(ringBytes, KEYS_BYTES),
                memory.asSlice(ringBytes + KEYS_BYTES, OUT_BYTES),
                memory.asSlice(ringBytes + KEYS_BYTES + OUT_BYTES, IN_BYTES));
    }

    private void run() {
        boolean ownGreeting = input.nextBoolean();
        int[] steps = new int[input.next(9)];
        Arrays.setAll(steps, i -> input.next(1 << 16));
        int[] cuts = input.nextCuts(input.left());
        byte[] stream = input.rest();
        try {
            wire.attach(new PlainStream(channel), null);
            wire.greet();
            if (!ownGreeting) {
                receive(GREETING.getBytes(ISO_8859_1));
            }
            converse(steps, cuts, stream);
        } catch (ProtocolException | DesyncException | RefusedException e) {
            wire.detach(Outcome.VIOLATION, e);
        } catch (EOFException e) {
            wire.detach(Outcome.LOST, e);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        wire.failAll(Outcome.CLOSED, new ShutdownException());
        check(new Evidence(new String(stream, ISO_8859_1), dialect == Dialect.CLASSIC));
        Objects.requireNonNull(transport).poll();
    }

    /** A step before each piece of the stream, as long as there are both. */
    private void converse(int[] steps, int[] cuts, byte[] stream) throws IOException {
        int from = 0;
        for (int i = 0; i <= cuts.length || i < steps.length; i++) {
            if (i < steps.length) {
                step(steps[i]);
            }
            int to = i < cuts.length ? Math.min(cuts[i], stream.length) : i == cuts.length ? stream.length : from;
            receive(Arrays.copyOfRange(stream, from, to));
            from = to;
        }
        channel.end();
        wire.read();
        throw new AssertionError("the end of the stream was not noticed");
    }

    private void receive(byte[] piece) throws IOException {
        boolean greeted = wire.version() != null;
        channel.arrive(piece);
        wire.read();
        if (!greeted && wire.version() != null) {
            Capabilities capabilities = Capabilities.of(Objects.requireNonNull(wire.version()), forceClassic);
            dialect = capabilities.dialect();
            wire.begin(capabilities);
        }
    }

    /** A new command, and perhaps the end of somebody's patience. The bits of the choice say which. */
    private void step(int choice) throws IOException {
        publish(choice);
        if ((choice >>> 8 & 3) == 1) {
            sent.getLast().giveUp();
        }
        if (wire.version() != null) {
            channel.room((choice >>> 13 & 1) == 0 ? Integer.MAX_VALUE : choice >>> 8 & 31);
            wire.drain(0);
            wire.write();
            wire.encodeHeartbeat();
            wire.write();
        }
        if ((choice >>> 10 & 7) == 1 && !wire.isBlocked()) {
            sent.get(choice % sent.size()).giveUp();
        }
    }

    private void publish(int choice) {
        int which = choice & 15;
        int op = OPS[which];
        boolean write = which >= FIRST_WRITE && which <= LAST_WRITE;
        boolean quiet = write && (choice >>> 14 & 1) == 1;
        boolean many = OpCode.isMany(op);
        boolean direct = !quiet && !many && op != OpCode.STATS && (choice >>> 15 & 1) == 1;
        String[] keys = many ? BLOCKS[choice >>> 4 & 1] : new String[] {KEYS[choice >>> 4 & 3]};
        byte[] value = OpCode.carriesData(op) ? new byte[VALUE_LENGTHS[choice >>> 6 & 3]] : null;
        Sent command = new Sent(op, keys, quiet);
        Slot slot = home.begin(op, 100, Long.MAX_VALUE, direct ? command : null);
        require(slot != null, "the lane is full");
        slot.ask(quiet ? CommandLayout.NO_REPLY : 0, 0, 0, 1, 0);
        command.begin(slot, direct);
        require(
                many ? writeMany(slot, keys) : writer.write(slot, segment(keys[0]), keys[0].length(), value),
                "the ring is full");
        if (direct) {
            home.leave(0); // as launch does
        }
        sent.add(command);
    }

    private boolean writeMany(Slot slot, String[] keys) {
        int bytes = String.join("", keys).length();
        int length = CommandLayout.keyBlockLength(keys.length, bytes);
        MemorySegment block = MemorySegment.ofArray(new byte[length]);
        long at = 0;
        for (String key : keys) {
            at = CommandLayout.putBlockKey(block, at, segment(key), 0, key.length(), false);
        }
        slot.batch = new Batch(keys.length, OpCode.wantsItem(slot.op));
        return writer.writeMany(slot, block, keys.length, length);
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(ISO_8859_1));
    }

    private void check(Evidence evidence) {
        require(wire.inFlight() == 0 && !wire.hasUnsent() && !ring.hasWork(), "something is left");
        boolean ended = false;
        int opaque = 0;
        for (Sent command : sent) {
            if (!command.givenUp && !command.quiet) {
                command.collect();
                int code = Outcome.code(command.outcome);
                boolean answered = code < Outcome.TIMEOUT || code == Outcome.TOO_LARGE;
                require(!(answered && ended), "answered after one that was not");
                ended |= !answered && code != Outcome.UNSUPPORTED;
                evidence.require(command, opaque, code);
            }
            opaque += command.givenUpEarly ? 0 : 1;
        }
        require(home.calls() == 0, "calls are left inside");
        require(Objects.requireNonNull(slabs).leasedBytes() == leasedBytes, "memory is left leased");
    }

    /** A command that was published, and what it was told. */
    static final class Sent implements Completion {
        private int generation;
        private boolean direct;
        private boolean givenUp;
        private boolean givenUpEarly;
        private boolean told;
        private int outcome;
        final int op;
        final boolean quiet;
        long counter;
        final String[] keys;
        private @Nullable Slot slot;
        byte @Nullable [] value;

        @Nullable
        String text;

        @Nullable
        Batch batch;

        private @Nullable Completion next;

        Sent(int op, String[] keys, boolean quiet) {
            this.op = op;
            this.keys = keys;
            this.quiet = quiet;
        }

        private void begin(Slot slot, boolean direct) {
            this.slot = slot;
            this.direct = direct;
            this.generation = slot.generation();
        }

        private void giveUp() {
            Slot slot = Objects.requireNonNull(this.slot);
            if (!givenUp && !quiet && !told && slot.abandon(generation)) {
                givenUp = true;
                givenUpEarly = slot.phase() == Slot.QUEUED;
            }
        }

        private void collect() {
            Slot slot = Objects.requireNonNull(this.slot);
            if (direct) {
                require(told, "a callback that was never called");
            } else {
                require(slot.isDone(), "a command without an end");
                keep(slot);
                slot.lane().release(slot);
            }
        }

        private void keep(Slot slot) {
            outcome = slot.outcome();
            value = slot.value();
            text = slot.text();
            counter = slot.counter();
            batch = slot.batch;
        }

        @Override
        public void take(Slot slot) {
            require(!told && !givenUp, "a callback that was called twice, or for a command given up");
            told = true;
            keep(slot);
            MemorySegment place = slot.directSegment();
            if (place != null) {
                value = place.asSlice(slot.directOffset(), slot.directLength()).toArray(ValueLayout.JAVA_BYTE);
            }
        }

        @Override
        public boolean runsOnLoop() {
            return true;
        }

        @Override
        public void giveUp(Lane lane, int code, int phase) {
            throw new AssertionError("given up by the loop");
        }

        @Override
        public void finish() {
            require(told, "finished before it was told");
        }

        @Override
        public boolean hasDependents() {
            return false;
        }

        @Override
        public @Nullable Completion next() {
            return next;
        }

        @Override
        public void next(@Nullable Completion next) {
            this.next = next;
        }
    }
}
