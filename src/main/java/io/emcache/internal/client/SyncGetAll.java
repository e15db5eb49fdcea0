package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.client.KeyBlocks.Chunk;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Batch;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One getAll of a thread that waits: all chunks are on their way before the first is awaited, as far as the lanes have
 * room. One deadline for all of it. Belongs to the calling thread.
 */
final class SyncGetAll<K> {
    private static final int MAX_CHUNKS_PER_LANE = 16;

    private final Engine engine;
    private final Set<K> keys;
    private final ChunkResults<K> results;
    private final ArrayDeque<Sent<K>> sent = new ArrayDeque<>();
    private final long startNs;
    private final long deadlineNs;

    private MemcachedException.@Nullable Interrupted interrupt;

    private record Sent<K>(Chunk<K> chunk, Batch batch, Slot slot, int attempts) {}

    SyncGetAll(Engine engine, Collection<K> keys) {
        this.engine = engine;
        this.keys = new LinkedHashSet<>(Objects.requireNonNull(keys, "keys"));
        this.results = new ChunkResults<>();
        this.startNs = engine.nowNs();
        this.deadlineNs = startNs + engine.timeoutNs();
    }

    MultiResult<K, byte[]> run() {
        if (keys.isEmpty()) {
            engine.checkOpen();
            return results.build(keys);
        }
        engine.checkBlockingCall();
        for (Chunk<K> chunk : cut()) {
            if (interrupt != null) {
                break;
            }
            if (sent.size() >= MAX_CHUNKS_PER_LANE * chunk.node.laneCount()) {
                awaitOldest();
            }
            send(chunk, 1);
        }
        while (!sent.isEmpty()) {
            awaitOldest();
        }
        if (interrupt != null) {
            throw interrupt;
        }
        return results.build(keys);
    }

    private List<Chunk<K>> cut() {
        KeyScratch scratch = engine.scratch();
        try {
            return KeyBlocks.cut(keys, engine.cluster(), scratch, engine.maxBlockBytes());
        } finally {
            scratch.release();
        }
    }

    private void send(Chunk<K> chunk, int attempts) {
        Batch batch = new Batch(chunk.keys.size(), false);
        if (engine.isPast(deadlineNs)) {
            results.failed(chunk, batch, Failures.late(chunk.node, engine.nowNs() - startNs));
            return;
        }
        try {
            Slot slot = submit(chunk, batch);
            if (slot == null) {
                results.failed(chunk, batch, engine.refused(chunk.node));
            } else {
                flushWhenMany(slot);
                sent.add(new Sent<>(chunk, batch, slot, attempts));
            }
        } catch (MemcachedException e) {
            results.failed(chunk, batch, e);
        }
    }

    /** The first chunk is awaited first and needs no push; with a second, both do. */
    private void flushWhenMany(Slot newest) {
        if (sent.size() == 1) {
            sent.element().slot().lane().flush();
        }
        if (!sent.isEmpty()) {
            newest.lane().flush();
        }
    }

    /** A lane that this call itself has filled is no reason to fail: its oldest chunk is awaited first. */
    private @Nullable Slot submit(Chunk<K> chunk, Batch batch) {
        Slot slot = engine.submitMany(chunk, batch, deadlineNs, null);
        while (slot == null && !sent.isEmpty()) {
            awaitOldest();
            slot = engine.submitMany(chunk, batch, deadlineNs, null);
        }
        return slot;
    }

    private void awaitOldest() {
        Sent<K> oldest = sent.remove();
        Slot slot = oldest.slot();
        Lane lane = slot.lane();
        int outcome = lane.await(slot);
        boolean abandoned = Outcome.isAbandoned(outcome);
        String text = abandoned ? null : slot.text();
        Throwable cause = abandoned ? null : slot.cause();
        if (!abandoned) {
            lane.release(slot);
        }
        if (outcome == Outcome.DONE) {
            results.answered(oldest.chunk(), oldest.batch());
        } else if (engine.mayRetry(OpCode.GET_MANY, outcome, oldest.attempts(), deadlineNs)) {
            send(oldest.chunk(), oldest.attempts() + 1);
        } else {
            MemcachedException failure =
                    Failures.of(OpCode.GET_MANY, outcome, lane, engine.nowNs() - startNs, 0, text, cause);
            results.failed(oldest.chunk(), oldest.batch(), failure);
            if (failure instanceof MemcachedException.Interrupted interrupted) {
                interrupt = interrupted;
            }
        }
    }
}
