package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.DirectRequest.Offer;
import io.emcache.Item;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.MemcachedException.NotANumber;
import io.emcache.MemcachedException.Overloaded;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MemcachedException.Timeout;
import io.emcache.testkit.KeyTaggedValues;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What a storm did and what came of it, so that in the end the server can be asked whether it is so. Safe for all threads.
 *
 * <p>Counters are counted by 1, so no two answers are equal. A journal is appended to, a record at a time. A chain is an
 * item that is replaced by compare-and-set only, by one with the next stamp.
 */
final class Ledger {
    private static final int STAMP_OFFSET = 12;
    private static final int WORST = 20;

    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final Map<String, LongAdder> faces = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
    private final Map<String, Set<Object>> certain = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> doubtful = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> doubtfulRecords = new ConcurrentHashMap<>();
    private final Map<String, Link> chains = new ConcurrentHashMap<>();

    /** The newest item of a chain that somebody has seen. */
    record Link(long stamp, long cas) {}

    void begin(String face) {
        count(faces, face);
        begun.increment();
    }

    /** A call ended with a result. */
    void end(Deed deed, @Nullable Object result) {
        try {
            deed.check().accept(result);
            count(answers, deed.name());
            answered.increment();
        } catch (Throwable t) {
            wrong(deed.name(), t);
        }
        over(deed);
    }

    private void over(Deed deed) {
        deed.over().run();
        ended.increment();
    }

    /** A call failed. */
    void end(Deed deed, Throwable failure) {
        boolean cancelled = failure instanceof CancellationException;
        if (failure instanceof NotANumber) {
            end(deed, (Object) failure);
            return;
        }
        if (cancelled || (failure instanceof MemcachedException e && e.outcomeUnknown())) {
            deed.unknown().run();
        }
        if (cancelled || isExpected(failure)) {
            count(failures, failure.getClass().getSimpleName());
        } else {
            wrong(deed.name(), failure);
        }
        over(deed);
    }

    private static boolean isExpected(Throwable failure) {
        return failure instanceof Timeout
                || failure instanceof MemcachedException.Interrupted
                || failure instanceof NodeUnavailable
                || failure instanceof ProtocolViolation
                || failure instanceof Overloaded;
    }

    /** A call for many keys gave no result for one of them. */
    void endPart(MemcachedException failure) {
        count(failures, failure.getClass().getSimpleName() + " of one key");
        if (!isExpected(failure)) {
            wrong("one key of many", failure);
        }
    }

    /** The direct face did not take a call. */
    void notTaken(Deed deed, Offer offer) {
        if (offer == Offer.OVERLOADED || offer == Offer.UNAVAILABLE) {
            count(failures, offer.name());
        } else {
            wrong(deed.name(), new AssertionError("not taken: " + offer));
        }
        over(deed);
    }

    private static void count(Map<String, LongAdder> counts, String what) {
        counts.computeIfAbsent(what, any -> new LongAdder()).increment();
    }

    void wrong(String name, Throwable t) {
        wrong.add(new AssertionError(name + ": " + t, t));
    }

    /** This must be the value of an item that is never changed. */
    void requireHit(String key, @Nullable Object result) {
        if (result == null) {
            throw new AssertionError("a miss for " + key + ", which is always there");
        }
        KeyTaggedValues.verify(key, valueOf(result));
    }

    /** A value of the key, or none. */
    void requireOwn(String key, @Nullable Object result) {
        if (result != null) {
            KeyTaggedValues.verify(key, valueOf(result));
        }
    }

    void require(@Nullable Object result, Object... allowed) {
        if (!Arrays.asList(allowed).contains(result)) {
            throw new AssertionError("got " + result + ", not one of " + Arrays.toString(allowed));
        }
    }

    static byte[] valueOf(Object result) {
        return result instanceof Item<?> item ? (byte[]) item.value() : (byte[]) result;
    }

    /** A certain thing of which there is one. */
    void certain(String key, Object what) {
        if (!certain.computeIfAbsent(key, any -> ConcurrentHashMap.newKeySet()).add(what)) {
            throw new AssertionError(what + " was answered twice for " + key);
        }
    }

    void doubtful(String key) {
        count(doubtful, key);
    }

    void doubtful(String key, String entry) {
        doubtfulRecords
                .computeIfAbsent(key, any -> ConcurrentHashMap.newKeySet())
                .add(entry);
    }

    /** What of a chain was seen last. */
    @Nullable
    Link link(String key) {
        return chains.get(key);
    }

    void seen(String key, @Nullable Object result) {
        requireHit(key, result);
        Item<?> item = (Item<?>) Objects.requireNonNull(result);
        chains.put(key, new Link(stamp((byte[]) item.value()), item.cas()));
    }

    static long stamp(byte[] value) {
        return ByteBuffer.wrap(value).getLong(STAMP_OFFSET);
    }

    private int certain(String key) {
        return certain.getOrDefault(key, Set.of()).size();
    }

    private long mostOf(String key) {
        LongAdder count = doubtful.get(key);
        return certain(key) + (count == null ? 0 : count.sum());
    }

    void verifyCounter(MemcachedClient client, String key) {
        long counted = Long.parseLong(text(client, key).strip());
        assertThat(counted).as(key).isBetween((long) certain(key), mostOf(key));
    }

    void verifyChain(MemcachedClient client, String key) {
        byte[] value = client.get(key);
        assertThat(value).as(key).isNotNull();
        KeyTaggedValues.verify(key, value);
        assertThat(stamp(value)).as(key).isBetween((long) certain(key), mostOf(key));
    }

    /** A journal is its own key, then records that end with a semicolon. */
    void verifyJournal(MemcachedClient client, String key) {
        List<String> records = List.of(text(client, key).split(";", -1));
        assertThat(records.getFirst()).isEqualTo(key);
        List<String> appended = records.subList(1, records.size() - 1);
        assertThat(appended).as("records of " + key).doesNotHaveDuplicates();
        Set<Object> sure = certain.getOrDefault(key, Set.of());
        assertThat(appended)
                .as("records of " + key)
                .containsAll(sure.stream().map(String::valueOf).toList());
        assertThat(appended)
                .as("records of " + key)
                .allMatch(entry -> sure.contains(entry)
                        || doubtfulRecords.getOrDefault(key, Set.of()).contains(entry));
    }

    private static String text(MemcachedClient client, String key) {
        byte[] value = client.get(key);
        assertThat(value).as(key).isNotNull();
        return new String(value, StandardCharsets.US_ASCII);
    }

    long begun() {
        return begun.sum();
    }

    long ended() {
        return ended.sum();
    }

    long answered() {
        return answered.sum();
    }

    Map<String, LongAdder> failures() {
        return failures;
    }

    /** What was wrong: the first of it, if it is much. */
    List<Throwable> wrong() {
        return wrong.stream().limit(WORST).toList();
    }

    @Override
    public String toString() {
        return "calls=" + new TreeMap<>(faces) + ", answers=" + new TreeMap<>(answers) + ", failures="
                + new TreeMap<>(failures);
    }
}
