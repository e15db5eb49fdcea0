package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Counters; N are rows of the specification. */
class CounterBehaviourTest extends BehaviourSuite {
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    private void store(String key, String text) {
        client().set(key, text.getBytes(UTF_8));
    }

    private String text(String key) {
        return new String(client().get(key), UTF_8);
    }

    @Test
    void countsUpAndDown() {
        store(key(1), "10");

        assertThat(client().increment(key(1), 5)).hasValue(15);
        assertThat(client().decrement(Key.of(key(1)), 3)).hasValue(12);
        assertThat(client().increment(Key.of(key(1)), 0)).hasValue(12);
        assertThat(client().decrement(key(1), 2, CounterOptions.NONE)).hasValue(10);
        assertThat(text(key(1)).trim()).isEqualTo("10");
    }

    @Test
    void n1IncrementWrapsAt64Bits() {
        store(key(1), "18446744073709551615");

        assertThat(client().increment(key(1), 2)).hasValue(1);
    }

    @Test
    void n2NumbersHaveNoSign() {
        store(key(1), "9223372036854775807");

        OptionalLong result = client().increment(key(1), 2);

        assertThat(Long.toUnsignedString(result.orElseThrow())).isEqualTo("9223372036854775809");
        assertThat(client().increment(key(1), Long.MAX_VALUE - 1)).hasValue(-1);
    }

    @Test
    void n3PaddedNumberIsStillANumber() {
        store(key(1), "100");

        assertThat(client().decrement(key(1), 1)).hasValue(99);
        assertThat(client().increment(key(1), 1)).hasValue(100);
        assertThat(client().decrement(key(1), 95)).hasValue(5);
        assertThat(text(key(1)).trim()).isEqualTo("5");
    }

    @Test
    void n4DecrementStopsAtZero() {
        store(key(1), "3");

        assertThat(client().decrement(key(1), 4)).hasValue(0);
        assertThat(client().decrement(key(1), Long.MAX_VALUE)).hasValue(0);
    }

    @Test
    void n5ValueThatIsNoNumberIsTypedAndHarmless() {
        for (String value : new String[] {"value", "", "-5", "18446744073709551616", "1.5"}) {
            store(key(1), value);
            assertThatExceptionOfType(MemcachedException.NotANumber.class)
                    .as(value)
                    .isThrownBy(() -> client().increment(key(1), 1))
                    .satisfies(e -> assertThat(e.isRetryable()).isFalse())
                    .satisfies(e -> assertThat(e.outcomeUnknown()).isFalse());
            assertThatExceptionOfType(MemcachedException.NotANumber.class)
                    .isThrownBy(() -> client().decrement(Key.of(key(1)), 1, CounterOptions.of(1, HOUR)));
            assertThat(text(key(1))).isEqualTo(value);
        }
    }

    @Test
    void n5DoesNotCostTheConnection() {
        store(key(1), "value");
        try (MemcachedClient single = options().connections(1).connect()) {
            MemcachedClient face = subject().face(single);
            long before = stat("total_connections");
            for (int i = 0; i < 10; i++) {
                assertThatExceptionOfType(MemcachedException.NotANumber.class)
                        .isThrownBy(() -> face.increment(key(1), 1));
            }

            assertThat(face.get(key(1))).asString(UTF_8).isEqualTo("value");
            assertThat(stat("total_connections")).isEqualTo(before + 1); // that of the last stats
        }
    }

    @Test
    void n6NegativeDeltaIsRefused() {
        store(key(1), "7");

        assertThatIllegalArgumentException().isThrownBy(() -> client().increment(key(1), -1));
        assertThatIllegalArgumentException().isThrownBy(() -> client().decrement(key(1), Long.MIN_VALUE));
        assertThat(text(key(1))).isEqualTo("7");
    }

    @Test
    void n7MissIsEmpty() {
        assertThat(client().increment(key(1), 1)).isEmpty();
        assertThat(client().decrement(Key.of(key(1)), 1)).isEmpty();
        assertThat(client().get(key(1))).isNull();
    }

