package io.emcache;

import io.emcache.spi.CredentialsProvider;

/**
 * The same credentials for all nodes and for good. Immutable and safe for all threads.
 *
 * @param credentials who the client is
 */
record FixedCredentials(Credentials credentials) implements CredentialsProvider {
    @Override
    public Credentials credentials(NodeAddress node) {
        return credentials;
    }
}
