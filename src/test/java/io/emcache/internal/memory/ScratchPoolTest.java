package io.emcache.internal.memory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScratchPoolTest {

    private static final int MORE_THAN_ALL = 70;

    private final long usedBefore = MemoryTag.SCRATCH.usedBytes();
    private final SlabPool slabs = new SlabPool(1 << 20);
    private final ScratchPool pool = new ScratchPool(slabs);

    @AfterEach
    void everyByteIsGivenBack() {
        pool.close();
        pool.close();
        slabs.close();
        assertThat(slabs.leasedBytes()).isZero();
        assertThat(MemoryTag.SCRATCH.usedBytes()).isEqualTo(usedBefore);
    }

    @Test
    void placeHasRoomForTheLongestKeyAndIsAligned() {
        KeyScratch scratch = lease();

        assertThat(scratch.segment().byteSize())
                .isEqualTo(KeyScratch.SIZE_BYTES)
                .isGreaterThanOrEqualTo(256);
        assertThat(scratch.segment().address() % 64).isZero();
        scratch.release();
    }

    @Test
    void oneThreadGetsTheSamePlaceAgain() {
        KeyScratch first = lease();
        first.release();
        KeyScratch second = lease();

        assertThat(second).isSameAs(first);
        second.release();
    }

    @Test
    void placesNeverOverlapAndOverflowComesFromTheSlabPool() {
        List<KeyScratch> leased = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_ALL; i++) {
            KeyScratch scratch = lease();
            scratch.segment().fill((byte) i);
            leased.add(scratch);
        }

        assertThat(slabs.leasedBytes()).isPositive();
        for (int i = 0; i < MORE_THAN_ALL; i++) {
            for (long at = 0; at < KeyScratch.SIZE_BYTES; at++) {
                assertThat(leased.get(i).segment().get(ValueLayout.JAVA_BYTE, at))
                        .isEqualTo((byte) i);
            }
        }
        leased.forEach(KeyScratch::release);
    }

    @Test
    void overflowIsRefusedWhenTheSlabPoolRefuses() {
        List<KeyScratch> leased = new ArrayList<>();
        slabs.close();
        KeyScratch scratch = pool.lease();
        while (scratch != null) {
            leased.add(scratch);
            scratch = pool.lease();
        }

        assertThat(leased).isNotEmpty();
        leased.forEach(KeyScratch::release);
        lease().release();
    }

    @Test
    void secondReleaseThrows() {
        KeyScratch scratch = lease();
        scratch.release();

        assertThatThrownBy(scratch::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void secondReleaseOfAnOverflowThrows() {
        List<KeyScratch> leased = new ArrayList<>();
        while (slabs.leasedBytes() == 0) {
            leased.add(lease());
        }
        KeyScratch overflow = leased.removeLast();
        overflow.release();

        assertThatThrownBy(overflow::release).isInstanceOf(IllegalStateException.class);
        leased.forEach(KeyScratch::release);
    }

    @Test
    void leasedPlaceOutlivesTheClose() {
        KeyScratch scratch = lease();
        pool.close();

        scratch.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
        assertThat(scratch.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        scratch.release();
    }

    @Test
    void threadsNeverShareAPlace() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                workers.add(threads.submit(worker(i)));
            }
            for (Future<Integer> worker : workers) {
                assertThat(worker.get(10, TimeUnit.SECONDS)).isEqualTo(20_000);
            }
        }
    }

    @Test
    void virtualThreadsNeverShareAPlace() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int id = i;
                workers.add(threads.submit(() -> {
                    KeyScratch scratch = lease();
                    scratch.segment().set(ValueLayout.JAVA_INT, 0, id);
                    Thread.sleep(1);
                    int seen = scratch.segment().get(ValueLayout.JAVA_INT, 0);
                    scratch.release();
                    return seen;
                }));
            }
            for (int i = 0; i < workers.size(); i++) {
                assertThat(workers.get(i).get(10, TimeUnit.SECONDS)).isEqualTo(i);
            }
        }
    }

    private Callable<Integer> worker(int id) {
        return () -> {
            for (int i = 0; i < 20_000; i++) {
                KeyScratch scratch = lease();
                long stamp = (long) id << 32 | i;
                scratch.segment().set(ValueLayout.JAVA_LONG, 0, stamp);
                if (scratch.segment().get(ValueLayout.JAVA_LONG, 0) != stamp) {
                    throw new AssertionError("a place was leased twice");
                }
                scratch.release();
            }
            return 20_000;
        };
    }

    private KeyScratch lease() {
        return requireNonNull(pool.lease());
    }
}
