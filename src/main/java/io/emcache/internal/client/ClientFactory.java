package io.emcache.internal.client;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;

/** The one door from the public package into the engine. Stateless. */
public final class ClientFactory {
    private ClientFactory() {}

    /**
     * Makes a client. Nothing is connected before its first use.
     *
     * @param options validated options
     * @return a client that is safe for all threads
     */
    public static MemcachedClient create(ClientOptions options) {
        return new SyncClient(Scope.of(new Engine(options)));
    }
}
