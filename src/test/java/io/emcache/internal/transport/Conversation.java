package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.Capabilities;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A wire in the hand of a test, and the server at its other end: nothing happens but what the test says, on its thread.
 * Commands are the n-th of the conversation and have that opaque, counted from 0.
 */
final class Conversation implements AutoCloseable {
    private static final int RING_BYTES = 64 * 1024;
    private static final int KEYS_BYTES = 16 * 1024;
    private static final int OUT_BYTES = 64 * 1024;
    private static final int IN_BYTES = 64 * 1024;

    long nowNs;
    final List<String> unheard = new ArrayList<>();
    final TransportCounters counters = new TransportCounters();
    final Lane lane;
    final Wire wire;

    private final SlabPool slabs = new SlabPool(64 << 20);
    private final Transport transport;
    private final Slab memory;
    private final CommandRing ring;
    private final CommandWriter writer;
    private final Set<Slot> owned = new HashSet<>();
    private @Nullable SocketChannel server;

    private Conversation(int batchKeys) {
        LaneSettings settings = new LaneSettings(
                64,
                batchKeys,
                256 * 1024,
                128,
                8 << 20,
                1 << 20,
                TimeUnit.SECONDS.toNanos(2),
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.SECONDS.toNanos(1),
                false,
                TestLanes.open(slabs),
                new NanoClock(() -> nowNs),
                slabs,
                counters,
                new Listener());
        transport = new Transport(Driver.invoked(), 1, settings, Runnable::run, Runnable::run);
        lane = transport.open(NodeAddress.parse("127.0.0.1:1"), TestLanes.owner(), 0);
        long ringBytes = CommandRing.requiredBytes(RING_BYTES);
        memory = Objects.requireNonNull(
                slabs.lease(MemoryTag.LANE, ringBytes + KEYS_BYTES + OUT_BYTES + IN_BYTES), "memory");
        MemorySegment segment = memory.segment();
        ring = CommandRings.create(segment.asSlice(0, ringBytes), RING_BYTES);
        writer = new CommandWriter(ring, slabs, OUT_BYTES / 2);
        wire = new Wire(
                lane,
                ring,
                segment.asSlice(ringBytes, KEYS_BYTES),
                segment.asSlice(ringBytes + KEYS_BYTES, OUT_BYTES),
                segment.asSlice(ringBytes + KEYS_BYTES + OUT_BYTES, IN_BYTES));
    }

    /** Begins a conversation with a server of this version. */
    static Conversation with(String version) {
        return with(version, 0);
    }

    /** The same with autobatching of so many keys at most. */
    static Conversation with(String version, int batchKeys) {
        Conversation conversation = new Conversation(batchKeys);
        boolean done = false;
        try {
            conversation.connect(version);
            done = true;
            return conversation;
        } finally {
            if (!done) {
                conversation.close();
            }
        }
    }

    static Conversation meta() {
        return with("1.6.38");
    }

    static Conversation classic() {
        return with("1.5.22");
    }

    void connect(String version) {
        connectWithoutGreeting();
        reply("VERSION " + version + "\r\n");
        wire.begin(Capabilities.of(Objects.requireNonNull(wire.version()), false));
    }

