package io.emcache.internal.client;

import io.emcache.internal.transport.Reply;
import org.jspecify.annotations.Nullable;

/**
 * What one command is to both faces: its code, and how its reply becomes a result. Immutable.
 *
 * @param op one of {@link io.emcache.internal.protocol.OpCode}
 * @param answer turns a reply that is an answer into the result
 * @param trusted the result when nobody waits for the reply
 * @param <T> the result
 */
record Verb<T extends @Nullable Object>(int op, Answer<T> answer, T trusted) {
    /**
     * Turns a reply into a result. Stateless.
     *
     * @param <T> the result
     */
    interface Answer<T extends @Nullable Object> {
        T read(Reply reply);
    }
}
