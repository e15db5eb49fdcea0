package io.emcache.testkit;

import java.util.Arrays;

/**
 * What a fuzzer made up, as a fuzz target reads it: decisions come off the end, so that the text before them stays text
 * in the files of the corpus. What has run out is 0. For one thread.
 */
public final class FuzzInput {
    private int end;
    private final byte[] bytes;

    /**
     * Reads from the given bytes.
     *
     * @param bytes what the fuzzer made up; not changed
     */
    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    /**
     * Takes a decision off the end: one byte for at most 256 possibilities, else two.
     *
     * @param bound how many possibilities there are, 1 to 65536
     * @return 0 to bound - 1
     */
    public int next(int bound) {
        int number = nextByte();
        return (bound <= 256 ? number : number << 8 | nextByte()) % bound;
    }

    /**
     * Takes four bytes off the end.
     *
     * @return any int
     */
    public int nextInt() {
        return nextByte() << 24 | nextByte() << 16 | nextByte() << 8 | nextByte();
    }

    /**
     * Takes a decision off the end.
     *
     * @return true or false
     */
    public boolean nextBoolean() {
        return next(2) == 1;
    }

    /**
     * Takes up to 7 places off the end to cut something at.
     *
     * @param length the length of what is to be cut
     * @return places from 0 to length, in order
     */
    public int[] nextCuts(int length) {
        int[] cuts = new int[next(8)];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = next(Math.min(length, 0xffff) + 1);
        }
        Arrays.sort(cuts);
        return cuts;
    }

    /**
     * Returns how many bytes are left.
     *
     * @return the length of {@link #rest}
     */
    public int left() {
        return end;
    }

    /**
     * Returns what is left.
     *
     * @return a copy
     */
    public byte[] rest() {
        return Arrays.copyOf(bytes, end);
    }

    /**
     * Fails the target.
     *
     * @param holds what must be true
     * @param otherwise what it means if it is not
     * @throws AssertionError unless it holds
     */
    public static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private int nextByte() {
        return end == 0 ? 0 : bytes[--end] & 0xff;
    }
}
