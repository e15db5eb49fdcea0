package io.emcache;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What became of each key of a call for many keys. Immutable and safe for all threads; the values themselves are the
 * caller's. Each key is in exactly one of the three parts, which keep the order in which the keys were added.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class MultiResult<K, V> {
    private final Map<K, V> hits;
    private final Set<K> misses;
    private final Map<K, MemcachedException> failures;

    private MultiResult(Builder<K, V> builder) {
        hits = Collections.unmodifiableMap(builder.hits);
        misses = Collections.unmodifiableSet(builder.misses);
        failures = Collections.unmodifiableMap(builder.failures);
    }

    /**
     * Returns a builder. The library uses it, and so can tests.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @return an empty builder, for one thread
     */
    public static <K, V> Builder<K, V> builder() {
        return new Builder<>();
    }

    /**
     * Returns the keys that were found.
     *
     * @return values by key; unmodifiable
     */
    public Map<K, V> hits() {
        return hits;
    }

    /**
     * Returns the keys of which the server said that it has no value.
     *
     * @return the keys; unmodifiable
     */
    public Set<K> misses() {
        return misses;
    }

    /**
     * Returns the keys of which nothing is known.
     *
     * @return the reason by key; unmodifiable. Keys that failed together may share one exception
     */
    public Map<K, MemcachedException> failures() {
        return failures;
    }

    /**
     * Returns whether nothing failed.
     *
     * @return whether each key is a hit or a miss
     */
    public boolean isComplete() {
        return failures.isEmpty();
    }

    /**
     * Returns the hits, if nothing failed.
     *
     * @return {@link #hits()}
     * @throws MemcachedException the first failure, with the other ones as suppressed exceptions
     */
    public Map<K, V> orThrow() {
        if (!failures.isEmpty()) {
            throw firstFailure();
        }
        return hits;
    }

    /** Returns the three sizes, and neither keys nor values. */
    @Override
    public String toString() {
        return "MultiResult[hits=" + hits.size() + ", misses=" + misses.size() + ", failures=" + failures.size() + "]";
    }

    /** The exceptions may be shared by keys, calls and threads, so each is added only once. */
    private MemcachedException firstFailure() {
        MemcachedException first = failures.values().iterator().next();
        synchronized (first) {
            Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
            known.add(first);
            Collections.addAll(known, first.getSuppressed());
            for (MemcachedException failure : failures.values()) {
                if (known.add(failure)) {
                    first.addSuppressed(failure);
                }
            }
        }
        return first;
    }

    /**
     * Collects a result. For one thread and one result.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     */
    public static final class Builder<K, V> {
        private boolean built;
        private final Map<K, V> hits = new LinkedHashMap<>();
        private final Set<K> misses = new LinkedHashSet<>();
        private final Map<K, MemcachedException> failures = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds a key that was found.
         *
         * @param key the key
         * @param value its value; not copied
         * @return this
         * @throws IllegalArgumentException if the key was added before
         */
        public Builder<K, V> hit(K key, V value) {
            checkNew(key);
            hits.put(key, value);
            return this;
        }

        /**
         * Adds a key that was not found.
         *
         * @param key the key
         * @return this
         * @throws IllegalArgumentException if the key was added before
         */
        public Builder<K, V> miss(K key) {
            checkNew(key);
            misses.add(key);
            return this;
        }

        /**
         * Adds a key of which nothing is known.
         *
         * @param key the key
         * @param reason why
         * @return this
         * @throws IllegalArgumentException if the key was added before
         */
        public Builder<K, V> failure(K key, MemcachedException reason) {
            checkNew(key);
            failures.put(key, reason);
            return this;
        }

        /**
         * Returns the result and ends this builder.
         *
         * @return the result
         */
        public MultiResult<K, V> build() {
            checkOpen();
            built = true;
            return new MultiResult<>(this);
        }

        private void checkNew(K key) {
            checkOpen();
            if (hits.containsKey(key) || misses.contains(key) || failures.containsKey(key)) {
                throw new IllegalArgumentException("a key was added twice");
            }
        }

        private void checkOpen() {
            if (built) {
                throw new IllegalStateException("the result was built; take a new builder");
            }
        }
    }
}
