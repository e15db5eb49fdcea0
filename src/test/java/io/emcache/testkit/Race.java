package io.emcache.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Very many short races over fresh objects: two to four actors, each a thread, come to each object at the same moment and
 * do one thing to it; how it ended is counted. An outcome that is forbidden fails the test; one that is interesting must
 * have occurred, so that it is known that the actors did meet. For one thread, which starts the others.
 *
 * <p>A race lasts as many seconds as the system property {@code emcache.race.seconds} says (1), and longer until
 * everything interesting has occurred. If the property is set, the counts are printed.
 *
 * @param <S> what the actors race over
 */
public final class Race<S> {
    private static final String SECONDS = "emcache.race.seconds";
    private static final Duration AT_LEAST = Duration.ofSeconds(Long.getLong(SECONDS, 1));
    private static final Duration AT_MOST = AT_LEAST.plusSeconds(120);
    private static final int OBJECTS_PER_BATCH = 512;
    private static final int OBJECTS_PER_MEETING = 8;
    private static final int SPINS_BEFORE_YIELD = 200;
    private static final int LONGEST_PAUSE_SPINS = 64;

    private final String name;
    private final Supplier<S> fresh;
    private final List<Function<S, Object>> actors = new ArrayList<>();
    private final Map<String, Predicate<Outcome>> forbidden = new TreeMap<>();
    private final Map<String, Predicate<Outcome>> interesting = new TreeMap<>();
    private final Map<Outcome, Long> counts = new TreeMap<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private Function<S, Object> arbiter = state -> "";

    /**
     * What the actors saw, in the order in which they were added, and what was found after them.
     *
     * @param seen one entry for each actor, the last one from the arbiter
     */
    public record Outcome(List<Object> seen) implements Comparable<Outcome> {
        /**
         * Returns what one of them saw.
         *
         * @param index number of the actor; the arbiter comes after the last one
         * @return what it returned
         */
        public Object get(int index) {
            return seen.get(index);
        }

        @Override
        public int compareTo(Outcome other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return seen.toString();
        }
    }

    /**
     * Plans a race.
     *
     * @param name what races
     * @param fresh makes what the actors race over; called by the thread that runs the race
     */
    public Race(String name, Supplier<S> fresh) {
        this.name = name;
        this.fresh = fresh;
    }

    /**
     * Adds an actor.
     *
     * @param actor does one thing and says what came of it
     * @return this
     */
    public Race<S> actor(Function<S, Object> actor) {
        actors.add(actor);
        return this;
    }

    /**
     * Looks at each object when all actors are done with it.
     *
     * @param finder says what it found
     * @return this
     */
    public Race<S> arbiter(Function<S, Object> finder) {
        this.arbiter = finder;
        return this;
    }

    /**
     * Names something that must never happen.
     *
     * @param what in words
     * @param when whether it did
     * @return this
     */
    public Race<S> forbid(String what, Predicate<Outcome> when) {
        forbidden.put(what, when);
        return this;
    }

    /**
     * Names something that must have happened at least once.
     *
     * @param what in words
     * @param when whether it did
     * @return this
     */
    public Race<S> mustOccur(String what, Predicate<Outcome> when) {
        interesting.put(what, when);
        return this;
    }

    /**
     * Lets the others overtake, perhaps: for a random time that is mostly short. Actors call it between their steps, since
     * on a busy machine threads do not meet by themselves.
     */
    public static void pause() {
        int random = ThreadLocalRandom.current().nextInt(LONGEST_PAUSE_SPINS);
        if (random < 4) {
            Thread.yield();
        }
        for (int i = 0; i < random; i++) {
            Thread.onSpinWait();
        }
    }

    /**
     * Runs the race.
     *
     * @throws AssertionError if something forbidden happened, something interesting did not, or an actor threw
     */
    public void run() {
        long startNs = System.nanoTime();
        try (Batch batch = new Batch()) {
            for (long passedNs = 0;
                    passedNs < AT_LEAST.toNanos() || (!isComplete() && passedNs < AT_MOST.toNanos()); ) {
                batch.run();
                passedNs = System.nanoTime() - startNs;
            }
        }
        if (System.getProperty(SECONDS) != null) {
            System.out.println(this);
        }
        interesting.forEach((what, when) -> {
            if (counts.keySet().stream().noneMatch(when)) {
                throw new AssertionError("did not occur: " + what + "\n" + this);
            }
        });
    }

    private boolean isComplete() {
        return interesting.values().stream()
                .allMatch(when -> counts.keySet().stream().anyMatch(when));
    }

    private void count(Outcome outcome) {
        counts.merge(outcome, 1L, Long::sum);
        forbidden.forEach((what, when) -> {
            if (when.test(outcome)) {
                throw new AssertionError(what + ": " + outcome + "\n" + this);
            }
        });
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        long races = counts.values().stream().mapToLong(Long::longValue).sum();
        text.append(": ").append(races).append(" races\n");
        counts.forEach((outcome, count) ->
                text.append("  ").append(count).append(" x ").append(outcome).append('\n'));
        return text.toString();
    }

    /** The threads, and the objects that they go through side by side. */
    private final class Batch implements AutoCloseable {
        private final CyclicBarrier barrier = new CyclicBarrier(actors.size() + 1);
        private final AtomicInteger arrivals = new AtomicInteger();
        private final List<S> states = new ArrayList<>();
        private final Object[][] seen = new Object[actors.size()][OBJECTS_PER_BATCH];
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean over;

        Batch() {
            for (int i = 0; i < actors.size(); i++) {
                int actor = i;
                threads.add(TestThreads.startDaemon("actor-" + i, () -> act(actor)));
            }
        }

        void run() {
            states.clear();
            for (int i = 0; i < OBJECTS_PER_BATCH; i++) {
                states.add(fresh.get());
            }
            arrivals.set(0);
            await();
            await();
            Throwable thrown = failure.get();
            if (thrown != null) {
                throw new AssertionError(name + ": an actor threw", thrown);
            }
            for (int i = 0; i < OBJECTS_PER_BATCH; i++) {
                List<Object> outcome = new ArrayList<>();
                for (Object[] column : seen) {
                    outcome.add(column[i]);
                }
                outcome.add(arbiter.apply(states.get(i)));
                count(new Outcome(outcome));
            }
        }

        private void act(int index) {
            Function<S, Object> actor = actors.get(index);
            Object[] column = seen[index];
            await();
            while (!over) {
                Arrays.fill(column, "nothing");
                for (int i = 0; i < OBJECTS_PER_BATCH; i++) {
                    S state = states.get(i);
                    if (i % OBJECTS_PER_MEETING == 0) {
                        meet((i / OBJECTS_PER_MEETING + 1) * actors.size());
                    }
                    pause();
                    try {
                        column[i] = actor.apply(state);
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                    }
                }
                await();
                await();
            }
        }

        private void meet(int expected) {
            arrivals.incrementAndGet();
            for (int spins = 0; arrivals.get() < expected; spins++) {
                if (spins < SPINS_BEFORE_YIELD) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
        }

        private void await() {
            try {
                barrier.await();
            } catch (Exception e) {
                if (!over) {
                    throw new AssertionError("an actor is missing", e);
                }
            }
        }

        @Override
        public void close() {
            over = true;
            barrier.reset();
            for (Thread thread : threads) {
                TestThreads.stop(thread);
            }
        }
    }
}
