package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import io.emcache.internal.transport.SlotGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call for many keys of a thread that waits: to each node as much is on its way as a window and the lanes have room for,
 * before the first is awaited. Then the thread waits at one lane at a time, and is called away when another needs it. One
 * deadline for all of it. Belongs to the calling thread.
 */
final class SyncMany<K, V> {
    private final long startNs;
    private final long deadlineNs;

    private int outstanding;
    private int unpushedParts;

    private final Engine engine;
    private final Scope scope;
    private final ManyCommand<K, V> command;
    private final Results<K, V> results = new Results<>();
    private final List<Lane> unpushed = new ArrayList<>();

    private List<Share<K, V>> shares = List.of();

    private @Nullable SlotGroup group;
    private MemcachedException.@Nullable Interrupted interrupt;

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
        shares = Share.of(command.parts(scope));
        if (shares.size() > 1) {
            group = new SlotGroup();
        }
        shares.forEach(this::sendMore);
        for (Share<K, V> share : shares) {
            while (!share.sent.isEmpty()) {
                awaitOldest(share);
            }
        }
        if (interrupt != null) {
            throw interrupt;
        }
        return results.build(command.keys());
    }

    /** Sends what may be sent now. If something is left to send, something is left to await. */
    private void sendMore(Share<K, V> share) {
        while (interrupt == null && share.maySend()) {
            Part<K, V> part = share.waiting.remove();
            if (!trySend(share, part)) {
                share.waiting.addFirst(part);
                break;
            }
        }
        if (group != null && !share.waiting.isEmpty()) {
            group.hearAnswers();
        }
    }

    /** False if the lanes are full of this call's own parts: when one of them has ended, there may be room. */
    private boolean trySend(Share<K, V> share, Part<K, V> part) {
        if (engine.isPast(deadlineNs)) {
            part.failed(Failures.late(part.node, engine.nowNs() - startNs), results);
            return true;
        }
        try {
            Slot slot = part.submit(scope, deadlineNs, null);
            if (slot != null) {
                sent(share, part, slot);
            } else if (share.outstanding > 0) {
                return false;
            } else {
                part.failed(engine.refused(part.node), results);
            }
        } catch (MemcachedException e) {
            part.failed(e, results);
        }
        return true;
    }

    private void sent(Share<K, V> share, Part<K, V> part, Slot slot) {
        part.attempts++;
        part.slot = slot;
        share.sent.add(part);
        share.outstanding++;
        outstanding++;
        if (group != null) {
            slot.join(group);
        }
        pushWhenMany(slot.lane(), part.burst());
    }

    /** A part that is awaited at once needs no push. */
    private void pushWhenMany(Lane lane, int burst) {
        unpushedParts++;
        if (!unpushed.contains(lane)) {
            unpushed.add(lane);
        }
        if (outstanding > 1 && unpushedParts >= burst) {
            push();
        }
    }

    private void push() {
        unpushed.forEach(Lane::flush);
        forgetUnpushed();
    }

    private void forgetUnpushed() {
        unpushed.clear();
        unpushedParts = 0;
    }

    private void awaitOldest(Share<K, V> share) {
        Slot slot = slotOf(share.sent.element());
        Lane lane = slot.lane();
        if (unpushed.size() > 1 || !unpushed.contains(lane)) {
            push();
        } else {
            forgetUnpushed();
        }
        if (group != null) {
            group.waitAt(lane);
        }
        int outcome = lane.await(slot);
        if (outcome == Outcome.NONE) {
            seeToAll();
        } else {
            endOldest(share, outcome);
        }
    }

    /** Called away: takes what is here, sends what there is room for and what has to be sent again. */
    private void seeToAll() {
        if (group != null) {
            group.answerCall();
        }
        for (Share<K, V> share : shares) {
            while (!share.sent.isEmpty() && slotOf(share.sent.element()).isDone()) {
                push(); // while this call is still inside the lanes of what it has sent
                endOldest(share, slotOf(share.sent.element()).outcome());
            }
        }
    }

    private static Slot slotOf(Part<?, ?> sent) {
        return Objects.requireNonNull(sent.slot);
    }

    private void endOldest(Share<K, V> share, int outcome) {
        Part<K, V> part = share.sent.remove();
        share.outstanding--;
        outstanding--;
        Slot slot = slotOf(part);
        Lane lane = slot.lane();
        boolean abandoned = Outcome.isAbandoned(outcome);
        String text = abandoned ? null : slot.text();
        Throwable cause = abandoned ? null : slot.cause();
        if (!abandoned) {
            part.take(slot);
            lane.release(slot);
        }
        part.slot = null;
        if (Outcome.isAnswer(outcome)) {
            part.answered(outcome, results);
        } else if (engine.mayRetry(part.op, outcome, part.attempts, deadlineNs)) {
            share.waiting.addFirst(part);
        } else {
            failed(part, outcome, lane, text, cause);
        }
        sendMore(share);
    }

    private void failed(Part<K, V> part, int outcome, Lane lane, @Nullable String text, @Nullable Throwable cause) {
        long elapsedNs = engine.nowNs() - startNs;
        MemcachedException failure = Failures.of(part.op, outcome, lane, elapsedNs, part.valueBytes(), text, cause);
        part.failed(failure, results);
        if (failure instanceof MemcachedException.Interrupted interrupted) {
            interrupt = interrupted;
        }
    }
}
