package io.emcache.internal.transport;

import static io.emcache.testkit.FuzzInput.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.testkit.FuzzInput;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: any commands, sent bit by bit, some given up, against any bytes from the server in any pieces, through the
 * real {@link Wire} and {@link Replies}. Nothing but a violation, a refusal or the end of the stream ends a connection;
 * every command ends, in the order of sending; and whatever a command is told, the server has said it to that
 * command ({@link Evidence}).
 */
public final class RepliesFuzz {
    private static final String[][] KEYS = {
        {"a"}, {"b"}, {"ab"}, {"longer:key"}, {"a", "b", "ab"}, {"b", "b", "longer:key"}
    };
    private static final int SINGLE_KEYS = 4;
    private static final int[] OPS = {OpCode.GET, OpCode.GET, OpCode.SET, OpCode.DELETE, OpCode.GET_MANY};
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

    private final boolean classic;
    private final FuzzInput input;
    private final Lane home;
    private final CommandRing ring;
    private final CommandWriter writer;
    private final Wire wire;
    private final MemoryChannel channel = new MemoryChannel();
    private final List<Sent> sent = new ArrayList<>();

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
        this.classic = input.nextBoolean();
        this.home = home;
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
            wire.attach(channel);
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
        check(new Evidence(new String(stream, ISO_8859_1), classic));
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
            wire.begin(io.emcache.internal.protocol.Capabilities.of(
                    java.util.Objects.requireNonNull(wire.version()), classic));
        }
    }

    /** A new command, and perhaps the end of somebody's patience. The bits of the choice say which. */
    private void step(int choice) throws IOException {
        int op = OPS[(choice & 7) % OPS.length];
        publish(op, choice >>> 3 & 3, VALUE_LENGTHS[choice >>> 5 & 3]);
        boolean early = (choice >>> 7 & 7) == 1;
        if (early) {
            sent.getLast().giveUp();
        }
        if (wire.version() != null) {
            channel.room((choice >>> 13 & 1) == 0 ? Integer.MAX_VALUE : choice >>> 10 & 63);
            wire.drain(0);
            wire.write();
            wire.encodeHeartbeat();
            wire.write();
        }
        if ((choice >>> 10 & 7) == 1 && !wire.isBlocked()) {
            sent.get(choice % sent.size()).giveUp();
        }
    }

    private void publish(int op, int which, int valueLength) {
        String[] keys = op == OpCode.GET_MANY ? KEYS[SINGLE_KEYS + (which & 1)] : KEYS[which];
        Slot slot = home.begin(op, 100, Long.MAX_VALUE, null);
        require(slot != null, "the lane is full");
        Sent command = new Sent(op, keys, slot);
        boolean written = op == OpCode.GET_MANY
                ? writeMany(slot, keys)
                : writer.write(
                        slot, segment(keys[0]), keys[0].length(), op == OpCode.SET ? new byte[valueLength] : null);
        require(written, "the ring is full");
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
        slot.batch = new Batch(keys.length, false);
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
            boolean encoded = !command.givenUpEarly;
            if (!command.givenUp) {
                Slot slot = command.slot;
                require(slot.isDone(), "a command without an end");
                int code = Outcome.code(slot.outcome());
                boolean answered = code < Outcome.TIMEOUT || code == Outcome.TOO_LARGE;
                require(!(answered && ended), "answered after one that was not");
                ended |= !answered;
                evidence.require(command, opaque, code);
                home.release(slot);
            }
            opaque += encoded ? 1 : 0;
        }
        require(home.calls() == 0, "calls are left inside");
    }

    /** A command that was published. */
    static final class Sent {
        private final int generation;
        final int op;
        private boolean givenUp;
        private boolean givenUpEarly;
        final String[] keys;
        final Slot slot;

        Sent(int op, String[] keys, Slot slot) {
            this.op = op;
            this.keys = keys;
            this.slot = slot;
            this.generation = slot.generation();
        }

        void giveUp() {
            if (!givenUp && slot.abandon(generation)) {
                givenUp = true;
                givenUpEarly = slot.phase() == Slot.QUEUED;
            }
        }
    }
}
