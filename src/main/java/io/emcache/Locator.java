package io.emcache;

/**
 * How keys are placed on nodes. All clients of a cluster must use the same, or they do not find each other's items; to
 * change it is to empty the cache. The guide has the formulas, {@code docs/vectors} test vectors of {@link #RENDEZVOUS}.
 */
public enum Locator {
    /**
     * Rendezvous hashing (Thaler and Ravishankar, 1998) on 64 bits of murmur3: the most even, and a node that joins or
     * leaves moves its own keys only. Knows weights.
     */
    RENDEZVOUS,

    /** Where emcache for Python (1.3.3) has them. Knows no weights, and refuses different ones. */
    EMCACHE,

    /** Where libmemcached has them with its weighted ketama distribution. Knows weights. */
    KETAMA,

    /** Where spymemcached has them with its {@code KetamaNodeLocator} as it comes. Knows weights. */
    KETAMA_SPYMEMCACHED,

    /** The hash modulo the number of nodes: a node that joins or leaves moves nearly all keys. Knows weights. */
    MODULO
}
