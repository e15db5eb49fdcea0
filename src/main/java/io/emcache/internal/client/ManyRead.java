package io.emcache.internal.client;

import io.emcache.internal.transport.ItemMeta;
import org.jspecify.annotations.Nullable;

/**
 * What a read of many keys is to both faces: its code, and how a hit becomes what users see. Immutable.
 *
 * @param op one of {@link io.emcache.internal.protocol.OpCode}
 * @param opForOne the same for a single key
 * @param hit turns a hit into the result for its key
 * @param <V> the result
 */
record ManyRead<V>(int op, int opForOne, Hit<V> hit) {
    /**
     * Turns a hit into a result. Stateless.
     *
     * @param <V> the result
     */
    interface Hit<V> {
        V read(byte[] value, @Nullable ItemMeta meta);
    }
}
