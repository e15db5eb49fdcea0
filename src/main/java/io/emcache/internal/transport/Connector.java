package io.emcache.internal.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Which address a lane is to connect to next: has the name looked up before each attempt, and goes through all its
 * addresses in turn, beginning with the one that worked last. Belongs to the event loop; only a lookup runs elsewhere.
 *
 * <p>A lookup that hangs holds one thread, however many attempts go by: the next attempt waits for the same. Where
 * addresses are known from before, an attempt waits for a quarter of its time and then uses those, as it does when the
 * lookup fails.
 */
final class Connector {
    private static final int LOOKUP_SHARE = 4;

    private boolean lookingUp;
    private boolean paused;
    private int first;
    private int tried;
    private long deadlineNs;
    private long lookupUntilNs;
    private long addressUntilNs;
    private long pausedAtNs;

    private final boolean immediate;

    private final String host;
    private final Lookup lookup;
    private final Executor resolver;
    private final Runnable onAnswer;
    private final AtomicReference<@Nullable Answer> answer = new AtomicReference<>();

    private SocketAddress[] known = {};
    private SocketAddress @Nullable [] candidates;
    private @Nullable Throwable lookupFailure;

    /** What the name service said; it may say so long after the attempt was given up. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(
            SocketAddress @Nullable [] addresses, @Nullable Throwable failure) {}

    /** Asks the name service. */
    interface Lookup {
        /** All addresses, at least one. */
        SocketAddress[] all() throws IOException;
    }

    /**
     * @param host for messages
     * @param immediate whether a lookup asks nobody
     * @param lookup finds the addresses
     * @param resolver runs what asks the name service
     * @param onAnswer called by it when the service has answered
     */
    Connector(String host, boolean immediate, Lookup lookup, Executor resolver, Runnable onAnswer) {
        this.host = host;
        this.immediate = immediate;
        this.lookup = lookup;
        this.resolver = resolver;
        this.onAnswer = onAnswer;
    }

    /** A new attempt begins. */
    void begin(long nowNs, long deadlineNs) {
        this.deadlineNs = deadlineNs;
        tried = 0;
        candidates = null;
        lookupFailure = null;
        takeAnswer(); // of an attempt before
        lookupUntilNs = known.length == 0 ? deadlineNs : nowNs + (deadlineNs - nowNs) / LOOKUP_SHARE;
        if (immediate) {
            lookUp();
        } else if (!lookingUp) {
            lookingUp = true;
            try {
                resolver.execute(() -> {
                    lookUp();
                    onAnswer.run();
                });
            } catch (RuntimeException | Error e) {
                answer.set(new Answer(null, e));
            }
        }
    }

    private void lookUp() {
        Answer found;
        try {
            found = new Answer(lookup.all(), null);
        } catch (IOException | RuntimeException e) {
            found = new Answer(null, e);
        }
        answer.set(found);
    }

    private boolean takeAnswer() {
        Answer answer = this.answer.getAndSet(null);
        if (answer == null) {
            return false;
        }
        lookingUp = false;
        lookupFailure = answer.failure();
        SocketAddress[] addresses = answer.addresses();
        if (addresses != null) {
            known = addresses;
        }
        return true;
    }

    /**
     * The next address of this attempt, or null as long as the name is being looked up.
     *
     * @throws IOException if there is none
     */
    @Nullable
    SocketAddress next(long nowNs) throws IOException {
        SocketAddress[] candidates = this.candidates;
        if (candidates == null) {
            if (!takeAnswer() && nowNs < lookupUntilNs) {
                return null;
            }
            if (known.length == 0) {
                throw new IOException("cannot resolve " + host, lookupFailure);
            }
            candidates = known;
            this.candidates = candidates;
        }
        if (tried == candidates.length) {
            throw new IOException("no address of " + host + " is left");
        }
        paused = false;
        int left = candidates.length - tried;
        addressUntilNs = nowNs + Math.max(0, deadlineNs - nowNs) / left;
        return candidates[Math.floorMod(first + tried++, candidates.length)];
    }

    /** Whether this attempt has another address to try. */
    boolean hasNext(long nowNs) {
        SocketAddress[] candidates = this.candidates;
        return candidates != null && tried < candidates.length && nowNs < deadlineNs;
    }

    /** The attempt has failed: the next begins with another address. */
    void failed() {
        int step = tried < known.length ? Math.max(1, tried) : 1;
        first = Math.floorMod(first + step, Math.max(1, known.length));
    }

    /** The address that {@link #next} gave last works: the next attempt begins with it. */
    void succeeded() {
        first = Math.floorMod(first + tried - 1, Math.max(1, known.length));
    }

    /** It is not the address that is waited for now: another would not help. */
    void pause(long nowNs) {
        paused = true;
        pausedAtNs = nowNs;
    }

    /** The address is waited for again. Does nothing without a pause. */
    void resume(long nowNs) {
        if (paused) {
            paused = false;
            addressUntilNs = Math.min(deadlineNs, addressUntilNs + nowNs - pausedAtNs);
        }
    }

    /** When to call {@link #next} again: the lookup has taken too long, or the address has not answered. */
    long untilNs() {
        if (candidates == null) {
            return lookupUntilNs;
        }
        return paused ? deadlineNs : addressUntilNs;
    }
}
