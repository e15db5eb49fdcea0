package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call for many keys of a thread that waits: all parts are on their way before the first is awaited, as far as a window
 * and the lanes have room. One deadline for all of it. Belongs to the calling thread.
 */
final class SyncMany<K, V> {
    private final long startNs;
    private final long deadlineNs;

    private int unpushedParts;

    private final Engine engine;
    private final Scope scope;
    private final ManyCommand<K, V> command;
    private final Results<K, V> results = new Results<>();
    private final ArrayDeque<Sent<K, V>> sent = new ArrayDeque<>();
    private final List<Lane> unpushed = new ArrayList<>();

    private MemcachedException.@Nullable Interrupted interrupt;

    private record Sent<K, V>(Part<K, V> part, Slot slot) {}

    SyncMany(Scope scope, ManyCommand<K, V> command) {
        this.engine = scope.engine();
        this.scope = scope;
        this.command = command;
        this.startNs = engine.nowNs();
        this.deadlineNs = startNs + scope.timeoutNs();
    }

    MultiResult<K, V> run() {
        if (command.keys().isEmpty()) {
            engine.checkOpen();
            return results.build(command.keys());
        }
        engine.checkBlockingCall();
        for (Part<K, V> part : command.parts(scope)) {
            if (interrupt != null) {
                break;
            }
            if (sent.size() >= part.window()) {
                awaitOldest();
            }
            send(part);
        }
        while (!sent.isEmpty()) {
            awaitOldest();
        }
        if (interrupt != null) {
            throw interrupt;
        }
        return results.build(command.keys());
    }

    private void send(Part<K, V> part) {
        part.attempts++;
        if (engine.isPast(deadlineNs)) {
            part.failed(Failures.late(part.node, engine.nowNs() - startNs), results);
            return;
        }
        try {
            Slot slot = submit(part);
            if (slot == null) {
                part.failed(engine.refused(part.node), results);
            } else {
                sent.add(new Sent<>(part, slot));
                pushWhenMany(slot.lane(), part.burst());
            }
        } catch (MemcachedException e) {
            part.failed(e, results);
        }
    }

    /** A lane that this call itself has filled is no reason to fail: its oldest part is awaited first. */
    private @Nullable Slot submit(Part<K, V> part) {
        Slot slot = part.submit(scope, deadlineNs, null);
        while (slot == null && !sent.isEmpty()) {
            awaitOldest();
            slot = part.submit(scope, deadlineNs, null);
        }
        return slot;
    }

    /** A part that is awaited at once needs no push. */
    private void pushWhenMany(Lane lane, int burst) {
        unpushedParts++;
        if (!unpushed.contains(lane)) {
            unpushed.add(lane);
        }
        if (sent.size() > 1 && unpushedParts >= burst) {
            push();
        }
    }

    private void push() {
        unpushed.forEach(Lane::flush);
        unpushed.clear();
        unpushedParts = 0;
    }

    private void awaitOldest() {
        Sent<K, V> oldest = sent.remove();
        Slot slot = oldest.slot();
        Lane lane = slot.lane();
        if (unpushed.size() > 1 || !unpushed.contains(lane)) {
            push();
        } else {
            unpushed.clear();
            unpushedParts = 0;
        }
        int outcome = lane.await(slot);
        boolean abandoned = Outcome.isAbandoned(outcome);
        String text = abandoned ? null : slot.text();
        Throwable cause = abandoned ? null : slot.cause();
        if (!abandoned) {
            oldest.part().take(slot);
            lane.release(slot);
        }
        ended(oldest.part(), outcome, lane, text, cause);
    }

    private void ended(Part<K, V> part, int outcome, Lane lane, @Nullable String text, @Nullable Throwable cause) {
        if (Outcome.isAnswer(outcome)) {
            part.answered(outcome, results);
        } else if (engine.mayRetry(part.op, outcome, part.attempts, deadlineNs)) {
            send(part);
        } else {
            long elapsedNs = engine.nowNs() - startNs;
            MemcachedException failure = Failures.of(part.op, outcome, lane, elapsedNs, part.valueBytes(), text, cause);
            part.failed(failure, results);
            if (failure instanceof MemcachedException.Interrupted interrupted) {
                interrupt = interrupted;
            }
        }
    }
}
