package io.emcache.internal.cluster;

import io.emcache.internal.memory.KeyHashing;

/**
 * Which of the two kinds of hashing, which always agree, the routers use: Java's until the better one is loaded. Safe for all threads.
 */
final class Hashing {
    /** The one of all clients of this process, which has one native library. */
    static final Hashing OF_PROCESS = new Hashing(KeyHashing.inJava());

    private volatile KeyHashing current;

    Hashing(KeyHashing current) {
        this.current = current;
    }

    KeyHashing current() {
        return current;
    }

    /** From now on with the hashing that suits this machine best; loading it may take a tenth of a second. */
    void load() {
        current = KeyHashing.get();
    }
}
