package io.emcache.internal.protocol;

/**
 * What came to the meta commands after 1.6.10, in which they are final, each with the first version that has it. Safe for
 * all threads.
 *
 * <p>What else we send is in 1.6.10: base64 keys ({@code b}) by its release notes, {@code N} and {@code J} of {@code ma},
 * {@code N} and {@code R} of {@code mg}, {@code I} and {@code T} of {@code md}, {@code C} of {@code ms} by its {@code
 * doc/protocol.txt}. Not sent: {@code C} on {@code mg}, which 1.6.18 and 1.6.38 take and ignore (tried); {@code s} on
 * {@code ms}, from 1.6.20 on. That {@code EN} comes back without opaque and key from the older ones (memcached issue 880)
 * is no feature to ask for: a reply belongs to the oldest command, and what it echoes is checked.
 */
enum Feature {
    /** {@code md} with {@code C}, which compared with a wrong number before (memcached issue 844; release notes of 1.6.13). */
    DELETE_IF_CAS(CommandLayout.COMPARE_CAS, 1, 6, 13),

    /**
     * {@code ms} in the modes A and P with {@code N}: makes the item. Release notes of 1.6.20; 1.6.18 takes the flag,
     * ignores it, and answers NS (tried).
     */
    JOIN_CREATES(Capabilities.CREATE_BY_JOIN, 1, 6, 20),

    /** {@code md} with {@code x}. Release notes of 1.6.27; 1.6.18 refuses it (tried). */
    DROP_VALUE(CommandLayout.DROP_VALUE, 1, 6, 27),

    /** {@code E} on {@code ms}, {@code md} and {@code ma}. Release notes of 1.6.27; 1.6.18 refuses it (tried). */
    GIVE_CAS(CommandLayout.GIVE_CAS, 1, 6, 27);

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

    /** Returns the option, as {@link Capabilities} sees it, that asks for it. */
    int option() {
        return option;
    }

    boolean isIn(ServerVersion version) {
        return version.isAtLeast(major, minor, patch);
    }
}
