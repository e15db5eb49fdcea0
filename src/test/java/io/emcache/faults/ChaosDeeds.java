package io.emcache.faults;

import io.emcache.DirectRequest;
import io.emcache.Item;
import io.emcache.MemcachedException.NotANumber;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.faults.Deed.Check;
import io.emcache.faults.Deed.Kind;
import io.emcache.faults.Era.Tally;
import io.emcache.testkit.KeyTaggedValues;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes up the calls of one caller of a chaos, among servers that die and come back empty. For one thread; what a call tells
 * afterwards may come on any thread.
 *
 * <p>An item may be missing only if a server has died since it was seen, and have an older value never. Who calls sees to
 * that for the items which are its own; items that all callers store carry their key; those of an {@link Era} are
 * changed in a way that shows whether each change was made once.
 */
final class ChaosDeeds {
    private static final int OWN = 24;
    private static final int MAX_RECORDS = 300;
    private static final int MAX_VALUE_BYTES = 40_000;
    private static final Ttl LONG = Ttl.of(Duration.ofDays(1));

    private int records;
    private int owned;
    private long stamps;

    private final String caller;
    private final Ledger ledger;
    private final IntSupplier deaths;
    private final Supplier<Era> era;
    private final SplittableRandom random;
    private final KeyTaggedValues values;
    private final CommonDeeds common;
    private final Queue<OwnedItem> idle = new ConcurrentLinkedQueue<>();

    ChaosDeeds(String caller, Ledger ledger, IntSupplier deaths, Supplier<Era> era, SplittableRandom random) {
        this.caller = caller;
        this.ledger = ledger;
        this.deaths = deaths;
        this.era = era;
        this.random = random;
        this.values = new KeyTaggedValues(random.nextLong(), MAX_VALUE_BYTES);
        this.common = new CommonDeeds(ledger, random.split());
        for (int i = 0; i < OWN; i++) {
            idle.add(nextOwned());
        }
    }

    private OwnedItem nextOwned() {
        return new OwnedItem("own:" + caller + ":" + owned++, deaths);
    }

