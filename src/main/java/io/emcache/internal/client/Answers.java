package io.emcache.internal.client;

import io.emcache.DeleteResult;
import io.emcache.Item;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.internal.transport.ItemMeta;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Reply;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Turns replies that are answers into what users see. Stateless. */
final class Answers {
    private Answers() {}

    static byte @Nullable [] value(Reply reply) {
        return reply.value();
    }

    static @Nullable Item<byte[]> item(Reply reply) {
        byte[] value = reply.value();
        return value == null ? null : item(value, reply.meta());
    }

    static Item<byte[]> item(byte[] value, @Nullable ItemMeta told) {
        ItemMeta meta = Objects.requireNonNull(told);
        return new Item<>(
                value,
                meta.itemFlags(),
                meta.cas(),
                ttl(meta.ttlSeconds()),
                meta.lastAccessSeconds() == ItemMeta.UNKNOWN ? null : Duration.ofSeconds(meta.lastAccessSeconds()),
                meta.isHitBefore(),
                meta.sizeBytes(),
                meta.isStale(),
                meta.isWon(),
                meta.isAlreadyWon());
    }

    /** A server counts an expiry that is past, or this very second, as a number around 2^32. */
    private static @Nullable Ttl ttl(long seconds) {
        if (seconds == ItemMeta.UNKNOWN) {
            return null;
        } else if (seconds == ItemMeta.NO_EXPIRY) {
            return Ttl.NONE;
        }
        return seconds <= 0 || seconds > Integer.MAX_VALUE ? Ttl.EXPIRE_NOW : Ttl.of(Duration.ofSeconds(seconds));
    }

    static StoreResult stored(Reply reply) {
        return stored(reply.outcome());
    }

    static StoreResult stored(int outcome) {
        return switch (Outcome.code(outcome)) {
            case Outcome.DONE -> StoreResult.STORED;
            case Outcome.NOT_STORED -> StoreResult.NOT_STORED;
            case Outcome.EXISTS -> StoreResult.EXISTS;
            case Outcome.NOT_FOUND -> StoreResult.NOT_FOUND;
            default -> throw new IllegalStateException("no answer to a store: " + outcome);
        };
    }

    static DeleteResult deleted(Reply reply) {
        return switch (Outcome.code(reply.outcome())) {
            case Outcome.DONE -> DeleteResult.DELETED;
            case Outcome.EXISTS -> DeleteResult.EXISTS;
            default -> DeleteResult.NOT_FOUND;
        };
    }

    static OptionalLong counter(Reply reply) {
        return done(reply) ? OptionalLong.of(reply.counter()) : OptionalLong.empty();
    }

    static boolean done(Reply reply) {
        return Outcome.code(reply.outcome()) == Outcome.DONE;
    }
}
