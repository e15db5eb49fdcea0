package io.emcache.bench;

import io.emcache.internal.memory.KeyHashing;

/** The implementations that benchmarks compare, by name. */
final class Subjects {

    private Subjects() {}

    static KeyHashing hashing(String name) {
        KeyHashing hashing = name.equals("native") ? KeyHashing.get() : KeyHashing.inJava();
        if (hashing.isNative() != name.equals("native")) {
            throw new IllegalStateException("no native library here [hashing=" + name + "]");
        }
        return hashing;
    }
}
