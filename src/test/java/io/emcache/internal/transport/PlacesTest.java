package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.internal.transport.Places.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PlacesTest {
    private static final int GUARD_S = 10;

    private final Places places = new Places(2);
    private final List<String> told = new ArrayList<>();

    private Place ask(String who) {
        return places.ask(() -> told.add(who));
    }

    @Test
    void whoWaitsIsServedInTurn() {
        Place first = ask("first");
        Place second = ask("second");
        Place third = ask("third");
        Place fourth = ask("fourth");
        assertThat(first.isGiven()).isTrue();
        assertThat(second.isGiven()).isTrue();
        assertThat(third.isGiven()).isFalse();
        second.leave();
        Place again = ask("again");
        assertThat(third.isGiven()).isTrue();
        assertThat(again.isGiven()).isFalse();
        first.leave();
        assertThat(fourth.isGiven()).isTrue();
        third.leave();
        assertThat(told).containsExactly("third", "fourth", "again");
    }

    @Test
    void whoWaitsNoLongerIsPassedOver() {
        Place first = ask("first");
        ask("second");
        Place gone = ask("gone");
        Place next = ask("next");
        gone.leave();
        first.leave();
        assertThat(gone.isGiven()).isFalse();
        assertThat(next.isGiven()).isTrue();
        assertThat(told).containsExactly("next");
    }

    @Test
    void aPlaceIsGivenBackOnce() {
        Place first = ask("first");
        ask("second");
        first.leave();
        first.leave();
        assertThat(ask("third").isGiven()).isTrue();
        assertThat(ask("fourth").isGiven()).isFalse();
    }

    @Test
    void noPlaceIsLostAndNoneIsGivenTwice() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger kept = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 5000; n++) {
                    Semaphore given = new Semaphore(0);
                    Place place = places.ask(given::release);
                    if (ThreadLocalRandom.current().nextInt(4) > 0) {
                        if (!place.isGiven() && !acquire(given)) {
                            kept.incrementAndGet();
                        }
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                    }
                    place.leave();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(kept).hasValue(0);
        assertThat(most.get()).isBetween(1, 2);
        assertThat(ask("first").isGiven()).isTrue();
        assertThat(ask("second").isGiven()).isTrue();
    }

    private static boolean acquire(Semaphore given) {
        try {
            return given.tryAcquire(GUARD_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
