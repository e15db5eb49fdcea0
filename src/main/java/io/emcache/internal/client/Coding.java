package io.emcache.internal.client;

import io.emcache.Item;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.WriteOptions;
import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A codec as the typed faces call it: whatever goes wrong in it is a failure of the codec. Immutable; safe for all threads,
 * as far as the codec is.
 *
 * @param codec the user's
 * @param <T> the type of the values
 */
record Coding<T>(Codec<T> codec) {
    Coding {
        Objects.requireNonNull(codec, "codec");
    }

    /**
     * Makes the bytes of a value, after all else that can be wrong with a store was checked.
     *
     * @throws IllegalArgumentException if the options have flags
     * @throws MemcachedException.Codec if the codec fails
     */
    EncodedValue encode(Object key, T value, WriteOptions options) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        if (options.flags() != 0) {
            throw new IllegalArgumentException("flags of typed values are those of the codec; options must have none");
        }
        EncodedValue encoded;
        try {
            encoded = codec.encode(value);
        } catch (Throwable e) {
            throw failure("encode", e);
        }
        return checked("encode", encoded);
    }

    /** Makes the bytes of all values, in their order; the first that fails ends it. */
    <K> Map<K, EncodedValue> encodeAll(Map<K, ? extends T> values, WriteOptions options) {
        Map<K, EncodedValue> encoded = new LinkedHashMap<>();
        values.forEach((key, value) -> encoded.put(key, encode(key, value, options)));
        return encoded;
    }

    /** Adds the flags of a value to the options of its store. */
    static WriteOptions withFlags(WriteOptions options, EncodedValue encoded) {
        return encoded.flags() == 0 ? options : options.withFlags(encoded.flags());
    }

    /**
     * Makes the value of an item that was read.
     *
     * @return the value, or null if there is no item
     * @throws MemcachedException.Codec if the codec fails
     */
    @Nullable
    T decodeValue(@Nullable Item<byte[]> item) {
        return item == null ? null : decode(item);
    }

    /**
     * Makes the typed item of one that was read.
     *
     * @return the item, or null if there is none
     * @throws MemcachedException.Codec if the codec fails
     */
    @Nullable
    Item<T> decodeItem(@Nullable Item<byte[]> item) {
        return item == null ? null : typed(item);
    }

    /** Makes the values of items that were read; what cannot be decoded is a failure of its key. */
    <K> MultiResult<K, T> decodeValues(MultiResult<K, Item<byte[]>> items) {
        return decodeAll(items, this::decode);
    }

    /** Makes the typed items of those that were read; what cannot be decoded is a failure of its key. */
    <K> MultiResult<K, Item<T>> decodeItems(MultiResult<K, Item<byte[]>> items) {
        return decodeAll(items, this::typed);
    }

    private static <K, A, B> MultiResult<K, B> decodeAll(MultiResult<K, A> found, Function<A, B> decode) {
        MultiResult.Builder<K, B> decoded = MultiResult.builder();
        found.hits().forEach((key, item) -> {
            B value;
            try {
                value = decode.apply(item);
            } catch (MemcachedException.Codec e) {
                decoded.failure(key, e);
                return;
            }
            decoded.hit(key, value);
        });
        found.misses().forEach(decoded::miss);
        found.failures().forEach(decoded::failure);
        return decoded.build();
    }

    private T decode(Item<byte[]> item) {
        return decode(item.value(), item.flags());
    }

    /**
     * Makes the value of bytes and flags.
     *
     * @throws MemcachedException.Codec if the codec fails
     */
    T decode(byte[] bytes, long flags) {
        T value;
        try {
            value = codec.decode(bytes, flags);
        } catch (Throwable e) {
            throw failure("decode", e);
        }
        return checked("decode", value);
    }

    private Item<T> typed(Item<byte[]> item) {
        return new Item<>(
                decode(item),
                item.flags(),
                item.cas(),
                item.ttl(),
                item.lastAccess(),
                item.hitBefore(),
                item.size(),
                item.stale(),
                item.won(),
                item.alreadyWon());
    }

    private <R> R checked(String what, @Nullable R result) {
        if (result == null) {
            throw new MemcachedException.Codec(name() + " returned null from " + what, null);
        }
        return result;
    }

    private MemcachedException.Codec failure(String what, Throwable thrown) {
        return thrown instanceof MemcachedException.Codec known
                ? known
                : new MemcachedException.Codec(name() + " failed to " + what, thrown);
    }

    /** Not what the codec calls itself: that is code which may throw, too. */
    private String name() {
        return codec.getClass().getName();
    }
}
