package io.emcache;

import io.emcache.spi.Codec;
import io.emcache.spi.Compressor;
import io.emcache.spi.EncodedValue;
import java.util.Objects;
import java.util.zip.Deflater;

/**
 * A codec that compresses what another codec made: {@code Compression.deflate(Codecs.utf8())}. Immutable and safe for all
 * threads, as far as the other codec and the algorithm are; the {@code with} methods return changed copies.
 *
 * <p>What is stored is the flags of the other codec and one of two forms. With the flag bit of the compression set, the
 * bytes are what the algorithm made of the other codec's bytes, and nothing else. Without it, they are the other codec's
 * bytes. Values are compressed from the threshold on, and only if that makes them smaller. So values that were written
 * without compression can be read with it.
 *
 * <p>Reading trusts nobody: what inflates to more than the bound, is damaged, truncated or followed by something is a
 * {@link MemcachedException.Codec}. Memory is allocated for what came out and not for a length that was claimed, at most
 * twice the bound.
 *
 * @param <T> what the other codec encodes and decodes
 */
public final class Compression<T> implements Codec<T> {
    private static final long DEFAULT_FLAG = 1L << 20;
    private static final long MAX_FLAG = 1L << 31;
    private static final int DEFAULT_THRESHOLD_BYTES = 1024;
    private static final int DEFAULT_MAX_RAW_BYTES = 64 << 20;
    private static final int MAX_RAW_BYTES = 1 << 30;

    private final long flag;
    private final int thresholdBytes;
    private final int maxRawBytes;
    private final Codec<T> codec;
    private final Compressor compressor;

    private Compression(Codec<T> codec, Compressor compressor, long flag, int thresholdBytes, int maxRawBytes) {
        this.flag = flag;
        this.thresholdBytes = thresholdBytes;
        this.maxRawBytes = maxRawBytes;
        this.codec = codec;
        this.compressor = compressor;
    }

    /**
     * Compresses with deflate at its fastest level. The format is zlib's (RFC 1950), without a length or anything else before
     * it, so many other clients can be made to read and write it.
     *
     * @param codec makes the bytes
     * @param <T> what it encodes and decodes
     * @return the compressing codec
     */
    public static <T> Compression<T> deflate(Codec<T> codec) {
        return deflate(codec, Deflater.BEST_SPEED);
    }

    /**
     * Compresses with deflate, as {@link #deflate(Codec)}, at another level. The level does not matter for reading.
     *
     * @param codec makes the bytes
     * @param level 1, the fastest, to 9, the smallest
     * @param <T> what it encodes and decodes
     * @return the compressing codec
     * @throws IllegalArgumentException if the level is out of range
     */
    public static <T> Compression<T> deflate(Codec<T> codec, int level) {
        return with(new Deflate(level), codec);
    }

    /**
     * Compresses with an algorithm of the user's. Two algorithms over the same keys need two flag bits.
     *
     * @param compressor the algorithm
     * @param codec makes the bytes
     * @param <T> what it encodes and decodes
     * @return the compressing codec
     */
    public static <T> Compression<T> with(Compressor compressor, Codec<T> codec) {
        return new Compression<>(
                Objects.requireNonNull(codec, "codec"),
                Objects.requireNonNull(compressor, "compressor"),
                DEFAULT_FLAG,
                DEFAULT_THRESHOLD_BYTES,
                DEFAULT_MAX_RAW_BYTES);
    }

    /**
     * Changes the bit that marks compressed values. A value for which the other codec uses this bit itself is refused.
     *
     * @param flag one bit of 32; 1 &lt;&lt; 20 by default, away from the low bits that other clients use for marks of their own.
     *     Some clients cannot read flags from 1 &lt;&lt; 31 on
     * @return a codec with this bit
     * @throws IllegalArgumentException if it is not one bit of 32
     */
    public Compression<T> withFlag(long flag) {
        if (flag < 1 || flag > MAX_FLAG || Long.bitCount(flag) != 1) {
            throw new IllegalArgumentException("the flag must be one bit of 32, not " + flag);
        }
        return new Compression<>(codec, compressor, flag, thresholdBytes, maxRawBytes);
    }

    /**
     * Changes from which size on values are compressed.
     *
     * @param thresholdBytes the fewest bytes of the other codec that are worth it; 1024 by default
     * @return a codec with this threshold
     * @throws IllegalArgumentException if it is negative
     */
    public Compression<T> withThresholdBytes(int thresholdBytes) {
        if (thresholdBytes < 0) {
            throw new IllegalArgumentException("the threshold must not be negative, as " + thresholdBytes + " is");
        }
        return new Compression<>(codec, compressor, flag, thresholdBytes, maxRawBytes);
    }

    /**
     * Changes how large a value may be before compression. A larger one is refused on writing, because it could not be read
     * again, and on reading before it is decompressed as a whole.
     *
     * @param maxRawBytes the most bytes of the other codec, 1 to 1 GiB; 64 MiB by default
     * @return a codec with this bound
     * @throws IllegalArgumentException if it is out of range
     */
    public Compression<T> withMaxRawBytes(int maxRawBytes) {
        if (maxRawBytes < 1 || maxRawBytes > MAX_RAW_BYTES) {
            throw new IllegalArgumentException("the bound must be 1 to " + MAX_RAW_BYTES + ", not " + maxRawBytes);
        }
        return new Compression<>(codec, compressor, flag, thresholdBytes, maxRawBytes);
    }

    @Override
    public EncodedValue encode(T value) {
        EncodedValue raw = codec.encode(value);
        int rawBytes = raw.bytes().length;
        if ((raw.flags() & flag) != 0) {
            throw new MemcachedException.Codec(
                    codec + " uses flags " + raw.flags() + ", which collide with the " + flag + " of " + this, null);
        }
        if (rawBytes > maxRawBytes) {
            throw tooLarge();
        }
        if (rawBytes < thresholdBytes) {
            return raw;
        }
        byte[] compressed = CodecCalls.call(compressor.name(), compressor::compress, raw.bytes());
        return compressed.length < rawBytes ? new EncodedValue(compressed, raw.flags() | flag) : raw;
    }

    @Override
    public T decode(byte[] value, long flags) {
        if ((flags & flag) == 0) {
            return codec.decode(value, flags);
        }
        byte[] raw =
                CodecCalls.call(compressor.name(), compressed -> compressor.decompress(compressed, maxRawBytes), value);
        if (raw.length > maxRawBytes) {
            throw tooLarge();
        }
        return codec.decode(raw, flags & ~flag);
    }

    @Override
    public String toString() {
        return compressor.name() + "(" + codec + ")";
    }

    private MemcachedException.Codec tooLarge() {
        return new MemcachedException.Codec(this + ": the value has more than " + maxRawBytes + " bytes", null);
    }
}
