package io.emcache.bench;

import io.emcache.TlsOptions;
import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import io.emcache.testkit.MemcachedServer;
import javax.net.ssl.SSLContext;

/** The certificate of the servers of a benchmark, and the authority that vouches for it. Safe for all threads. */
final class TlsCertificates {
    private final Authority authority = Certificates.authority("emcache bench CA");
    private final Identity identity = authority.server("localhost", "127.0.0.1");

    /** A real server that speaks TLS only. */
    MemcachedServer start(String... arguments) {
        return MemcachedServer.builder().tls(identity).args(arguments).start();
    }

    /** Options of a client that trusts the servers. */
    TlsOptions.Builder clientOptions() {
        return TlsOptions.builder().ca(authority.pem());
    }

    SSLContext clientContext() {
        return authority.context();
    }

    SSLContext serverContext() {
        return identity.context();
    }
}
