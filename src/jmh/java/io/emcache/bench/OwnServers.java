package io.emcache.bench;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.testkit.MemcachedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Real servers that a benchmark starts for itself, {@code memcached -t 1 -m 256} on the CPUs of this process, to be
 * reached by one transport. For one thread.
 */
final class OwnServers implements AutoCloseable {
    private static final Duration GENEROUS_TIMEOUT = Duration.ofSeconds(5);
    private static final String[] ARGUMENTS = {"-t", "1", "-m", "256"};

    private final Transport transport;
    private final List<MemcachedServer> servers = new ArrayList<>();
    private final @Nullable TlsCertificates certificates;
    private final @Nullable Path sockets;

    private OwnServers(Transport transport) {
        this.transport = transport;
        certificates = transport.isEncrypted() ? new TlsCertificates() : null;
        sockets = transport == Transport.UNIX ? newDirectory() : null;
    }

    static OwnServers start(Transport transport, int count) {
        OwnServers started = new OwnServers(transport);
        try {
            for (int i = 0; i < count; i++) {
                started.servers.add(started.startServer(i));
            }
        } catch (Throwable e) {
            started.close();
            throw e;
        }
        return started;
    }

    private MemcachedServer startServer(int index) {
        if (certificates != null) {
            return certificates.start(ARGUMENTS);
        }
        return sockets == null
                ? MemcachedServer.start(ARGUMENTS)
                : MemcachedServer.startUnix(sockets.resolve("socket-" + index), ARGUMENTS);
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("emcache-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client with the defaults but for the deadline: a pause of a busy machine is to show as latency, not end it. */
    MemcachedClient connect() {
        ClientOptions.Builder options = MemcachedClient.builder()
                .nodes(servers.stream()
                        .map(server -> new Server(server.address()).node())
                        .toArray(String[]::new))
                .timeout(GENEROUS_TIMEOUT);
        if (certificates != null) {
            options.tls(
                    certificates.clientOptions().protocols(transport.label()).build());
        }
        return options.connect();
    }

    /** Where the first is. */
    Server first() {
        return new Server(servers.getFirst().address());
    }

    @Override
    public void close() {
        servers.forEach(MemcachedServer::close);
        if (sockets != null) {
            delete(sockets);
        }
    }

    private void delete(Path directory) {
        try {
            for (MemcachedServer server : servers) {
                Files.deleteIfExists(Path.of(server.address()));
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