    Deed next() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> common.next();
            case 6, 7 -> count(era.get().counter(random.nextInt(100)));
            case 8, 9 -> write(era.get().journal(random.nextInt(100)));
            case 10, 11 -> link(era.get().chain(random.nextInt(100)));
            default -> {
                OwnedItem item = idle.poll();
                yield item == null ? common.read() : own(item);
            }
        };
    }

    private Deed own(OwnedItem item) {
        OwnedItem certain = item.isDoubtful() ? nextOwned() : item;
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> storeOwn(certain);
            case 4 -> deleteOwn(certain);
            case 5 -> changeOwn(certain);
            default -> readOwn(certain);
        };
    }

    /** A deed with an item of this caller, which may have the next one afterwards. */
    private Deed own(
            String name,
            Kind kind,
            OwnedItem item,
            byte @Nullable [] value,
            Deed.Sync sync,
            Deed.Async async,
            Deed.@Nullable Direct direct,
            Check check,
            Runnable unknown) {
        return new Deed(name, kind, item.key(), value, sync, async, direct, check, unknown, () -> idle.add(item));
    }

    private Deed storeOwn(OwnedItem item) {
        String key = item.key();
        long stamp = ++stamps;
        byte[] value = KeyTaggedValues.make(key, values.next(key).length, stamp);
        int before = deaths.getAsInt();
        Runnable unknown = () -> item.doubt(stamp);
        return switch (random.nextInt(6)) {
            case 0 ->
                own(
                        "add",
                        Kind.STORE,
                        item,
                        value,
                        c -> c.add(key, value),
                        a -> a.add(key, value),
                        r -> r.add(Ttl.NONE),
                        result -> ifStored(result, item, before, stamp, StoreResult.NOT_STORED, true),
                        unknown);
            case 1 ->
                own(
                        "replace",
                        Kind.STORE,
                        item,
                        value,
                        c -> c.replace(key, value),
                        a -> a.replace(key, value),
                        r -> r.replace(Ttl.NONE),
                        result -> ifStored(result, item, before, stamp, StoreResult.NOT_STORED, false),
                        unknown);
            case 2 -> {
                WriteOptions quiet = WriteOptions.NONE.withNoReply();
                yield own(
                        "set noReply",
                        Kind.STORE,
                        item,
                        value,
                        c -> c.set(key, value, quiet),
                        a -> a.set(key, value, quiet),
                        null,
                        result -> {
                            ledger.require(result, StoreResult.STORED);
                            item.doubt(stamp);
                        },
                        unknown);
            }
            default ->
                own(
                        "set",
                        Kind.STORE,
                        item,
                        value,
                        c -> c.set(key, value, LONG),
                        a -> a.set(key, value, LONG),
                        r -> r.set(LONG),
                        result -> {
                            ledger.require(result, StoreResult.STORED);
                            item.set(stamp, before);
                        },
                        unknown);
        };
    }

    /** Looks at a store that needs an item not to be there, or to be there. */
    private void ifStored(
            @Nullable Object result, OwnedItem item, int before, long stamp, StoreResult refusal, boolean needsNone) {
        ledger.require(result, StoreResult.STORED, refusal);
        boolean stored = result == StoreResult.STORED;
        if (stored == needsNone) {
            item.seen(OwnedItem.ABSENT, before);
        } else {
            item.seenAny();
        }
        if (stored) {
            item.set(stamp, before);
        }
    }

    private Deed deleteOwn(OwnedItem item) {
        String key = item.key();
        int before = deaths.getAsInt();
        return own(
                "delete",
                Kind.FLAG,
                item,
                null,
                c -> c.delete(key),
                a -> a.delete(key),
                DirectRequest::delete,
                result -> {
                    requireFlag(result, item, before);
                    item.set(OwnedItem.ABSENT, before);
                },
                () -> item.doubt(OwnedItem.ABSENT));
    }

    private Deed changeOwn(OwnedItem item) {
        String key = item.key();
        int before = deaths.getAsInt();
        if (random.nextBoolean()) {
            return own(
                    "touch",
                    Kind.FLAG,
                    item,
                    null,
                    c -> c.touch(key, LONG),
                    a -> a.touch(key, LONG),
                    r -> r.touch(LONG),
                    result -> requireFlag(result, item, before),
                    () -> {});
        }
        return own(
                "increment of no number",
                Kind.COUNT,
                item,
                null,
                c -> c.increment(key, 1),
                a -> a.increment(key, 1),
                r -> r.increment(1),
                result -> {
                    boolean there = result instanceof NotANumber;
                    ledger.require(there || OptionalLong.empty().equals(result), true);
                    requireFlag(there, item, before);
                },
                () -> {});
    }

    private void requireFlag(@Nullable Object there, OwnedItem item, int before) {
        ledger.require(there, true, false);
        if (Boolean.TRUE.equals(there)) {
            item.seenAny();
        } else {
            item.seen(OwnedItem.ABSENT, before);
        }
    }

    private Deed readOwn(OwnedItem item) {
        String key = item.key();
        int before = deaths.getAsInt();
        Check check = result -> item.seen(stampOf(key, result), before);
        return switch (random.nextInt(4)) {
            case 0 ->
                own(
                        "gat",
                        Kind.VALUE,
                        item,
                        null,
                        c -> c.gat(key, LONG),
                        a -> a.gat(key, LONG),
                        r -> r.gat(LONG),
                        check,
                        () -> {});
            case 1 ->
                own(
                        "getItem",
                        Kind.VALUE,
                        item,
                        null,
                        c -> c.getItem(key),
                        a -> a.getItem(key),
                        DirectRequest::getItem,
                        check,
                        () -> {});
            default ->
                own(
                        "get",
                        Kind.VALUE,
                        item,
                        null,
                        c -> c.get(key),
                        a -> a.get(key),
                        DirectRequest::get,
                        check,
                        () -> {});
        };
    }

    private static long stampOf(String key, @Nullable Object result) {
        if (result == null) {
            return OwnedItem.ABSENT;
        }
        byte[] value = Ledger.valueOf(result);
        KeyTaggedValues.verify(key, value);
        return Ledger.stamp(value);
    }

    private static Deed plain(
            String name,
            Kind kind,
            String key,
            byte @Nullable [] value,
            Deed.Sync sync,
            Deed.Async async,
            Deed.@Nullable Direct direct,
            Check check) {
        return new Deed(name, kind, key, value, sync, async, direct, check, () -> {});
    }

    private Deed count(Tally counter) {
        String key = counter.key();
        if (random.nextInt(5) == 0) {
            return readNumber(counter);
        }
        int atLeast = counter.certain();
        counter.begin(caller + "-" + records++);
        return new Deed(
                "increment",
                Kind.COUNT,
                key,
                null,
                c -> c.increment(key, 1),
                a -> a.increment(key, 1),
                r -> r.increment(1),
                result -> {
                    OptionalLong count = (OptionalLong) Objects.requireNonNull(result);
                    ifPresent(counter, count, number -> {
                        requireBetween(key, number, atLeast + 1L, counter.begun());
                        counter.certain(number);
                    });
                },
                counter::doubtful);
    }

    private static void ifPresent(Tally tally, OptionalLong count, LongConsumer check) {
        if (count.isPresent()) {
            check.accept(count.getAsLong());
        } else {
            tally.requireMayBeAbsent();
        }
    }

    private static void requireBetween(String key, long number, long least, long most) {
        if (number < least || number > most) {
            throw new AssertionError(key + " is " + number + ", not between " + least + " and " + most);
        }
    }

    private Deed readNumber(Tally counter) {
        String key = counter.key();
        int atLeast = counter.certain();
        return plain("get", Kind.VALUE, key, null, c -> c.get(key), a -> a.get(key), DirectRequest::get, result -> {
            OptionalLong count = result == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(Long.parseLong(new String((byte[]) result, StandardCharsets.US_ASCII).strip()));
            ifPresent(counter, count, number -> requireBetween(key, number, atLeast, counter.begun()));
        });
    }

    private Deed write(Tally journal) {
        String key = journal.key();
        if (journal.begun() >= MAX_RECORDS || random.nextInt(4) == 0) {
            return readJournal(journal);
        }
        String entry = caller + "-" + records++;
        byte[] value = (entry + ";").getBytes(StandardCharsets.US_ASCII);
        journal.begin(entry);
        return new Deed(
                "append",
                Kind.STORE,
                key,
                value,
                c -> c.append(key, value),
                a -> a.append(key, value),
                DirectRequest::append,
                result -> {
                    ledger.require(result, StoreResult.STORED, StoreResult.NOT_STORED);
                    if (result == StoreResult.STORED) {
                        journal.certain(entry);
                    } else {
                        journal.requireMayBeAbsent();
                    }
                },
                journal::doubtful);
    }

    private Deed readJournal(Tally journal) {
        String key = journal.key();
        Set<Object> before = journal.snapshot();
        return plain("get", Kind.VALUE, key, null, c -> c.get(key), a -> a.get(key), DirectRequest::get, result -> {
            if (result == null) {
                journal.requireMayBeAbsent();
            } else {
                journal.requireJournal((byte[]) result, before);
            }
        });
    }

    /** Reads a chain, or forges the next link of what was read. */
    private Deed link(Tally chain) {
        String key = chain.key();
        Ledger.Link last = chain.newest();
        if (last == null || random.nextInt(2) == 0) {
            return readLink(chain);
        }
        chain.begin(caller + "-" + records++);
        long stamp = last.stamp() + 1;
        byte[] value = KeyTaggedValues.make(key, 200 + random.nextInt(200), stamp);
        return new Deed(
                "cas",
                Kind.STORE,
                key,
                value,
                c -> c.cas(key, value, last.cas()),
                a -> a.cas(key, value, last.cas()),
                r -> r.cas(last.cas(), Ttl.NONE),
                result -> {
                    ledger.require(result, StoreResult.STORED, StoreResult.EXISTS, StoreResult.NOT_FOUND);
                    if (result == StoreResult.STORED) {
                        chain.certain(stamp);
                    } else if (result == StoreResult.NOT_FOUND) {
                        chain.requireMayBeAbsent();
                    }
                },
                chain::doubtful);
    }

    private Deed readLink(Tally chain) {
        String key = chain.key();
        int atLeast = chain.certain();
        return plain("getItem", Kind.VALUE, key, null, c -> c.getItem(key), a -> a.getItem(key), null, result -> {
            if (result == null) {
                chain.requireMayBeAbsent();
                return;
            }
            Item<?> item = (Item<?>) result;
            byte[] value = (byte[]) item.value();
            KeyTaggedValues.verify(key, value);
            long stamp = Ledger.stamp(value);
            requireBetween(key, stamp, atLeast, chain.begun());
            chain.newest(new Ledger.Link(stamp, item.cas()));
        });
    }
}
