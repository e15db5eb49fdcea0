package io.emcache;

import io.emcache.spi.Compressor;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Deflate in the zlib format (RFC 1950), by the JDK. Immutable and safe for all threads. Each call makes a deflater or
 * inflater and ends it: to keep them would save less than a tenth of the work, and native memory would outlive its use.
 */
final class Deflate implements Compressor {
    private static final int LEAST_OUTPUT_BYTES = 64;
    private static final int USUAL_RATIO = 4;

    private final int level;

    /**
     * Makes the algorithm.
     *
     * @param level from {@link Deflater#BEST_SPEED} to {@link Deflater#BEST_COMPRESSION}
     * @throws IllegalArgumentException if the level is another
     */
    Deflate(int level) {
        if (level < Deflater.BEST_SPEED || level > Deflater.BEST_COMPRESSION) {
            throw new IllegalArgumentException(
                    "the level must be " + Deflater.BEST_SPEED + " to " + Deflater.BEST_COMPRESSION + ", not " + level);
        }
        this.level = level;
    }

    @Override
    public String name() {
        return "deflate";
    }

    @Override
    public byte[] compress(byte[] bytes) {
        try (Deflater deflater = new Deflater(level)) {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] out = new byte[bytes.length / USUAL_RATIO + LEAST_OUTPUT_BYTES];
            int length = deflater.deflate(out);
            while (!deflater.finished()) {
                out = Arrays.copyOf(out, 2 * out.length);
                length += deflater.deflate(out, length, out.length - length);
            }
            return Arrays.copyOf(out, length);
        }
    }

    @Override
    public byte[] decompress(byte[] bytes, int maxBytes) {
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(bytes);
            byte[] raw = inflate(inflater, (int) Math.min((long) USUAL_RATIO * bytes.length, maxBytes), maxBytes);
            if (inflater.getRemaining() > 0) {
                throw new MemcachedException.Codec(
                        "deflate: " + inflater.getRemaining() + " bytes follow the compressed ones", null);
            }
            return raw;
        } catch (DataFormatException e) {
            throw new MemcachedException.Codec("deflate: damaged", e);
        }
    }

    private static byte[] inflate(Inflater inflater, int firstBytes, int maxBytes) throws DataFormatException {
        byte[] out = new byte[firstBytes];
        int length = 0;
        while (!inflater.finished()) {
            if (length == out.length) {
                if (length == maxBytes) {
                    requireEnd(inflater, maxBytes);
                    break;
                }
                out = Arrays.copyOf(out, (int) Math.min(Math.max(2L * length, LEAST_OUTPUT_BYTES), maxBytes));
            }
            int inflated = inflater.inflate(out, length, out.length - length);
            if (inflated == 0 && !inflater.finished()) {
                throw truncated();
            }
            length += inflated;
        }
        return length == out.length ? out : Arrays.copyOf(out, length);
    }

    /** All that may come out has come out; only the check sum may be missing. */
    private static void requireEnd(Inflater inflater, int maxBytes) throws DataFormatException {
        if (inflater.inflate(new byte[1]) > 0) {
            throw new MemcachedException.Codec("deflate: inflates to more than " + maxBytes + " bytes", null);
        }
        if (!inflater.finished()) {
            throw truncated();
        }
    }

    private static MemcachedException.Codec truncated() {
        return new MemcachedException.Codec("deflate: truncated", null);
    }
}
