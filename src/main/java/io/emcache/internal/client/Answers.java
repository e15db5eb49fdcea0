package io.emcache.internal.client;

import io.emcache.StoreResult;
import io.emcache.internal.transport.Outcome;

/** Turns outcomes that are answers into what users see. Stateless. */
final class Answers {
    private Answers() {}

    static StoreResult stored(int outcome) {
        return switch (outcome) {
            case Outcome.DONE -> StoreResult.STORED;
            case Outcome.NOT_STORED -> StoreResult.NOT_STORED;
            case Outcome.EXISTS -> StoreResult.EXISTS;
            case Outcome.NOT_FOUND -> StoreResult.NOT_FOUND;
            default -> throw new IllegalStateException("no answer to a store: " + outcome);
        };
    }
}
