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

    /**
     * Says what a failure of the handshake, or of the first read after it, means for the user: with TLS 1.3 a server refuses the client's
     * certificate only when the handshake is over for the client.
     *
     * @param engine as made by {@link #create}
     * @param failure what the engine or its channel has thrown; an {@link java.io.EOFException} if the server has closed the connection
     */
    TlsException explain(SSLEngine engine, Throwable failure) {
        return failure instanceof TlsException explained
                ? explained
                : new TlsException(
                        "the TLS handshake with " + engine.getPeerHost() + " has failed: " + failure.getMessage(),
                        failure);
    }
}
