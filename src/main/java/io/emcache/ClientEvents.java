package io.emcache;

import java.util.function.Consumer;

/**
 * What a client tells about itself. Safe for all threads.
 *
 * <p>Events are delivered in the order in which they happened, one at a time, on a thread that serves nothing else. So a
 * listener may take its time, block, and call the client; meanwhile up to {@value #CAPACITY} events wait. The ones that
 * come beyond that are dropped and counted. What a listener throws is logged, and the next event is delivered all the
 * same.
 *
 * <p>The thread exists while there is a listener. When the client is closed, events that still wait are discarded, and a
 * listener that is running then is interrupted after a moment; none is called once {@code close} has returned, unless it
 * takes no notice of the interrupt.
 *
 * <p>This interface is implemented by the library, and by users for tests; methods are added in minor releases.
 */
public interface ClientEvents {
    /** How many events may wait. */
    int CAPACITY = 1000;

    /**
     * Adds a listener. It is told what happens from now on, and maybe what happened a moment before. One that is added
     * twice is told twice.
     *
     * @param listener takes the events; must not throw
     * @return what removes the listener again
     * @throws MemcachedException.Closed if the client is closed
     */
    Subscription listen(Consumer<? super ClientEvent> listener);

    /**
     * Returns how many events were dropped because too many waited.
     *
     * @return a number that only grows
     */
    long dropped();

    /** One listener's place. Safe for all threads. */
    interface Subscription extends AutoCloseable {

        /**
         * Removes the listener. A call of it that has begun is not waited for; further calls of this method change
         * nothing.
         */
        @Override
        void close();
    }
}
