package io.emcache.internal.client;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;

/** The one door from the public package into the engine. Stateless. */
public final class ClientFactory {
    private ClientFactory() {}

    /**
     * Makes a client without touching the network.
     *
     * @param options the validated options
     * @return a client
     */
    @SuppressWarnings("DoNotCallSuggester")
    public static MemcachedClient create(ClientOptions options) {
        throw new UnsupportedOperationException("no engine for " + options);
    }
}
