package io.emcache.internal.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * MD5 (RFC 1321) of what a native segment begins with, for placements that are defined by it; it protects nothing. Stateless; nothing is
 * allocated, and it is there also where the security providers of the JVM have none.
 */
public final class Md5 {
    /** The words of a digest. */
    public static final int WORDS = 4;

    private static final ValueLayout.OfInt LITTLE_ENDIAN_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK_BYTES = 64;
    private static final int LENGTH_BYTES = 8;

    private Md5() {}

    /**
     * Returns the first four bytes of a digest.
     *
     * @param text a native segment that starts with the text
     * @param length the text's length in bytes
     * @return the bytes, as a little-endian number
     */
    public static int firstWord(MemorySegment text, int length) {
        return hash(text, length, null);
    }

    /**
     * Writes a whole digest.
     *
     * @param text a native segment that starts with the text
     * @param length the text's length in bytes
     * @param words receives {@link #WORDS} little-endian numbers
     */
    public static void digest(MemorySegment text, int length, int[] words) {
        hash(text, length, words);
    }

    private static int hash(MemorySegment text, int length, int @Nullable [] words) {
        int a = 0x67452301;
        int b = 0xefcdab89;
        int c = 0x98badcfe;
        int d = 0x10325476;
        int blocks = (length + LENGTH_BYTES) / BLOCK_BYTES + 1;
        for (int block = 0; block < blocks; block++) {
            int start = block * BLOCK_BYTES;
            int w0 = word(text, length, start);
            int w1 = word(text, length, start + 4);
            int w2 = word(text, length, start + 8);
            int w3 = word(text, length, start + 12);
            int w4 = word(text, length, start + 16);
            int w5 = word(text, length, start + 20);
            int w6 = word(text, length, start + 24);
            int w7 = word(text, length, start + 28);
            int w8 = word(text, length, start + 32);
            int w9 = word(text, length, start + 36);
            int w10 = word(text, length, start + 40);
            int w11 = word(text, length, start + 44);
            int w12 = word(text, length, start + 48);
            int w13 = word(text, length, start + 52);
            boolean last = block == blocks - 1;
            int w14 = last ? length << 3 : word(text, length, start + 56);
            int w15 = last ? length >>> 29 : word(text, length, start + 60);
            int a0 = a;
            int b0 = b;
            int c0 = c;
            int d0 = d;
            a = round1(a, b, c, d, w0, 7, 0xd76aa478);
            d = round1(d, a, b, c, w1, 12, 0xe8c7b756);
            c = round1(c, d, a, b, w2, 17, 0x242070db);
            b = round1(b, c, d, a, w3, 22, 0xc1bdceee);
            a = round1(a, b, c, d, w4, 7, 0xf57c0faf);
            d = round1(d, a, b, c, w5, 12, 0x4787c62a);
            c = round1(c, d, a, b, w6, 17, 0xa8304613);
            b = round1(b, c, d, a, w7, 22, 0xfd469501);
            a = round1(a, b, c, d, w8, 7, 0x698098d8);
            d = round1(d, a, b, c, w9, 12, 0x8b44f7af);
            c = round1(c, d, a, b, w10, 17, 0xffff5bb1);
            b = round1(b, c, d, a, w11, 22, 0x895cd7be);
            a = round1(a, b, c, d, w12, 7, 0x6b901122);
            d = round1(d, a, b, c, w13, 12, 0xfd987193);
            c = round1(c, d, a, b, w14, 17, 0xa679438e);
            b = round1(b, c, d, a, w15, 22, 0x49b40821);
            a = round2(a, b, c, d, w1, 5, 0xf61e2562);
            d = round2(d, a, b, c, w6, 9, 0xc040b340);
            c = round2(c, d, a, b, w11, 14, 0x265e5a51);
            b = round2(b, c, d, a, w0, 20, 0xe9b6c7aa);
            a = round2(a, b, c, d, w5, 5, 0xd62f105d);
            d = round2(d, a, b, c, w10, 9, 0x02441453);
            c = round2(c, d, a, b, w15, 14, 0xd8a1e681);
            b = round2(b, c, d, a, w4, 20, 0xe7d3fbc8);
            a = round2(a, b, c, d, w9, 5, 0x21e1cde6);
            d = round2(d, a, b, c, w14, 9, 0xc33707d6);
            c = round2(c, d, a, b, w3, 14, 0xf4d50d87);
            b = round2(b, c, d, a, w8, 20, 0x455a14ed);
            a = round2(a, b, c, d, w13, 5, 0xa9e3e905);
            d = round2(d, a, b, c, w2, 9, 0xfcefa3f8);
            c = round2(c, d, a, b, w7, 14, 0x676f02d9);
            b = round2(b, c, d, a, w12, 20, 0x8d2a4c8a);
            a = round3(a, b, c, d, w5, 4, 0xfffa3942);
            d = round3(d, a, b, c, w8, 11, 0x8771f681);
            c = round3(c, d, a, b, w11, 16, 0x6d9d6122);
            b = round3(b, c, d, a, w14, 23, 0xfde5380c);
            a = round3(a, b, c, d, w1, 4, 0xa4beea44);
            d = round3(d, a, b, c, w4, 11, 0x4bdecfa9);
            c = round3(c, d, a, b, w7, 16, 0xf6bb4b60);
            b = round3(b, c, d, a, w10, 23, 0xbebfbc70);
            a = round3(a, b, c, d, w13, 4, 0x289b7ec6);
            d = round3(d, a, b, c, w0, 11, 0xeaa127fa);
            c = round3(c, d, a, b, w3, 16, 0xd4ef3085);
            b = round3(b, c, d, a, w6, 23, 0x04881d05);
            a = round3(a, b, c, d, w9, 4, 0xd9d4d039);
            d = round3(d, a, b, c, w12, 11, 0xe6db99e5);
            c = round3(c, d, a, b, w15, 16, 0x1fa27cf8);
            b = round3(b, c, d, a, w2, 23, 0xc4ac5665);
            a = round4(a, b, c, d, w0, 6, 0xf4292244);
            d = round4(d, a, b, c, w7, 10, 0x432aff97);
            c = round4(c, d, a, b, w14, 15, 0xab9423a7);
            b = round4(b, c, d, a, w5, 21, 0xfc93a039);
            a = round4(a, b, c, d, w12, 6, 0x655b59c3);
            d = round4(d, a, b, c, w3, 10, 0x8f0ccc92);
            c = round4(c, d, a, b, w10, 15, 0xffeff47d);
            b = round4(b, c, d, a, w1, 21, 0x85845dd1);
            a = round4(a, b, c, d, w8, 6, 0x6fa87e4f);
            d = round4(d, a, b, c, w15, 10, 0xfe2ce6e0);
            c = round4(c, d, a, b, w6, 15, 0xa3014314);
            b = round4(b, c, d, a, w13, 21, 0x4e0811a1);
            a = round4(a, b, c, d, w4, 6, 0xf7537e82);
            d = round4(d, a, b, c, w11, 10, 0xbd3af235);
            c = round4(c, d, a, b, w2, 15, 0x2ad7d2bb);
            b = round4(b, c, d, a, w9, 21, 0xeb86d391);
            a += a0;
            b += b0;
            c += c0;
            d += d0;
        }
        if (words != null) {
            words[0] = a;
            words[1] = b;
            words[2] = c;
            words[3] = d;
        }
        return a;
    }

