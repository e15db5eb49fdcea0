package io.emcache.bench;

import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A client library that hands out futures. Thread-safe. */
interface AsyncContender extends Contender {

    Future<byte @Nullable []> startGet(String key);

    Future<?> startSet(String key, byte[] value);

    /** Whether a future of a set ended with this because the value was stored. */
    boolean isStored(@Nullable Object result);
}
