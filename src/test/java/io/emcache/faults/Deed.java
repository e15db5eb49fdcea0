package io.emcache.faults;

import io.emcache.AsyncMemcachedClient;
import io.emcache.DirectReply;
import io.emcache.DirectRequest;
import io.emcache.DirectRequest.Offer;
import io.emcache.MemcachedClient;
import io.emcache.StoreResult;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One call of a storm: how each face makes it, and what it may give. Immutable.
 *
 * @param name the verb
 * @param kind what its result is
 * @param key its key
 * @param value what it sends, if it does
 * @param sync makes the call and waits
 * @param async makes the call
 * @param direct offers the call on a request that has key and value, or null if that face has it not
 * @param check looks at the result
 * @param unknown is told that the call may have been executed or not
 * @param over is told, last of all, that the call has ended or was not made
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Deed(
        String name,
        Kind kind,
        String key,
        byte @Nullable [] value,
        Sync sync,
        Async async,
        @Nullable Direct direct,
        Check check,
        Runnable unknown,
        Runnable over) {

    /** A call of which nobody wants to know when it is over. */
    Deed(
            String name,
            Kind kind,
            String key,
            byte @Nullable [] value,
            Sync sync,
            Async async,
            @Nullable Direct direct,
            Check check,
            Runnable unknown) {
        this(name, kind, key, value, sync, async, direct, check, unknown, () -> {});
    }

    /** What a call gives. */
    enum Kind {
        /** A value, or null. */
        VALUE,
        /** A {@link StoreResult}. */
        STORE,
        /** Whether the item was there. */
        FLAG,
        /** An {@link OptionalLong}. */
        COUNT
    }

    /** The call in the sync face. */
    interface Sync {
        @Nullable
        Object call(MemcachedClient client);
    }

    /** The call in the async face. */
    interface Async {
        CompletableFuture<?> call(AsyncMemcachedClient client);
    }

    /** The call in the direct face. */
    interface Direct {
        Offer offer(DirectRequest request);
    }

    /** Looks at a result. */
    interface Check {
        void accept(@Nullable Object result);
    }

    /** What the other faces would give for a reply that is no failure. */
    @Nullable
    Object read(DirectReply reply) {
        return switch (reply.result()) {
            case HIT -> reply.value().toArray(ValueLayout.JAVA_BYTE);
            case MISS -> null;
            case DONE ->
                switch (kind) {
                    case STORE -> StoreResult.STORED;
                    case COUNT -> OptionalLong.of(reply.counter());
                    case FLAG, VALUE -> true;
                };
            case NOT_STORED -> StoreResult.NOT_STORED;
            case EXISTS -> StoreResult.EXISTS;
            case NOT_FOUND ->
                switch (kind) {
                    case STORE -> StoreResult.NOT_FOUND;
                    case COUNT -> OptionalLong.empty();
                    case FLAG, VALUE -> false;
                };
            case FAILED -> throw new IllegalArgumentException("a failure is no result");
        };
    }
}