    private static int round1(int a, int b, int c, int d, int word, int shift, int constant) {
        return Integer.rotateLeft(a + (d ^ (b & (c ^ d))) + word + constant, shift) + b;
    }

    private static int round2(int a, int b, int c, int d, int word, int shift, int constant) {
        return Integer.rotateLeft(a + (c ^ (d & (b ^ c))) + word + constant, shift) + b;
    }

    private static int round3(int a, int b, int c, int d, int word, int shift, int constant) {
        return Integer.rotateLeft(a + (b ^ c ^ d) + word + constant, shift) + b;
    }

    private static int round4(int a, int b, int c, int d, int word, int shift, int constant) {
        return Integer.rotateLeft(a + (c ^ (b | ~d)) + word + constant, shift) + b;
    }

    /** Behind the text stands one bit, then nothing. */
    private static int word(MemorySegment text, int length, int position) {
        int left = length - position;
        if (left >= Integer.BYTES) {
            return text.get(LITTLE_ENDIAN_INT, position);
        }
        return left < 0 ? 0 : lastWord(text, position, left);
    }

    private static int lastWord(MemorySegment text, int position, int left) {
        int word = 0x80;
        for (int i = left - 1; i >= 0; i--) {
            word = word << 8 | Byte.toUnsignedInt(text.get(ValueLayout.JAVA_BYTE, position + i));
        }
        return word;
    }
}
