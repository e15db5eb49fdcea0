package io.emcache.internal.protocol;

import java.lang.foreign.MemorySegment;

/**
 * What a server can be asked, known from its version once for each connection. Immutable; safe for all threads.
 *
 * @param dialect what is spoken with it
 * @param refusedOps a bit for each op code that it does not know
 * @param refusedOptions the options of {@link CommandLayout} that it does not know, and {@link #CREATE_BY_JOIN}
 */
public record Capabilities(Dialect dialect, long refusedOps, int refusedOptions) {
    /** {@link CommandLayout#CREATE} of a command that joins values, which other servers know than that of counters. */
    static final int CREATE_BY_JOIN = 0x100;

    private static final long META_OPS = 1L << OpCode.LEASE | 1L << OpCode.INVALIDATE | 1L << OpCode.META_DEBUG;
    private static final int META_OPTIONS = CommandLayout.BINARY_KEY
            | CommandLayout.COMPARE_CAS
            | CommandLayout.CREATE
            | CommandLayout.NEW_EXPTIME
            | CommandLayout.DROP_VALUE
            | CommandLayout.GIVE_CAS;

    /**
     * Returns what a server with this version can be asked.
     *
     * @param version what the server said
     * @param forceClassic whether to speak the classic commands whatever it said
     * @return its capabilities, never null
     */
    public static Capabilities of(ServerVersion version, boolean forceClassic) {
        if (forceClassic || version.dialect() == Dialect.CLASSIC) {
            return new Capabilities(Dialect.CLASSIC, META_OPS, META_OPTIONS);
        }
        int refused = 0;
        for (Feature feature : Feature.values()) {
            refused |= feature.isIn(version) ? 0 : feature.option();
        }
        return new Capabilities(Dialect.META, 0, refused);
    }

    /**
     * Whether the server knows what a message asks.
     *
     * @param message the segment the message is in
     * @param offset where its header begins
     * @return false if it must not be sent
     */
    public boolean knows(MemorySegment message, long offset) {
        return ((refusedOps >>> CommandLayout.op(message, offset)) & 1) == 0
                && (asked(message, offset) & refusedOptions) == 0;
    }

    private static int asked(MemorySegment message, long offset) {
        int options = CommandLayout.options(message, offset);
        boolean join = (options & CommandLayout.CREATE) != 0 && OpCode.carriesData(CommandLayout.op(message, offset));
        return join ? options | CREATE_BY_JOIN : options;
    }

    /**
     * Says what of a message the server does not know.
     *
     * @param message the segment the message is in
     * @param offset where its header begins
     * @return a text for people
     */
    public String whyNot(MemorySegment message, long offset) {
        int options = asked(message, offset) & refusedOptions;
        if ((options & CommandLayout.BINARY_KEY) != 0) {
            return "a binary key needs the meta commands";
        }
        return dialect == Dialect.CLASSIC
                ? "this needs the meta commands"
                : "this needs a newer server [options=" + Integer.toHexString(options) + "]";
    }
}
