package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.Capabilities;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ServerVersion;
import io.emcache.testkit.NoLeaks;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one connection leaves to the next, without a network. */
@NoLeaks
class NextConnectionTest {
    private static final int RING_BYTES = 8192;
    private static final int BUFFER_BYTES = 8192;
    private static final String NEW_SERVER = "1.6.38";
    private static final String OLD_SERVER = "1.6.18";

    private final AtomicLong nowNs = new AtomicLong();
    private final TransportCounters counters = new TransportCounters();
    private final SlabPool slabs = new SlabPool(16 << 20);
    private final Transport transport = new Transport(
            Driver.invoked(),
            1,
            TestLanes.settings(slabs, counters, nowNs::get),
            ForkJoinPool.commonPool(),
            Runnable::run);
    private final Lane home = transport.open(NodeAddress.parse("127.0.0.1:1"), TestLanes.owner(), 0);
    private final MemorySegment memory =
            Arena.ofAuto().allocate(CommandRing.requiredBytes(RING_BYTES) + 3 * BUFFER_BYTES, 64);
    private final long ringBytes = CommandRing.requiredBytes(RING_BYTES);
    private final CommandRing ring = CommandRings.create(memory.asSlice(0, ringBytes), RING_BYTES);
    private final CommandWriter writer = new CommandWriter(ring, slabs, BUFFER_BYTES / 2);
    private final Wire wire = new Wire(
            home,
            ring,
            memory.asSlice(ringBytes, BUFFER_BYTES),
            memory.asSlice(ringBytes + BUFFER_BYTES, BUFFER_BYTES),
            memory.asSlice(ringBytes + 2 * BUFFER_BYTES, BUFFER_BYTES));
    private MemoryChannel channel = new MemoryChannel();

    @AfterEach
    void close() {
        wire.failAll(Outcome.CLOSED, new ShutdownException());
        transport.close();
        slabs.close();
    }

    private void connect(String version) throws IOException {
        channel = new MemoryChannel();
        wire.attach(new PlainStream(channel), null);
        wire.greet();
        receive("VERSION " + version + "\r\n");
        wire.begin(Capabilities.of(ServerVersion.parse(version), false));
    }

    private void receive(String bytes) throws IOException {
        channel.arrive(bytes.getBytes(ISO_8859_1));
        wire.read();
    }

    private void lose() {
        channel.end();
        assertThatThrownBy(wire::read).isInstanceOf(EOFException.class);
        wire.detach(Outcome.LOST, new EOFException());
    }

    private Slot publish(int op, int options, byte[] value) {
        Slot slot = home.begin(op, 100, nowNs.get() + 1000, null);
        assertThat(slot).isNotNull();
        slot.ask(options, 0, 0, 1, 7);
        assertThat(writer.write(slot, MemorySegment.ofArray(new byte[] {'k'}), 1, value))
                .isTrue();
        return slot;
    }

    private void send() throws IOException {
        wire.drain(nowNs.get());
        wire.write();
    }

    @Test
    void halfACounterIsForgotten() throws IOException {
        connect(NEW_SERVER);
        Slot counter = publish(OpCode.INCREMENT, 0, null);
        send();
        receive("VA 2 O0000\r\n4");
        lose();
        assertThat(Outcome.code(counter.outcome())).isEqualTo(Outcome.LOST);
        home.release(counter);

        connect(NEW_SERVER);
        Slot get = publish(OpCode.GET, 0, null);
        send();
        receive("VA 5 kk O0001\r\nvalue\r\n");

        assertThat(Outcome.code(get.outcome())).isEqualTo(Outcome.HIT);
        assertThat(get.value()).isEqualTo("value".getBytes(ISO_8859_1));
        home.release(get);
    }

    @Test
    void aCommandWithoutAReplyIsNotSentAfterItsDeadline() throws IOException {
        connect(NEW_SERVER);
        channel.room(0);
        publish(OpCode.SET, CommandLayout.NO_REPLY, new byte[] {'v'});
        send();
        lose();
        assertThat(wire.inFlight()).isOne();

        nowNs.set(1000);
        connect(NEW_SERVER);

        assertThat(wire.inFlight()).isZero();
        assertThat(wire.hasUnsent()).isFalse();
        assertThat(counters.noReplyFailures.sum()).isOne();
    }

    @Test
    void aCommandInTimeIsSentByTheNextConnection() throws IOException {
        connect(NEW_SERVER);
        channel.room(0);
        publish(OpCode.SET, CommandLayout.NO_REPLY, new byte[] {'v'});
        send();
        lose();

        connect(NEW_SERVER);
        send();
        receive("MN\r\n");

        assertThat(wire.inFlight()).isZero();
        assertThat(counters.noReplyFailures.sum()).isZero();
        assertThat(home.calls()).isZero();
    }

    @Test
    void whatTheNextServerDoesNotKnowIsNotSentToIt() throws IOException {
        connect(NEW_SERVER);
        channel.room(0);
        Slot set = publish(OpCode.SET, CommandLayout.GIVE_CAS, new byte[] {'v'});
        send();
        lose();

        connect(OLD_SERVER);

        assertThat(wire.inFlight()).isZero();
        assertThat(Outcome.code(set.outcome())).isEqualTo(Outcome.UNSENT);
        home.release(set);
    }
}
