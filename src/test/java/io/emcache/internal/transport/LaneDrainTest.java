package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lanes that end while their loop goes on: what is inside is served, and everything is given back. */
@NoLeaks
@Timeout(60)
class LaneDrainTest {
    private static final long FAR_AWAY_NS = TimeUnit.MINUTES.toNanos(5);
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);
    private static final MemorySegment KEY = MemorySegment.ofArray(new byte[] {'k'});

    private final SlabPool slabs = new SlabPool(64 << 20);
    private final NanoClock clock = new NanoClock(System::nanoTime);
    private final AtomicInteger drained = new AtomicInteger();
    private final TestLanes.Owner owner = new TestLanes.Owner() {
        @Override
        public void drained(Lane lane, boolean wasInService) {
            drained.incrementAndGet();
        }
    };

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF));
    }

    private Transport transport(Driver driver) {
        return new Transport(
                driver,
                1,
                TestLanes.settings(slabs),
                ForkJoinPool.commonPool(),
                task -> Thread.startVirtualThread(task));
    }

    private Slot publish(Lane lane, int op, byte @Nullable [] value, @Nullable Completion completion) {
        int bytes = 1 + (value == null ? 0 : value.length);
        Slot slot = Objects.requireNonNull(lane.begin(op, bytes, clock.nowNs() + FAR_AWAY_NS, completion));
        assertThat(lane.publish(slot, KEY, 1, value)).isTrue();
        return slot;
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void lanesComeAndGoWhileTheLoopRuns(Driver driver) {
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached().put("k", VALUE))) {
            Transport transport = transport(driver);
            transport.start();
            for (int i = 1; i <= 20; i++) {
                Lane lane = transport.open(NodeAddress.parse(server.address()), owner, 0);
                lane.start();
                Slot slot = publish(lane, OpCode.GET, null, null);
                assertThat(Outcome.code(lane.await(slot))).isEqualTo(Outcome.HIT);
                assertThat(slot.value()).isEqualTo(VALUE);
                lane.release(slot);
                lane.drain(clock.nowNs() + FAR_AWAY_NS);
                int count = i;
                await().atMost(Load.GUARD).until(() -> drained.get() == count && slabs.leasedBytes() == 0);
                assertThat(lane.begin(OpCode.GET, 1, FAR_AWAY_NS, null)).isNull();
            }
            transport.close();
        } finally {
            slabs.close();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void whatIsInsideIsServedAndThenTheLaneEnds(Driver driver) {
        Gate gate = new Gate();
        FakeMemcached fake = new FakeMemcached().put("k", VALUE).onNext("mg", Answer.late(gate));
        try (ScriptedServer server = ScriptedServer.start(fake)) {
            Transport transport = transport(driver);
            transport.start();
            Lane lane = transport.open(NodeAddress.parse(server.address()), owner, 0);
            lane.start();
            Slot first = publish(lane, OpCode.GET, null, null);
            lane.flush();
            gate.awaitReached();
            Slot second = publish(lane, OpCode.GET, null, null);
            lane.drain(clock.nowNs() + FAR_AWAY_NS);
            assertThat(lane.begin(OpCode.GET, 1, FAR_AWAY_NS, null)).isNull();
            gate.open();
            assertThat(Outcome.code(lane.await(first))).isEqualTo(Outcome.HIT);
            lane.release(first);
            assertThat(Outcome.code(lane.await(second))).isEqualTo(Outcome.HIT);
            assertThat(drained.get()).isZero();
            assertThat(slabs.leasedBytes()).isPositive();
            lane.release(second);
            await().atMost(Load.GUARD).until(() -> drained.get() == 1 && slabs.leasedBytes() == 0);
            transport.close();
        } finally {
            slabs.close();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void afterItsLimitALaneFailsWhatWasSentAndWhatWasNot(Driver driver) {
        FakeMemcached fake = new FakeMemcached().onEvery("mg", Answer.never());
        try (ScriptedServer server = ScriptedServer.start(fake)) {
            Transport transport = transport(driver);
            transport.start();
            Lane lane = transport.open(NodeAddress.parse(server.address()), owner, 0);
            Lane unconnected = transport.open(
                    NodeAddress.parse(server.address()),
                    new TestLanes.Owner() {
                        @Override
                        public boolean mayConnect(Lane lane) {
                            return false;
                        }
                    },
                    0);
            lane.start();
            Slot sent = publish(lane, OpCode.GET, null, null);
            lane.flush();
            await().atMost(Load.GUARD)
                    .until(() -> fake.requests().stream()
                            .anyMatch(request -> request.verb().equals("mg")));
            Slot unsent = publish(unconnected, OpCode.GET, null, null);
            unconnected.drain(clock.nowNs());
            lane.drain(clock.nowNs() + TimeUnit.MILLISECONDS.toNanos(50));
            assertThat(Outcome.code(lane.await(sent))).isEqualTo(Outcome.LOST);
            assertThat(Outcome.code(unconnected.await(unsent))).isEqualTo(Outcome.UNSENT);
            lane.release(sent);
            unconnected.release(unsent);
            await().atMost(Load.GUARD).until(() -> drained.get() == 1 && slabs.leasedBytes() == 0);
            transport.close();
        } finally {
            slabs.close();
        }
    }

    /** The value of an asynchronous write comes back, for another connection. */
    @ParameterizedTest
    @MethodSource("drivers")
    void theValueOfAWriteThatWasNotSentComesBack(Driver driver) {
        for (int bytes : new int[] {0, 5, 40_000}) {
            byte[] value = new byte[bytes];
            java.util.Arrays.fill(value, (byte) 'v');
            Transport transport = transport(driver);
            transport.start();
            Lane lane = transport.open(
                    NodeAddress.parse("127.0.0.1:1"),
                    new TestLanes.Owner() {
                        @Override
                        public boolean mayConnect(Lane lane) {
                            return false;
                        }
                    },
                    0);
            Taken taken = new Taken();
            publish(lane, OpCode.SET, value, taken);
            lane.launch(clock.nowNs() + FAR_AWAY_NS);
            lane.drain(clock.nowNs());
            await().atMost(Load.GUARD).until(() -> taken.finished);
            assertThat(Outcome.code(taken.outcome)).isEqualTo(Outcome.UNSENT);
            assertThat(taken.value).isEqualTo(value);
            transport.close();
        }
        slabs.close();
    }

    @Test
    void laneOfALoopThatHasEndedIsClosedAtOnce() {
        Transport transport = transport(Driver.caller());
        transport.start();
        transport.close();
        Lane lane = transport.open(NodeAddress.parse("127.0.0.1:1"), owner, 0);
        assertThat(lane.begin(OpCode.GET, 1, FAR_AWAY_NS, null)).isNull();
        slabs.close();
    }

    private static final class Taken implements Completion {
        private int outcome;
        private byte @Nullable [] value;
        private @Nullable Completion next;
        private volatile boolean finished;

        @Override
        public void take(Slot slot) {
            outcome = slot.outcome();
            value = slot.value();
        }

        @Override
        public void giveUp(Lane lane, int code, int phase) {
            outcome = Outcome.of(code, phase);
        }

        @Override
        public void finish() {
            finished = true;
        }

        @Override
        public boolean hasDependents() {
            return false;
        }

        @Override
        public boolean sendsAgain() {
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
    }
}
