package io.emcache.internal.client;

import io.emcache.internal.client.ReadMany.Chunk;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.transport.Batch;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Slot;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What all calls of one view of a client have in common. Immutable.
 *
 * @param engine does the work
 * @param keys how keys are sent
 * @param timeoutNs the time that each call has
 */
record Scope(Engine engine, KeySpace keys, long timeoutNs) {
    /** The one of a client that is no view. */
    static Scope of(Engine engine) {
        return new Scope(
                engine,
                KeySpace.root(engine.options().hashLongKeys()),
                engine.options().timeout().toNanos());
    }

    Scope withTimeout(long timeoutNs) {
        return new Scope(engine, keys, timeoutNs);
    }

    Scope namespace(String prefix) {
        return new Scope(engine, keys.namespace(prefix), timeoutNs);
    }

    InstantSource clock() {
        return engine.options().wallClock();
    }

    /** {@link Engine#submit}. */
    Slot submit(
            int op,
            Object key,
            Terms terms,
            byte @Nullable [] value,
            long startNs,
            long deadlineNs,
            @Nullable Completion completion) {
        return engine.submit(keys, op, key, terms, value, startNs, deadlineNs, completion);
    }

    /** {@link Engine#submitTo}. */
    @Nullable
    Slot submitTo(
            Node node,
            int op,
            Object key,
            Terms terms,
            byte @Nullable [] value,
            long deadlineNs,
            @Nullable Completion completion) {
        return engine.submitTo(node, keys, op, key, terms, value, deadlineNs, completion);
    }

    /** {@link Engine#submitMany}. */
    @Nullable
    Slot submitMany(Chunk<?, ?> chunk, Batch batch, long deadlineNs, @Nullable Completion completion) {
        return engine.submitMany(keys, chunk, batch, deadlineNs, completion);
    }

    /** The node of a key; leaves anything in the scratch. */
    Node route(Object key, KeyScratch scratch) {
        return engine.route(keys, key, scratch);
    }

    /** The node of a key that is routed by what is sent, which the scratch has. */
    Node routeSent(KeyScratch scratch, int length) {
        return engine.route(scratch, length);
    }

    /** Writes a key as it is sent; returns its length. */
    int encode(Object key, KeyScratch scratch) {
        return keys.encode(key, scratch.segment());
    }
}
