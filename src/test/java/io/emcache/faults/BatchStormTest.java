package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.RawClient;
import io.emcache.testkit.ServerRelease;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Callers that only read, so that what they ask is joined all the time, on a server that drops replies: now and then an
 * over-long key gets into a batch.
 */
@NoLeaks
class BatchStormTest {
    private static final int GETS_PER_CALLER = 10_000;
    private static final int GETS_PER_LONG_KEY = 1_000;
    private static final int CALLERS = 4;
    private static final int IN_FLIGHT = 64;
    private static final int KEYS = 200;
    private static final Duration GUARD = Duration.ofSeconds(10);
    private static final String LONG_KEY = "k".repeat(251);

    private final LongAdder right = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();

    @ParameterizedTest(name = "{0}, classic={1}, connections={2}")
    @CsvSource({"SYSTEM, false, 1", "SYSTEM, true, 2", "NEXT, false, 2"})
    @DisplayName(
            "C0 S7 K9 gets that are asked as one, among dropped replies: no wrong answer, no hang, every call ends")
    void everyGetIsAnsweredRight(ServerRelease release, boolean classic, int connections) throws Exception {
        release.assumeAvailable();
        try (MemcachedServer server = MemcachedServer.start(release, "-m", "64");
                ObservedClient observed = ObservedClient.connect(ClientOptions.fromUri(server.uri())
                        .mutate()
                        .timeout(Duration.ofSeconds(5))
                        .connectionTimeout(GUARD)
                        .connections(connections)
                        .forceClassic(classic)
                        .autobatching(true)
                        .options())) {
            fill(server, observed.client(), classic);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                SplittableRandom random = new SplittableRandom(i);
                callers.add(Thread.ofPlatform().daemon().name("caller-" + i).start(() -> call(observed, random)));
            }
            for (Thread caller : callers) {
                assertThat(caller.join(Duration.ofSeconds(50)))
                        .as("end of " + caller)
                        .isTrue();
            }
            System.out.printf(
                    "storm of batches [server=%s, classic=%s, connections=%d, right=%d, failed=%d, lost=%d]%n",
                    release,
                    classic,
                    connections,
                    right.sum(),
                    failed.sum(),
                    observed.counters().connectionsLost.sum());
            assertThat(wrong).as("wrong answers").isEmpty();
            assertThat(right.sum() + failed.sum()).isEqualTo((long) CALLERS * GETS_PER_CALLER);
            assertThat(right.sum()).as("right answers").isGreaterThan(failed.sum());
            assertThat(observed.counters().connectionsLost.sum()).isPositive();
            await().atMost(GUARD).until(() -> observed.calls() == 0);
            assertThat(observed.counters().orphaned.sum()).as("orphaned").isZero();
            assertThat(observed.counters().failedCompletions.sum()).isZero();
        }
    }

    /** A quarter each has a value, has an empty one, is not there, and has the place of one that somebody computes. */
    private static void fill(MemcachedServer server, MemcachedClient client, boolean classic) throws IOException {
        try (RawClient raw = new RawClient(server.port())) {
            for (int i = 0; i < KEYS; i++) {
                byte[] value = valueOf(i);
                if (value != null) {
                    client.set(key(i), value);
                } else if (i % 4 == 3 && !classic) {
                    assertThat(raw.ask("mg " + key(i) + " N600 v").getFirst()).startsWith("VA 0 W");
                }
            }
        }
    }

    private static String key(int i) {
        return "batched:" + i;
    }

    private static byte @Nullable [] valueOf(int i) {
        return switch (i % 4) {
            case 0 -> KeyTaggedValues.make(key(i), 60 + i * i % 3_000, i);
            case 1 -> new byte[0];
            default -> null;
        };
    }

    private void call(ObservedClient observed, SplittableRandom random) {
        ArrayDeque<CompletableFuture<?>> inFlight = new ArrayDeque<>();
        for (int n = 1; n <= GETS_PER_CALLER; n++) {
            int i = random.nextInt(KEYS);
            CompletableFuture<byte[]> get = observed.client().async().get(key(i));
            CompletableFuture<Void> end = get.handle((value, failure) -> {
                check(i, value, failure);
                return null;
            });
            inFlight.add(end);
            if (random.nextInt(50) == 0) {
                get.cancel(false);
            }
            if (n % GETS_PER_LONG_KEY == 0) {
                spoil(observed);
            }
            while (inFlight.size() >= IN_FLIGHT) {
                inFlight.remove().join();
            }
        }
        inFlight.forEach(CompletableFuture::join);
    }

    private void check(int i, byte @Nullable [] value, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapper ? wrapper.getCause() : failure;
        if (cause instanceof CancellationException
                || cause instanceof MemcachedException.NodeUnavailable
                || cause instanceof MemcachedException.ProtocolViolation) {
            failed.increment();
            return;
        }
        try {
            assertThat(cause).isNull();
            assertThat(value).as(key(i)).isEqualTo(valueOf(i));
            right.increment();
        } catch (AssertionError e) {
            wrong.add(e);
        }
    }

    private void spoil(ObservedClient observed) {
        List<RawCommand> commands = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            commands.add(new RawCommand(OpCode.GET, key(i), null));
        }
        commands.add(new RawCommand(OpCode.GET, LONG_KEY, null));
        List<Answer> answers = observed.pipeline(commands, GUARD);
        for (int i = 0; i < 4; i++) {
            if (answers.get(i).value() != null) {
                check(i, answers.get(i).value(), null);
                right.decrement();
            }
        }
    }
}
