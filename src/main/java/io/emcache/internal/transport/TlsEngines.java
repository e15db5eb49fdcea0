package io.emcache.internal.transport;

import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the engine of each connection by the options, from key material that is as new as its files. Safe for all threads.
 *
 * <p>All engines are made by one context for as long as the files hold the same, since sessions are resumed within a context: it
 * remembers one for each peer, by host and port. When the files have changed there is a new one. If that cannot be made, because
 * only half of them has been replaced, say, the old one stays, and it is tried again at the next connection.
 *
 * <p>A client that shows a certificate resumes no session: a memcached that asks for one hands sessions out, but answers who
 * comes back with one by a fatal alert, unless it was started with {@code ssl_session_cache}. Of the user's own context it is not
 * known what it shows: it resumes until a server answers so, and from then on not with that one.
 */
final class TlsEngines {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.tls");
    private static final String CHECK_OF_NAMES = "HTTPS";

    private final TlsOptions options;
    private final Consumer<String> warnings;
    private final AtomicBoolean told = new AtomicBoolean();
    /** Stands for the port where a session must not be found again; no other engine has the same. */
    private final AtomicInteger nowhere = new AtomicInteger(-1);
    /** Hosts and ports where a context of the user's must not resume. */
    private final Set<String> unresumable = ConcurrentHashMap.newKeySet();

    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable TlsContext current;

    // Guarded by reading.
    private @Nullable TlsStamps stamps;
    private @Nullable Refusal refusal;

    /** Why files cannot be used. */
    private record Refusal(List<?> stamps, String reason) {}

    TlsEngines(TlsOptions options) {
        this(options, LOG::warn);
    }

    /**
     * Makes engines by options.
     *
     * @param options say how
     * @param warnings is told, on any thread, what a user should know
     */
    TlsEngines(TlsOptions options, Consumer<String> warnings) {
        this.options = options;
        this.warnings = warnings;
    }

    /**
     * An engine in client mode for one connection to a node. May block: reads what has changed, and may ask the user's code.
     *
     * @throws TlsException if the key material cannot be used, or if no certificate could name the node
     */
    SSLEngine create(NodeAddress node) throws TlsException {
        if (!options.verify() && !told.getAndSet(true)) {
            warnings.accept(
                    "servers are not verified (verify=false): whoever is on the way can read and change everything");
        }
        boolean named = options.verify() && options.verifyHostname();
        TlsPeer peer = TlsPeer.of(node);
        if (named) {
            peer.checkCanBeVerified();
        }
        try {
            SSLEngine engine = engine(peer);
            engine.setUseClientMode(true);
            engine.setSSLParameters(parameters(engine, peer, named));
            return engine;
        } catch (IllegalStateException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new TlsException("the context cannot be used with these options: " + TlsText.safe(e), e);
        }
    }

    private SSLEngine engine(TlsPeer peer) throws TlsException {
        SSLContext own = options.context();
        if (own != null) {
            return engine(own, peer, !unresumable.contains(place(peer.host(), peer.port())));
        }
        TlsContext current = current();
        return engine(current.context(), peer, current.clientCertificate() == null);
    }

    private SSLEngine engine(SSLContext context, TlsPeer peer, boolean resumes) {
        return context.createSSLEngine(peer.host(), resumes ? peer.port() : nowhere.decrementAndGet());
    }

    private static String place(String host, int port) {
        return host + ":" + port;
    }

    private SSLParameters parameters(SSLEngine engine, TlsPeer peer, boolean named) throws TlsException {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(options.protocols().toArray(String[]::new));
        if (!options.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(supported(options.cipherSuites(), engine).toArray(String[]::new));
        }
        parameters.setServerNames(peer.serverNames());
        if (named) {
            parameters.setEndpointIdentificationAlgorithm(CHECK_OF_NAMES);
        }
        return parameters;
    }

    private static List<String> supported(List<String> suites, SSLEngine engine) throws TlsException {
        List<String> known = Arrays.asList(engine.getSupportedCipherSuites());
        for (String suite : suites) {
            if (!known.contains(suite)) {
                throw new TlsException("there is no cipher suite " + TlsText.safe(suite), null);
            }
        }
        return suites;
    }

    /**
     * Says what a failure of the handshake, or of the first read after it, means for the user: with TLS 1.3 a server refuses the
     * client's certificate only when the handshake is over for the client.
     *
     * @param node for the message
     * @param engine as made by {@link #create}
     * @param failure what the engine or its channel has thrown; an {@link java.io.EOFException} if the server has closed the
     *     connection
     */
    TlsException explain(String node, SSLEngine engine, Throwable failure) {
        if (options.context() != null && engine.getPeerPort() > 0 && TlsFailures.isOfServer(failure)) {
            unresumable.add(place(engine.getPeerHost(), engine.getPeerPort()));
        }
        TlsContext current = this.current;
        X509Certificate certificate = shown(engine);
        if (certificate == null && current != null) {
            certificate = current.clientCertificate();
        }
        return TlsFailures.explain(node, engine, certificate, failure);
    }

    /** The client certificate of a connection; null also if the engine does not tell, as after a failed handshake of TLS 1.2. */
    private static @Nullable X509Certificate shown(SSLEngine engine) {
        Certificate[] chain = engine.getSession().getLocalCertificates();
        return chain != null && chain.length > 0 && chain[0] instanceof X509Certificate certificate
                ? certificate
                : null;
    }

    private TlsContext current() throws TlsException {
        TlsContext current = this.current;
        if (current == null) {
            reading.lock();
        } else if (!reading.tryLock()) {
            return current; // another thread is looking
        }
        try {
            return readChanges();
        } finally {
            reading.unlock();
        }
    }

    private TlsContext readChanges() throws TlsException {
        TlsContext current = this.current;
        // Taken before the files are read: what is replaced meanwhile is seen the next time.
        TlsStamps stamps = TlsStamps.of(options);
        if (current != null && stamps.isUnchangedSince(this.stamps)) {
            return current;
        }
        this.stamps = null;
        try (TlsFiles files = TlsFiles.read(options)) {
            if (current == null || !files.holdWhat(current)) {
                current = TlsContext.of(options, files);
                this.current = current;
            }
            this.stamps = stamps;
            refusal = null;
        } catch (TlsException e) {
            if (current == null) {
                throw e;
            }
            Refusal refusal = new Refusal(stamps.stamps(), String.valueOf(e.getMessage()));
            if (!refusal.equals(this.refusal)) {
                this.refusal = refusal;
                warnings.accept(
                        "what has changed cannot be used, so connections are made as before: " + refusal.reason());
            }
        }
        return current;
    }
}
