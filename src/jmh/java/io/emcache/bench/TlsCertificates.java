package io.emcache.bench;

import io.emcache.TlsOptions;
import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** The certificate of the servers of a benchmark, and the authority that vouches for it. Safe for all threads. */
final class TlsCertificates implements AutoCloseable {
    private final Authority authority = Certificates.authority("emcache bench CA");
    private final Identity server = authority.server("localhost", "127.0.0.1");
    private final Path directory = makeDirectory();

    private static Path makeDirectory() {
        try {
            return Files.createTempDirectory("emcache-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What makes memcached serve TLS, and no else, behind further arguments of it. */
    String[] serverArguments(String... further) {
        List<String> arguments = new ArrayList<>(List.of(further));
        arguments.add("-Z");
        arguments.add("-o");
        arguments.add("ssl_chain_cert=" + server.writeChain(directory) + ",ssl_key=" + server.writeKey(directory));
        return arguments.toArray(String[]::new);
    }

    /** Options of a client that trusts the servers. */
    TlsOptions.Builder clientOptions() {
        return TlsOptions.builder().ca(authority.pem());
    }

    SSLContext clientContext() {
        return authority.context();
    }

    SSLContext serverContext() {
        return server.context();
    }

    /** Deletes the files. */
    @Override
    public void close() {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
