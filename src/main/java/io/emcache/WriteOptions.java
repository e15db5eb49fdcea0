package io.emcache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be said of a write beside its key and value. Immutable and safe for all threads; make it once and use it often.
 *
 * {@snippet :
 * private static final WriteOptions SESSION = WriteOptions.of(Ttl.of(Duration.ofMinutes(30))).withFlags(2);
 * }
 *
 * <p>An option that a verb cannot heed is refused with {@link IllegalArgumentException}, never ignored.
 *
 * @param ttl how long the item lives
 * @param flags the client flags, a number that is stored with the value and means something to clients only
 * @param noReply whether nobody waits for the answer
 * @param create how long an item lives that an append or prepend makes because there is none, or null if it makes none
 * @param newCas the CAS that the item gets, unsigned, or 0 for one that the server chooses
 */
public record WriteOptions(
        Ttl ttl, long flags, boolean noReply, @Nullable Ttl create, long newCas) {
    /** The largest client flags: 2^32-1. Some servers would silently store another number for a greater one. */
    public static final long MAX_FLAGS = 0xffff_ffffL;

    /** An item that does not expire, flags 0, and an answer that is waited for. */
    public static final WriteOptions NONE = new WriteOptions(Ttl.NONE, 0, false, null, 0);

    /**
     * Validates the options.
     *
     * @throws IllegalArgumentException if the flags are negative or greater than {@link #MAX_FLAGS}
     */
    public WriteOptions {
        Objects.requireNonNull(ttl, "ttl");
        if (flags < 0 || flags > MAX_FLAGS) {
            throw new IllegalArgumentException("flags are 0 to " + MAX_FLAGS + ", not " + flags);
        }
    }

    /**
     * Returns options with a time to live.
     *
     * @param ttl how long the item lives
     * @return the options
     */
    public static WriteOptions of(Ttl ttl) {
        return NONE.withTtl(ttl);
    }

    /**
     * Returns these options with another time to live. For {@code set}, {@code add}, {@code replace} and {@code cas}; an
     * append changes no expiry.
     *
     * @param ttl how long the item lives
     * @return the options
     */
    public WriteOptions withTtl(Ttl ttl) {
        return new WriteOptions(ttl, flags, noReply, create, newCas);
    }

    /**
     * Returns these options with client flags. For {@code set}, {@code add}, {@code replace} and {@code cas}, and for the
     * item that an append makes; an append changes no flags.
     *
     * @param flags 0 to {@link #MAX_FLAGS}
     * @return the options
     * @throws IllegalArgumentException if they are out of range
     */
    public WriteOptions withFlags(long flags) {
        return new WriteOptions(ttl, flags, noReply, create, newCas);
    }

    /**
     * Returns these options for a write whose answer nobody waits for. Such a call returns as soon as the command is
     * queued, and what it returns is taken on trust: {@code STORED} or true. Key, value and options are checked before.
     * What fails later is counted and reported, and not thrown. Another call may overtake it on another connection.
     *
     * @return the options
     */
    public WriteOptions withNoReply() {
        return new WriteOptions(ttl, flags, true, create, newCas);
    }

    /**
     * Returns these options for an {@code append} or {@code prepend} that makes the item if there is none, with the flags
     * of these options. What is there keeps its expiry and its flags.
     *
     * @param ttl how long an item lives that is made
     * @return the options
     */
    public WriteOptions withCreate(Ttl ttl) {
        return new WriteOptions(this.ttl, flags, noReply, Objects.requireNonNull(ttl, "ttl"), newCas);
    }

    /**
     * Returns these options with the CAS that the item gets, so that several servers can hold the same. Only newer servers
     * can do it (memcached 1.6.27 and later); others fail the call with {@link MemcachedException.Unsupported}.
     *
     * @param cas the CAS, unsigned
     * @return the options
     * @throws IllegalArgumentException if it is 0, which stands for a server that keeps none
     */
    public WriteOptions withNewCas(long cas) {
        return new WriteOptions(ttl, flags, noReply, create, OptionRules.cas(cas));
    }
}
