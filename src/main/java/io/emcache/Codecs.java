package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Objects;
import java.util.function.Function;

/**
 * Codecs for bytes and text, and ways to make others of them. All are immutable and safe for all threads, as far as what
 * they are made of is. {@link Compression} makes them smaller.
 *
 * <p>Whatever has flags that a codec does not write is refused with {@link MemcachedException.Codec}: it comes from another
 * codec or another program, which may have compressed or serialized it, or meant another type.
 */
public final class Codecs {
    private static final long PLAIN = 0;
    private static final long MAX_FLAGS = 0xffff_ffffL;
    private static final char REPLACEMENT = '\ufffd';

    private Codecs() {}

    /**
     * Returns the codec that leaves bytes as they are. It writes and reads flags 0 only.
     *
     * @return the codec; arrays pass through it without a copy
     */
    public static Codec<byte[]> bytes() {
        return Bytes.INSTANCE;
    }

    /**
     * Returns the codec of text in UTF-8. It writes and reads flags 0 only, those of a plain {@code set}. For other
     * programs that mark their text with flags, see {@link #flagged}.
     *
     * <p>It is strict both ways, so text comes back as it was or not at all. Refused are half a surrogate pair in the text,
     * and bytes that are not UTF-8; nothing is replaced, normalised or trimmed.
     *
     * @return the codec
     */
    public static Codec<String> utf8() {
        return Utf8.INSTANCE;
    }

    /**
     * Returns a codec for a type that has a form which another codec knows:
     * {@code mapping(utf8(), UUID::toString, UUID::fromString)}. Flags are those of the other codec.
     *
     * @param codec encodes the form
     * @param toForm makes the form of a value
     * @param fromForm makes the value of a form; if the form is none of a value it throws, and that is a
     *     {@link MemcachedException.Codec}
     * @param <F> the form
     * @param <T> the type
     * @return the codec
     */
    public static <F, T> Codec<T> mapping(
            Codec<F> codec, Function<? super T, ? extends F> toForm, Function<? super F, ? extends T> fromForm) {
        return new Mapping<>(codec, toForm, fromForm);
    }

    /**
     * Returns the same codec under flags of its own, which tell its values from others. To share text with a program
     * that marks it with 16, as pymemcache does: {@code flagged(utf8(), 16)}.
     *
     * @param codec encodes the value; a value for which it uses one of these bits itself is refused
     * @param flags the bits to set on writing and to demand on reading, 1 to 2<sup>32</sup>-1; some clients cannot read
     *     flags from 2<sup>31</sup> on
     * @param <T> the type
     * @return the codec
     * @throws IllegalArgumentException if the flags are out of range
     */
    public static <T> Codec<T> flagged(Codec<T> codec, long flags) {
        return new Flagged<>(codec, flags);
    }

    private static MemcachedException.Codec unknownFlags(Codec<?> codec, long flags) {
        return new MemcachedException.Codec(codec + " does not know flags " + Long.toUnsignedString(flags), null);
    }

    private static final class Bytes implements Codec<byte[]> {
        private static final Bytes INSTANCE = new Bytes();

        @Override
        public EncodedValue encode(byte[] value) {
            return new EncodedValue(value, PLAIN);
        }

        @Override
        public byte[] decode(byte[] value, long flags) {
            if (flags != PLAIN) {
                throw unknownFlags(this, flags);
            }
            return value;
        }

        @Override
        public String toString() {
            return "bytes";
        }
    }

    private static final class Utf8 implements Codec<String> {
        private static final Utf8 INSTANCE = new Utf8();

        @Override
        public EncodedValue encode(String value) {
            for (int i = 0; i < value.length(); i++) {
                if (Character.isSurrogate(value.charAt(i))) {
                    i = skipPair(value, i);
                }
            }
            return new EncodedValue(value.getBytes(UTF_8), PLAIN);
        }

        @Override
        public String decode(byte[] value, long flags) {
            if (flags != PLAIN) {
                throw unknownFlags(this, flags);
            }
            String text = new String(value, UTF_8);
            return text.indexOf(REPLACEMENT) < 0 ? text : decodeStrictly(value);
        }

        @Override
        public String toString() {
            return "utf8";
        }

        private static int skipPair(String value, int high) {
            if (high + 1 == value.length() || !Character.isSurrogatePair(value.charAt(high), value.charAt(high + 1))) {
                throw new MemcachedException.Codec("utf8: char " + high + " is half a surrogate pair", null);
            }
            return high + 1;
        }

        /** Tells a replacement character that was written from one that stands for damage. */
        private static String decodeStrictly(byte[] value) {
            CharsetDecoder decoder = UTF_8.newDecoder();
            ByteBuffer in = ByteBuffer.wrap(value);
            CharBuffer out = CharBuffer.allocate(value.length);
            CoderResult result = decoder.decode(in, out, true);
            if (result.isError()) {
                throw new MemcachedException.Codec("utf8: no UTF-8 at byte " + in.position(), null);
            }
            decoder.flush(out);
            return out.flip().toString();
        }
    }

    private static final class Mapping<F, T> implements Codec<T> {
        private final Codec<F> codec;
        private final Function<? super T, ? extends F> toForm;
        private final Function<? super F, ? extends T> fromForm;

        Mapping(Codec<F> codec, Function<? super T, ? extends F> toForm, Function<? super F, ? extends T> fromForm) {
            this.codec = Objects.requireNonNull(codec, "codec");
            this.toForm = Objects.requireNonNull(toForm, "toForm");
            this.fromForm = Objects.requireNonNull(fromForm, "fromForm");
        }

        @Override
        public EncodedValue encode(T value) {
            Objects.requireNonNull(value, "value");
            return codec.encode(CodecCalls.call("mapping to " + codec, toForm, value));
        }

        @Override
        public T decode(byte[] value, long flags) {
            return CodecCalls.call("mapping from " + codec, fromForm, codec.decode(value, flags));
        }

        @Override
        public String toString() {
            return "mapping(" + codec + ")";
        }
    }

    private static final class Flagged<T> implements Codec<T> {
        private final long flags;
        private final Codec<T> codec;

        Flagged(Codec<T> codec, long flags) {
            if (flags < 1 || flags > MAX_FLAGS) {
                throw new IllegalArgumentException("flags must be 1 to " + MAX_FLAGS + ", not " + flags);
            }
            this.codec = Objects.requireNonNull(codec, "codec");
            this.flags = flags;
        }

        @Override
        public EncodedValue encode(T value) {
            EncodedValue encoded = codec.encode(value);
            if ((encoded.flags() & flags) != 0) {
                throw new MemcachedException.Codec(
                        codec + " uses flags " + encoded.flags() + ", which collide with " + flags, null);
            }
            return new EncodedValue(encoded.bytes(), encoded.flags() | flags);
        }

        @Override
        public T decode(byte[] value, long flags) {
            if ((flags & this.flags) != this.flags) {
                throw unknownFlags(this, flags);
            }
            return codec.decode(value, flags & ~this.flags);
        }

        @Override
        public String toString() {
            return "flagged(" + codec + ", " + flags + ")";
        }
    }
}
