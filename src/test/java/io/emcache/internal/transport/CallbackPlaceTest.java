package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What completions that run on the loop may do where commands fail. */
@NoLeaks
class CallbackPlaceTest {
    private static final int MANY = 10_000;

    private final TransportCounters counters = new TransportCounters();
    private final SlabPool slabs = new SlabPool(16 << 20);
    private final Transport transport = new Transport(
            Driver.invoked(),
            1,
            TestLanes.settings(slabs, counters, () -> 0),
            ForkJoinPool.commonPool(),
            Runnable::run);
    private final Lane lane = transport.open(
            NodeAddress.parse("127.0.0.1:1"),
            new TestLanes.Owner() {
                @Override
                public boolean mayConnect(Lane lane) {
                    return false;
                }

                @Override
                public boolean isUnavailable() {
                    return true;
                }
            },
            0);

    @AfterEach
    void close() {
        transport.close();
        slabs.close();
    }

    /** Publishes itself again as often as it is told of a failure. */
    private class Again implements Completion {
        int told;
        private final boolean throwing;
        private @Nullable Completion next;

        Again(boolean throwing) {
            this.throwing = throwing;
        }

        void publish() {
            Slot slot = lane.begin(OpCode.GET, 1, Long.MAX_VALUE, this);
            if (slot != null && lane.publish(slot, MemorySegment.ofArray(new byte[] {'k'}), 1, null)) {
                lane.launch(Long.MAX_VALUE);
            }
        }

        @Override
        public void finish() {
            told++;
            if (throwing) {
                throw new IllegalStateException("of a completion");
            } else if (told < MANY) {
                publish();
            }
        }

        @Override
        public void take(Slot slot) {}

        @Override
        public void giveUp(Lane lane, int code, int phase) {}

        @Override
        public boolean hasDependents() {
            return true;
        }

        @Override
        public boolean runsOnLoop() {
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

    @Test
    void whoTriesAgainAtOnceDoesNotKeepTheLoopInOneTurn() {
        Again again = new Again(false);
        again.publish();
        transport.poll();
        transport.poll();

        assertThat(again.told).isBetween(1, 2);
    }

    @Test
    void oneThatThrowsKeepsNoOtherFromBeingTold() {
        Again first = new Again(true);
        Again second = new Again(true);
        Again third = new Again(true);
        first.publish();
        second.publish();
        third.publish();
        for (int i = 0; i < 4; i++) {
            transport.poll();
        }

        assertThat(first.told).isOne();
        assertThat(second.told).isOne();
        assertThat(third.told).isOne();
        assertThat(lane.calls()).isZero();
        assertThat(counters.loopFailures.sum()).isZero();
        assertThat(counters.failedCompletions.sum()).isEqualTo(3);
    }
}
