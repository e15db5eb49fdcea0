package io.emcache.bench;

/** One sync call of a contender. Thread-safe. */
interface Operation {

    /** Returns whether it found the right value, or stored it. */
    boolean run(String key) throws Exception;
}
