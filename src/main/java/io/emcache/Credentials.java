package io.emcache;

import java.util.Objects;

/** Who a client says it is: a user name and a password. Immutable and safe for all threads. */
public final class Credentials {
    private final String username;
    private final char[] password;

    private Credentials(String username, char[] password) {
        this.username = username;
        this.password = password;
    }

    /**
     * Makes credentials.
     *
     * @param username the name
     * @param password the password, which is copied
     * @return both together
     */
    public static Credentials of(String username, char[] password) {
        return new Credentials(Objects.requireNonNull(username), password.clone());
    }

    /**
     * The name.
     *
     * @return as it was given
     */
    public String username() {
        return username;
    }

    /**
     * The password.
     *
     * @return a copy, which the caller should overwrite
     */
    public char[] password() {
        return password.clone();
    }

    /** Returns neither name nor password. */
    @Override
    public String toString() {
        return "Credentials[***]";
    }
}
