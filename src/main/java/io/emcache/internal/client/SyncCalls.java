package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.StoreResult;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a call for one key waits for its result, within its deadline. Safe for all threads. */
final class SyncCalls {
    private final Engine engine;
    private final Scope scope;

    SyncCalls(Scope scope) {
        this.engine = scope.engine();
        this.scope = scope;
    }

    <T extends @Nullable Object> T call(Verb<T> verb, Object key, Terms terms, byte @Nullable [] value) {
        Objects.requireNonNull(key, "key");
        engine.checkBlockingCall();
        long startNs = engine.nowNs();
        long deadlineNs = startNs + scope.timeoutNs();
        if (terms.isQuiet()) {
            scope.submit(verb.op(), key, terms, value, startNs, deadlineNs, null)
                    .lane()
                    .launch(deadlineNs);
            return verb.trusted();
        }
        return await(verb, key, terms, value, startNs, deadlineNs);
    }

    <T extends @Nullable Object> T callUntil(
            long deadlineNs, Verb<T> verb, Object key, Terms terms, byte @Nullable [] value) {
        engine.checkBlockingCall();
        return await(verb, key, terms, value, engine.nowNs(), deadlineNs);
    }

    /** One command on servers that have it, else its steps. */
    <T> T create(Creation<T> creation, Object key, Terms terms) {
        engine.checkBlockingCall();
        long startNs = engine.nowNs();
        long deadlineNs = startNs + scope.timeoutNs();
        try {
            return await(creation.verb(), key, terms, creation.value(), startNs, deadlineNs);
        } catch (MemcachedException.Unsupported e) {
            return createInSteps(creation, key, startNs, deadlineNs);
        }
    }

    private <T> T createInSteps(Creation<T> creation, Object key, long startNs, long deadlineNs) {
        for (int round = 1; ; round++) {
            T changed = await(creation.verb(), key, creation.change(), creation.value(), startNs, deadlineNs);
            if (!creation.isMissing(changed, round)) {
                return changed;
            }
            if (await(Verbs.ADD, key, creation.add(), creation.first(), startNs, deadlineNs) == StoreResult.STORED) {
                return creation.created();
            }
        }
    }

    private <T extends @Nullable Object> T await(
            Verb<T> verb, Object key, Terms terms, byte @Nullable [] value, long startNs, long deadlineNs) {
        for (int attempts = 1; ; attempts++) {
            Terms asked = attempts == 1 ? terms : terms.alone();
            Slot slot = scope.submit(verb.op(), key, asked, value, startNs, deadlineNs, null);
            int outcome = slot.lane().await(slot);
            if (Outcome.isAnswer(outcome)) {
                T result = verb.answer().read(slot);
                slot.lane().release(slot);
                return result;
            }
            retryOrThrow(verb.op(), slot, outcome, value == null ? 0 : value.length, attempts, startNs, deadlineNs);
        }
    }

    /** Gives the slot back if it still is this thread's. */
    private void retryOrThrow(
            int op, Slot slot, int outcome, int valueBytes, int attempts, long startNs, long deadlineNs) {
        Lane lane = slot.lane();
        boolean abandoned = Outcome.isAbandoned(outcome);
        String text = abandoned ? null : slot.text();
        Throwable cause = abandoned ? null : slot.cause();
        if (!abandoned) {
            lane.release(slot);
        }
        if (!engine.mayRetry(op, outcome, attempts, deadlineNs)) {
            throw Failures.of(op, outcome, lane, engine.nowNs() - startNs, valueBytes, text, cause);
        }
    }
}
