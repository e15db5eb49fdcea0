package io.emcache.faults;

import io.emcache.DirectRequest;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException.NotANumber;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.faults.Deed.Check;
import io.emcache.faults.Deed.Kind;
import io.emcache.faults.Ledger.Link;
import io.emcache.testkit.KeyTaggedValues;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes up the calls of one caller of a storm. For one thread.
 *
 * <p>Items called fixed are always there, those called absent never, so that every reply which belongs to somebody else
 * can show: nearly all calls have one right result.
 */
final class Deeds {
    static final List<String> COUNTERS = keys("counter:", 3);
    static final List<String> JOURNALS = keys("journal:", 3);
    static final List<String> CHAINS = keys("chain:", 3);

    private static final int KEYS = 60;
    private static final int MAX_VALUE_BYTES = 20_000;
    private static final Ttl LONG = Ttl.of(Duration.ofDays(1));

    private int records;

    private final boolean classic;
    private final String caller;
    private final Ledger ledger;
    private final SplittableRandom random;
    private final KeyTaggedValues values;

    Deeds(String caller, boolean classic, Ledger ledger, SplittableRandom random) {
        this.caller = caller;
        this.classic = classic;
        this.ledger = ledger;
        this.random = random;
        this.values = new KeyTaggedValues(random.nextLong(), MAX_VALUE_BYTES);
    }

