package io.emcache.spi;

import io.emcache.Credentials;
import io.emcache.NodeAddress;
import org.jspecify.annotations.Nullable;

/**
 * Says who the client is, at each connection anew, so that passwords can change while it runs. Must be safe for all
 * threads.
 */
@FunctionalInterface
public interface CredentialsProvider {
    /**
     * Gives the credentials for a connection that is about to be made. Called on a background thread; may block, but takes
     * its time from the connection timeout.
     *
     * @param node where the connection leads
     * @return the credentials, or null if this node asks for none
     * @throws Exception if there are none to be had; the attempt to connect fails with it then, and is made again later
     */
    @Nullable Credentials credentials(NodeAddress node) throws Exception;
}
