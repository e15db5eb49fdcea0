package io.emcache.bench;

import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.testkit.MemcachedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A real server that a benchmark starts for itself, {@code memcached -t 1 -m 256} on the CPUs of this process, to be
 * reached by one transport. For one thread.
 */
final class OwnServer implements AutoCloseable {
    private static final Duration GENEROUS_TIMEOUT = Duration.ofSeconds(5);

    private final Transport transport;
    private final Path directory;
    private final MemcachedServer server;

    private OwnServer(Transport transport, Path directory, MemcachedServer server) {
        this.transport = transport;
        this.directory = directory;
        this.server = server;
    }

    static OwnServer start(Transport transport) {
        Path directory = makeDirectory();
        try {
            return new OwnServer(transport, directory, start(transport, directory));
        } catch (Throwable e) {
            delete(directory);
            throw e;
        }
    }

    private static MemcachedServer start(Transport transport, Path directory) {
        return switch (transport) {
            case TCP -> MemcachedServer.start("-t", "1", "-m", "256");
            case UNIX -> MemcachedServer.startUnix(directory.resolve("socket"), "-t", "1", "-m", "256");
            case TLS_1_3, TLS_1_2 -> throw new UnsupportedOperationException();
        };
    }

    private static Path makeDirectory() {
        try {
            return Files.createTempDirectory("emcache-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try {
            Files.deleteIfExists(directory.resolve("socket"));
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client with the defaults but for the deadline: a pause of a busy machine is to show as latency, not end it. */
    MemcachedClient connect() {
        ClientOptions.Builder options =
                MemcachedClient.builder().nodes(address().node()).timeout(GENEROUS_TIMEOUT);
        return options.connect();
    }

    /** Where it is, for a yardstick; one in the clear. */
    Server address() {
        return new Server(server.address());
    }

    @Override
    public void close() {
        server.close();
        delete(directory);
    }
}
