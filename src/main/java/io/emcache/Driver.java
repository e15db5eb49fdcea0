package io.emcache;

import java.util.Locale;
import java.util.Objects;

/**
 * Who moves the bytes of a client: which threads read and write its sockets. Immutable and safe for all threads.
 *
 * <p>The results of calls are the same with each driver; latency and the use of processors differ.
 */
public sealed interface Driver {

    /**
     * Sync calls on platform threads drive the socket themselves; an event loop thread of the client does the rest. The
     * default.
     *
     * @return the driver
     */
    static Driver caller() {
        return Caller.INSTANCE;
    }

    /**
     * The event loop threads of the client drive all sockets, and wait in the given way while there is no work. For
     * processors that are set apart.
     *
     * @param idle what a loop does while there is no work
     * @return the driver
     */
    static Driver dedicated(Idle idle) {
        return new Dedicated(idle);
    }

    /**
     * The client has no loop thread; the user calls {@link MemcachedClient#poll()}. A sync call that waits polls by itself.
     *
     * @return the driver
     */
    static Driver invoked() {
        return Invoked.INSTANCE;
    }

    /** What a dedicated event loop does while there is no work. */
    enum Idle {
        /** It spins: the lowest latency, a whole processor. */
        SPIN,
        /** It yields to other threads, and goes on at once if there is none. */
        YIELD,
        /** It spins, then yields, then parks for a growing time of at most about 1 ms. */
        BACKOFF
    }

    /** See {@link Driver#caller()}. */
    final class Caller implements Driver {
        private static final Caller INSTANCE = new Caller();

        private Caller() {}

        @Override
        public String toString() {
            return "caller";
        }
    }

    /**
     * See {@link Driver#dedicated(Idle)}.
     *
     * @param idle what a loop does while there is no work
     */
    record Dedicated(Idle idle) implements Driver {
        /** Makes the driver. */
        public Dedicated {
            Objects.requireNonNull(idle, "idle");
        }

        @Override
        public String toString() {
            return "dedicated-" + idle.name().toLowerCase(Locale.ROOT);
        }
    }

    /** See {@link Driver#invoked()}. */
    final class Invoked implements Driver {
        private static final Invoked INSTANCE = new Invoked();

        private Invoked() {}

        @Override
        public String toString() {
            return "invoked";
        }
    }
}
