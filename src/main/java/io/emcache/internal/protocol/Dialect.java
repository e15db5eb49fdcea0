package io.emcache.internal.protocol;

/** The commands a server is spoken to in, each with the first version it is used from. Safe for all threads. */
public enum Dialect {
    /** The classic text commands. Every server knows them, also one whose version says nothing. */
    CLASSIC(0, 0, 0),

    /**
     * The meta commands. Earlier servers have some of them in an older form, {@code ms} with its length among the flags
     * and {@code OK} for {@code HD}, and would take the data of a newer {@code ms} for commands. Sources: memcached's
     * release notes of 1.6.10 (meta commands final, "response code OK -> HD", "fix metaset syntax") and its issue 546.
     */
    META(1, 6, 10);

    private final int major;
    private final int minor;
    private final int patch;

    Dialect(int major, int minor, int patch) {
        this.major = major;
        this.minor = minor;
        this.patch = patch;
    }

    /**
     * Returns the encoder of the dialect.
     *
     * @return the encoder, never null
     */
    public CommandEncoder encoder() {
        return this == META ? MetaEncoder.INSTANCE : ClassicEncoder.INSTANCE;
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
