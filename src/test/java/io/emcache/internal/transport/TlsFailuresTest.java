package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What alerts mean; the texts around them are those of the JDK, the last ones those of Conscrypt. */
final class TlsFailuresTest {
    private static final String CLIENT = "[client]";

    private final Authority ca = Certificates.authority("emcache test CA");
    private final X509Certificate certificate = ca.client("app").certificate();
    private final SSLEngine engine = ca.context().createSSLEngine("cache.example", 11211);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            certificate_required    | the server asks for a client certificate of another kind than [client]
            bad_certificate         | the server refuses the client certificate [client]
            certificate_unknown     | the server refuses the client certificate [client]
            decrypt_error           | the server refuses the client certificate [client]
            unknown_ca              | the server refuses the client certificate [client]: it does not trust its issuer
            certificate_revoked     | the server refuses the client certificate [client]: it has been revoked
            unsupported_certificate | the server refuses the client certificate [client]: it is of a kind that the server does not take
            access_denied           | the server refuses the client certificate [client]: it is valid, but is not let in
            certificate_expired     | the server refuses the client certificate [client]: it has expired, or is not valid yet, by the clock of the server
            handshake_failure       | the server and this client have no cipher suite or kind of key in common, or the server wants another client certificate than [client]
            """)
    void alertsThatAreAboutTheClientCertificate(String alert, String meaning) {
        SSLException failure = ofJdk(alert);
        assertThat(explained(failure, certificate))
                .isEqualTo("n1: " + meaning.replace(CLIENT, TlsText.describe(certificate)) + " [" + failure.getMessage()
                        + "]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            certificate_required  | the server asks for a client certificate, and has seen none
            bad_certificate       | the server refuses this client; the server may ask for a client certificate, and has seen none
            unrecognized_name     | the server does not know the name cache.example
            internal_error        | the server has failed within the TLS handshake
            insufficient_security | the server wants stronger cipher suites
            """)
    void alertsWithoutAClientCertificate(String alert, String meaning) {
        SSLException failure = ofJdk(alert);
        assertThat(explained(failure, null)).isEqualTo("n1: " + meaning + " [" + failure.getMessage() + "]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TLSV1_ALERT_UNKNOWN_CA         | refuses the client certificate
            SSLV3_ALERT_BAD_CERTIFICATE    | refuses the client certificate
            SSLV3_ALERT_HANDSHAKE_FAILURE  | have no cipher suite
            TLSV1_ALERT_PROTOCOL_VERSION   | speaks none of
            SOMETHING_ELSE                 | TLS has failed
            """)
    void alertsAsOthersWriteThem(String reason, String part) {
        SSLException failure = new SSLHandshakeException("Read error: Failure in SSL library\nerror:1:SSL routines:"
                + "OPENSSL_internal:" + reason + " (external/boringssl)");
        assertThat(explained(failure, certificate)).contains(part).doesNotContain("\n");
    }

    private static SSLException ofJdk(String alert) {
        return new SSLHandshakeException("(" + alert + ") Received fatal alert: " + alert);
    }

    private String explained(SSLException failure, @Nullable X509Certificate certificate) {
        return String.valueOf(
                TlsFailures.explain("n1", engine, certificate, failure).getMessage());
    }
}
