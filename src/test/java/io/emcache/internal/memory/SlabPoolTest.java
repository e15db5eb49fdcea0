package io.emcache.internal.memory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlabPoolTest {

    private static final long LIMIT = 16L << 20;
    private static final long MIB = 1L << 20;

    private final Map<MemoryTag, Long> usedBefore = used();
    private final SlabPool pool = new SlabPool(LIMIT);

    @AfterEach
    void everyByteIsGivenBack() {
        pool.close();
        assertThat(pool.leasedBytes()).isZero();
        assertThat(pool.reservedBytes()).isZero();
        assertThat(used()).isEqualTo(usedBefore);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4096",
        "1, 4096",
        "4096, 4096",
        "4097, 8192",
        "65536, 65536",
        "1000000, 1048576",
        "1048576, 1048576",
        "1048577, 1052672",
        "5000000, 5001216"
    })
    void sizesAreRoundedUp(long asked, long given) {
        Slab slab = lease(MemoryTag.LANE, asked);

        assertThat(slab.sizeBytes()).isEqualTo(given);
        assertThat(slab.segment().byteSize()).isEqualTo(given);
        assertThat(slab.buffer().capacity()).isEqualTo((int) given);
        assertThat(slab.segment().address() % 64).isZero();
        slab.release();
    }

    @Test
    void newSlabIsZeroed() {
        Slab slab = lease(MemoryTag.VALUE, 2 * MIB);

        assertThat(slab.segment().asByteBuffer().mismatch(ByteBuffer.allocate((int) slab.sizeBytes())))
                .isEqualTo(-1);
        slab.release();
    }

    @Test
    void leasedBytesAreCountedUnderTheirTagAndKeptOnesAsPooled() {
        Slab slab = lease(MemoryTag.LANE, 10_000);

        assertThat(slab.tag()).isEqualTo(MemoryTag.LANE);
        assertThat(usedSinceBefore(MemoryTag.LANE)).isEqualTo(16_384);
        assertThat(pool.leasedBytes()).isEqualTo(16_384);

        slab.release();

        assertThat(usedSinceBefore(MemoryTag.LANE)).isZero();
        assertThat(usedSinceBefore(MemoryTag.POOLED)).isEqualTo(16_384);
        assertThat(pool.leasedBytes()).isZero();
        assertThat(pool.reservedBytes()).isEqualTo(16_384);
    }

    @Test
    void releasedSlabIsLeasedAgainWithAFreshBuffer() {
        Slab slab = lease(MemoryTag.LANE, 4096);
        slab.buffer().position(10).limit(20);
        slab.release();

        Slab again = lease(MemoryTag.VALUE, 100);

        assertThat(again).isSameAs(slab);
        assertThat(again.tag()).isEqualTo(MemoryTag.VALUE);
        assertThat(again.buffer().position()).isZero();
        assertThat(again.buffer().limit()).isEqualTo(4096);
        assertThat(usedSinceBefore(MemoryTag.POOLED)).isZero();
        again.release();
    }

    @Test
    void largeSlabIsFreedWhenItComesBack() {
        Slab slab = lease(MemoryTag.VALUE, MIB + 1);
        slab.release();

        assertThat(pool.reservedBytes()).isZero();
        assertThat(slab.segment().scope().isAlive()).isFalse();
    }

    @Test
    void idleMemoryIsBounded() {
        List<Slab> slabs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            slabs.add(lease(MemoryTag.LANE, 4096));
            slabs.add(lease(MemoryTag.LANE, MIB));
        }
        slabs.forEach(Slab::release);

        assertThat(pool.reservedBytes()).isEqualTo(8 * 4096 + MIB);
    }

    @Test
    void leaseBeyondTheLimitIsRefusedUntilSomethingComesBack() {
        Slab first = lease(MemoryTag.VALUE, LIMIT - 4096);
        Slab second = lease(MemoryTag.VALUE, 4096);

        assertThat(pool.lease(MemoryTag.VALUE, 1)).isNull();
        assertThat(pool.lease(MemoryTag.VALUE, LIMIT + 1)).isNull();
        assertThat(pool.lease(MemoryTag.VALUE, Long.MAX_VALUE)).isNull();

        first.release();
        Slab third = lease(MemoryTag.VALUE, LIMIT / 2);
        second.release();
        third.release();
    }

    @Test
    void keptSlabsMakeRoomForAnotherSize() {
        lease(MemoryTag.LANE, MIB).release();

        Slab all = lease(MemoryTag.VALUE, LIMIT);

        assertThat(pool.reservedBytes()).isEqualTo(LIMIT);
        all.release();
    }

    @Test
    void trimFreesWhatWasIdleForTwoRounds() {
        lease(MemoryTag.LANE, 4096).release();
        pool.trim();
        assertThat(pool.reservedBytes()).isEqualTo(4096);

        lease(MemoryTag.LANE, 4096).release();
        pool.trim();
        assertThat(pool.reservedBytes()).isEqualTo(4096);

        pool.trim();
        assertThat(pool.reservedBytes()).isZero();
    }

    @Test
    void secondReleaseThrows() {
        Slab slab = lease(MemoryTag.LANE, 1);
        slab.release();

        assertThatThrownBy(slab::release).isInstanceOf(IllegalStateException.class);
        assertThat(pool.leasedBytes()).isZero();
    }

    @Test
    void closeFreesKeptSlabsAtOnceAndLeasedOnesWhenTheyComeBack() {
        Slab kept = lease(MemoryTag.LANE, 8192);
        Slab leased = lease(MemoryTag.LANE, 4096);
        kept.release();

        pool.close();
        pool.close();

        assertThat(pool.lease(MemoryTag.LANE, 1)).isNull();
        assertThat(kept.segment().scope().isAlive()).isFalse();
        assertThat(pool.reservedBytes()).isEqualTo(4096);
        leased.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        leased.release();
        assertThat(leased.segment().scope().isAlive()).isFalse();
    }

    @Test
    void outOfNativeMemoryIsARefusal() {
        SlabPool unlimited = new SlabPool(Long.MAX_VALUE);

        assertThat(unlimited.lease(MemoryTag.VALUE, Long.MAX_VALUE / 2)).isNull();
        assertThat(unlimited.reservedBytes()).isZero();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new SlabPool(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.lease(MemoryTag.LANE, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void threadsNeverShareASlabAndNothingIsLost() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                workers.add(threads.submit(worker(i)));
            }
            for (Future<Integer> worker : workers) {
                assertThat(worker.get(10, TimeUnit.SECONDS)).isPositive();
            }
        }
        assertThat(pool.leasedBytes()).isZero();
    }

    @Test
    void closeWhileThreadsLeaseLosesNothing() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Integer> first = threads.submit(worker(1));
            Future<Integer> second = threads.submit(worker(2));
            pool.close();
            assertThat(first.get(10, TimeUnit.SECONDS)).isNotNegative();
            assertThat(second.get(10, TimeUnit.SECONDS)).isNotNegative();
        }
        assertThat(pool.reservedBytes()).isZero();
    }

    private Callable<Integer> worker(int id) {
        return () -> {
            SplittableRandom random = new SplittableRandom(id);
            int leases = 0;
            for (int i = 0; i < 2000; i++) {
                Slab slab = pool.lease(MemoryTag.LANE, random.nextInt(1, 1 << random.nextInt(1, 17)));
                if (slab == null) {
                    continue;
                }
                leases++;
                long stamp = (long) id << 32 | i;
                slab.segment().set(ValueLayout.JAVA_LONG, 0, stamp);
                Thread.onSpinWait();
                if (slab.segment().get(ValueLayout.JAVA_LONG, 0) != stamp) {
                    throw new AssertionError("a slab was leased twice");
                }
                slab.release();
            }
            return leases;
        };
    }

    private Slab lease(MemoryTag tag, long minBytes) {
        return requireNonNull(pool.lease(tag, minBytes));
    }

    private long usedSinceBefore(MemoryTag tag) {
        return tag.usedBytes() - requireNonNull(usedBefore.get(tag));
    }

    private static Map<MemoryTag, Long> used() {
        Map<MemoryTag, Long> used = new EnumMap<>(MemoryTag.class);
        for (MemoryTag tag : MemoryTag.values()) {
            used.put(tag, tag.usedBytes());
        }
        return used;
    }
}
