package io.emcache.internal.transport;

import org.jspecify.annotations.Nullable;

/** What has come of a command, to be read by its owner once it is done. */
public interface Reply {
    /**
     * How the command ended.
     *
     * @return code and phase, see {@link Outcome}
     */
    int outcome();

    /**
     * The value of a hit.
     *
     * @return the value, or null
     */
    byte @Nullable [] value();

    /**
     * What the server told of the item beside its value.
     *
     * @return meta data of this command if it asked for them, else null or of no meaning
     */
    @Nullable
    ItemMeta meta();

    /**
     * The number of a counter.
     *
     * @return unsigned; of no meaning for other commands
     */
    long counter();

    /**
     * The error line of the server, or the text that was asked for.
     *
     * @return the text, or null
     */
    @Nullable
    String text();

    /**
     * Why the connection was lost.
     *
     * @return the cause, or null
     */
    @Nullable
    Throwable cause();
}
