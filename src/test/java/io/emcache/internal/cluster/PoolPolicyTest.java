package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolPolicyTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long UNUSED_NS = TimeUnit.SECONDS.toNanos(60);

    private final PoolPolicy policy = new PoolPolicy(2, 4, UNUSED_NS, 2);

    @Test
    void growsWhenATenthOfTheCallsFindsAllBusy() {
        assertThat(policy.grows(2, 2, 1000, 100, 0)).isTrue();
        assertThat(policy.grows(2, 2, 1000, 99, 0)).isFalse();
        assertThat(policy.grows(2, 2, 0, 10, 0)).isTrue();
    }

    @Test
    void aFewCallsAreAnAccident() {
        assertThat(policy.grows(2, 2, 9, 9, 0)).isFalse();
        assertThat(policy.grows(2, 2, 10, 10, 0)).isTrue();
    }

    @Test
    void growsWhenCommandsWaitInARing() {
        assertThat(policy.grows(2, 2, 1000, 0, MS)).isFalse();
        assertThat(policy.grows(2, 2, 1000, 0, MS + 1)).isTrue();
    }

    @Test
    void aLaneMoreHasADriverAsLongAsThereAreProcessors() {
        assertThat(policy.hasDriverForMore(1, 0)).isTrue();
        assertThat(policy.hasDriverForMore(2, 0)).isFalse();
        assertThat(policy.hasDriverForMore(2, 1)).isTrue();
        assertThat(policy.hasDriverForMore(4, 2)).isFalse();
    }

    @Test
    void growsByOneAtATimeAndNotAboveTheMaximum() {
        assertThat(policy.grows(3, 2, 1000, 1000, 0)).isFalse();
        assertThat(policy.grows(3, 3, 1000, 1000, 0)).isTrue();
        assertThat(policy.grows(4, 4, 1000, 1000, MS * 100)).isFalse();
    }

    @Test
    void shrinksWhatIsUnusedAndEmptyAndNotBelowTheMinimum() {
        assertThat(policy.shrinks(3, UNUSED_NS, 0)).isTrue();
        assertThat(policy.shrinks(3, UNUSED_NS - 1, 0)).isFalse();
        assertThat(policy.shrinks(3, UNUSED_NS, 1)).isFalse();
        assertThat(policy.shrinks(2, UNUSED_NS, 0)).isFalse();
        assertThat(new PoolPolicy(2, 4, 0, 2).shrinks(3, Long.MAX_VALUE, 0)).isFalse();
    }

    @Test
    void aPoolOfOneSizeIsFixed() {
        assertThat(policy.isFixed()).isFalse();
        assertThat(new PoolPolicy(3, 3, UNUSED_NS, 2).isFixed()).isTrue();
    }
}
