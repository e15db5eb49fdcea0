package io.emcache.internal.transport;

/** Who runs the event loops and the lanes. */
public enum Driving {
    /** Calling threads drive their lane; a loop thread, asleep in its selector when nothing is due, does the rest. */
    CALLER,
    /** Loop threads that do not sleep in a selector do everything. */
    DEDICATED,
    /** The user's thread does everything. */
    INVOKED
}
