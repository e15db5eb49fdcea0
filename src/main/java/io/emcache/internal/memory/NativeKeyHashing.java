package io.emcache.internal.memory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls the native library. Stateless. May be initialised only after {@link NativeLibrary} has loaded the library.
 *
 * <p>The calls are critical: they are short and never block, and leave out the thread's transition out of Java and back.
 */
final class NativeKeyHashing implements KeyHashing {

    static final NativeKeyHashing INSTANCE = new NativeKeyHashing();

    private static final MethodHandle HASH64 =
            link(EmcacheNative.emcache_hash64$address(), EmcacheNative.emcache_hash64$descriptor());
    private static final MethodHandle HASH128 =
            link(EmcacheNative.emcache_hash128$address(), EmcacheNative.emcache_hash128$descriptor());
    private static final MethodHandle SELECT =
            link(EmcacheNative.emcache_select$address(), EmcacheNative.emcache_select$descriptor());
    private static final MethodHandle ROUTE =
            link(EmcacheNative.emcache_route$address(), EmcacheNative.emcache_route$descriptor());
    private static final MethodHandle ROUTE_MANY =
            link(EmcacheNative.emcache_route_many$address(), EmcacheNative.emcache_route_many$descriptor());
    private static final MethodHandle ROUTE_PYTHON =
            link(EmcacheNative.emcache_route_python$address(), EmcacheNative.emcache_route_python$descriptor());

    private NativeKeyHashing() {}

    @Override
    public long hash64(MemorySegment key, int length, int seed) {
        checkSize(key, length, 1);
        try {
            return (long) HASH64.invokeExact(key, (long) length, seed);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void hash128(MemorySegment key, int length, int seed, MemorySegment out) {
        checkSize(key, length, 1);
        checkSize(out, 2, Long.BYTES);
        try {
            HASH128.invokeExact(key, (long) length, seed, out);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int select(long keyHash, MemorySegment nodeHashes, int nodeCount) {
        checkSize(nodeHashes, nodeCount, Long.BYTES);
        try {
            return (int) SELECT.invokeExact(keyHash, nodeHashes, nodeCount);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int route(MemorySegment key, int length, MemorySegment nodeHashes, int nodeCount) {
        checkSize(key, length, 1);
        checkSize(nodeHashes, nodeCount, Long.BYTES);
        if (nodeCount == 1) {
            return 0;
        }
        try {
            return (int) ROUTE.invokeExact(key, (long) length, nodeHashes, nodeCount);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void routeMany(
            MemorySegment keys,
            MemorySegment offsets,
            int keyCount,
            MemorySegment nodeHashes,
            int nodeCount,
            MemorySegment chosen) {
        checkSize(offsets, keyCount + 1, Integer.BYTES);
        checkSize(keys, JavaKeyHashing.offsetAt(offsets, keyCount), 1);
        checkSize(nodeHashes, nodeCount, Long.BYTES);
        checkSize(chosen, keyCount, Integer.BYTES);
        try {
            ROUTE_MANY.invokeExact(keys, offsets, keyCount, nodeHashes, nodeCount, chosen);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int routePython(MemorySegment key, int length, MemorySegment nodeIds, MemorySegment offsets, int nodeCount) {
        checkSize(key, length, 1);
        checkSize(offsets, nodeCount + 1, Integer.BYTES);
        checkSize(nodeIds, JavaKeyHashing.offsetAt(offsets, nodeCount), 1);
        try {
            return (int) ROUTE_PYTHON.invokeExact(key, (long) length, nodeIds, offsets, nodeCount);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public boolean isNative() {
        return true;
    }

    /** C does not look: a length outside the segment would read, or write, memory of others. */
    private static void checkSize(MemorySegment segment, int count, int elementBytes) {
        if (count < 0 || (long) count * elementBytes > segment.byteSize()) {
            throw outOfBounds(segment, count, elementBytes);
        }
    }

    private static IndexOutOfBoundsException outOfBounds(MemorySegment segment, int count, int elementBytes) {
        return new IndexOutOfBoundsException("beyond the segment [count=" + count + ", elementBytes=" + elementBytes
                + ", segmentBytes=" + segment.byteSize() + "]");
    }

    private static AssertionError unexpected(Throwable e) {
        return switch (e) {
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> new AssertionError(e);
        };
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(MemorySegment address, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(address, descriptor, Linker.Option.critical(false));
    }
}
