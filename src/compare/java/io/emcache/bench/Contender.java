package io.emcache.bench;

import org.jspecify.annotations.Nullable;

/** One client library, as the loads use it: values are plain bytes, neither converted nor
 * compressed. Its process ends with it, so it is not closed. Thread-safe. */
interface Contender {

    /** The value, or null if there is none. */
    byte @Nullable [] get(String key) throws Exception;

    /** Whether the server said that it stored the value. */
    boolean set(String key, byte[] value) throws Exception;
}
