package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
class SlotTest {
    private final SlabPool slabs = new SlabPool(16 << 20);
    private final Transport transport =
            new Transport(Driver.invoked(), 1, TestLanes.settings(slabs), ForkJoinPool.commonPool(), Runnable::run);
    private final Lane lane = transport.open(NodeAddress.parse("127.0.0.1:1"), TestLanes.owner(), 0);
    private final Slot slot = new Slot(lane, 3);

    @AfterEach
    void close() {
        transport.close();
        slabs.close();
    }

    @Test
    void newSlotIsFree() {
        assertThat(slot.isPending()).isFalse();
        assertThat(slot.isDone()).isFalse();
        assertThat(slot.isAbandoned()).isFalse();
        assertThat(slot.finish()).isFalse();
    }

    @Test
    void finishedSlotCannotBeAbandoned() {
        int generation = slot.open(OpCode.GET, 10, 20, null);

        assertThat(slot.isPending(generation)).isTrue();
        assertThat(slot.finish()).isTrue();
        assertThat(slot.isDone()).isTrue();
        assertThat(slot.abandon(generation)).isFalse();
        assertThat(slot.finish()).isFalse();
    }

    @Test
    void abandonedSlotCannotBeFinished() {
        int generation = slot.open(OpCode.GET, 10, 20, null);

        assertThat(slot.abandon(generation)).isTrue();
        assertThat(slot.isAbandoned()).isTrue();
        assertThat(slot.finish()).isFalse();
        assertThat(slot.abandon(generation)).isFalse();
    }

    @Test
    void eachUseHasAGenerationOfItsOwn() {
        int first = slot.open(OpCode.GET, 10, 20, null);
        slot.finish();
        slot.clear();
        int second = slot.open(OpCode.SET, 10, 20, null);

        assertThat(second).isNotEqualTo(first).isEqualTo(slot.generation());
        assertThat(slot.isPending(first)).isFalse();
        assertThat(slot.abandon(first)).isFalse();
        assertThat(slot.isPending(second)).isTrue();
    }

    @Test
    void clearedSlotForgetsItsLastOwner() {
        slot.open(OpCode.GET, 10, 20, null);
        slot.value = new byte[1];
        slot.text = "text";
        slot.cause = new IllegalStateException();
        slot.batch = new Batch(1, false);
        slot.ride(Thread.currentThread(), true);
        slot.hinted = true;
        slot.enterPhase(Slot.RECEIVING);
        slot.finish();
        slot.clear();
        slot.open(OpCode.GET, 10, 20, null);

        assertThat(slot.value()).isNull();
        assertThat(slot.text()).isNull();
        assertThat(slot.cause()).isNull();
        assertThat(slot.batch).isNull();
        assertThat(slot.rider()).isNull();
        assertThat(slot.hinted).isFalse();
        assertThat(slot.phase()).isEqualTo(Slot.QUEUED);
        assertThat(slot.outcome()).isEqualTo(Outcome.NONE);
    }

    @Test
    void onlyARiderThatMayDriveInherits() {
        slot.open(OpCode.GET, 10, 20, null);
        assertThat(slot.canInherit()).isFalse();
        slot.ride(Thread.currentThread(), false);
        assertThat(slot.canInherit()).isFalse();
        slot.ride(Thread.currentThread(), true);
        assertThat(slot.canInherit()).isTrue();
        slot.endRide();
        assertThat(slot.canInherit()).isFalse();
    }

    @Test
    @Timeout(60)
    void raceOfFinishAndAbandonHasExactlyOneWinner() throws Exception {
        int rounds = 20_000;
        CyclicBarrier barrier = new CyclicBarrier(2);
        AtomicInteger finished = new AtomicInteger();
        Thread driver = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < rounds; i++) {
                TestLanes.await(barrier);
                if (slot.finish()) {
                    finished.incrementAndGet();
                }
                TestLanes.await(barrier);
            }
        });
        int abandoned = 0;
        for (int i = 0; i < rounds; i++) {
            int generation = slot.open(OpCode.GET, 0, 0, null);
            TestLanes.await(barrier);
            if (slot.abandon(generation)) {
                abandoned++;
            }
            TestLanes.await(barrier);
            assertThat(slot.isDone()).isNotEqualTo(slot.isAbandoned());
            slot.clear();
        }
        driver.join();

        assertThat(finished.get() + abandoned).isEqualTo(rounds);
    }
}
