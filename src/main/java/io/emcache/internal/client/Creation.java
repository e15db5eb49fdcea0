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
 * @param <T> the result
 */
final class Creation<T> {
    /** An append that is refused a second time is refused for its size. */
    private static final int JOIN_ROUNDS = 2;

    private final int maxRounds;

    private final Verb<T> verb;
    private final Terms change;
    private final byte @Nullable [] value;
    private final Terms add;
    private final byte[] first;
    private final T created;
    private final T missing;

    /**
     * @param verb the command that changes
     * @param change its terms
     * @param value its value, if it has one
     * @param add the terms of the {@code add}
     * @param first the value of the {@code add}
     * @param created the result if the {@code add} stored
     * @param missing the result of the change if there is nothing to change
     * @param maxRounds how often to try; the deadline ends it, too
     */
    private Creation(
            Verb<T> verb,
            Terms change,
            byte @Nullable [] value,
            Terms add,
            byte[] first,
            T created,
            T missing,
            int maxRounds) {
        this.verb = verb;
        this.change = change;
        this.value = value;
        this.add = add;
        this.first = first;
        this.created = created;
        this.missing = missing;
        this.maxRounds = maxRounds;
    }

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

    Verb<T> verb() {
        return verb;
    }

    Terms change() {
        return change;
    }

    byte @Nullable [] value() {
        return value;
    }

    Terms add() {
        return add;
    }

    byte[] first() {
        return first;
    }

    T created() {
        return created;
    }
}
