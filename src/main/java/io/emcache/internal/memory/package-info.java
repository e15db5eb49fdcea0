/** Segments: slabs, accounting, native library, murmur3 and its Java twin. */
package io.emcache.internal.memory;
