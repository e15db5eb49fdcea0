package io.emcache.bench;

/** Work that a contender does for a while. For one thread. */
interface Load {

    Turn runFor(long durationNs);
}
