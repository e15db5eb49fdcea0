package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Searching, reading and writing of text in segments, eight bytes at a time where that is allowed: a word is loaded only
 * if it ends before the given limit. Stateless; safe for all threads.
 *
 * <p>The search for a byte uses the well-known test for a zero byte in a word ({@code (w - 0x01…) & ~w & 0x80…}, exact
 * for the lowest byte found); words are little-endian on every machine, so that the first byte is the lowest.
 */
final class Ascii {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** CR, LF as {@link #SHORT} reads them. */
    static final short CRLF = 0x0A0D;

    /** How many bytes after its digits {@link #putDecimal} may overwrite. */
    static final int SLACK = 8;

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long LINE_FEEDS = ONES * '\n';
    private static final long SPACES = ONES * ' ';
    private static final int EIGHT_DIGITS = 100_000_000;

    private Ascii() {}

    /** Returns where the first LF in [from, to) is, or -1. */
    static long indexOfLineFeed(MemorySegment in, long from, long to) {
        long at = from;
        for (; to - at >= Long.BYTES; at += Long.BYTES) {
            long found = zeroBytes(in.get(LONG, at) ^ LINE_FEEDS);
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        for (; at < to; at++) {
            if (in.get(JAVA_BYTE, at) == '\n') {
                return at;
            }
        }
        return -1;
    }

    /** Returns where the first space in [from, end) is, or {@code end}; may look at bytes up to {@code limit}. */
    static long indexOfSpace(MemorySegment in, long from, long end, long limit) {
        long at = from;
        for (; at < end && limit - at >= Long.BYTES; at += Long.BYTES) {
            long found = zeroBytes(in.get(LONG, at) ^ SPACES);
            if (found != 0) {
                return Math.min(end, at + (Long.numberOfTrailingZeros(found) >>> 3));
            }
        }
        while (at < end && in.get(JAVA_BYTE, at) != ' ') {
            at++;
        }
        return Math.min(at, end);
    }

    private static long zeroBytes(long word) {
        return (word - ONES) & ~word & HIGHS;
    }

    /**
     * Returns how many digits a word begins with, 0 to 8. A byte is a digit if less than 10 is left after the bits of
     * '0' are taken away; carries only ever reach bytes above the first that is none.
     */
    static int countDigits(long word) {
        long rest = word ^ (ONES * '0');
        long others = ((rest + ONES * 0x76) | rest) & HIGHS;
        return Long.numberOfTrailingZeros(others) >>> 3;
    }

    /**
     * Returns the number in the first {@code count} bytes of a word, which must be digits: neighbours are added pairwise
     * (10 and 1, 100 and 1, 10000 and 1), all pairs of a step by one multiplication.
     *
     * @param count 1 to 8
     */
    static int parseDigits(long word, int count) {
        long digits = (word & (ONES * 0x0F)) << (Long.SIZE - 8 * count);
        digits = (digits * (10 * (1 << 8) + 1)) >>> 8;
        digits = ((digits & 0x00FF00FF00FF00FFL) * (100 * (1 << 16) + 1)) >>> 16;
        digits = ((digits & 0x0000FFFF0000FFFFL) * (10_000 * (1L << 32) + 1)) >>> 32;
        return (int) digits;
    }

    /** Returns a number of 16 bits as four lower-case hexadecimal digits, as {@link #INT} writes them. */
    static int toHex(int value) {
        int nibbles = ((value >>> 12) & 0xF) | (value & 0xF00) | ((value & 0xF0) << 12) | ((value & 0xF) << 24);
        int letters = ((nibbles + 0x06060606) >>> 4) & 0x01010101;
        return nibbles + 0x30303030 + letters * ('a' - '0' - 10);
    }

    /** Returns the number whose {@link #toHex} form is given, or -1 if there is none. */
    static int fromHex(int digits) {
        int letters = (digits >>> 6) & 0x01010101;
        int nibbles = (digits & 0x0F0F0F0F) + letters * 9;
        int value = ((nibbles & 0xF) << 12) | (nibbles & 0xF00) | ((nibbles >>> 12) & 0xF0) | ((nibbles >>> 24) & 0xF);
        return toHex(value) == digits ? value : -1;
    }

    /** Writes a number and returns where it ends; overwrites up to {@link #SLACK} bytes after that. */
    static long putDecimal(MemorySegment out, long at, int unsigned) {
        if (Integer.compareUnsigned(unsigned, EIGHT_DIGITS) < 0) {
            return putUpToEightDigits(out, at, unsigned);
        }
        return putTenDigits(out, at, Integer.toUnsignedLong(unsigned));
    }

    private static long putUpToEightDigits(MemorySegment out, long at, int value) {
        long digits = 0;
        int count = 0;
        int rest = value;
        do {
            int quotient = rest / 10;
            digits = (digits << 8) | ('0' + rest - quotient * 10);
            rest = quotient;
            count++;
        } while (rest != 0);
        out.set(LONG, at, digits);
        return at + count;
    }

    private static long putTenDigits(MemorySegment out, long at, long value) {
        long low = putUpToEightDigits(out, at, (int) (value / EIGHT_DIGITS));
        int rest = (int) (value % EIGHT_DIGITS);
        for (int i = 7; i >= 0; i--) {
            out.set(JAVA_BYTE, low + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        return low + 8;
    }

    /** Writes an unsigned number of 64 bits and returns where it ends; overwrites up to {@link #SLACK} bytes after that. */
    static long putDecimal(MemorySegment out, long at, long unsigned) {
        if (unsigned >>> Integer.SIZE == 0) {
            return putDecimal(out, at, (int) unsigned);
        }
        long upper = Long.divideUnsigned(unsigned, 10);
        long last = putDecimal(out, at, upper);
        out.set(JAVA_BYTE, last, (byte) ('0' + (unsigned - upper * 10)));
        return last + 1;
    }

    /** Writes a signed number and returns where it ends; overwrites up to {@link #SLACK} bytes after that. */
    static long putSigned(MemorySegment out, long at, int value) {
        if (value >= 0) {
            return putDecimal(out, at, value);
        }
        out.set(JAVA_BYTE, at, (byte) '-');
        return putDecimal(out, at + 1, -value);
    }

    /** Writes a word of ASCII and returns where it ends. */
    static long put(byte[] word, MemorySegment out, long at) {
        MemorySegment.copy(word, 0, out, JAVA_BYTE, at, word.length);
        return at + word.length;
    }

    /** Writes CRLF and returns where it ends. */
    static long putCrlf(MemorySegment out, long at) {
        out.set(SHORT, at, CRLF);
        return at + Short.BYTES;
    }

    /** Copies bytes and returns where the copy ends. */
    static long put(MemorySegment in, long from, int length, MemorySegment out, long at) {
        MemorySegment.copy(in, from, out, at, length);
        return at + length;
    }

    /** Whether two runs of bytes are the same; reads only inside them. */
    static boolean equal(MemorySegment a, long aOffset, MemorySegment b, long bOffset, int length) {
        if (length < Long.BYTES) {
            for (int i = 0; i < length; i++) {
                if (a.get(JAVA_BYTE, aOffset + i) != b.get(JAVA_BYTE, bOffset + i)) {
                    return false;
                }
            }
            return true;
        }
        int last = length - Long.BYTES;
        for (int i = 0; i < last; i += Long.BYTES) {
            if (a.get(LONG, aOffset + i) != b.get(LONG, bOffset + i)) {
                return false;
            }
        }
        return a.get(LONG, aOffset + last) == b.get(LONG, bOffset + last);
    }
}
