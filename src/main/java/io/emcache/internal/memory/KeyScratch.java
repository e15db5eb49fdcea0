package io.emcache.internal.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A leased place to encode one key into. Belongs to the thread that leased it, which must release it. */
public final class KeyScratch {

    /** Room for the longest key and for writers that work eight bytes at a time. */
    public static final int SIZE_BYTES = 256 + 64;

    private static final VarHandle TAKEN = ValueLayout.JAVA_INT.varHandle();
    private static final int FREE = 0;
    private static final int IN_USE = 1;

    private final MemorySegment segment;
    private final MemorySegment takenWord;
    private final @Nullable Slab overflow;

    KeyScratch(MemorySegment segment, MemorySegment takenWord) {
        this.segment = segment;
        this.takenWord = takenWord;
        this.overflow = null;
    }

    KeyScratch(Slab overflow) {
        this.segment = overflow.segment().asSlice(0, SIZE_BYTES);
        this.takenWord = overflow.segment().asSlice(SIZE_BYTES, Integer.BYTES);
        this.overflow = overflow;
        takenWord.set(ValueLayout.JAVA_INT, 0, IN_USE);
    }

    /**
     * Returns the memory: {@link #SIZE_BYTES} bytes, aligned to a cache line, holding whatever the last key left.
     *
     * @return the memory
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Gives the place back; the holder must not use it any more.
     *
     * @throws IllegalStateException if it is not leased; a place that was leased again meanwhile cannot be told from the new lease
     */
    public void release() {
        if ((int) TAKEN.get(takenWord, 0L) == FREE) {
            throw notLeased();
        }
        TAKEN.setRelease(takenWord, 0L, FREE);
        if (overflow != null) {
            overflow.release();
        }
    }

    boolean tryTake() {
        return (int) TAKEN.getOpaque(takenWord, 0L) == FREE && TAKEN.compareAndSet(takenWord, 0L, FREE, IN_USE);
    }

    private static IllegalStateException notLeased() {
        return new IllegalStateException("key scratch is not leased");
    }
}
