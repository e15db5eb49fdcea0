package io.emcache.internal.protocol;

/** What came to the meta commands after they were final, each with the first version that has it. Safe for all threads. */
enum Feature {
    /** {@code md} with {@code C}: before, it compared with a wrong number (memcached issue 844, fixed after 1.6.12). */
    DELETE_IF_CAS(CommandLayout.COMPARE_CAS, 1, 6, 13),

    /** {@code md} with {@code x}. 1.6.18 refuses it, 1.6.38 has it (both tried). */
    DROP_VALUE(CommandLayout.DROP_VALUE, 1, 6, 38),

    /** {@code E}. 1.6.18 refuses it, 1.6.38 has it (both tried). */
    GIVE_CAS(CommandLayout.GIVE_CAS, 1, 6, 38);

    private final int option;
    private final int major;
    private final int minor;
    private final int patch;

    Feature(int option, int major, int minor, int patch) {
        this.option = option;
        this.major = major;
        this.minor = minor;
        this.patch = patch;
    }

    /** Returns the option of {@link CommandLayout} that asks for it. */
    int option() {
        return option;
    }

    boolean isIn(ServerVersion version) {
        return version.isAtLeast(major, minor, patch);
    }
}
