package io.emcache.internal.transport;

import io.emcache.Credentials;
import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import io.emcache.internal.memory.SlabPool;
import io.emcache.spi.CredentialsProvider;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the connections of a client are encrypted, and who it says it is. Safe for all threads. */
public final class Security {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.auth");

    /** So many handshakes go on at once, in a client: what a server that comes back has to bear. */
    private static final int MAX_HANDSHAKES = 16;

    /** So many threads may be kept by a provider that never answers, beside one for each lane. */
    private static final int MAX_QUESTIONS = 16;

    private final Places places;
    private final Semaphore questions = new Semaphore(MAX_QUESTIONS);
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private final SlabPool slabs;
    private final @Nullable TlsEngines engines;
    private final @Nullable CredentialsProvider credentials;

    /**
     * Makes what the options of a client want.
     *
     * @param tls how connections are encrypted, or null for not at all
     * @param credentials says who the client is, or null if it has no name
     * @param slabs where the memory of encrypted connections comes from
     */
    public Security(@Nullable TlsOptions tls, @Nullable CredentialsProvider credentials, SlabPool slabs) {
        this.engines = tls == null ? null : new TlsEngines(tls);
        this.places = new Places(tls == null ? Integer.MAX_VALUE : MAX_HANDSHAKES);
        this.credentials = credentials;
        this.slabs = slabs;
    }

    /** Whether a connection needs nothing before its first words. */
    boolean isNone() {
        return engines == null && credentials == null;
    }

    /** Whether {@link #login} asks anybody. */
    boolean asksForCredentials() {
        return credentials != null;
    }

    boolean isEncrypted() {
        return engines != null;
    }

    /**
     * A place among those who connect with encryption.
     *
     * @param onGiven called, on any thread, once it is there for somebody who had to wait
     */
    Places.Place enter(Runnable onGiven) {
        return places.ask(onGiven);
    }

    /**
     * Who the client is to a node. Asks the user's code, which may block.
     *
     * @return null if it has no name there
     * @throws AuthenticationException if that cannot be said
     */
    @Nullable
    Login login(NodeAddress node) {
        if (credentials == null) {
            return null;
        }
        try {
            Credentials found = credentials.credentials(node);
            return found == null ? null : Login.of(found);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new AuthenticationException("the credentials provider has failed", e);
        }
    }

    /** Does what {@link #login} does for those who come again and again and do not wait for an answer for ever. */
    @Nullable
    Login loginUnlessStuck(NodeAddress node) {
        if (!questions.tryAcquire()) {
            throw new AuthenticationException(
                    "the credentials provider still blocks, asked " + MAX_QUESTIONS + " times", null);
        }
        try {
            return login(node);
        } finally {
            questions.release();
        }
    }

    /**
     * The stream over a channel that is connected. Reads key material that is new.
     *
     * @throws IOException if there can be none; the channel is left to the caller
     */
    SocketStream stream(NodeAddress node, SocketChannel channel) throws IOException {
        if (engines == null) {
            return new PlainStream(channel);
        }
        if (node.isUnix()) {
            throw new TlsException("a unix socket is not encrypted, and the client wants that", null);
        }
        return new TlsStream(node.identity(), channel, engines, engines.create(node), slabs);
    }

    /** The server answers strangers: says so once for each node, in the log, to which the background writes. */
    void noteUnneeded(String node, Executor background) {
        if (warned.add(node)) {
            try {
                background.execute(() -> LOG.warn(
                        "the server asks for no authentication; the credentials were not sent [node={}]", node));
            } catch (RejectedExecutionException e) {
                warned.remove(node); // the next connection says it
            }
        }
    }
}
