package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call for many keys whose result comes later: a bounded number of parts is on its way, each answer sends the next. One
 * deadline for all of it. Guarded by its own monitor, which no driver takes: parts are finished on the executor.
 */
final class AsyncMany<K, V> {
    private final long startNs;
    private final long deadlineNs;

    private int outstanding;

    private final Engine engine;
    private final Scope scope;
    private final ManyCommand<K, V> command;
    private final Results<K, V> results = new Results<>();
    private final ArrayDeque<Part<K, V>> waiting = new ArrayDeque<>();
    private final CompletableFuture<MultiResult<K, V>> future = new CompletableFuture<>();

    AsyncMany(Scope scope, ManyCommand<K, V> command) {
        this.engine = scope.engine();
        this.scope = scope;
        this.command = command;
        this.startNs = engine.nowNs();
        this.deadlineNs = startNs + scope.timeoutNs();
    }

    CompletableFuture<MultiResult<K, V>> run() {
        try {
            engine.checkOpen();
            waiting.addAll(command.parts(scope));
        } catch (MemcachedException e) {
            future.completeExceptionally(e);
            return future;
        }
        sendMore();
        synchronized (this) {
            waiting.forEach(Part::detach);
        }
        return future;
    }

    /** Sends what may be sent now, and completes the future when nothing is left. */
    private void sendMore() {
        MultiResult<K, V> result;
        synchronized (this) {
            if (future.isDone()) {
                waiting.clear(); // cancelled: what is on its way is enough
            }
            while (!waiting.isEmpty() && outstanding < waiting.element().window()) {
                Part<K, V> part = waiting.remove();
                if (!trySend(part)) {
                    waiting.addFirst(part);
                    break;
                }
            }
            if (outstanding > 0 || !waiting.isEmpty()) {
                return;
            }
            result = results.build(command.keys());
        }
        future.complete(result);
    }

    /** False if the lanes are full of this call's own parts: one of them will come back and try again. */
    private boolean trySend(Part<K, V> part) {
        if (engine.isPast(deadlineNs)) {
            part.failed(Failures.late(part.node, engine.nowNs() - startNs), results);
            return true;
        }
        try {
            Slot slot = part.submit(scope, deadlineNs, new PartCall(part));
            if (slot == null) {
                if (outstanding > 0) {
                    return false;
                }
                part.failed(engine.refused(part.node), results);
                return true;
            }
            part.attempts++;
            outstanding++;
            slot.lane().launch(deadlineNs);
        } catch (MemcachedException e) {
            part.failed(e, results);
        }
        return true;
    }

    private void ended(PartCall call) {
        Part<K, V> part = call.part;
        synchronized (this) {
            outstanding--;
            if (Outcome.isAnswer(call.outcome)) {
                part.answered(call.outcome, results);
            } else if (mayRetry(part, call.outcome)) {
                waiting.addFirst(part);
            } else {
                Lane lane = Objects.requireNonNull(call.lane);
                long elapsedNs = engine.nowNs() - startNs;
                int valueBytes = part.valueBytes();
                part.failed(
                        Failures.of(part.op, call.outcome, lane, elapsedNs, valueBytes, call.text, call.cause),
                        results);
            }
        }
        sendMore();
    }

    /** A value that was sent may be the caller's to change by now. */
    private boolean mayRetry(Part<K, V> part, int outcome) {
        return !OpCode.carriesData(part.op) && engine.mayRetry(part.op, outcome, part.attempts, deadlineNs);
    }

    private final class PartCall implements Completion {
        private int outcome;

        private final Part<K, V> part;

        private @Nullable Lane lane;
        private @Nullable String text;
        private @Nullable Throwable cause;
        private @Nullable Completion next;

        PartCall(Part<K, V> part) {
            this.part = part;
        }

        @Override
        public void take(Slot slot) {
            lane = slot.lane();
            outcome = slot.outcome();
            text = slot.text();
            cause = slot.cause();
            part.take(slot);
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
