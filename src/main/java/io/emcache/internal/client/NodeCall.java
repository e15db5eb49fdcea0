package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One command to one node, sent once, and what became of it. Belongs to the calling thread, which waits until it is done;
 * whoever drives the lane, or the event loop, writes the result before that and wakes it up. So the time it took is its
 * own, even if the caller waited for another node meanwhile.
 */
final class NodeCall<T> implements Completion {
    private final long startNs;
    private final long deadlineNs;
    private final int attempt;

    private int outcome;
    private long elapsedNs;
    private volatile boolean done;

    private final Engine engine;
    private final Node node;
    private final NodeCommand<T> command;
    private final Thread caller = Thread.currentThread();

    private @Nullable Slot slot;
    private @Nullable Lane lane;
    private @Nullable String text;
    private @Nullable Throwable cause;
    private @Nullable MemcachedException refusal;
    private @Nullable Completion next;

    NodeCall(Engine engine, Node node, NodeCommand<T> command, long startNs, long deadlineNs, int attempt) {
        this.engine = engine;
        this.node = node;
        this.command = command;
        this.startNs = startNs;
        this.deadlineNs = deadlineNs;
        this.attempt = attempt;
    }

    Node node() {
        return node;
    }

    /** Sends it, or is done at once. */
    void send() {
        try {
            Slot slot = engine.submitTo(node, command, deadlineNs, this);
            this.slot = slot;
            slot.lane().launch(deadlineNs);
        } catch (MemcachedException e) {
            refusal = e;
            done = true;
        }
    }

    boolean isDone() {
        return done;
    }

    /** Reads what may be its answer, without waiting. */
    void readOnce() {
        Slot slot = this.slot;
        if (slot != null && !done) {
            slot.lane().readOnce();
        }
    }

    /** Gives it up, unless it is being answered. */
    void abandon(int code) {
        Slot slot = Objects.requireNonNull(this.slot);
        Lane lane = slot.lane();
        int phase = lane.abandonedIn(slot, this);
        if (phase >= 0) {
            giveUp(lane, code, phase);
            if (code == Outcome.TIMEOUT) {
                lane.timedOut(phase, elapsedNs);
            }
        } else {
            Thread.onSpinWait();
        }
    }

    /** The call to make in its place, which has not been sent; null if there is no end yet, or this is it. */
    @Nullable
    NodeCall<T> again() {
        boolean mayRetry = done && refusal == null && engine.mayRetry(command.op(), outcome, attempt, deadlineNs);
        return mayRetry ? new NodeCall<>(engine, node, command, startNs, deadlineNs, attempt + 1) : null;
    }

    /** What the server answered, or why it did not. */
    T result() {
        MemcachedException refusal = this.refusal;
        if (refusal != null) {
            throw refusal;
        }
        if (!Outcome.isAnswer(outcome)) {
            throw Failures.of(command.op(), outcome, Objects.requireNonNull(lane), elapsedNs, 0, text, cause);
        }
        try {
            return command.answer().read(Objects.requireNonNullElse(text, ""), Duration.ofNanos(elapsedNs));
        } catch (ProtocolException e) {
            throw new MemcachedException.ProtocolViolation("the answer makes no sense", node.identity(), false, e);
        }
    }

    @Override
    public void take(Slot slot) {
        outcome = slot.outcome();
        text = slot.text();
        cause = slot.cause();
        end(slot.lane());
    }

    @Override
    public void giveUp(Lane lane, int code, int phase) {
        outcome = Outcome.of(code, phase);
        end(lane);
    }

    private void end(Lane lane) {
        this.lane = lane;
        elapsedNs = engine.nowNs() - startNs;
        done = true;
        LockSupport.unpark(caller);
    }

    @Override
    public void finish() {}

    @Override
    public boolean hasDependents() {
        return false;
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
