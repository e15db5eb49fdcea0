package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.ItemMeta;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Reply;
import io.emcache.internal.transport.Slot;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous call: the future that the user has, and what is needed to send the command once more. The driver
 * writes the result before it hands this over to the executor, which reads it.
 *
 * @param <T> what the future completes with
 */
final class AsyncCall<T extends @Nullable Object> extends CompletableFuture<T> implements Completion, Reply {
    private final long startNs;
    private final long deadlineNs;

    private boolean sent;
    private int attempts;
    private int valueBytes;
    private int outcome;
    private long counter;

    private final Engine engine;
    private final Scope scope;
    private final Verb<T> verb;
    private final Object key;
    private final Terms terms;
    private final @Nullable ItemMeta meta;

    private @Nullable Lane lane;
    private byte @Nullable [] value;
    private @Nullable String text;
    private @Nullable Throwable cause;
    private @Nullable Completion next;
    private volatile @Nullable Slot slot;

    /**
     * @param key a String or a Key
     */
    AsyncCall(Scope scope, Verb<T> verb, Object key, Terms terms, long startNs, long deadlineNs) {
        this.engine = scope.engine();
        this.scope = scope;
        this.verb = verb;
        this.key = key;
        this.terms = terms;
        this.meta = OpCode.wantsItem(verb.op()) ? new ItemMeta() : null;
        this.startNs = startNs;
        this.deadlineNs = deadlineNs;
    }

    /** Sends the command; every failure ends up in the future. */
    void send(byte @Nullable [] payload) {
        attempts++;
        valueBytes = payload == null ? 0 : payload.length;
        try {
            engine.checkOpen();
            boolean quiet = terms.isQuiet();
            Terms asked = attempts == 1 ? terms : terms.alone();
            Slot slot = scope.submit(verb.op(), key, asked, payload, startNs, deadlineNs, quiet ? null : this);
            sent = true;
            if (quiet) {
                slot.lane().launch(deadlineNs);
                complete(verb.trusted());
                return;
            }
            this.slot = slot;
            slot.lane().launch(deadlineNs);
        } catch (MemcachedException e) {
            completeExceptionally(e);
        }
    }

    /** Whether the command was accepted; for the thread that sent it. */
    boolean isSent() {
        return sent;
    }

    /** Cancels the call. What was sent cannot be taken back; its reply is consumed and dropped when it comes. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        Slot slot = this.slot;
        if (cancelled && slot != null) {
            slot.lane().abandon(slot, this);
        }
        return cancelled;
    }

    @Override
    public void take(Slot slot) {
        lane = slot.lane();
        outcome = slot.outcome();
        value = slot.value();
        text = slot.text();
        cause = slot.cause();
        counter = slot.counter();
        ItemMeta told = slot.meta();
        if (meta != null && told != null) {
            meta.copyFrom(told);
        }
    }

    @Override
    public void giveUp(Lane lane, int code, int phase) {
        this.lane = lane;
        outcome = Outcome.of(code, phase);
    }

    @Override
    public void finish() {
        try {
            end();
        } catch (RuntimeException | Error e) {
            completeExceptionally(e); // such as a locator of the user's that throws; nobody else would complete it
        }
    }

    private void end() {
        Lane lane = Objects.requireNonNull(this.lane);
        if (isDone()) {
            return;
        } else if (Outcome.isAnswer(outcome)) {
            complete(verb.answer().read(this));
        } else if (canSendAgain() && engine.mayRetry(verb.op(), outcome, attempts, deadlineNs)) {
            byte[] unsent = OpCode.carriesData(verb.op()) ? value : null;
            value = null;
            send(unsent);
        } else {
            completeExceptionally(
                    Failures.of(verb.op(), outcome, lane, engine.nowNs() - startNs, valueBytes, text, cause));
        }
    }

    /** A value that was not sent comes back from the ring, since the caller may have changed its own by now. */
    private boolean canSendAgain() {
        return !OpCode.carriesData(verb.op()) || value != null;
    }

    @Override
    public boolean sendsAgain() {
        return true;
    }

    @Override
    public int outcome() {
        return outcome;
    }

    @Override
    public byte @Nullable [] value() {
        return value;
    }

    @Override
    public @Nullable ItemMeta meta() {
        return meta;
    }

    @Override
    public long counter() {
        return counter;
    }

    @Override
    public @Nullable String text() {
        return text;
    }

    @Override
    public @Nullable Throwable cause() {
        return cause;
    }

    @Override
    public boolean hasDependents() {
        return getNumberOfDependents() > 0;
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
