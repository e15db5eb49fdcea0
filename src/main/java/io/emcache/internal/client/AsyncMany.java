package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A call for many keys whose result comes later: a bounded number of parts is on its way to each node, each answer sends
 * the next. One deadline for all of it. Guarded by its own monitor, which no driver takes: parts are finished on the executor.
 */
final class AsyncMany<K, V> {
    private final long startNs;
    private final long deadlineNs;

    private int unended;

    private final Engine engine;
    private final Scope scope;
    private final ManyCommand<K, V> command;
    private final Results<K, V> results = new Results<>();
    /** Lanes with a part that is to be launched, each as often. */
    private final ArrayDeque<Lane> published = new ArrayDeque<>();

    private final CompletableFuture<MultiResult<K, V>> future = new CompletableFuture<>();

    private List<Share<K, V>> shares = List.of();

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
            List<Part<K, V>> parts = command.parts(scope);
            unended = parts.size();
            shares = Share.of(parts);
        } catch (MemcachedException e) {
            future.completeExceptionally(e);
            return future;
        }
        synchronized (this) {
            shares.forEach(this::sendMore);
            shares.forEach(share -> share.waiting.forEach(Part::detach));
        }
        launch();
        completeIfEnded();
        return future;
    }

    /** Sends what may be sent now. If something is left to send, something is on its way. */
    private void sendMore(Share<K, V> share) {
        if (future.isDone()) {
            unended -= share.waiting.size();
            share.waiting.clear(); // cancelled: what is on its way is enough
        }
        while (share.maySend()) {
            Part<K, V> part = share.waiting.remove();
            if (!trySend(share, part)) {
                share.waiting.addFirst(part);
                return;
            }
        }
    }

    /** Not under the monitor: who launches may drive, and may have to finish what belongs to other calls. */
    private void launch() {
        for (Lane lane = takePublished(); lane != null; lane = takePublished()) {
            lane.launch(deadlineNs);
        }
    }

    private synchronized @Nullable Lane takePublished() {
        return published.poll();
    }

    private void completeIfEnded() {
        MultiResult<K, V> result;
        synchronized (this) {
            if (unended > 0) {
                return;
            }
            result = results.build(command.keys());
        }
        future.complete(result);
    }

    /** False if the lanes are full of this call's own parts: one of them will come back and try again. */
    private boolean trySend(Share<K, V> share, Part<K, V> part) {
        if (engine.isPast(deadlineNs)) {
            failed(part, Failures.late(part.node, engine.nowNs() - startNs));
            return true;
        }
        try {
            Slot slot = part.submit(scope, deadlineNs, new PartCall(share, part));
            if (slot != null) {
                part.attempts++;
                share.outstanding++;
                published.add(slot.lane());
            } else if (share.outstanding > 0) {
                return false;
            } else {
                failed(part, engine.refused(part.node));
            }
        } catch (MemcachedException e) {
            failed(part, e);
        }
        return true;
    }

    private void failed(Part<K, V> part, MemcachedException failure) {
        unended--;
        part.failed(failure, results);
    }

    private void ended(PartCall call) {
        Part<K, V> part = call.part;
        synchronized (this) {
            call.share.outstanding--;
            if (Outcome.isAnswer(call.outcome)) {
                unended--;
                part.answered(call.outcome, results);
            } else if (mayRetry(part, call.outcome)) {
                call.share.waiting.addFirst(part);
            } else {
                Lane lane = Objects.requireNonNull(call.lane);
                long elapsedNs = engine.nowNs() - startNs;
                int valueBytes = part.valueBytes();
                failed(part, Failures.of(part.op, call.outcome, lane, elapsedNs, valueBytes, call.text, call.cause));
            }
            sendMore(call.share);
        }
        launch();
        completeIfEnded();
    }

    /** A value that was sent may be the caller's to change by now. */
    private boolean mayRetry(Part<K, V> part, int outcome) {
        return !OpCode.carriesData(part.op) && engine.mayRetry(part.op, outcome, part.attempts, deadlineNs);
    }

    private final class PartCall implements Completion {
        private int outcome;

        private final Share<K, V> share;
        private final Part<K, V> part;

        private @Nullable Lane lane;
        private @Nullable String text;
        private @Nullable Throwable cause;
        private @Nullable Completion next;

        PartCall(Share<K, V> share, Part<K, V> part) {
            this.share = share;
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
