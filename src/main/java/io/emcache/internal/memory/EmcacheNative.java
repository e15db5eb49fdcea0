package io.emcache.internal.memory;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code emcache.h}, in the shape of jextract's output, which may stand in its place. Safe for all threads. May be
 * initialised only after {@link NativeLibrary} has loaded the library.
 */
@SuppressWarnings("restricted")
public class EmcacheNative {

    /** The layout of {@code int}. */
    public static final ValueLayout.OfInt C_INT = ValueLayout.JAVA_INT;

    /** The layout of {@code long}. */
    public static final ValueLayout.OfLong C_LONG = ValueLayout.JAVA_LONG;

    /** The layout of a pointer. */
    public static final AddressLayout C_POINTER = ValueLayout.ADDRESS;

    static final SymbolLookup SYMBOL_LOOKUP =
            SymbolLookup.loaderLookup().or(Linker.nativeLinker().defaultLookup());

    private static final int EMCACHE_ABI_VERSION = 1;

    EmcacheNative() {}

    /**
     * {@snippet lang = c :
     * #define EMCACHE_ABI_VERSION 1
     * }
     *
     * @return the version of the interface
     */
    public static int EMCACHE_ABI_VERSION() {
        return EMCACHE_ABI_VERSION;
    }

    private static class emcache_abi_version {
        static final FunctionDescriptor DESC = FunctionDescriptor.of(C_INT);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_abi_version");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * int32_t emcache_abi_version(void);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_abi_version$descriptor() {
        return emcache_abi_version.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * int32_t emcache_abi_version(void);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_abi_version$handle() {
        return emcache_abi_version.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * int32_t emcache_abi_version(void);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_abi_version$address() {
        return emcache_abi_version.ADDR;
    }

    /**
     * {@snippet lang = c :
     * int32_t emcache_abi_version(void);
     * }
     *
     * @return the result
     */
    public static int emcache_abi_version() {
        var mh$ = emcache_abi_version.HANDLE;
        try {
            return (int) mh$.invokeExact();
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }

    private static class emcache_hash64 {
        static final FunctionDescriptor DESC = FunctionDescriptor.of(C_LONG, C_POINTER, C_LONG, C_INT);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_hash64");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * uint64_t emcache_hash64(const void *key, size_t length, uint32_t seed);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_hash64$descriptor() {
        return emcache_hash64.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * uint64_t emcache_hash64(const void *key, size_t length, uint32_t seed);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_hash64$handle() {
        return emcache_hash64.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * uint64_t emcache_hash64(const void *key, size_t length, uint32_t seed);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_hash64$address() {
        return emcache_hash64.ADDR;
    }

    /**
     * {@snippet lang = c :
     * uint64_t emcache_hash64(const void *key, size_t length, uint32_t seed);
     * }
     *
     * @param key as in the C function
     * @param length as in the C function
     * @param seed as in the C function
     * @return the result
     */
    public static long emcache_hash64(MemorySegment key, long length, int seed) {
        var mh$ = emcache_hash64.HANDLE;
        try {
            return (long) mh$.invokeExact(key, length, seed);
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }

    private static class emcache_hash128 {
        static final FunctionDescriptor DESC = FunctionDescriptor.ofVoid(C_POINTER, C_LONG, C_INT, C_POINTER);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_hash128");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * void emcache_hash128(const void *key, size_t length, uint32_t seed, uint64_t *out);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_hash128$descriptor() {
        return emcache_hash128.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * void emcache_hash128(const void *key, size_t length, uint32_t seed, uint64_t *out);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_hash128$handle() {
        return emcache_hash128.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * void emcache_hash128(const void *key, size_t length, uint32_t seed, uint64_t *out);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_hash128$address() {
        return emcache_hash128.ADDR;
    }

    /**
     * {@snippet lang = c :
     * void emcache_hash128(const void *key, size_t length, uint32_t seed, uint64_t *out);
     * }
     *
     * @param key as in the C function
     * @param length as in the C function
     * @param seed as in the C function
     * @param out as in the C function
     */
    public static void emcache_hash128(MemorySegment key, long length, int seed, MemorySegment out) {
        var mh$ = emcache_hash128.HANDLE;
        try {
            mh$.invokeExact(key, length, seed, out);
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }

    private static class emcache_select {
        static final FunctionDescriptor DESC = FunctionDescriptor.of(C_INT, C_LONG, C_POINTER, C_INT);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_select");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * int32_t emcache_select(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_select$descriptor() {
        return emcache_select.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * int32_t emcache_select(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_select$handle() {
        return emcache_select.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * int32_t emcache_select(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_select$address() {
        return emcache_select.ADDR;
    }

    /**
     * {@snippet lang = c :
     * int32_t emcache_select(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @param key_hash as in the C function
     * @param node_hashes as in the C function
     * @param node_count as in the C function
     * @return the result
     */
    public static int emcache_select(long key_hash, MemorySegment node_hashes, int node_count) {
        var mh$ = emcache_select.HANDLE;
        try {
            return (int) mh$.invokeExact(key_hash, node_hashes, node_count);
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }

    private static class emcache_route {
        static final FunctionDescriptor DESC = FunctionDescriptor.of(C_INT, C_POINTER, C_LONG, C_POINTER, C_INT);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_route");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * int32_t emcache_route(const void *key, size_t length, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_route$descriptor() {
        return emcache_route.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * int32_t emcache_route(const void *key, size_t length, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_route$handle() {
        return emcache_route.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * int32_t emcache_route(const void *key, size_t length, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_route$address() {
        return emcache_route.ADDR;
    }

    /**
     * {@snippet lang = c :
     * int32_t emcache_route(const void *key, size_t length, const uint64_t *node_hashes, int32_t node_count);
     * }
     *
     * @param key as in the C function
     * @param length as in the C function
     * @param node_hashes as in the C function
     * @param node_count as in the C function
     * @return the result
     */
    public static int emcache_route(MemorySegment key, long length, MemorySegment node_hashes, int node_count) {
        var mh$ = emcache_route.HANDLE;
        try {
            return (int) mh$.invokeExact(key, length, node_hashes, node_count);
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }

    private static class emcache_route_many {
        static final FunctionDescriptor DESC =
                FunctionDescriptor.ofVoid(C_POINTER, C_POINTER, C_INT, C_POINTER, C_INT, C_POINTER);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_route_many");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * void emcache_route_many(const void *keys, const int32_t *offsets, int32_t key_count, const uint64_t *node_hashes, int32_t node_count, int32_t *chosen);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_route_many$descriptor() {
        return emcache_route_many.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * void emcache_route_many(const void *keys, const int32_t *offsets, int32_t key_count, const uint64_t *node_hashes, int32_t node_count, int32_t *chosen);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_route_many$handle() {
        return emcache_route_many.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * void emcache_route_many(const void *keys, const int32_t *offsets, int32_t key_count, const uint64_t *node_hashes, int32_t node_count, int32_t *chosen);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_route_many$address() {
        return emcache_route_many.ADDR;
    }

    /**
     * {@snippet lang = c :
     * void emcache_route_many(const void *keys, const int32_t *offsets, int32_t key_count, const uint64_t *node_hashes, int32_t node_count, int32_t *chosen);
     * }
     *
     * @param keys as in the C function
     * @param offsets as in the C function
     * @param key_count as in the C function
     * @param node_hashes as in the C function
     * @param node_count as in the C function
     * @param chosen as in the C function
     */
    public static void emcache_route_many(
            MemorySegment keys,
            MemorySegment offsets,
            int key_count,
            MemorySegment node_hashes,
            int node_count,
            MemorySegment chosen) {
        var mh$ = emcache_route_many.HANDLE;
        try {
            mh$.invokeExact(keys, offsets, key_count, node_hashes, node_count, chosen);
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }

    private static class emcache_route_python {
        static final FunctionDescriptor DESC =
                FunctionDescriptor.of(C_INT, C_POINTER, C_LONG, C_POINTER, C_POINTER, C_INT);

        static final MemorySegment ADDR = SYMBOL_LOOKUP.findOrThrow("emcache_route_python");

        static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(ADDR, DESC);
    }

    /**
     * Function descriptor for:
     * {@snippet lang = c :
     * int32_t emcache_route_python(const void *key, size_t length, const void *node_ids, const int32_t *offsets, int32_t node_count);
     * }
     *
     * @return the descriptor
     */
    public static FunctionDescriptor emcache_route_python$descriptor() {
        return emcache_route_python.DESC;
    }

    /**
     * Downcall method handle for:
     * {@snippet lang = c :
     * int32_t emcache_route_python(const void *key, size_t length, const void *node_ids, const int32_t *offsets, int32_t node_count);
     * }
     *
     * @return the handle
     */
    public static MethodHandle emcache_route_python$handle() {
        return emcache_route_python.HANDLE;
    }

    /**
     * Address for:
     * {@snippet lang = c :
     * int32_t emcache_route_python(const void *key, size_t length, const void *node_ids, const int32_t *offsets, int32_t node_count);
     * }
     *
     * @return the address
     */
    public static MemorySegment emcache_route_python$address() {
        return emcache_route_python.ADDR;
    }

    /**
     * {@snippet lang = c :
     * int32_t emcache_route_python(const void *key, size_t length, const void *node_ids, const int32_t *offsets, int32_t node_count);
     * }
     *
     * @param key as in the C function
     * @param length as in the C function
     * @param node_ids as in the C function
     * @param offsets as in the C function
     * @param node_count as in the C function
     * @return the result
     */
    public static int emcache_route_python(
            MemorySegment key, long length, MemorySegment node_ids, MemorySegment offsets, int node_count) {
        var mh$ = emcache_route_python.HANDLE;
        try {
            return (int) mh$.invokeExact(key, length, node_ids, offsets, node_count);
        } catch (Error | RuntimeException ex$) {
            throw ex$;
        } catch (Throwable ex$) {
            throw new AssertionError("should not reach here", ex$);
        }
    }
}
