package io.emcache.internal.client;

import io.emcache.ComputeOptions;
import io.emcache.CounterOptions;
import io.emcache.InvalidateOptions;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.transport.Slot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;

/**
 * What a command asks beside its key and value. Immutable.
 *
 * @param options options of {@link CommandLayout}, and {@link Slot#ALONE}
 * @param itemFlags client flags, unsigned
 * @param exptime expiry as the wire has it
 * @param number CAS, delta or argument, unsigned
 * @param extra the initial number or the CAS to give, unsigned
 */
record Terms(int options, int itemFlags, int exptime, long number, long extra) {
    /** Nothing. */
    static final Terms NONE = new Terms(0, 0, 0, 0, 0);

    /** Nobody waits for the reply. */
    boolean isQuiet() {
        return (options & CommandLayout.NO_REPLY) != 0;
    }

    /** What is not there shall be made. */
    boolean creates() {
        return (options & CommandLayout.CREATE) != 0;
    }

    /** The same, but the reply is waited for. */
    Terms aloud() {
        return new Terms(options & ~CommandLayout.NO_REPLY, itemFlags, exptime, number, extra);
    }

    /** The same for a command that is sent again. */
    Terms alone() {
        return new Terms(options | Slot.ALONE, itemFlags, exptime, number, extra);
    }

    /** The same, with client flags. */
    Terms withItemFlags(long itemFlags) {
        return (int) itemFlags == this.itemFlags ? this : new Terms(options, (int) itemFlags, exptime, number, extra);
    }

    static Terms exptime(Ttl ttl, InstantSource clock) {
        int exptime = WireTtl.encode(ttl, clock);
        return exptime == 0 ? NONE : new Terms(0, 0, exptime, 0, 0);
    }

    /** For a command that stores whatever is there, or asks only whether something is there. */
    static Terms store(WriteOptions options, InstantSource clock) {
        return storeIf(0, options, clock);
    }

    /** For many commands that store, each with a reply. */
    static Terms storeMany(WriteOptions options, InstantSource clock) {
        refuse(options.noReply(), "a call for many keys has a result for each");
        return store(options, clock);
    }

    /** For a command that stores if the item has the CAS. */
    static Terms cas(long cas, WriteOptions options, InstantSource clock) {
        return storeIf(checkedCas(cas), options, clock);
    }

    private static Terms storeIf(long cas, WriteOptions options, InstantSource clock) {
        refuse(options.create() != null, "create is for append and prepend; other commands have a time to live");
        int exptime = WireTtl.encode(options.ttl(), clock);
        return new Terms(quietAndCas(options), (int) options.flags(), exptime, cas, options.newCas());
    }

    /** For a command that puts bytes to those that are there. */
    static Terms join(WriteOptions options, InstantSource clock) {
        Ttl create = options.create();
        refuse(!options.ttl().equals(Ttl.NONE), "append and prepend change no expiry; withCreate is for a new item");
        refuse(create == null && options.flags() != 0, "append and prepend change no flags; they are for a new item");
        return create == null
                ? new Terms(quietAndCas(options), 0, 0, 0, options.newCas())
                : new Terms(
                        quietAndCas(options) | CommandLayout.CREATE,
                        (int) options.flags(),
                        WireTtl.encode(create, clock),
                        0,
                        options.newCas());
    }

    private static int quietAndCas(WriteOptions options) {
        return quiet(options.noReply()) | (options.newCas() == 0 ? 0 : CommandLayout.GIVE_CAS);
    }

    private static int quiet(boolean noReply) {
        return noReply ? CommandLayout.NO_REPLY : 0;
    }

    /** For a command that heeds no option but {@code noReply}. */
    static Terms plain(WriteOptions options) {
        checkPlain(options);
        return options.noReply() ? new Terms(CommandLayout.NO_REPLY, 0, 0, 0, 0) : NONE;
    }

    static Terms touch(Ttl ttl, WriteOptions options, InstantSource clock) {
        checkPlain(options);
        return new Terms(quiet(options.noReply()), 0, WireTtl.encode(ttl, clock), 0, 0);
    }

    private static void checkPlain(WriteOptions options) {
        refuse(
                !options.equals(WriteOptions.NONE) && !options.equals(WriteOptions.NONE.withNoReply()),
                "this command heeds no option but noReply");
    }

    /** For a read that takes part in the choice of who computes a value. */
    static Terms lease(ComputeOptions options) {
        Duration window = options.recacheWindow();
        return new Terms(
                0,
                window == null ? 0 : (int) window.toSeconds(),
                (int) options.lease().toSeconds(),
                0,
                0);
    }

    /** For a command that only acts if the item has the CAS. */
    static Terms onlyIf(long cas) {
        return new Terms(CommandLayout.COMPARE_CAS, 0, 0, checkedCas(cas), 0);
    }

    static Terms invalidate(InvalidateOptions options, InstantSource clock) {
        Ttl ttl = options.ttl();
        int asked = quiet(options.noReply())
                | (ttl == null ? 0 : CommandLayout.NEW_EXPTIME)
                | (options.cas() == 0 ? 0 : CommandLayout.COMPARE_CAS)
                | (options.dropValue() ? CommandLayout.DROP_VALUE : 0);
        return new Terms(asked, 0, ttl == null ? 0 : WireTtl.encode(ttl, clock), options.cas(), 0);
    }

    static Terms count(long delta, CounterOptions options, InstantSource clock) {
        refuse(delta < 0, "a delta is 0 or more; count the other way to take away");
        Long initial = Objects.requireNonNull(options, "options").initial();
        return initial == null
                ? new Terms(quiet(options.noReply()), 0, 0, delta, 0)
                : new Terms(
                        quiet(options.noReply()) | CommandLayout.CREATE,
                        0,
                        WireTtl.encode(options.ttl(), clock),
                        delta,
                        initial);
    }

    /** No server has an item with CAS 0: it would say that the item was changed, for ever. */
    private static long checkedCas(long cas) {
        refuse(cas == 0, "CAS 0: the server keeps no CAS values, or the item was not read from one");
        return cas;
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }
}
