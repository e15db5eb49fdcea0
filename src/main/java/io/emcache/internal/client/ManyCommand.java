package io.emcache.internal.client;

import java.util.List;
import java.util.Set;

/**
 * A call for many keys, before it is cut into parts. Immutable.
 *
 * @param <K> the type of the keys
 * @param <V> what is known of a key in the end
 */
interface ManyCommand<K, V> {
    /** The keys, each once. */
    Set<K> keys();

    /** Validates and routes everything, and cuts it. */
    List<Part<K, V>> parts(Scope scope);
}
