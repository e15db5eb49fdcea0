package io.emcache.spi;

import io.emcache.Credentials;
import io.emcache.NodeAddress;
import org.jspecify.annotations.Nullable;

/**
 * Says who the client is, at each connection anew, so that passwords can change while it runs. Must be safe for all
 * threads.
 *
 * {@snippet :
 * ClientOptions options = MemcachedClient.builder()
 *         .nodes("10.0.0.1:11211")
 *         .credentials(node -> Credentials.of("app", Files.readString(secret).strip()))
 *         .options();
 * }
 *
 * <p>A password that stays the same is given by {@link io.emcache.ClientOptions.Builder#credentials(String, String)} instead.
 */
@FunctionalInterface
public interface CredentialsProvider {
    /**
     * Gives the credentials for a connection that is about to be made. Called on a background thread, also by several at
     * once; may block, but takes its time from the connection timeout. They are sent only to a node that demands some.
     *
     * @param node where the connection leads
     * @return the credentials, or null if there are none for this node
     * @throws Exception if there are none to be had; the attempt to connect fails with it then, and is made again later. Its
     *     message gets into logs and events, so it must not hold a secret
     */
    @Nullable
    Credentials credentials(NodeAddress node) throws Exception;
}
