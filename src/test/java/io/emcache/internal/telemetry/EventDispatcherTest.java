package io.emcache.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientEvent.NoReplyFailed;
import io.emcache.ClientEvents;
import io.emcache.ClientEvents.Subscription;
import io.emcache.MemcachedException;
import io.emcache.testkit.NoLeaks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
@Timeout(60)
class EventDispatcherTest {
    private static final int GUARD_SECONDS = 10;

    private final EventDispatcher events = new EventDispatcher();
    private final ConcurrentLinkedQueue<ClientEvent> heard = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void eventsComeInOrderOnOneDaemonThread() {
        Set<Thread> threads = new HashSet<>();
        events.listen(event -> {
            threads.add(Thread.currentThread());
            heard.add(event);
        });
        IntStream.range(0, 500).forEach(i -> events.publish(event(i)));
        awaitHeard(500);
        assertThat(heard)
                .containsExactlyElementsOf(IntStream.range(0, 500)
                        .mapToObj(EventDispatcherTest::event)
                        .toList());
        assertThat(threads).singleElement().satisfies(thread -> {
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getName()).isEqualTo("emcache-events");
        });
        assertThat(events.dropped()).isZero();
    }

    @Test
    void noThreadAndNoEventWithoutListener() {
        assertThat(events.isHeard()).isFalse();
        events.publish(event(1));
        assertThat(deliverers()).isEmpty();
        try (Subscription subscription = events.listen(heard::add)) {
            assertThat(events.isHeard()).isTrue();
            events.publish(event(2));
            awaitHeard(1);
            assertThat(deliverers()).hasSize(1);
            assertThat(subscription).isNotNull();
        }
        await().until(() -> deliverers().isEmpty());
        assertThat(heard).containsExactly(event(2));
        assertThat(events.dropped()).isZero();
    }

    @Test
    void allListenersAreToldEachEventAndOneTwiceIfAddedTwice() {
        ConcurrentLinkedQueue<ClientEvent> other = new ConcurrentLinkedQueue<>();
        events.listen(heard::add);
        events.listen(other::add);
        events.listen(other::add);
        events.publish(event(1));
        events.publish(event(2));
        awaitHeard(2);
        await().until(() -> other.size() == 4);
        assertThat(other).containsExactly(event(1), event(1), event(2), event(2));
    }

    @Test
    void newestAreDroppedAndCountedWhileListenerBlocks() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        events.listen(event -> {
            entered.countDown();
            pass(gate);
            heard.add(event);
        });
        events.publish(event(-1));
        assertThat(entered.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        int sent = ClientEvents.CAPACITY + 7;
        IntStream.range(0, sent).forEach(i -> events.publish(event(i)));
        assertThat(events.dropped()).isEqualTo(7);
        gate.countDown();
        awaitHeard(ClientEvents.CAPACITY + 1);
        assertThat(heard)
                .containsExactlyElementsOf(IntStream.range(-1, ClientEvents.CAPACITY)
                        .mapToObj(EventDispatcherTest::event)
                        .toList());
        events.publish(event(sent));
        awaitHeard(ClientEvents.CAPACITY + 2);
        assertThat(events.dropped()).isEqualTo(7);
    }

    @Test
    void listenerThatThrowsIsCountedAndTheNextEventGoesOn() {
        AtomicInteger calls = new AtomicInteger();
        events.listen(event -> {
            if (calls.incrementAndGet() == 1) {
                throw new AssertionError("as the test wants");
            }
            throw new IllegalStateException("as the test wants");
        });
        events.listen(heard::add);
        IntStream.range(0, 3).forEach(i -> events.publish(event(i)));
        awaitHeard(3);
        assertThat(calls).hasValue(3);
        assertThat(events.failed()).isEqualTo(3);
    }

    @Test
    void listenerThatInterruptsItsThreadDoesNotSpinOrStopIt() {
        events.listen(event -> {
            heard.add(event);
            Thread.currentThread().interrupt();
        });
        events.publish(event(1));
        awaitHeard(1);
        await().until(() -> deliverers().stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        events.publish(event(2));
        awaitHeard(2);
    }

    @Test
    void listenerMayPublishSubscribeAndUnsubscribe() {
        AtomicReference<Subscription> own = new AtomicReference<>();
        own.set(events.listen(event -> {
            if (event.equals(event(1))) {
                events.publish(event(2));
                events.listen(heard::add);
            } else {
                own.get().close();
            }
        }));
        events.publish(event(1));
        awaitHeard(1);
        events.publish(event(3));
        awaitHeard(2);
        assertThat(heard).containsExactly(event(2), event(3));
    }

    @Test
    void listenerMayCloseTheDispatcher() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        events.listen(event -> {
            heard.add(event);
            events.close();
            closed.countDown();
        });
        events.publish(event(1));
        events.publish(event(2));
        assertThat(closed.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        await().until(() -> deliverers().isEmpty());
        assertThat(heard).containsExactly(event(1));
    }

    @Test
    void removedListenerIsToldNothingMore() {
        ConcurrentLinkedQueue<ClientEvent> other = new ConcurrentLinkedQueue<>();
        Subscription subscription = events.listen(other::add);
        events.listen(heard::add);
        events.publish(event(1));
        awaitHeard(1);
        subscription.close();
        subscription.close();
        events.publish(event(2));
        awaitHeard(2);
        assertThat(other).containsExactly(event(1));
    }

    @Test
    void oneDeliveryAtATimeEvenIfAListenerOutlivesItsRemoval() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        Subscription first = events.listen(event -> {
            entered.countDown();
            pass(gate);
            heard.add(event);
        });
        events.publish(event(1));
        assertThat(entered.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        first.close();
        events.listen(heard::add);
        events.publish(event(2));
        assertThat(deliverers()).hasSize(1);
        gate.countDown();
        awaitHeard(2);
        assertThat(heard).containsExactly(event(1), event(2));
    }

    @Test
    void nothingIsDeliveredAfterClose() {
        AtomicInteger running = new AtomicInteger();
        events.listen(event -> {
            running.incrementAndGet();
            LockSupport.parkNanos(1_000);
            heard.add(event);
            running.decrementAndGet();
        });
        IntStream.range(0, ClientEvents.CAPACITY).forEach(i -> events.publish(event(i)));
        await().until(() -> !heard.isEmpty());
        events.close();
        int count = heard.size();
        assertThat(running).hasValue(0);
        assertThat(deliverers()).isEmpty();
        events.publish(event(0));
        assertThat(heard).hasSize(count);
        assertThatThrownBy(() -> events.listen(heard::add)).isInstanceOf(MemcachedException.Closed.class);
        events.close();
    }

    @Test
    void closeInterruptsAListenerThatBlocks() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        events.listen(event -> {
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        events.publish(event(1));
        assertThat(entered.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        events.close();
        assertThat(interrupted.getCount()).isZero();
        assertThat(deliverers()).isEmpty();
    }

    @Test
    void closeOnAnInterruptedThreadDoesNotWaitAndKeepsTheStatus() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        events.listen(event -> {
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                left.countDown();
            }
        });
        events.publish(event(1));
        assertThat(entered.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        Thread.currentThread().interrupt();
        events.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(left.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void eachPublisherKeepsItsOrderAndNothingIsLostUncounted() throws InterruptedException {
        int publishers = 4;
        int each = 20_000;
        events.listen(heard::add);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < publishers; p++) {
            String node = "n" + p;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    events.publish(new NoReplyFailed(node, Integer.toString(i), "", true));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        await().until(() -> heard.size() + events.dropped() == (long) publishers * each);
        int[] last = {-1, -1, -1, -1};
        for (ClientEvent event : heard) {
            NoReplyFailed failed = (NoReplyFailed) event;
            int publisher = failed.node().charAt(1) - '0';
            int number = Integer.parseInt(failed.command());
            assertThat(number).isGreaterThan(last[publisher]);
            last[publisher] = number;
        }
    }

    @Test
    void noWakeUpIsLostWhileListenersComeAndGo() throws InterruptedException {
        for (int i = 0; i < 3_000; i++) {
            CountDownLatch told = new CountDownLatch(1);
            ClientEvent own = event(i);
            try (Subscription subscription = events.listen(event -> {
                if (event.equals(own)) {
                    told.countDown();
                }
            })) {
                if (i % 3 == 0) {
                    Thread.onSpinWait();
                } else if (i % 3 == 1) {
                    LockSupport.parkNanos(1_000);
                }
                events.publish(own);
                assertThat(told.await(GUARD_SECONDS, TimeUnit.SECONDS))
                        .as("event %s", i)
                        .isTrue();
                assertThat(subscription).isNotNull();
            }
        }
    }

    private static ClientEvent event(int i) {
        return new NoReplyFailed("node", "set", Integer.toString(i), false);
    }

    private static void pass(CountDownLatch gate) {
        try {
            assertThat(gate.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted at the gate", e);
        }
    }

    private void awaitHeard(int count) {
        await().until(() -> heard.size() >= count);
    }

    private static List<Thread> deliverers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("emcache-events"))
                .toList();
    }
}
