package io.emcache.internal.client;

import io.emcache.internal.transport.Batch;

/**
 * What a read of many keys is to both faces: its code, and how a hit becomes what users see. Immutable.
 *
 * @param op one of {@link io.emcache.internal.protocol.OpCode}
 * @param hit turns a hit into the result for its key
 * @param <V> the result
 */
record ManyRead<V>(int op, Hit<V> hit) {
    /**
     * Turns a hit into a result. Stateless.
     *
     * @param <V> the result
     */
    interface Hit<V> {
        V read(byte[] value, Batch batch, int index);
    }
}
