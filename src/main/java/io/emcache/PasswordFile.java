package io.emcache;

import io.emcache.spi.CredentialsProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A name, and a password that is read from a file at each connection, so that it can change. Immutable and safe for all
 * threads.
 *
 * @param username the name
 * @param file as {@link SecretFile} reads it
 */
record PasswordFile(String username, Path file) implements CredentialsProvider {
    PasswordFile {
        Credentials.checkUsername(username);
    }

    @Override
    public Credentials credentials(NodeAddress node) throws IOException {
        char[] password = SecretFile.read(file);
        try {
            return Credentials.of(username, password);
        } catch (IllegalArgumentException e) {
            throw new IOException(SecretFile.name(file) + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    /** Returns the file, but not the name. */
    @Override
    public String toString() {
        return "PasswordFile[" + file + "]";
    }
}
