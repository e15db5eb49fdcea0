package io.emcache;

/** What the server answered to a command that stores a value. */
public enum StoreResult {
    /** The value was stored. */
    STORED,
    /** The condition of the command did not hold: {@code add} found the key, {@code replace} or {@code append} did not. */
    NOT_STORED,
    /** The item was changed since its CAS value was read. */
    EXISTS,
    /** The item to compare with is not there. */
    NOT_FOUND
}
