package io.emcache.internal.memory;

/** Chooses between the native library and its Java twin. Safe for all threads. */
final class NativeLibrary {

    private NativeLibrary() {}

    static KeyHashing keyHashing() {
        return JavaKeyHashing.INSTANCE;
    }
}
