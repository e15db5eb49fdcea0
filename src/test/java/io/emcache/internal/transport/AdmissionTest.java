package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
class AdmissionTest {
    @Test
    void takesAsManyCallsAsAllowed() {
        Admission admission = new Admission(2, 1000);

        assertThat(admission.enter(0)).isEqualTo(Admission.ENTERED);
        assertThat(admission.enter(0)).isEqualTo(Admission.ENTERED);
        assertThat(admission.enter(0)).isEqualTo(Admission.FULL);
        assertThat(admission.calls()).isEqualTo(2);

        assertThat(admission.leave(0)).isNotZero();
        assertThat(admission.enter(0)).isEqualTo(Admission.ENTERED);
    }

    @Test
    void takesAsManyBytesAsAllowed() {
        Admission admission = new Admission(10, 100);

        assertThat(admission.enter(60)).isEqualTo(Admission.ENTERED);
        assertThat(admission.enter(41)).isEqualTo(Admission.FULL);
        assertThat(admission.enter(40)).isEqualTo(Admission.ENTERED);
        assertThat(admission.enter(1)).isEqualTo(Admission.FULL);
        assertThat(admission.enter(0)).isEqualTo(Admission.ENTERED);
        assertThat(admission.bytes()).isEqualTo(100);

        assertThat(admission.leave(60)).isNotZero();
        assertThat(admission.bytes()).isEqualTo(40);
        assertThat(admission.enter(60)).isEqualTo(Admission.ENTERED);
    }

    @Test
    void emptyLaneTakesOneCallOfAnySize() {
        Admission admission = new Admission(10, 100);

        assertThat(admission.enter(1L << 31)).isEqualTo(Admission.ENTERED);
        assertThat(admission.enter(1)).isEqualTo(Admission.FULL);
        assertThat(admission.leave(1L << 31)).isNotZero();
        assertThat(admission.bytes()).isZero();
        assertThat(admission.calls()).isZero();
    }

    @Test
    void bytesNeverReachTheCount() {
        Admission admission = new Admission(10, Long.MAX_VALUE);
        long most = (1L << 40) - 1;

        assertThat(admission.enter(most + 1)).isEqualTo(Admission.FULL);
        assertThat(admission.enter(most)).isEqualTo(Admission.ENTERED);
        assertThat(admission.enter(1)).isEqualTo(Admission.FULL);
        assertThat(admission.calls()).isEqualTo(1);
        assertThat(admission.bytes()).isEqualTo(most);
        assertThat(admission.leave(most)).isNotZero();
        assertThat(admission.calls()).isZero();
    }

    @Test
    void closedTakesNobody() {
        Admission admission = new Admission(2, 100);
        admission.close();

        assertThat(admission.isClosed()).isTrue();
        assertThat(admission.enter(0)).isEqualTo(Admission.CLOSED);
    }

    @Test
    void lastOutOfAClosedLaneIsToldSo() {
        Admission admission = new Admission(3, 100);
        admission.enter(10);
        admission.enter(20);
        assertThat(admission.leave(10)).as("still open").isNotZero();
        admission.enter(5);
        admission.close();
        admission.close();

        assertThat(admission.leave(20)).as("one is left").isNotZero();
        assertThat(admission.calls()).isEqualTo(1);
        assertThat(admission.bytes()).isEqualTo(5);
        assertThat(admission.leave(5)).isZero();
    }

    @Test
    void whoIsInsideMayHoldAClosedLane() {
        Admission admission = new Admission(1, 100);
        admission.enter(7);
        admission.close();
        admission.hold();

        assertThat(admission.leave(7)).isNotZero();
        assertThat(admission.leave(0)).isZero();
    }

    @Test
    @Timeout(60)
    void lastOutIsToldExactlyOnceUnderConcurrency() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            Admission admission = new Admission(64, 10_000);
            admission.enter(0);
            AtomicInteger last = new AtomicInteger();
            AtomicInteger afterLast = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                SplittableRandom random = new SplittableRandom(round * 4L + i);
                threads.add(Thread.startVirtualThread(() -> comeAndGo(admission, random, start, last, afterLast)));
            }
            start.countDown();
            Thread.yield();
            admission.close();
            if (admission.leave(0) == 0) {
                last.incrementAndGet();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(last).as("told in round %d", round).hasValue(1);
            assertThat(afterLast).as("entered after the last").hasValue(0);
            assertThat(admission.calls()).isZero();
            assertThat(admission.bytes()).isZero();
        }
    }

    private static void comeAndGo(
            Admission admission,
            SplittableRandom random,
            CountDownLatch start,
            AtomicInteger last,
            AtomicInteger afterLast) {
        await(start);
        while (true) {
            long bytes = random.nextInt(5000);
            int entered = admission.enter(bytes);
            if (entered == Admission.CLOSED) {
                return;
            } else if (entered == Admission.ENTERED) {
                if (last.get() > 0) {
                    afterLast.incrementAndGet();
                }
                boolean held = random.nextBoolean();
                if (held) {
                    admission.hold();
                }
                if (admission.leave(bytes) == 0) {
                    last.incrementAndGet();
                }
                if (held && admission.leave(0) == 0) {
                    last.incrementAndGet();
                }
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
