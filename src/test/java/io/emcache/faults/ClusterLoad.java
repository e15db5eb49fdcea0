package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.CallOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.MemcachedException.Overloaded;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MemcachedException.Timeout;
import io.emcache.MultiResult;
import io.emcache.NodeAddress;
import io.emcache.testkit.KeyTaggedValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Calls of all faces on keys of every node, for as long as a test wants, and what came of them, by node and phase. Each node has
 * callers of its own, so that those of one do not wait for another; one more reads keys of all nodes at once. For the
 * thread of a test.
 *
 * <p>A value must carry its key, a failure must be one that a node may cause, and name that node: anything else is wrong.
 */
final class ClusterLoad implements AutoCloseable {
    private static final int KEYS_PER_NODE = 20;
    private static final int WINDOW = 8;
    private static final int MAX_VALUE_BYTES = 4_000;
    private static final long PAUSE_NS = 1_000_000;
    private static final long BREATH_NS = 50_000;

    private volatile boolean stopped;

    private final MemcachedClient client;
    private final MemcachedClient hasty;
    /** For keys of all nodes: the silent one must not use up the time of the others. */
    private final MemcachedClient lessHasty;

    private final Map<String, List<String>> keys = new LinkedHashMap<>();
    private final Map<String, String> nodes = new HashMap<>();
    private final Set<String> inHurry = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    private volatile Phase phase;

    /** What came of the calls to one node. Safe for all threads. */
    static final class Tally {
        private final LongAdder answered = new LongAdder();
        private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();

        long answered() {
            return answered.sum();
        }

        long failed() {
            return failures.values().stream().mapToLong(LongAdder::sum).sum();
        }

        long failed(Class<? extends MemcachedException> how) {
            LongAdder count = failures.get(how.getSimpleName());
            return count == null ? 0 : count.sum();
        }

        @Override
        public String toString() {
            return "answered=" + answered + ", failures=" + new TreeMap<>(failures);
        }
    }

    /** What came of the calls that were begun in one span of time. Safe for all threads. */
    static final class Phase {
        private final Map<String, Tally> tallies = new LinkedHashMap<>();

        private Phase(Iterable<String> nodes) {
            nodes.forEach(node -> tallies.put(node, new Tally()));
        }

        Tally of(String node) {
            return tallies.get(node);
        }

        boolean allAnswered(long atLeast) {
            return tallies.values().stream().allMatch(tally -> tally.answered() >= atLeast);
        }

        @Override
        public String toString() {
            return tallies.toString();
        }
    }

    /** Calls begin at once. */
    ClusterLoad(MemcachedClient client) {
        this.client = client;
        this.hasty = client.with(CallOptions.timeout(Duration.ofSeconds(1)));
        this.lessHasty = client.with(CallOptions.timeout(Duration.ofSeconds(3)));
        client.cluster().nodes().stream().map(NodeAddress::identity).forEach(node -> keys.put(node, new ArrayList<>()));
        for (int i = 0; keys.values().stream().anyMatch(few -> few.size() < KEYS_PER_NODE); i++) {
            String key = "load:" + i;
            String node = client.cluster().nodeOf(key).identity();
            keys.get(node).add(key);
            nodes.put(key, node);
        }
        phase = new Phase(keys.keySet());
        keys.keySet().forEach(this::startCallers);
        start(true, "many", this::callMany);
    }

    private void startCallers(String node) {
        start(true, "sync-" + node, random -> callSync(node, random));
        start(false, "virtual-" + node, random -> callSync(node, random));
        start(true, "async-" + node, random -> callAsync(node, random));
    }

    /** What a caller does until it is stopped. */
    private interface Caller {
        void call(SplittableRandom random);
    }

    private void start(boolean platform, String name, Caller caller) {
        SplittableRandom random = new SplittableRandom(threads.size());
        Runnable work = () -> {
            try {
                while (!stopped) {
                    caller.call(random);
                }
            } catch (Throwable t) {
                wrong.add(t);
            }
        };
        threads.add(
                platform
                        ? Thread.ofPlatform().daemon().name(name).start(work)
                        : Thread.ofVirtual().name(name).start(work));
    }

    /** From now on calls to this node have a second: it is going to be silent. */
    void hurry(String node) {
        inHurry.add(node);
    }

    /** From now on calls have as much time as the client gives them. */
    void relax() {
        inHurry.clear();
    }

    /** Calls that are begun from now on are counted here. */
    Phase next() {
        Phase next = new Phase(keys.keySet());
        phase = next;
        return next;
    }

