package io.emcache.spi;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a {@link Codec} made of a value: what the server is to keep. Safe for all threads as long as nobody changes the
 * array. It is not copied: whoever makes an encoded value leaves the array alone afterwards, and whoever gets one only
 * reads.
 *
 * @param bytes the bytes
 * @param flags the flags, 0 to 2<sup>32</sup>-1
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content
public record EncodedValue(byte[] bytes, long flags) {
    private static final long MAX_FLAGS = 0xffff_ffffL;

    /**
     * Checks the flags.
     *
     * @throws IllegalArgumentException if they do not fit into 32 bits
     */
    public EncodedValue {
        Objects.requireNonNull(bytes, "bytes");
        if (flags < 0 || flags > MAX_FLAGS) {
            throw new IllegalArgumentException("flags must be 0 to " + MAX_FLAGS + ", not " + flags);
        }
    }

    /** Whether the other has equal bytes and flags. */
    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedValue value && value.flags == flags && Arrays.equals(value.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(bytes) + Long.hashCode(flags);
    }

    /** Says the length and the flags, not the bytes. */
    @Override
    public String toString() {
        return "EncodedValue[bytes=" + bytes.length + ", flags=" + flags + "]";
    }
}
