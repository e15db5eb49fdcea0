package io.emcache.internal.telemetry;

import io.emcache.ClientEvent;
import io.emcache.ClientEvents;
import io.emcache.MemcachedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands events from any thread to listeners on one thread. Safe for all threads.
 *
 * <p>{@link #publish} takes no lock: it counts, adds a node to a lock-free queue, and unparks the delivering thread if
 * that said that it sleeps. The thread looks at the queue once more between saying so and parking, so no wake-up is
 * lost. It is started for the first listener and ends when there is none; both are decided under one lock, so there is
 * never a second one, even while a listener that was removed still runs.
 */
public final class EventDispatcher implements ClientEvents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.events");
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration PATIENCE_AFTER_INTERRUPT = Duration.ofSeconds(1);
    private static final long LOOK_ROUND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Registration[] NONE = {};

    private final Object lock = new Object();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final ConcurrentLinkedQueue<ClientEvent> queue = new ConcurrentLinkedQueue<>();

    private long lookedAtNs = System.nanoTime();
    private volatile boolean closed;
    private volatile Registration[] registrations = NONE;
    private @Nullable Runnable look;
    private volatile @Nullable Thread deliverer;

    /** Makes a dispatcher without listeners, and so without a thread. */
    public EventDispatcher() {}

    /**
     * Has the thread of the listeners look for something once a second, which may {@link #publish}: nobody looks while nobody
     * listens. At most once, before there is a listener.
     *
     * @param look runs on one thread at a time; must not block or throw
     */
    public void watch(Runnable look) {
        this.look = look;
    }

    @Override
    public Subscription listen(Consumer<? super ClientEvent> listener) {
        Registration registration = new Registration(Objects.requireNonNull(listener, "listener"));
        synchronized (lock) {
            if (closed) {
                throw new MemcachedException.Closed("the client is closed", null, false);
            }
            if (deliverer == null) {
                discardWaiting();
                deliverer = Thread.ofPlatform()
                        .daemon()
                        .name("emcache-events")
                        .inheritInheritableThreadLocals(false)
                        .start(this::deliverAll);
            }
            Registration[] old = registrations;
            Registration[] all = Arrays.copyOf(old, old.length + 1);
            all[old.length] = registration;
            registrations = all;
        }
        return registration;
    }

    @Override
    public long dropped() {
        return dropped.sum();
    }

    /**
     * Returns how often a listener threw.
     *
     * @return a number that only grows
     */
    public long failed() {
        return failed.sum();
    }

    /**
     * Whether anybody listens: if not, events need not even be made.
     *
     * @return true if there is a listener
     */
    public boolean isHeard() {
        return registrations.length > 0;
    }

    /**
     * Queues an event for the listeners, drops it if too many wait, forgets it if there is no listener. Does not lock,
     * block or throw; may be called by listeners too.
     *
     * @param event what happened
     */
    public void publish(ClientEvent event) {
        if (!isHeard()) {
            return;
        }
        if (!claimPlace()) {
            dropped.increment();
            return;
        }
        queue.add(event);
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(deliverer);
        }
    }

    private boolean claimPlace() {
        int count;
        do {
            count = waiting.get();
            if (count >= CAPACITY) {
                return false;
            }
        } while (!waiting.compareAndSet(count, count + 1));
        return true;
    }

    private void deliverAll() {
        do {
            ClientEvent event = queue.poll();
            while (event != null) {
                waiting.decrementAndGet();
                deliver(event);
                event = queue.poll();
            }
        } while (awaitEvent());
    }

    private void deliver(ClientEvent event) {
        for (Registration registration : registrations) {
            if (registration.listens) {
                registration.tell(event);
                // a listener's interrupt, or one that was meant for it, must not keep this thread from parking
                Thread.interrupted();
            }
        }
    }

    /** Returns false if this thread has to end. */
    private boolean awaitEvent() {
        asleep.set(true);
        while (asleep.get() && queue.isEmpty()) {
            if (hasEnded()) {
                return false;
            }
            park();
            Thread.interrupted();
            lookIfDue();
        }
        asleep.set(false);
        lookIfDue();
        return true;
    }

    private void park() {
        if (look == null) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, LOOK_ROUND_NS);
        }
    }

    private void lookIfDue() {
        Runnable look = this.look;
        long nowNs = System.nanoTime();
        if (look != null && nowNs - lookedAtNs >= LOOK_ROUND_NS) {
            lookedAtNs = nowNs;
            look.run();
        }
    }

    /** Once this says yes, the next thread may run, and owns what this one used. */
    private boolean hasEnded() {
        synchronized (lock) {
            if (registrations.length > 0) {
                return false;
            }
            asleep.set(false);
            deliverer = null;
            return true;
        }
    }

    /** What was published while the last listener went is of no interest to the next. */
    private void discardWaiting() {
        while (queue.poll() != null) {
            waiting.decrementAndGet();
        }
    }

    private void remove(Registration registration) {
        Thread thread;
        synchronized (lock) {
            registrations = Arrays.stream(registrations)
                    .filter(other -> other != registration)
                    .toArray(Registration[]::new);
            thread = deliverer;
        }
        LockSupport.unpark(thread);
    }

    /**
     * Removes all listeners and discards the events that wait. Waits for a listener that runs, unless that is the
     * caller: a moment, then it is interrupted, then at most a second more. An interrupt of the caller ends the wait.
     */
    @Override
    public void close() {
        Thread thread;
        synchronized (lock) {
            closed = true;
            for (Registration registration : registrations) {
                registration.listens = false;
            }
            registrations = NONE;
            thread = deliverer;
        }
        if (thread != null && thread != Thread.currentThread()) {
            LockSupport.unpark(thread);
            awaitEnd(thread);
        }
    }

    private static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                thread.join(PATIENCE_AFTER_INTERRUPT);
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Registration implements Subscription {
        private boolean reported;
        private volatile boolean listens = true;

        private final Consumer<? super ClientEvent> listener;

        Registration(Consumer<? super ClientEvent> listener) {
            this.listener = listener;
        }

        void tell(ClientEvent event) {
            try {
                listener.accept(event);
            } catch (Throwable t) {
                failed.increment();
                report(t);
            }
        }

        private void report(Throwable failure) {
            if (reported) {
                return;
            }
            reported = true;
            try {
                LOG.warn("a listener of client events failed; its further failures are only counted", failure);
            } catch (RuntimeException e) {
                failed.increment();
            }
        }

        @Override
        public void close() {
            listens = false;
            remove(this);
        }
    }
}