    private void connectWithoutGreeting() {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel client = SocketChannel.open(listener.getLocalAddress());
            client.configureBlocking(false);
            hangUp();
            server = listener.accept();
            wire.attach(new PlainStream(client), null);
            wire.greet();
            requireHeard("version\r\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's end is closed; the client's is told by {@link #lose}. */
    private void hangUp() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    /** Commands that nobody answered yet, or whose slots nobody gave back. */
    int calls() {
        return lane.calls();
    }

    /** The connection ends, for this reason. */
    void lose(Throwable cause) {
        wire.detach(cause instanceof DesyncException ? Outcome.VIOLATION : Outcome.LOST, cause);
    }

    Slot send(int op, String key) {
        return send(op, key, 0, null);
    }

    Slot send(int op, String key, int options, @Nullable String value) {
        Slot slot = publish(op, key, options, value, null);
        flush();
        return slot;
    }

    Slot publish(int op, String key, int options, @Nullable String value, @Nullable Completion completion) {
        Slot slot = Objects.requireNonNull(lane.begin(op, 100, nowNs + TimeUnit.SECONDS.toNanos(1), completion));
        own(slot);
        slot.ask(options, 0, 60, 1, 7);
        byte[] bytes = key.getBytes(ISO_8859_1);
        byte[] valueBytes = value == null ? null : value.getBytes(ISO_8859_1);
        if (!writer.write(slot, MemorySegment.ofArray(bytes), bytes.length, valueBytes)) {
            throw new AssertionError("the ring is full");
        }
        return slot;
    }

    private void own(Slot slot) {
        owned.add(slot);
    }

    /** Keys that begin with {@code b:} are base64 behind that. */
    Slot sendMany(int op, String... keys) {
        MemorySegment block = MemorySegment.ofArray(new byte[4096]);
        long at = 0;
        for (String key : keys) {
            boolean binary = key.startsWith("b:");
            byte[] bytes = (binary ? key.substring(2) : key).getBytes(ISO_8859_1);
            at = CommandLayout.putBlockKey(block, at, MemorySegment.ofArray(bytes), 0, bytes.length, binary);
        }
        Slot slot = Objects.requireNonNull(lane.begin(op, 100, nowNs + TimeUnit.SECONDS.toNanos(1), null));
        own(slot);
        slot.batch = new Batch(keys.length, OpCode.wantsItem(op));
        if (!writer.writeMany(slot, block, keys.length, (int) at)) {
            throw new AssertionError("the ring is full");
        }
        flush();
        return slot;
    }

    /** Puts a get into the ring, where it waits for {@link #flush}. */
    Slot get(String key) {
        return publish(OpCode.GET, key, 0, null, null);
    }

    /** The next bytes that the server has received are these, and there are no more. */
    void requireHeard(String expected) {
        try {
            SocketChannel server = Objects.requireNonNull(this.server);
            ByteBuffer bytes = ByteBuffer.allocate(expected.length());
            while (bytes.hasRemaining() && server.read(bytes) >= 0) {
                Thread.onSpinWait();
            }
            assertThat(new String(bytes.array(), ISO_8859_1)).isEqualTo(expected);
            server.configureBlocking(false);
            assertThat(server.read(ByteBuffer.allocate(1))).as("bytes more").isNotPositive();
            server.configureBlocking(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the server has received since it was asked last, as far as it has arrived. */
    String heard() {
        try {
            SocketChannel server = Objects.requireNonNull(this.server);
            ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
            server.configureBlocking(false);
            int count = server.read(bytes);
            server.configureBlocking(true);
            return new String(bytes.array(), 0, Math.max(count, 0), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything published is encoded and written. */
    void flush() {
        try {
            wire.drain(nowNs);
            while (wire.write()) {
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server says this, and the client hears it. */
    void reply(String text) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
            SocketChannel server = Objects.requireNonNull(this.server);
            int heard = 0;
            long startNs = System.nanoTime();
            while (bytes.hasRemaining()) {
                int before = bytes.position();
                ByteBuffer piece = bytes.slice(before, Math.min(bytes.remaining(), 32 * 1024));
                bytes.position(before + server.write(piece));
                while (heard < bytes.position()) {
                    heard += wire.read();
                    if (System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(10)) {
                        throw new AssertionError("the bytes do not arrive");
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, byte by byte. */
    void drip(String text) {
        text.chars().forEach(c -> reply(Character.toString(c)));
    }

    /** Gives back the slot of a command that has ended. */
    void giveBack(Slot slot) {
        owned.remove(slot);
        lane.release(slot);
    }

    /** Gives up a command; its slot is freed when its reply is consumed. */
    static void abandon(Slot slot) {
        if (!slot.abandon(slot.generation())) {
            throw new AssertionError("already done");
        }
    }

    /** The same for a slot that others may take into use before the conversation ends. */
    void abandonOwned(Slot slot) {
        owned.remove(slot);
        abandon(slot);
    }

    @Override
    public void close() {
        wire.detach(Outcome.CLOSED, new ShutdownException());
        wire.failAll(Outcome.CLOSED, new ShutdownException());
        owned.stream().filter(Slot::isDone).forEach(lane::release);
        memory.release();
        transport.close();
        try {
            hangUp();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            slabs.close();
        }
    }

    private final class Listener extends TestLanes.Unheard {
        @Override
        public void noReplyFailed(String node, int op, int outcome, @Nullable String text) {
            unheard.add(op + " " + Outcome.code(outcome) + " " + text);
        }
    }
}
