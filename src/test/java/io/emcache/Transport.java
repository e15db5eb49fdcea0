package io.emcache;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.ServerRelease;
import java.nio.file.Path;
import java.util.Locale;

/** How bytes get to a real server, and what it wants to know before. Safe for all threads. */
enum Transport {
    TCP,
    UNIX,
    TLS_1_2,
    TLS_1_3,
    MUTUAL_TLS,
    TCP_WITH_PASSWORD,
    TLS_WITH_PASSWORD;

    private static final String USER = "application";
    private static final String PASSWORD = "pass:w\u00f6rd";

    boolean isEncrypted() {
        return this == TLS_1_2 || this == TLS_1_3 || this == MUTUAL_TLS || this == TLS_WITH_PASSWORD;
    }

    boolean hasPassword() {
        return this == TCP_WITH_PASSWORD || this == TLS_WITH_PASSWORD;
    }

    /** Starts a server; the directory is for what outlives the call, and gets a certificate for clients. */
    MemcachedServer startServer(ServerRelease release, Path directory) {
        MemcachedServer.Builder server = MemcachedServer.builder().release(release);
        if (this == UNIX) {
            server.unix(directory.resolve("mc.sock"));
        }
        if (isEncrypted()) {
            server.tls(Material.SERVER);
        }
        if (this == MUTUAL_TLS) {
            server.clientsOf(Material.AUTHORITY);
            Material.CLIENT.writeChain(directory);
            Material.CLIENT.writeKey(directory);
        }
        if (hasPassword()) {
            server.logins("somebody:else", USER + ":" + PASSWORD);
        }
        return server.start();
    }

    /** Options of a client that the server serves. */
    ClientOptions.Builder options(MemcachedServer server, Path directory) {
        ClientOptions.Builder options = ClientOptions.fromUri(server.uri()).mutate();
        if (isEncrypted()) {
            TlsOptions.Builder tls = TlsOptions.builder().ca(Material.AUTHORITY.pem());
            switch (this) {
                case TLS_1_2 -> tls.protocols("TLSv1.2");
                case TLS_1_3 -> tls.protocols("TLSv1.3");
                case MUTUAL_TLS -> tls.certificate(directory.resolve("client.pem"), directory.resolve("client.key"));
                default -> {}
            }
            options.tls(tls.build());
        }
        if (hasPassword()) {
            options.credentials(USER, PASSWORD);
        }
        return options;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Made when it is first needed. */
    private static final class Material {
        static final Authority AUTHORITY = Certificates.authority("behaviour");
        static final Identity SERVER = AUTHORITY.server("localhost", "127.0.0.1");
        static final Identity CLIENT = AUTHORITY.client("client");

        private Material() {}
    }
}
