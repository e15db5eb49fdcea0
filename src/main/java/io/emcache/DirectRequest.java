package io.emcache;

import java.lang.foreign.MemorySegment;

/**
 * One command at a time, offered to a {@link DirectClient} again and again. For one thread at a time: who calls a verb owns
 * the request until it was accepted; from then on until the callback is called it is {@linkplain Offer#PENDING pending}, and
 * until the callback returns it is the callback's, who alone may offer it again.
 *
 * <p>The memory of key and value is only read inside the verb: it is the caller's again when the verb returns. It must be
 * alive, and accessible to the calling thread. A key is 1 to 250 bytes as {@link Key} describes them, namespace included; it
 * is never binary or hashed, whatever {@link ClientOptions#hashLongKeys()} says.
 *
 * <p>No verb waits, allocates, or throws for what happens to a command. The deadline of a command is the client's timeout.
 */
public interface DirectRequest {
    /** Whether a command was taken. Only {@link #ACCEPTED} calls the callback. */
    enum Offer {
        /** It was taken: the callback will be called. */
        ACCEPTED,
        /** A bound of the client on waiting commands or bytes is reached: try again later. */
        OVERLOADED,
        /** The node of the key does not answer. */
        UNAVAILABLE,
        /** The client is closed. */
        CLOSED,
        /** The last command of this request is not done, or its callback has not returned. */
        PENDING,
        /** The key is empty, too long, or holds a space or a control. */
        INVALID_KEY,
        /** The value exceeds {@link ClientOptions#itemSizeLimit()}. */
        VALUE_TOO_LARGE
    }

    /**
     * Says which key the next commands are for.
     *
     * @param key the key
     * @return this
     */
    default DirectRequest key(MemorySegment key) {
        return key(key, 0, Math.toIntExact(key.byteSize()));
    }

    /**
     * Says which key the next commands are for.
     *
     * @param segment holds the key
     * @param offset where it begins
     * @param length its length in bytes
     * @return this
     * @throws IndexOutOfBoundsException if the segment does not have these bytes
     */
    DirectRequest key(MemorySegment segment, long offset, int length);

    /**
     * Says which value the next commands store.
     *
     * @param value the value
     * @return this
     */
    default DirectRequest value(MemorySegment value) {
        return value(value, 0, Math.toIntExact(value.byteSize()));
    }

    /**
     * Says which value the next commands store.
     *
     * @param segment holds the value
     * @param offset where it begins
     * @param length its length in bytes
     * @return this
     * @throws IndexOutOfBoundsException if the segment does not have these bytes
     */
    DirectRequest value(MemorySegment segment, long offset, int length);

    /**
     * Says which client flags the next commands store with a value.
     *
     * @param flags 0 to 2^32-1
     * @return this
     * @throws IllegalArgumentException if they are outside
     */
    DirectRequest flags(long flags);

    /**
     * Reads the value.
     *
     * @return whether it was taken; then a hit, a miss or a failure
     */
    Offer get();

    /**
     * Reads the value, its client flags and its CAS.
     *
     * @return whether it was taken; then a hit, a miss or a failure
     */
    Offer getItem();

    /**
     * Reads the value and gives the item a new time to live.
     *
     * @param ttl how long it lives from now on
     * @return whether it was taken; then a hit, a miss or a failure
     */
    Offer gat(Ttl ttl);

    /**
     * {@link #getItem()} and a new time to live.
     *
     * @param ttl how long it lives from now on
     * @return whether it was taken; then a hit, a miss or a failure
     */
    Offer gatItem(Ttl ttl);

    /**
     * Stores the value, whether or not the key had one.
     *
     * @param ttl how long it lives
     * @return whether it was taken; then done or a failure
     */
    Offer set(Ttl ttl);

    /**
     * Stores the value if the key has none.
     *
     * @param ttl how long it lives
     * @return whether it was taken; then done, not stored or a failure
     */
    Offer add(Ttl ttl);

    /**
     * Stores the value if the key has one.
     *
     * @param ttl how long it lives
     * @return whether it was taken; then done, not stored or a failure
     */
    Offer replace(Ttl ttl);

    /**
     * Stores the value if the item is the one that was read.
     *
     * @param cas its CAS, unsigned
     * @param ttl how long it lives
     * @return whether it was taken; then done, exists, not found or a failure
     * @throws IllegalArgumentException if the CAS is 0, which stands for a server that keeps none
     */
    Offer cas(long cas, Ttl ttl);

    /**
     * Puts the value behind the one that is there.
     *
     * @return whether it was taken; then done, not stored or a failure
     */
    Offer append();

    /**
     * Puts the value before the one that is there.
     *
     * @return whether it was taken; then done, not stored or a failure
     */
    Offer prepend();

    /**
     * Deletes the item.
     *
     * @return whether it was taken; then done, not found or a failure
     */
    Offer delete();

    /**
     * Gives the item a new time to live.
     *
     * @param ttl how long it lives from now on
     * @return whether it was taken; then done, not found or a failure
     */
    Offer touch(Ttl ttl);

    /**
     * Adds to a counter; 2^64-1 is followed by 0.
     *
     * @param delta how much, unsigned
     * @return whether it was taken; then done with {@link DirectReply#counter()}, not found or a failure
     */
    Offer increment(long delta);

    /**
     * Takes from a counter, which stays at 0 rather than become less.
     *
     * @param delta how much, unsigned
     * @return whether it was taken; then done with {@link DirectReply#counter()}, not found or a failure
     */
    Offer decrement(long delta);

    /**
     * Whether a command was accepted and its callback is still to come. Any thread may ask.
     *
     * @return true until the callback has returned without offering this request again; to the callback itself, false
     */
    boolean isPending();
}
