package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.Capabilities;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ServerVersion;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever waits in a lane, of whatever kind, leaves in one write. */
@NoLeaks
class OneWriteTest {
    private static final int RING_BYTES = 64 * 1024;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final SlabPool slabs = new SlabPool(16 << 20);
    private final Transport transport = new Transport(
            Driver.invoked(),
            1,
            TestLanes.settings(slabs, new TransportCounters(), () -> 0),
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
    private final MemoryChannel channel = new MemoryChannel();

    @AfterEach
    void close() {
        wire.detach(Outcome.CLOSED, new ShutdownException());
        wire.failAll(Outcome.CLOSED, new ShutdownException());
        transport.close();
        slabs.close();
    }

    private void connect(String version) throws IOException {
        wire.attach(new PlainStream(channel), null);
        wire.greet();
        channel.arrive(("VERSION " + version + "\r\n").getBytes(ISO_8859_1));
        wire.read();
        wire.begin(Capabilities.of(ServerVersion.parse(version), false));
    }

    private void publish(int op, String key, byte @Nullable [] value) {
        Slot slot = Objects.requireNonNull(home.begin(op, 100, Long.MAX_VALUE, null));
        slot.ask(0, 0, 0, 1, 0);
        MemorySegment bytes = MemorySegment.ofArray(key.getBytes(ISO_8859_1));
        assertThat(writer.write(slot, bytes, (int) bytes.byteSize(), value)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5.22", "1.6.38"})
    void whatWaitsTogetherLeavesInOneWrite(String version) throws IOException {
        connect(version);
        int before = channel.writes();
        for (int i = 0; i < 10; i++) {
            publish(OpCode.SET, "set:" + i, new byte[100]);
            publish(OpCode.DELETE, "delete:" + i, null);
            publish(OpCode.INCREMENT, "count:" + i, null);
            publish(OpCode.GET, "get:" + i, null);
        }
        wire.drain(0);
        assertThat(wire.write()).as("something is left").isFalse();
        assertThat(wire.inFlight()).isEqualTo(40);
        assertThat(channel.writes() - before).isEqualTo(1);
    }
}
