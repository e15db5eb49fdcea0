package io.emcache.internal.protocol;

/** The commands a server is spoken to in, each with the first version it is used from. Safe for all threads. */
public enum Dialect {
    /** The classic text commands. Every server knows them, also one whose version says nothing. */
    CLASSIC(0, 0, 0, ClassicEncoder.INSTANCE),

    /**
     * The meta commands. Servers before 1.6.10 have some of them in an older form, {@code ms} with its length among the
     * flags and {@code OK} for {@code HD}: one that reads the newer form wrongly would take data for commands.
     */
    META(1, 6, 10, MetaEncoder.INSTANCE);

    private final int major;
    private final int minor;
    private final int patch;
    private final CommandEncoder encoder;

    Dialect(int major, int minor, int patch, CommandEncoder encoder) {
        this.major = major;
        this.minor = minor;
        this.patch = patch;
        this.encoder = encoder;
    }

    /**
     * Returns the encoder of the dialect.
     *
     * @return the encoder, never null
     */
    public CommandEncoder encoder() {
        return encoder;
    }

    /**
     * Returns the best dialect a server understands.
     *
     * @param version the version of the server
     * @return the dialect
     */
    static Dialect of(ServerVersion version) {
        return version.isAtLeast(META.major, META.minor, META.patch) ? META : CLASSIC;
    }
}
