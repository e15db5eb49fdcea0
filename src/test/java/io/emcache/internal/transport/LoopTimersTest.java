package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.NoLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
class LoopTimersTest {
    private static final long MS = 1_000_000;

    private final List<Long> fired = new ArrayList<>();
    private final LoopTimers timers = new LoopTimers();
    private final LoopTimers.Timer timer = new LoopTimers.Timer(fired::add);

    @Test
    void nothingFiresWithoutTimers() {
        assertThat(timers.earliestNs()).isEqualTo(Long.MAX_VALUE);
        assertThat(timers.run(Duration.ofHours(1).toNanos())).isZero();
    }

    @Test
    void firesExactlyAtItsTime() {
        SplittableRandom random = new SplittableRandom(1);
        long nowNs = 0;
        for (int i = 0; i < 2000; i++) {
            long atNs = nowNs + 1 + random.nextLong(10 * MS);
            timers.set(timer, atNs);
            assertThat(timers.earliestNs()).isLessThanOrEqualTo(atNs);
            assertThat(timers.run(atNs - 1)).isZero();
            assertThat(timers.run(atNs)).isEqualTo(1);
            assertThat(fired).last().isEqualTo(atNs);
            nowNs = atNs;
        }
    }

    @Test
    void earlierTimeReplacesALaterOne() {
        timers.set(timer, 50 * MS);
        timers.set(timer, 20 * MS);

        assertThat(timers.run(20 * MS)).isEqualTo(1);
        assertThat(timers.run(100 * MS)).isZero();
    }

    @Test
    void laterTimeLeavesTheEarlierOne() {
        timers.set(timer, 20 * MS);
        timers.set(timer, 50 * MS);

        assertThat(timers.earliestNs()).isEqualTo(20 * MS);
        assertThat(timers.run(20 * MS)).isEqualTo(1);
        assertThat(timers.run(50 * MS)).isZero();
    }

    @Test
    void removedTimerDoesNotFire() {
        timers.set(timer, 20 * MS);
        timers.remove(timer);
        timers.remove(timer);
        assertThat(timers.run(100 * MS)).isZero();

        timers.set(timer, 120 * MS);
        assertThat(timers.run(120 * MS)).isEqualTo(1);
    }

    @Test
    void timerInThePastFiresInTheNextRun() {
        timers.run(500 * MS);
        timers.set(timer, 100 * MS);

        assertThat(timers.run(500 * MS)).isEqualTo(1);
    }

    @Test
    void timerMaySetItselfAnewWhileItFires() {
        LoopTimers.Timer[] self = new LoopTimers.Timer[1];
        self[0] = new LoopTimers.Timer(nowNs -> {
            fired.add(nowNs);
            timers.set(self[0], nowNs + 10 * MS);
        });
        timers.set(self[0], 10 * MS);
        for (long nowNs = MS; nowNs <= 100 * MS; nowNs += MS) {
            timers.run(nowNs);
        }

        assertThat(fired)
                .containsExactly(
                        10 * MS, 20 * MS, 30 * MS, 40 * MS, 50 * MS, 60 * MS, 70 * MS, 80 * MS, 90 * MS, 100 * MS);
    }

    @Test
    void manyTimersOfOneInstantAllFire() {
        for (int i = 0; i < 1000; i++) {
            timers.set(new LoopTimers.Timer(fired::add), 7 * MS);
        }

        assertThat(timers.run(7 * MS - 1)).isZero();
        assertThat(timers.run(7 * MS)).isEqualTo(1000);
        assertThat(timers.earliestNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void timersFireInTheirOrderHoweverFarAway() {
        long[] atNs = {3 * MS, 1500 * MS, 2 * 3600 * 1000 * MS, 3 * 3600 * 1000 * MS};
        for (long at : atNs) {
            timers.set(new LoopTimers.Timer(now -> fired.add(at)), at);
        }
        for (long at : atNs) {
            assertThat(timers.earliestNs()).isEqualTo(at);
            assertThat(timers.run(at - 1)).isZero();
            assertThat(timers.run(at)).isEqualTo(1);
        }

        assertThat(fired).containsExactly(atNs[0], atNs[1], atNs[2], atNs[3]);
    }

    @Test
    void anyOrderOfChangesFiresWhatASortedSetWould() {
        SplittableRandom random = new SplittableRandom(2);
        int count = 300;
        long[] due = new long[count];
        Arrays.fill(due, Long.MAX_VALUE);
        LoopTimers.Timer[] all = new LoopTimers.Timer[count];
        Arrays.setAll(
                all,
                i -> new LoopTimers.Timer(now -> {
                    assertThat(due[i]).isLessThanOrEqualTo(now);
                    due[i] = Long.MAX_VALUE;
                }));
        long nowNs = 0;
        for (int step = 0; step < 50_000; step++) {
            int i = random.nextInt(count);
            if (random.nextInt(4) == 0) {
                timers.remove(all[i]);
                due[i] = Long.MAX_VALUE;
            } else {
                due[i] = Math.min(due[i], nowNs + 1 + random.nextLong(1000));
                assertThat(timers.set(all[i], due[i])).isEqualTo(due[i]);
            }
            assertThat(timers.earliestNs()).isEqualTo(Arrays.stream(due).min().orElseThrow());
            if (random.nextInt(10) == 0) {
                nowNs += random.nextLong(100);
                timers.run(nowNs);
                assertThat(timers.earliestNs()).isGreaterThan(nowNs);
                assertThat(Arrays.stream(due)).allMatch(at -> at == Long.MAX_VALUE || at >= timers.earliestNs());
            }
        }
    }

    /** A client that is used again after years, or whose user did not poll for so long. */
    @Test
    @Timeout(10)
    void longPauseCostsNothing() {
        long nowNs = Duration.ofDays(20 * 365).toNanos();
        timers.set(timer, 5 * MS);
        assertThat(timers.run(nowNs)).isEqualTo(1);

        timers.set(timer, 2 * nowNs + MS);
        assertThat(timers.run(2 * nowNs)).isZero();
        assertThat(timers.run(2 * nowNs + MS)).isEqualTo(1);

        timers.set(timer, 3 * nowNs);
        timers.set(new LoopTimers.Timer(fired::add), 3 * nowNs + MS);
        assertThat(timers.run(3 * nowNs)).isEqualTo(1);
        assertThat(timers.run(3 * nowNs + MS)).isEqualTo(1);
    }
}
