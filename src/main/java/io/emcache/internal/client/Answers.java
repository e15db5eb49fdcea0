package io.emcache.internal.client;

import io.emcache.StoreResult;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Reply;
import org.jspecify.annotations.Nullable;

/** Turns replies that are answers into what users see. Stateless. */
final class Answers {
    private Answers() {}

    static byte @Nullable [] value(Reply reply) {
        return reply.value();
    }

    static StoreResult stored(Reply reply) {
        return switch (Outcome.code(reply.outcome())) {
            case Outcome.DONE -> StoreResult.STORED;
            case Outcome.NOT_STORED -> StoreResult.NOT_STORED;
            case Outcome.EXISTS -> StoreResult.EXISTS;
            case Outcome.NOT_FOUND -> StoreResult.NOT_FOUND;
            default -> throw new IllegalStateException("no answer to a store: " + reply.outcome());
        };
    }

    static boolean done(Reply reply) {
        return Outcome.code(reply.outcome()) == Outcome.DONE;
    }
}
