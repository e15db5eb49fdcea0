package io.emcache.bench;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.testkit.MemcachedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A real server that a benchmark starts for itself, {@code memcached -t 1 -m 256} on the CPUs of this process, to be
 * reached by one transport. For one thread.
 */
final class OwnServer implements AutoCloseable {
    private static final Duration GENEROUS_TIMEOUT = Duration.ofSeconds(5);
    private static final String[] ARGUMENTS = {"-t", "1", "-m", "256"};

    private final Transport transport;
    private final MemcachedServer server;
    private final @Nullable TlsCertificates certificates;
    private final @Nullable Path socket;

    private OwnServer(
            Transport transport,
            MemcachedServer server,
            @Nullable TlsCertificates certificates,
            @Nullable Path socket) {
        this.transport = transport;
        this.server = server;
        this.certificates = certificates;
        this.socket = socket;
    }

    static OwnServer start(Transport transport) {
        return switch (transport) {
            case TCP -> new OwnServer(transport, MemcachedServer.start(ARGUMENTS), null, null);
            case UNIX -> {
                Path socket = newSocketPath();
                yield new OwnServer(transport, MemcachedServer.startUnix(socket, ARGUMENTS), null, socket);
            }
            case TLS_1_3, TLS_1_2 -> {
                TlsCertificates certificates = new TlsCertificates();
                yield new OwnServer(transport, certificates.start(ARGUMENTS), certificates, null);
            }
        };
    }

    private static Path newSocketPath() {
        try {
            return Files.createTempDirectory("emcache-bench").resolve("socket");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client with the defaults but for the deadline: a pause of a busy machine is to show as latency, not end it. */
    MemcachedClient connect() {
        ClientOptions.Builder options =
                MemcachedClient.builder().nodes(address().node()).timeout(GENEROUS_TIMEOUT);
        if (certificates != null) {
            options.tls(
                    certificates.clientOptions().protocols(transport.label()).build());
        }
        return options.connect();
    }

    /** Where it is. */
    Server address() {
        return new Server(server.address());
    }

    @Override
    public void close() {
        server.close();
        if (socket != null) {
            delete(socket);
        }
    }

    private static void delete(Path socket) {
        try {
            Files.deleteIfExists(socket);
            Files.delete(socket.resolveSibling(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
