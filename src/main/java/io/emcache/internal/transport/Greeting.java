package io.emcache.internal.transport;

import io.emcache.internal.protocol.ServerVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The first words on a connection: what the server is and, if it asks for that, who the client is. For one thread at a time.
 *
 * <p>{@code version} comes first: a server that wants authentication ({@code -Y}) refuses it as it refuses every command, and one
 * that wants none answers it and is never sent a password.
 */
final class Greeting {
    private static final byte[] VERSION = "version\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String VERSION_ANSWER = "VERSION";
    private static final String STORED = "STORED";
    private static final String UNAUTHENTICATED = "CLIENT_ERROR unauthenticated";

    private boolean loggingIn;
    private boolean loggedIn;
    private boolean unanswered;

    private byte @Nullable [] words;
    private @Nullable Login login;
    private @Nullable ServerVersion version;

    /**
     * A new connection.
     *
     * @param login who the client is, or null if it has no name; wiped once it is not needed any more
     */
    void begin(@Nullable Login login) {
        end();
        this.login = login;
        loggingIn = false;
        loggedIn = false;
        unanswered = true;
        version = null;
        words = VERSION;
    }

    /** What is to be said next, or null if it is the server's turn. */
    byte @Nullable [] words() {
        return words;
    }

    /** The words are on their way. */
    void said() {
        words = null;
        if (loggingIn) {
            wipe();
        }
    }

    /**
     * The server has answered.
     *
     * @param line its line, without CRLF
     */
    void heard(String line) {
        unanswered = false;
        if (loggingIn) {
            if (!line.equals(STORED)) {
                throw new AuthenticationException(
                        "the server refused the credentials", null); // its line may repeat them
            }
            loggingIn = false;
            loggedIn = true;
            words = VERSION;
        } else if (line.startsWith(VERSION_ANSWER)) {
            version =
                    ServerVersion.parse(line.substring(VERSION_ANSWER.length()).strip());
        } else if (asksForCredentials(line)) {
            logIn();
        } else {
            throw new RefusedException("the server refused the connection: " + line);
        }
    }

    /** Whether an answer, to whatever command, says that the server does not know the client. */
    static boolean asksForCredentials(String line) {
        return line.startsWith(UNAUTHENTICATED);
    }

    /** The client has no credentials for a server that asks for them. */
    static AuthenticationException missing() {
        return new AuthenticationException("the server asks for credentials, and the client has none for it", null);
    }

    private void logIn() {
        if (loggedIn) {
            throw new AuthenticationException("the server took the credentials and serves nothing nevertheless", null);
        }
        if (login == null) {
            throw missing();
        }
        loggingIn = true;
        words = login.command();
    }

    /** What the server said of itself, once it has: then it serves the client. */
    @Nullable
    ServerVersion version() {
        return version;
    }

    /** Whether the server has said nothing at all. */
    boolean isUnanswered() {
        return unanswered;
    }

    /** Whether there are credentials that the server did not ask for. */
    boolean isLoginUnneeded() {
        return login != null && version != null && !loggedIn;
    }

    /** The connection is in service or gone. */
    void end() {
        words = null;
        wipe();
    }

    private void wipe() {
        if (login != null) {
            login.wipe();
            login = null;
        }
    }
}
