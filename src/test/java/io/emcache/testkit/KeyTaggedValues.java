package io.emcache.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Makes values that carry their key, so that a value which reaches a wrong caller, or arrives cut or altered, is found.
 * Making values from one instance is for one thread; {@link #make} and {@link #verify} are safe for all.
 *
 * <p>A value is: magic (4 bytes), length of the key, length of the whole value, stamp (8 bytes), key in UTF-8, and a body that
 * follows from key and stamp. Numbers are big-endian.
 */
public final class KeyTaggedValues {
    private static final int MAGIC = 0x4b54_5631;
    private static final int FIXED_BYTES = 4 + 4 + 4 + 8;
    /** Sizes of the whole value at which buffers of servers and clients end. */
    private static final int[] BORDERS = {64, 256, 1024, 2048, 4096, 8192, 16 * 1024, 32 * 1024, 64 * 1024, 256 * 1024};

    private final int maxBytes;
    private final SplittableRandom random;

    /**
     * Makes a source of values whose sizes are the same for the same seed.
     *
     * @param seed the seed of sizes and stamps
     * @param maxBytes the largest value; smaller ones are made only if a key leaves no room
     */
    public KeyTaggedValues(long seed, int maxBytes) {
        this.maxBytes = maxBytes;
        random = new SplittableRandom(seed);
    }

    /**
     * Makes the next value for a key. Of eight sizes one lies within 3 bytes of a buffer border, the others are spread
     * evenly over the orders of magnitude.
     *
     * @param key the key the value is for
     * @return the value, never smaller than its header
     */
    public byte[] next(String key) {
        int minBytes = minBytes(key);
        int bytes;
        if (random.nextInt(8) == 0) {
            bytes = BORDERS[random.nextInt(BORDERS.length)] + random.nextInt(-3, 4);
        } else {
            bytes = (int) Math.exp(random.nextDouble() * Math.log(Math.max(2, maxBytes)));
        }
        return make(key, Math.max(minBytes, Math.min(bytes, maxBytes)), random.nextLong());
    }

    /**
     * Returns the size of the smallest value for a key.
     *
     * @param key the key
     * @return the bytes its header needs
     */
    public static int minBytes(String key) {
        return FIXED_BYTES + key.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Makes a value of a chosen size.
     *
     * @param key the key the value is for
     * @param bytes the size of the whole value, at least {@link #minBytes}
     * @param stamp tells values of one key apart
     * @return the value
     */
    public static byte[] make(String key, int bytes, long stamp) {
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        ByteBuffer value = ByteBuffer.allocate(bytes);
        value.putInt(MAGIC).putInt(keyBytes.length).putInt(bytes).putLong(stamp).put(keyBytes);
        SplittableRandom pattern = pattern(keyBytes, stamp);
        while (value.hasRemaining()) {
            value.put((byte) pattern.nextInt());
        }
        return value.array();
    }

    /**
     * Checks that a value is whole and belongs to a key.
     *
     * @param key the key that was asked for
     * @param value what came back
     * @throws AssertionError if it is another key's value, cut, too long or altered; the message says which and where
     */
    public static void verify(String key, byte[] value) {
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        if (value.length < FIXED_BYTES) {
            throw failure(key, "value is shorter than its header", value.length, FIXED_BYTES);
        }
        ByteBuffer header = ByteBuffer.wrap(value);
        int magic = header.getInt();
        int keyLength = header.getInt();
        int bytes = header.getInt();
        long stamp = header.getLong();
        if (magic != MAGIC) {
            throw failure(key, "value has no tag", magic, MAGIC);
        }
        if (keyLength < 0 || keyLength > header.remaining()) {
            throw failure(key, "length of the key inside the value is wrong", keyLength, keyBytes.length);
        }
        if (!Arrays.equals(keyBytes, Arrays.copyOfRange(value, FIXED_BYTES, FIXED_BYTES + keyLength))) {
            String owner = new String(value, FIXED_BYTES, keyLength, StandardCharsets.UTF_8);
            throw new AssertionError("value belongs to another key [asked=" + key + ", got=" + owner + "]");
        }
        if (bytes != value.length) {
            throw failure(key, "value has a wrong length", value.length, bytes);
        }
        SplittableRandom pattern = pattern(keyBytes, stamp);
        for (int offset = FIXED_BYTES + keyLength; offset < bytes; offset++) {
            byte expected = (byte) pattern.nextInt();
            if (value[offset] != expected) {
                throw failure(key, "value is altered at byte " + offset, value[offset], expected);
            }
        }
    }

    private static SplittableRandom pattern(byte[] key, long stamp) {
        return new SplittableRandom(stamp * 31 + Arrays.hashCode(key));
    }

    private static AssertionError failure(String key, String what, long got, long expected) {
        return new AssertionError(what + " [key=" + key + ", got=" + got + ", expected=" + expected + "]");
    }
}