    @Test
    void n8CounterThatIsMadeBeginsWithItsInitialNumber() {
        CounterOptions made = CounterOptions.of(40, HOUR);

        assertThat(client().increment(key(1), 2, made)).hasValue(40);
        assertThat(client().increment(key(1), 2, made)).hasValue(42);
        assertThat(client().decrement(Key.of(key(2)), 2, made)).hasValue(40);
        assertThat(client().decrement(Key.of(key(2)), 2, made)).hasValue(38);
        if (!subject().classic()) {
            assertThat(client().getItem(key(1)).ttl().seconds()).isBetween(3_500L, 3_600L);
        }
    }

    @Test
    void initialNumberHasNoSign() {
        assertThat(client().increment(key(1), 1, CounterOptions.of(-2, Ttl.NONE)))
                .hasValue(-2);
        assertThat(client().increment(key(1), 1, CounterOptions.of(0, Ttl.NONE)))
                .hasValue(-1);
        assertThat(client().increment(key(2), 1, CounterOptions.of(0, Ttl.NONE)))
                .hasValue(0);
        assertThat(text(key(2))).isEqualTo("0");
    }

    @Test
    void countersMadeByManyAtOnceMissNothing() throws ExecutionException, InterruptedException {
        int calls = 200;
        CounterOptions made = CounterOptions.of(0, Ttl.NONE);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<?> future : IntStream.range(0, calls)
                    .mapToObj(i -> threads.submit(() -> client().increment(key(i % 10), 1, made)))
                    .toList()) {
                future.get();
            }
        }
        for (int i = 0; i < 10; i++) {
            assertThat(text(key(i))).isEqualTo(Integer.toString(calls / 10 - 1));
        }
    }

    @Test
    void n9LeadingSpacesAreTaken() {
        store(key(1), " 5");

        assertThat(client().increment(key(1), 1)).hasValue(6);
    }

    @Test
    void n10CounterIsDecimalText() {
        client().increment(key(1), 1, CounterOptions.of(123, Ttl.NONE));

        assertThat(text(key(1))).isEqualTo("123");
    }

    @Test
    void countsWithoutAReply() {
        store(key(1), "1");
        CounterOptions quiet = CounterOptions.NONE.withNoReply();

        assertThat(client().increment(key(1), 8, quiet)).isEmpty();
        await(() -> text(key(1)).equals("9"));
        assertThat(client().decrement(Key.of(key(1)), 4, quiet)).isEmpty();
        await(() -> text(key(1)).trim().equals("5"));
    }

    @Test
    void makesACounterWithoutAReply() {
        CounterOptions quiet = CounterOptions.of(7, HOUR).withNoReply();

        assertThat(client().increment(key(1), 1, quiet)).isEmpty();
        await(() -> client().get(key(1)) != null);
        assertThat(client().increment(key(1), 1, quiet)).isEmpty();
        await(() -> text(key(1)).equals("8"));
    }

    @Test
    void failureWithoutAReplyIsAnEvent() {
        store(key(1), "value");
        Queue<ClientEvent.NoReplyFailed> events = new ConcurrentLinkedQueue<>();
        ClientEvents.Subscription subscription = client().events().listen(event -> {
            if (event instanceof ClientEvent.NoReplyFailed failed) {
                events.add(failed);
            }
        });
        try {
            assertThat(client().increment(key(1), 1, CounterOptions.of(1, HOUR).withNoReply()))
                    .isEmpty();
            assertThat(client().increment(key(1), 1, CounterOptions.NONE.withNoReply()))
                    .isEmpty();
            int told = subject().classic() ? 1 : 2; // without a reply a classic server is silent
            await(() -> {
                client().get(key(1)); // with Driver.invoked() somebody has to poll
                return events.size() == told;
            });
        } finally {
            subscription.close();
        }
        assertThat(events).allSatisfy(failed -> {
            assertThat(failed.command()).isEqualTo("increment");
            assertThat(failed.outcomeUnknown()).isFalse();
        });
        assertThat(text(key(1))).isEqualTo("value");
    }

    @Test
    void optionsAreCheckedWhenTheyAreMade() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CounterOptions(null, HOUR, false));
    }
}