    private static List<String> keys(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    /** Makes the items that are always there. */
    static void prepare(MemcachedClient client, long seed) {
        KeyTaggedValues values = new KeyTaggedValues(seed, MAX_VALUE_BYTES);
        keys("fixed:", KEYS).forEach(key -> client.set(key, values.next(key)));
        COUNTERS.forEach(key -> client.set(key, ascii("0")));
        JOURNALS.forEach(key -> client.set(key, ascii(key + ";")));
        CHAINS.forEach(key -> client.set(key, KeyTaggedValues.make(key, 200, 0)));
    }

    static void verify(MemcachedClient client, Ledger ledger) {
        COUNTERS.forEach(key -> ledger.verifyCounter(client, key));
        JOURNALS.forEach(key -> ledger.verifyJournal(client, key));
        CHAINS.forEach(key -> ledger.verifyChain(client, key));
        keys("fixed:", KEYS).forEach(key -> ledger.requireHit(key, client.get(key)));
        keys("absent:", KEYS).forEach(key -> ledger.require(client.get(key), (Object) null));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    SplittableRandom random() {
        return random;
    }

    String fixed() {
        return "fixed:" + random.nextInt(KEYS);
    }

    String absent() {
        return "absent:" + random.nextInt(KEYS);
    }

    private String changing() {
        return "changing:" + random.nextInt(KEYS);
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    Deed next() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> readFixed(fixed());
            case 5 -> readMany();
            case 6, 7 -> refuse(fixed());
            case 8, 9 -> seekAbsent(absent());
            case 10 -> changeAbsent(absent());
            case 11 -> count(any(COUNTERS));
            case 12 -> write(any(JOURNALS));
            case 13 -> link(any(CHAINS));
            case 14, 15 -> readChanging(changing());
            case 16, 17, 18 -> store(changing());
            default -> change(changing());
        };
    }

    private Deed readFixed(String key) {
        Check check = result -> ledger.requireHit(key, result);
        return switch (random.nextInt(4)) {
            case 0 -> read("gat", key, c -> c.gat(key, LONG), a -> a.gat(key, LONG), r -> r.gat(LONG), check);
            case 1 -> read("getItem", key, c -> c.getItem(key), a -> a.getItem(key), DirectRequest::getItem, check);
            case 2 ->
                read("gatItem", key, c -> c.gatItem(key, LONG), a -> a.gatItem(key, LONG), r -> r.gatItem(LONG), check);
            default -> read("get", key, c -> c.get(key), a -> a.get(key), DirectRequest::get, check);
        };
    }

    private Deed readChanging(String key) {
        Check check = result -> ledger.requireOwn(key, result);
        return random.nextBoolean()
                ? read("get", key, c -> c.get(key), a -> a.get(key), DirectRequest::get, check)
                : read("getItem", key, c -> c.getItem(key), a -> a.getItem(key), DirectRequest::getItem, check);
    }

    private Deed readMany() {
        List<String> keys = new ArrayList<>();
        for (int i = random.nextInt(1, 20); i > 0; i--) {
            keys.add(random.nextInt(3) == 0 ? absent() : fixed());
        }
        return switch (random.nextInt(6)) {
            case 0 -> many("gatAll", c -> c.gatAll(keys, LONG), a -> a.gatAll(keys, LONG), this::checkMany);
            case 1 -> many("getAllItems", c -> c.getAllItems(keys), a -> a.getAllItems(keys), this::checkMany);
            case 2 -> {
                Map<String, byte[]> stored = new HashMap<>();
                keys.forEach(key -> {
                    String changing = changing();
                    stored.put(changing, values.next(changing));
                });
                yield many("setAll", c -> c.setAll(stored), a -> a.setAll(stored), this::checkStored);
            }
            default -> many("getAll", c -> c.getAll(keys), a -> a.getAll(keys), this::checkMany);
        };
    }

    private static Deed many(String name, Deed.Sync sync, Deed.Async async, Check check) {
        return new Deed(name, Kind.VALUE, "many", null, sync, async, null, check, () -> {});
    }

    private void checkStored(@Nullable Object result) {
        MultiResult<?, ?> many = (MultiResult<?, ?>) Objects.requireNonNull(result);
        many.hits().values().forEach(stored -> ledger.require(stored, StoreResult.STORED));
        if (!many.misses().isEmpty()) {
            throw new AssertionError("not stored: " + many.misses());
        }
    }

    private void checkMany(@Nullable Object result) {
        MultiResult<?, ?> many = (MultiResult<?, ?>) Objects.requireNonNull(result);
        many.hits().forEach((key, value) -> {
            if (((String) key).startsWith("absent:")) {
                throw new AssertionError("a hit for " + key);
            }
            ledger.requireHit((String) key, value);
        });
        many.misses().forEach(key -> {
            if (((String) key).startsWith("fixed:")) {
                throw new AssertionError("a miss for " + key);
            }
        });
    }

    /** What cannot change an item that is there, and must say so. */
    private Deed refuse(String key) {
        byte[] value = values.next(key);
        return switch (random.nextInt(3)) {
            case 0 ->
                write(
                        "add",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.add(key, value),
                        a -> a.add(key, value),
                        r -> r.add(Ttl.NONE),
                        StoreResult.NOT_STORED);
            case 1 ->
                write(
                        "touch",
                        Kind.FLAG,
                        key,
                        null,
                        c -> c.touch(key, LONG),
                        a -> a.touch(key, LONG),
                        r -> r.touch(LONG),
                        true);
            default ->
                new Deed(
                        "increment",
                        Kind.COUNT,
                        key,
                        null,
                        c -> c.increment(key, 1),
                        a -> a.increment(key, 1),
                        r -> r.increment(1),
                        result -> ledger.require(result instanceof NotANumber, true),
                        () -> {});
        };
    }

    private Deed seekAbsent(String key) {
        Check check = result -> ledger.require(result, (Object) null);
        return random.nextBoolean()
                ? read("get", key, c -> c.get(key), a -> a.get(key), DirectRequest::get, check)
                : read("gat", key, c -> c.gat(key, LONG), a -> a.gat(key, LONG), r -> r.gat(LONG), check);
    }

    private Deed changeAbsent(String key) {
        byte[] value = values.next(key);
        return switch (random.nextInt(6)) {
            case 0 ->
                write(
                        "delete",
                        Kind.FLAG,
                        key,
                        null,
                        c -> c.delete(key),
                        a -> a.delete(key),
                        DirectRequest::delete,
                        false);
            case 1 ->
                write(
                        "touch",
                        Kind.FLAG,
                        key,
                        null,
                        c -> c.touch(key, LONG),
                        a -> a.touch(key, LONG),
                        r -> r.touch(LONG),
                        false);
            case 2 ->
                write(
                        "increment",
                        Kind.COUNT,
                        key,
                        null,
                        c -> c.increment(key, 1),
                        a -> a.increment(key, 1),
                        r -> r.increment(1),
                        OptionalLong.empty());
            case 3 ->
                write(
                        "cas",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.cas(key, value, 1),
                        a -> a.cas(key, value, 1),
                        r -> r.cas(1, Ttl.NONE),
                        StoreResult.NOT_FOUND);
            case 4 ->
                write(
                        "append",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.append(key, value),
                        a -> a.append(key, value),
                        DirectRequest::append,
                        StoreResult.NOT_STORED);
            default ->
                write(
                        "replace",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.replace(key, value),
                        a -> a.replace(key, value),
                        r -> r.replace(Ttl.NONE),
                        StoreResult.NOT_STORED);
        };
    }

    private Deed count(String key) {
        return new Deed(
                "increment",
                Kind.COUNT,
                key,
                null,
                c -> c.increment(key, 1),
                a -> a.increment(key, 1),
                r -> r.increment(1),
                result -> {
                    ledger.require(result instanceof OptionalLong number && number.isPresent(), true);
                    ledger.certain(key, result);
                },
                () -> ledger.doubtful(key));
    }

    private Deed write(String journal) {
        String entry = caller + "-" + records++;
        byte[] value = ascii(entry + ";");
        return new Deed(
                "append",
                Kind.STORE,
                journal,
                value,
                c -> c.append(journal, value),
                a -> a.append(journal, value),
                DirectRequest::append,
                result -> {
                    ledger.require(result, StoreResult.STORED);
                    ledger.certain(journal, entry);
                },
                () -> ledger.doubtful(journal, entry));
    }

    /** Reads a chain, or forges the next link of what was read. */
    private Deed link(String key) {
        Link last = ledger.link(key);
        if (last == null || random.nextInt(3) == 0) {
            return read(
                    "getItem", key, c -> c.getItem(key), a -> a.getItem(key), null, result -> ledger.seen(key, result));
        }
        byte[] value = KeyTaggedValues.make(key, 200 + random.nextInt(200), last.stamp() + 1);
        return new Deed(
                "cas",
                Kind.STORE,
                key,
                value,
                c -> c.cas(key, value, last.cas()),
                a -> a.cas(key, value, last.cas()),
                r -> r.cas(last.cas(), Ttl.NONE),
                result -> {
                    ledger.require(result, StoreResult.STORED, StoreResult.EXISTS);
                    if (result == StoreResult.STORED) {
                        ledger.certain(key, last.stamp() + 1);
                    }
                },
                () -> ledger.doubtful(key));
    }

    private Deed store(String key) {
        byte[] value = values.next(key);
        return switch (random.nextInt(4)) {
            case 0 ->
                write(
                        "add",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.add(key, value),
                        a -> a.add(key, value),
                        r -> r.add(Ttl.NONE),
                        StoreResult.STORED,
                        StoreResult.NOT_STORED);
            case 1 -> {
                WriteOptions quiet = WriteOptions.NONE.withNoReply();
                yield write(
                        "set noReply",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.set(key, value, quiet),
                        a -> a.set(key, value, quiet),
                        null,
                        StoreResult.STORED);
            }
            default ->
                write(
                        "set",
                        Kind.STORE,
                        key,
                        value,
                        c -> c.set(key, value, LONG),
                        a -> a.set(key, value, LONG),
                        r -> r.set(LONG),
                        StoreResult.STORED);
        };
    }

    private Deed change(String key) {
        return switch (random.nextInt(classic ? 2 : 3)) {
            case 0 ->
                write(
                        "touch",
                        Kind.FLAG,
                        key,
                        null,
                        c -> c.touch(key, LONG),
                        a -> a.touch(key, LONG),
                        r -> r.touch(LONG),
                        true,
                        false);
            case 1 ->
                write(
                        "delete",
                        Kind.FLAG,
                        key,
                        null,
                        c -> c.delete(key),
                        a -> a.delete(key),
                        DirectRequest::delete,
                        true,
                        false);
            default ->
                write(
                        "invalidate",
                        Kind.FLAG,
                        key,
                        null,
                        c -> c.invalidate(key),
                        a -> a.invalidate(key),
                        null,
                        true,
                        false);
        };
    }

    private static Deed read(
            String name, String key, Deed.Sync sync, Deed.Async async, Deed.@Nullable Direct direct, Check check) {
        return new Deed(name, Kind.VALUE, key, null, sync, async, direct, check, () -> {});
    }

    private Deed write(
            String name,
            Kind kind,
            String key,
            byte @Nullable [] value,
            Deed.Sync sync,
            Deed.Async async,
            Deed.@Nullable Direct direct,
            Object... allowed) {
        return new Deed(
                name, kind, key, value, sync, async, direct, result -> ledger.require(result, allowed), () -> {});
    }
}
