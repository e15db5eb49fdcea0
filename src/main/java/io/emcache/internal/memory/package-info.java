/**
 * Off-heap memory and the native library. Every byte comes from here, is counted under a {@code MemoryTag} and goes back:
 * slabs for lanes and long values, scratches for keys. {@code KeyHashing} is murmur3 and the choice of a node, by
 * {@code libemcache} or by its Java twin, whichever {@code NativeLibrary} finds possible.
 */
package io.emcache.internal.memory;
