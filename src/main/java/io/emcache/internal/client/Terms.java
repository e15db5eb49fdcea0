package io.emcache.internal.client;

/**
 * What a command asks beside its key and value. Immutable.
 *
 * @param options options of {@link io.emcache.internal.protocol.CommandLayout}
 * @param itemFlags client flags, unsigned
 * @param exptime expiry as the wire has it
 * @param number CAS, delta or argument, unsigned
 * @param extra the initial number or the CAS to give, unsigned
 */
record Terms(int options, int itemFlags, int exptime, long number, long extra) {
    /** Nothing. */
    static final Terms NONE = new Terms(0, 0, 0, 0, 0);

    static Terms exptime(int exptime) {
        return exptime == 0 ? NONE : new Terms(0, 0, exptime, 0, 0);
    }
}
