package io.emcache.internal.transport;

import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Makes the engine of each connection by the options, from key material that is as new as its files. Safe for all threads. */
final class TlsEngines {
    private final TlsOptions options;

    TlsEngines(TlsOptions options) {
        this.options = options;
    }

    /**
     * An engine in client mode for one connection to a node. May block: reads what has changed.
     *
     * @throws TlsException if the key material cannot be used
     */
    SSLEngine create(NodeAddress node) throws TlsException {
        try {
            SSLContext context = options.context() == null ? SSLContext.getDefault() : options.context();
            SSLEngine engine = context.createSSLEngine(node.host(), node.port());
            engine.setUseClientMode(true);
            return engine;
        } catch (GeneralSecurityException e) {
            throw new TlsException("TLS cannot be used", e);
        }
    }
}
