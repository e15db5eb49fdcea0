package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.StoreResult;
import io.emcache.testkit.KeyTaggedValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The items that all callers of a chaos share, made once: a server that dies takes its own with it and they never come back, so
 * the next era has others. Safe for all threads.
 */
final class Era {
    private static final int EACH = 3;

    private final List<Tally> counters;
    private final List<Tally> journals;
    private final List<Tally> chains;

    /** One shared item, and what the callers know of it. */
    static final class Tally {
        private static final int NEVER = -1;

        private volatile int madeAtDeaths = NEVER;

        private final String key;
        private final IntSupplier deaths;
        private final LongAdder doubtful = new LongAdder();
        private final Set<Object> begun = ConcurrentHashMap.newKeySet();
        private final Set<Object> certain = ConcurrentHashMap.newKeySet();
        private volatile Ledger.@Nullable Link newest;

        private Tally(String key, IntSupplier deaths) {
            this.key = key;
            this.deaths = deaths;
        }

        private void make(MemcachedClient client, byte[] value) {
            int deathsBefore = deaths.getAsInt();
            // Not by a set, which would wipe out what was counted if it was executed late.
            if (client.add(key, value) == StoreResult.STORED) {
                madeAtDeaths = deathsBefore;
            }
        }

        String key() {
            return key;
        }

        /** Whether it was made and no server has died since. */
        boolean mustBeThere() {
            return madeAtDeaths == deaths.getAsInt();
        }

        void requireMayBeAbsent() {
            if (mustBeThere()) {
                throw new AssertionError(key + " is not there though no server has died");
            }
        }

        /** A change is about to be asked for. */
        void begin(Object what) {
            begun.add(what);
        }

        /** A change was made: there is no other like it. */
        void certain(Object what) {
            if (!certain.add(what)) {
                throw new AssertionError(what + " was answered twice for " + key);
            }
        }

        void doubtful() {
            doubtful.increment();
        }

        int begun() {
            return begun.size();
        }

        int certain() {
            return certain.size();
        }

        Ledger.@Nullable Link newest() {
            return newest;
        }

        void newest(Ledger.Link link) {
            newest = link;
        }

        /** The changes known to be made. */
        Set<Object> snapshot() {
            return new HashSet<>(certain);
        }

        /** Every record but once, all that were certain before it was read, none that nobody wrote. */
        void requireJournal(byte[] journal, Set<Object> before) {
            List<String> records = List.of(new String(journal, StandardCharsets.US_ASCII).split(";", -1));
            assertThat(records.getFirst()).isEqualTo(key);
            assertThat(records.getLast()).as("end of " + key).isEmpty();
            List<String> appended = records.subList(1, records.size() - 1);
            assertThat(appended).as("records of " + key).doesNotHaveDuplicates();
            assertThat(begun.containsAll(appended)).as("records of " + key).isTrue();
            assertThat(new HashSet<>(appended).containsAll(before))
                    .as("records of " + key)
                    .isTrue();
        }

        void requireCount(long count) {
            assertThat(count).as(key).isBetween((long) certain(), certain() + doubtful.sum());
        }
    }

    Era(int number, IntSupplier deaths) {
        counters = tallies("counter:" + number, deaths);
        journals = tallies("journal:" + number, deaths);
        chains = tallies("chain:" + number, deaths);
    }

    private static List<Tally> tallies(String prefix, IntSupplier deaths) {
        return IntStream.range(0, EACH)
                .mapToObj(i -> new Tally(prefix + ":" + i, deaths))
                .toList();
    }

    /** Makes the items, with one attempt for each; a failure is thrown in the end. */
    void make(MemcachedClient client) {
        List<RuntimeException> failures = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            attempt(failures, client, counters.get(i), ascii("0"));
            attempt(failures, client, journals.get(i), ascii(journals.get(i).key + ";"));
            attempt(failures, client, chains.get(i), KeyTaggedValues.make(chains.get(i).key, 200, 0));
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    private static void attempt(List<RuntimeException> failures, MemcachedClient client, Tally tally, byte[] value) {
        try {
            tally.make(client, value);
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    Tally counter(int random) {
        return counters.get(random % EACH);
    }

    Tally journal(int random) {
        return journals.get(random % EACH);
    }

    Tally chain(int random) {
        return chains.get(random % EACH);
    }

    /** In the end, while no call is on its way: all is as it was counted. */
    void verify(MemcachedClient client) {
        for (Tally counter : counters) {
            counter.requireCount(Long.parseLong(new String(there(client, counter), StandardCharsets.US_ASCII).strip()));
        }
        for (Tally journal : journals) {
            journal.requireJournal(there(client, journal), journal.snapshot());
        }
        for (Tally chain : chains) {
            byte[] value = there(client, chain);
            KeyTaggedValues.verify(chain.key, value);
            chain.requireCount(Ledger.stamp(value));
        }
    }

    private static byte[] there(MemcachedClient client, Tally tally) {
        assertThat(tally.mustBeThere()).as("made: " + tally.key).isTrue();
        return await(tally.key)
                .atMost(Rig.GUARD)
                .ignoreExceptionsInstanceOf(MemcachedException.class)
                .until(() -> client.get(tally.key), Objects::nonNull);
    }
}
