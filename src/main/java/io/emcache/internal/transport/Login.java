package io.emcache.internal.transport;

import io.emcache.Credentials;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The command by which a client says who it is: memcached takes the data of any {@code set} as name and password, until it knows
 * who is there ({@code doc/protocol.txt}, "Authentication"). Key, flags and expiry are underscores, so that a server which asks
 * for no authentication refuses the command rather than store the password as a value. For one thread at a time.
 */
final class Login {
    private final byte[] command;

    private Login(byte[] command) {
        this.command = command;
    }

    static Login of(Credentials credentials) {
        char[] password = credentials.password();
        char[] secret = new char[credentials.username().length() + 1 + password.length];
        credentials.username().getChars(0, credentials.username().length(), secret, 0);
        secret[credentials.username().length()] = ' ';
        System.arraycopy(password, 0, secret, secret.length - password.length, password.length);
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
        byte[] head = ("set _ _ _ " + encoded.remaining() + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] command = Arrays.copyOf(head, head.length + encoded.remaining() + 2);
        encoded.get(command, head.length, encoded.remaining());
        command[command.length - 2] = '\r';
        command[command.length - 1] = '\n';
        Arrays.fill(password, '\0');
        Arrays.fill(secret, '\0');
        Arrays.fill(encoded.array(), (byte) 0);
        return new Login(command);
    }

    /** The bytes to send, until {@link #wipe}. */
    byte[] command() {
        return command;
    }

    void wipe() {
        Arrays.fill(command, (byte) 0);
    }

    @Override
    public String toString() {
        return "Login[***]";
    }
}
