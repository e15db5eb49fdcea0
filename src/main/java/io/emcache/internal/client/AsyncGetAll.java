package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.client.KeyBlocks.Chunk;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Batch;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One getAll whose result comes later: a bounded number of chunks is on its way, each answer sends the next. One
 * deadline for all of it. Guarded by its own monitor, which no driver takes: chunks are finished on the executor.
 */
final class AsyncGetAll<K> {
    private static final int MAX_CHUNKS_PER_LANE = 16;

    private final long startNs;
    private final long deadlineNs;

    private int outstanding;

    private final Engine engine;
    private final Set<K> keys;
    private final ChunkResults<K> results = new ChunkResults<>();
    private final ArrayDeque<ChunkCall> waiting = new ArrayDeque<>();
    private final CompletableFuture<MultiResult<K, byte[]>> future = new CompletableFuture<>();

    AsyncGetAll(Engine engine, Collection<K> keys) {
        this.engine = engine;
        this.keys = new LinkedHashSet<>(Objects.requireNonNull(keys, "keys"));
        this.startNs = engine.nowNs();
        this.deadlineNs = startNs + engine.timeoutNs();
    }

    CompletableFuture<MultiResult<K, byte[]>> run() {
        try {
            engine.checkOpen();
            for (Chunk<K> chunk : cut()) {
                waiting.add(new ChunkCall(chunk));
            }
        } catch (MemcachedException e) {
            future.completeExceptionally(e);
            return future;
        }
        sendMore();
        return future;
    }

    private List<Chunk<K>> cut() {
        KeyScratch scratch = engine.scratch();
        try {
            return KeyBlocks.cut(keys, engine.cluster(), scratch, engine.maxBlockBytes());
        } finally {
            scratch.release();
        }
    }

    /** Sends what may be sent now, and completes the future when nothing is left. */
    private void sendMore() {
        MultiResult<K, byte[]> result;
        synchronized (this) {
            if (future.isDone()) {
                waiting.clear(); // cancelled: what is on its way is enough
            }
            while (!waiting.isEmpty()
                    && outstanding
                            < MAX_CHUNKS_PER_LANE * waiting.element().chunk.node.laneCount()) {
                ChunkCall call = waiting.remove();
                if (!trySend(call)) {
                    waiting.addFirst(call);
                    break;
                }
            }
            if (outstanding > 0 || !waiting.isEmpty()) {
                return;
            }
            result = results.build(keys);
        }
        future.complete(result);
    }

    /** False if the lanes are full of this call's own chunks: one of them will come back and try again. */
    private boolean trySend(ChunkCall call) {
        if (engine.isPast(deadlineNs)) {
            results.failed(call.chunk, call.batch, Failures.late(call.chunk.node, engine.nowNs() - startNs));
            return true;
        }
        try {
            Slot slot = engine.submitMany(call.chunk, call.batch, deadlineNs, call);
            if (slot == null) {
                if (outstanding > 0) {
                    return false;
                }
                results.failed(call.chunk, call.batch, engine.refused(call.chunk.node));
                return true;
            }
            outstanding++;
            slot.lane().launch(deadlineNs);
        } catch (MemcachedException e) {
            results.failed(call.chunk, call.batch, e);
        }
        return true;
    }

    private void ended(ChunkCall call) {
        synchronized (this) {
            outstanding--;
            if (call.outcome == Outcome.DONE) {
                results.answered(call.chunk, call.batch);
            } else if (engine.mayRetry(OpCode.GET_MANY, call.outcome, call.attempts, deadlineNs)) {
                waiting.addFirst(new ChunkCall(call.chunk, call.attempts + 1));
            } else {
                Lane lane = Objects.requireNonNull(call.lane);
                long elapsedNs = engine.nowNs() - startNs;
                results.failed(
                        call.chunk,
                        call.batch,
                        Failures.of(OpCode.GET_MANY, call.outcome, lane, elapsedNs, 0, call.text, call.cause));
            }
        }
        sendMore();
    }

    private final class ChunkCall implements Completion {
        private final int attempts;

        private int outcome;

        private final Chunk<K> chunk;
        private final Batch batch;

        private @Nullable Lane lane;
        private @Nullable String text;
        private @Nullable Throwable cause;
        private @Nullable Completion next;

        ChunkCall(Chunk<K> chunk) {
            this(chunk, 1);
        }

        ChunkCall(Chunk<K> chunk, int attempts) {
            this.chunk = chunk;
            this.attempts = attempts;
            this.batch = new Batch(chunk.keys.size(), false);
        }

        @Override
        public void take(Slot slot) {
            lane = slot.lane();
            outcome = slot.outcome();
            text = slot.text();
            cause = slot.cause();
        }

        @Override
        public void giveUp(Lane lane, int code, int phase) {
            this.lane = lane;
            outcome = Outcome.of(code, phase);
        }

        @Override
        public void finish() {
            ended(this);
        }

        @Override
        public boolean hasDependents() {
            return future.getNumberOfDependents() > 0;
        }

        @Override
        public @Nullable Completion next() {
            return next;
        }

        @Override
        public void next(@Nullable Completion next) {
            this.next = next;
        }
    }
}
