package io.emcache.internal.transport;

import java.io.Serial;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Hands completions over in batches to the executor that runs users' code. Safe for all threads. Tasks are reused, so
 * that a hand-over to the common pool allocates nothing.
 */
final class CompletionDispatcher {
    private static final int KEPT_TASKS = 64;

    private final Executor executor;
    private final @Nullable ForkJoinPool pool;
    private final TransportCounters counters;
    private final AtomicReferenceArray<@Nullable Task> tasks = new AtomicReferenceArray<>(KEPT_TASKS);

    CompletionDispatcher(Executor executor, TransportCounters counters) {
        this.executor = executor;
        this.pool = executor instanceof ForkJoinPool pool ? pool : null;
        this.counters = counters;
    }

    /** Hands over a list of completions; those that the executor refuses run here. */
    void dispatch(@Nullable Completion first) {
        if (first != null) {
            dispatch(first, null);
        }
    }

    private void dispatch(Completion first, @Nullable Task parent) {
        Task task = null;
        try {
            task = takeTask();
            task.first = first;
            task.parent = parent;
            if (pool != null) {
                pool.execute(task.forked);
            } else {
                executor.execute(task);
            }
        } catch (Throwable e) {
            counters.rejectedCompletions.increment();
            if (task != null) {
                task.first = null;
                task.parent = null;
            }
            runHere(first);
        }
    }

    private void runHere(Completion first) {
        Completion completion = first;
        while (completion != null) {
            Completion next = completion.next();
            completion.next(null);
            complete(completion);
            completion = next;
        }
    }

    private void complete(Completion completion) {
        try {
            completion.finish();
        } catch (Throwable t) {
            counters.failedCompletions.increment();
        }
    }

    private Task takeTask() {
        for (int i = 0; i < KEPT_TASKS; i++) {
            Task task = tasks.get(i);
            if (task != null && tasks.compareAndSet(i, task, null)) {
                return task;
            }
        }
        return new Task();
    }

    private void keep(Task task) {
        for (int i = 0; i < KEPT_TASKS; i++) {
            if (tasks.get(i) == null && tasks.compareAndSet(i, null, task)) {
                return;
            }
        }
    }

    private final class Task implements Runnable {
        private final Forked forked = new Forked(this);
        private @Nullable Completion first;
        private @Nullable Task parent;
        private @Nullable Thread forking;

        @Override
        public void run() {
            Completion completion = first;
            Thread current = Thread.currentThread();
            // An executor that runs tasks inside execute() would nest as deep as the batch is long.
            boolean mayFork = parent == null || parent.forking != current;
            first = null;
            parent = null;
            while (completion != null) {
                Completion next = completion.next();
                completion.next(null);
                if (mayFork && next != null && completion.hasDependents()) {
                    forking = current;
                    dispatch(next, this);
                    forking = null;
                    next = null;
                }
                complete(completion);
                completion = next;
            }
            keep(this);
        }
    }

    /** Never reports that it is done, so that it can be submitted again. */
    private static final class Forked extends ForkJoinTask<Void> {
        @Serial
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // never serialized
        private final Task task;

        Forked(Task task) {
            this.task = task;
        }

        @Override
        public @Nullable Void getRawResult() {
            return null;
        }

        @Override
        protected void setRawResult(@Nullable Void value) {}

        @Override
        protected boolean exec() {
            task.run();
            return false;
        }
    }
}
