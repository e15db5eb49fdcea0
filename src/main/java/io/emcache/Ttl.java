package io.emcache;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * How long an item lives. Immutable and safe for all threads; reuse instances.
 *
 * <p>Memcached counts whole seconds. Parts of a second are rounded up here; the server's clock ticks once a second, so an
 * item may still go a fraction of a second before its time. Times after 2038-01-19T03:14:07Z are cut there.
 */
public final class Ttl {
    /** The item does not expire. */
    public static final Ttl NONE = new Ttl(Kind.NONE, 0);

    /** The item is expired as soon as it is stored: the key is empty afterwards. */
    public static final Ttl EXPIRE_NOW = new Ttl(Kind.EXPIRE_NOW, 0);

    private final long seconds;
    private final Kind kind;

    private Ttl(Kind kind, long seconds) {
        this.seconds = seconds;
        this.kind = kind;
    }

    /**
     * Returns a time to live, counted from the moment at which the server stores the item.
     *
     * @param duration how long; rounded up to whole seconds
     * @return the time to live
     * @throws IllegalArgumentException if the duration is zero or negative
     */
    public static Ttl of(Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException("a time to live must be positive, not " + duration
                    + ": use Ttl.NONE for no expiry or Ttl.EXPIRE_NOW for an item that is gone at once");
        }
        return new Ttl(Kind.RELATIVE, roundUp(duration.getSeconds(), duration.getNano()));
    }

    /**
     * Returns an instant of expiry. An instant that is past when the command is sent acts as {@link #EXPIRE_NOW}. The
     * instant is by this machine's clock: up to 30 days ahead the remaining time is sent, so the server's clock does not
     * matter.
     *
     * @param instant when the item expires; rounded up to whole seconds
     * @return the time to live
     */
    public static Ttl at(Instant instant) {
        return new Ttl(
                Kind.ABSOLUTE,
                Math.min(roundUp(instant.getEpochSecond(), instant.getNano()), Instant.MAX.getEpochSecond()));
    }

    /**
     * Returns which of the four forms this is.
     *
     * @return the form
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the number that goes with {@link #kind()}.
     *
     * @return seconds to live for {@link Kind#RELATIVE}, seconds since 1970 for {@link Kind#ABSOLUTE}, else 0
     */
    public long seconds() {
        return seconds;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ttl ttl && ttl.kind == kind && ttl.seconds == seconds;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, seconds);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case NONE -> "Ttl.NONE";
            case EXPIRE_NOW -> "Ttl.EXPIRE_NOW";
            case RELATIVE -> "Ttl[" + seconds + " s]";
            case ABSOLUTE -> "Ttl[at " + Instant.ofEpochSecond(seconds) + "]";
        };
    }

    private static long roundUp(long seconds, int nanos) {
        return nanos == 0 || seconds == Long.MAX_VALUE ? seconds : seconds + 1;
    }

    /** The forms of a time to live. */
    public enum Kind {
        /** The item does not expire. */
        NONE,
        /** The item is expired at once. */
        EXPIRE_NOW,
        /** The item lives for a number of seconds. */
        RELATIVE,
        /** The item lives until a second of the calendar. */
        ABSOLUTE
    }
}
