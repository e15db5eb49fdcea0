package io.emcache.internal.client;

import io.emcache.StoreResult;
import io.emcache.internal.protocol.CommandLayout;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How to change an item, or make it if there is none, on a server that has no command for both: change it; if there is none,
 * add it; if somebody else did so first, change that. Each step is atomic, and the last one decides. Immutable.
 *
 * @param verb the command that changes
 * @param change its terms
 * @param value its value, if it has one
 * @param add the terms of the {@code add}
 * @param first the value of the {@code add}
 * @param created the result if the {@code add} stored
 * @param missing the result of the change if there is nothing to change
 * @param maxRounds how often to try; the deadline ends it, too
 * @param <T> the result
 */
record Creation<T>(
        Verb<T> verb,
        Terms change,
        byte @Nullable [] value,
        Terms add,
        byte[] first,
        T created,
        T missing,
        int maxRounds) {
    /** An append that is refused a second time is refused for its size. */
    private static final int JOIN_ROUNDS = 2;

    static Creation<OptionalLong> ofCounter(Verb<OptionalLong> verb, Terms asked) {
        return new Creation<>(
                verb,
                new Terms(0, 0, 0, asked.number(), 0),
                null,
                new Terms(0, 0, asked.exptime(), 0, 0),
                Long.toUnsignedString(asked.extra()).getBytes(StandardCharsets.US_ASCII),
                OptionalLong.of(asked.extra()),
                OptionalLong.empty(),
                Integer.MAX_VALUE);
    }

    static Creation<StoreResult> ofJoin(Verb<StoreResult> verb, Terms asked, byte[] value) {
        int givenCas = asked.options() & CommandLayout.GIVE_CAS;
        return new Creation<>(
                verb,
                new Terms(givenCas, 0, 0, 0, asked.extra()),
                value,
                new Terms(givenCas, asked.itemFlags(), asked.exptime(), 0, asked.extra()),
                value,
                StoreResult.STORED,
                StoreResult.NOT_STORED,
                JOIN_ROUNDS);
    }

    /** Whether there was nothing to change, and another try makes sense. */
    boolean isMissing(T result, int round) {
        return result.equals(missing) && round < maxRounds;
    }
}
