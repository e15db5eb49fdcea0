package io.emcache.internal.memory;

import java.io.IOException;

/** A process of its own that waits for a byte, then loads the library and prints which implementation it got and, on stderr, why. */
final class NativeLibraryChild {

    static final String NATIVE = "native";
    static final String JAVA = "java";

    private NativeLibraryChild() {}

    static void main() throws IOException {
        if (System.in.read() < 0) {
            throw new IOException("no start signal");
        }
        System.err.println(KeyHashing.describe());
        System.out.println(KeyHashing.get().isNative() ? NATIVE : JAVA);
    }
}
