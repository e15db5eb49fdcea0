package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What has come of the parts of a call for many keys, put together in the order of its keys. Not safe for threads.
 *
 * @param <K> the type of the keys
 * @param <V> what is known of a key in the end
 */
final class Results<K, V> {
    private final Map<K, V> hits = new HashMap<>();
    private final Map<K, MemcachedException> failures = new HashMap<>();

    void hit(K key, V result) {
        hits.put(key, result);
    }

    /** Does nothing if there is a hit. */
    void failed(K key, MemcachedException failure) {
        if (!hits.containsKey(key)) {
            failures.put(key, failure);
        }
    }

    /** What is neither a hit nor a failure is a miss. */
    MultiResult<K, V> build(Set<K> keys) {
        MultiResult.Builder<K, V> builder = MultiResult.builder();
        for (K key : keys) {
            V hit = hits.get(key);
            MemcachedException failure = failures.get(key);
            if (hit != null) {
                builder.hit(key, hit);
            } else if (failure != null) {
                builder.failure(key, failure);
            } else {
                builder.miss(key);
            }
        }
        return builder.build();
    }
}
