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
    private static final int MAX_BYTES_PER_CHAR = 3;
    private static final byte[] END = {'\r', '\n'};

    private final byte[] command;

    private Login(byte[] command) {
        this.command = command;
    }

    static Login of(Credentials credentials) {
        String username = credentials.username();
        char[] password = credentials.password();
        CharBuffer text = CharBuffer.allocate(username.length() + 1 + password.length);
        text.put(username).put(' ').put(password).flip();
        ByteBuffer data = ByteBuffer.allocate(MAX_BYTES_PER_CHAR * text.remaining());
        StandardCharsets.UTF_8.newEncoder().encode(text, data, true);
        data.flip();
        byte[] head = ("set _ _ _ " + data.remaining() + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] command = Arrays.copyOf(head, head.length + data.remaining() + END.length);
        data.get(command, head.length, data.remaining());
        System.arraycopy(END, 0, command, command.length - END.length, END.length);
        Arrays.fill(password, '\0');
        Arrays.fill(text.array(), '\0');
        Arrays.fill(data.array(), (byte) 0);
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
