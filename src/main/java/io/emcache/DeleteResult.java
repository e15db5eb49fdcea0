package io.emcache;

/** What the server answered to a command that deletes an item under a condition. */
public enum DeleteResult {
    /** The item was deleted. */
    DELETED,
    /** The item was changed since its CAS value was read; it is still there. */
    EXISTS,
    /** There was no item. */
    NOT_FOUND
}
