package io.emcache;

import java.nio.CharBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who a client says it is: a user name and a password, neither of them empty. A server gets them in UTF-8, with a space
 * between, so neither may hold whitespace or a control character, and both together have at most
 * {@value #MAX_BYTES} bytes; the password file of memcached ({@code -Y}) has lines of at most 254. Immutable and safe for all
 * threads. What is refused is never repeated in a message.
 */
public final class Credentials {
    /** The most bytes of name and password together. */
    public static final int MAX_BYTES = 512;

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
     * @throws IllegalArgumentException if one is empty, holds whitespace, a control character or half a surrogate pair, or
     *     both are too long
     */
    public static Credentials of(String username, char[] password) {
        int bytes = sizeOfUsername(username) + sizeOf("password", CharBuffer.wrap(password));
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "username and password must have at most " + MAX_BYTES + " bytes together, not " + bytes);
        }
        return new Credentials(username, password.clone());
    }

    /**
     * Makes credentials.
     *
     * @param username the name
     * @param password the password
     * @return both together
     * @throws IllegalArgumentException as {@link #of(String, char[])}
     */
    public static Credentials of(String username, String password) {
        return of(username, password.toCharArray());
    }

    /**
     * Returns the name.
     *
     * @return as it was given
     */
    public String username() {
        return username;
    }

    /**
     * Returns the password.
     *
     * @return a copy, which the caller should overwrite
     */
    public char[] password() {
        return password.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Credentials credentials
                && credentials.username.equals(username)
                && Arrays.equals(credentials.password, password);
    }

    /** Returns a hash of the name alone, because a hash of the password would tell of it. */
    @Override
    public int hashCode() {
        return username.hashCode();
    }

    /** Returns neither name nor password. */
    @Override
    public String toString() {
        return "Credentials[***]";
    }

    /** Checks a name whose password is not known yet. */
    static void checkUsername(String username) {
        sizeOfUsername(username);
    }

    private static int sizeOfUsername(String username) {
        return sizeOf("username", CharBuffer.wrap(username));
    }

    /** Returns the bytes of a name or password that can be sent. */
    private static int sizeOf(String name, CharBuffer text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(name + " must not be empty");
        }
        return text.codePoints().map(codePoint -> sizeOf(name, codePoint)).sum();
    }

    /** Returns the bytes of a character in UTF-8. */
    private static int sizeOf(String name, int codePoint) {
        if (Character.isWhitespace(codePoint) || Character.isISOControl(codePoint)) {
            throw new IllegalArgumentException(name + " must not hold whitespace or control characters");
        }
        if (Character.getType(codePoint) == Character.SURROGATE) {
            throw new IllegalArgumentException(name + " must not hold half a surrogate pair");
        }
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }
}