    /** Waits until every node has answered, and goes on without a failure. */
    void awaitFlow() {
        awaitAnswers(100);
        Phase flowing = awaitAnswers(300);
        for (String node : keys.keySet()) {
            assertThat(flowing.of(node).failed())
                    .as("failures of " + node + ": " + flowing)
                    .isZero();
        }
    }

    private Phase awaitAnswers(int count) {
        Phase next = next();
        await().atMost(Rig.GUARD)
                .untilAsserted(() -> assertThat(next.allAnswered(count))
                        .as("all nodes answer: " + next)
                        .isTrue());
        return next;
    }

    void assertNothingWrong() {
        assertThat(wrong.stream().limit(20)).isEmpty();
    }

    /** Ends the calls; each of them must end. */
    @Override
    public void close() {
        stopped = true;
        await("callers end").atMost(Rig.GUARD).until(() -> threads.stream().noneMatch(Thread::isAlive));
        await("calls end").atMost(Rig.GUARD).until(() -> begun.sum() == ended.sum());
        assertNothingWrong();
    }

    private String anyKey(String node, SplittableRandom random) {
        return keys.get(node).get(random.nextInt(KEYS_PER_NODE));
    }

    private MemcachedClient clientFor(String node) {
        return inHurry.contains(node) ? hasty : client;
    }

    private void callSync(String node, SplittableRandom random) {
        String key = anyKey(node, random);
        Phase phase = this.phase;
        MemcachedClient client = clientFor(node);
        begun.increment();
        try {
            switch (random.nextInt(4)) {
                case 0 -> client.set(key, value(key, random));
                case 1 -> client.delete(key);
                default -> verify(key, client.get(key));
            }
            end(phase, node, null);
            LockSupport.parkNanos(BREATH_NS);
        } catch (Throwable t) {
            end(phase, node, t);
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private static byte[] value(String key, SplittableRandom random) {
        return KeyTaggedValues.make(key, 50 + random.nextInt(MAX_VALUE_BYTES), random.nextLong());
    }

    private static void verify(String key, byte @Nullable [] value) {
        if (value != null) {
            KeyTaggedValues.verify(key, value);
        }
    }

    /** A window of calls, then the next one. */
    private void callAsync(String node, SplittableRandom random) {
        Semaphore inFlight = new Semaphore(0);
        boolean failing = false;
        for (int i = 0; i < WINDOW; i++) {
            String key = anyKey(node, random);
            Phase phase = this.phase;
            MemcachedClient client = clientFor(node);
            begun.increment();
            CompletableFuture<?> future = random.nextInt(4) == 0
                    ? client.async().set(key, value(key, random))
                    : client.async().get(key).thenAccept(value -> verify(key, value));
            CompletableFuture<?> _ = future.whenComplete((result, failure) -> {
                end(phase, node, failure instanceof CompletionException ? failure.getCause() : failure);
                inFlight.release();
            });
            failing |= future.isCompletedExceptionally();
        }
        inFlight.acquireUninterruptibly(WINDOW);
        LockSupport.parkNanos(failing ? PAUSE_NS : BREATH_NS);
    }

    private void callMany(SplittableRandom random) {
        List<String> some = new ArrayList<>();
        keys.keySet().forEach(node -> {
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                some.add(anyKey(node, random));
            }
        });
        Phase phase = this.phase;
        MemcachedClient client = inHurry.isEmpty() ? this.client : lessHasty;
        MultiResult<String, byte[]> many = client.getAll(some);
        many.hits().forEach((key, value) -> {
            verify(key, value);
            count(phase, nodes.get(key), null);
        });
        many.misses().forEach(key -> count(phase, nodes.get(key), null));
        many.failures().forEach((key, failure) -> count(phase, nodes.get(key), failure));
        LockSupport.parkNanos(many.failures().isEmpty() ? BREATH_NS : PAUSE_NS);
    }

    private void end(Phase phase, String node, @Nullable Throwable failure) {
        count(phase, node, failure);
        ended.increment();
    }

    private void count(Phase phase, String node, @Nullable Throwable failure) {
        Tally tally = phase.of(node);
        switch (failure) {
            case null -> tally.answered.increment();
            case Timeout e when node.equals(e.node()) -> fail(tally, e);
            case NodeUnavailable e when node.equals(e.node()) -> fail(tally, e);
            case Overloaded e when node.equals(e.node()) -> fail(tally, e);
            case ProtocolViolation e when node.equals(e.node()) -> fail(tally, e);
            default -> wrong.add(failure);
        }
    }

    private static void fail(Tally tally, MemcachedException failure) {
        tally.failures
                .computeIfAbsent(failure.getClass().getSimpleName(), any -> new LongAdder())
                .increment();
    }
}
