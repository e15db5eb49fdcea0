package io.emcache.faults;

import io.emcache.DirectRequest;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.faults.Deed.Kind;
import io.emcache.testkit.KeyTaggedValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes up calls on items that all callers of a storm store and that may be gone at any time: a value must carry its key.
 * For one thread.
 */
final class CommonDeeds {
    private static final int KEYS = 200;
    private static final int MAX_VALUE_BYTES = 40_000;

    private final Ledger ledger;
    private final SplittableRandom random;
    private final KeyTaggedValues values;

    CommonDeeds(Ledger ledger, SplittableRandom random) {
        this.ledger = ledger;
        this.random = random;
        this.values = new KeyTaggedValues(random.nextLong(), MAX_VALUE_BYTES);
    }

    Deed next() {
        return switch (random.nextInt(6)) {
            case 0, 1 -> readMany();
            case 2 -> storeMany();
            case 3 -> store();
            default -> read();
        };
    }

    private String key() {
        return "common:" + random.nextInt(KEYS);
    }

    Deed read() {
        String key = key();
        return deed(
                "get",
                Kind.VALUE,
                key,
                null,
                c -> c.get(key),
                a -> a.get(key),
                DirectRequest::get,
                result -> ledger.requireOwn(key, result));
    }

    private Deed store() {
        String key = key();
        byte[] value = values.next(key);
        return deed(
                "set",
                Kind.STORE,
                key,
                value,
                c -> c.set(key, value),
                a -> a.set(key, value),
                r -> r.set(Ttl.NONE),
                result -> ledger.require(result, StoreResult.STORED));
    }

    private Deed readMany() {
        List<String> keys = new ArrayList<>();
        for (int i = random.nextInt(1, random.nextBoolean() ? 5 : 60); i > 0; i--) {
            keys.add(key());
        }
        return deed("getAll", Kind.VALUE, "many", null, c -> c.getAll(keys), a -> a.getAll(keys), null, result -> {
            MultiResult<?, ?> many = (MultiResult<?, ?>) Objects.requireNonNull(result);
            many.hits().forEach((key, value) -> ledger.requireHit((String) key, value));
            requireAllAnswered(many, Set.copyOf(keys));
        });
    }

    private Deed storeMany() {
        Map<String, byte[]> stored = new HashMap<>();
        for (int i = random.nextInt(1, 10); i > 0; i--) {
            String key = key();
            stored.put(key, values.next(key));
        }
        return deed("setAll", Kind.VALUE, "many", null, c -> c.setAll(stored), a -> a.setAll(stored), null, result -> {
            MultiResult<?, ?> many = (MultiResult<?, ?>) Objects.requireNonNull(result);
            many.hits().values().forEach(each -> ledger.require(each, StoreResult.STORED));
            requireAllAnswered(many, stored.keySet());
            if (!many.misses().isEmpty()) {
                throw new AssertionError("not stored: " + many.misses());
            }
        });
    }

    private void requireAllAnswered(MultiResult<?, ?> many, Set<String> keys) {
        ledger.require(
                many.hits().size() + many.misses().size() + many.failures().size(), keys.size());
        many.failures().values().forEach(ledger::endPart);
    }

    private static Deed deed(
            String name,
            Kind kind,
            String key,
            byte @Nullable [] value,
            Deed.Sync sync,
            Deed.Async async,
            Deed.@Nullable Direct direct,
            Deed.Check check) {
        return new Deed(name, kind, key, value, sync, async, direct, check, () -> {});
    }
}
