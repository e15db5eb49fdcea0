package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class PinnedEventsTest {
    /** A class initializer stands on a native frame, so parking in one pins the thread. */
    private static final class ParksInInitializer {
        private static final long PARKED_AT_NS = parkedAtNs();

        private static long parkedAtNs() {
            LockSupport.parkNanos(1_000_000);
            return System.nanoTime();
        }
    }

    @Test
    void pinnedThreadIsCounted() throws Exception {
        assertThat(PinnedEvents.record(() -> Thread.ofVirtual()
                        .start(() -> assertThat(ParksInInitializer.PARKED_AT_NS).isNotZero())
                        .join()))
                .singleElement()
                .asString()
                .contains("parkedAtNs");
    }

    @Test
    void freeThreadIsNotCounted() throws Exception {
        assertThat(PinnedEvents.count(() -> Thread.ofVirtual()
                        .start(() -> LockSupport.parkNanos(1_000_000))
                        .join()))
                .isZero();
    }
}
