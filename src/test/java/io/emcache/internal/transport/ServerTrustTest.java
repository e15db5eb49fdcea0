package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import java.net.Socket;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ServerTrustTest {
    private static final String AUTH_TYPE = "ECDHE_ECDSA";

    private final Authority ca = Certificates.authority("emcache test CA");
    private final Authority stranger = Certificates.authority("stranger CA");

    @Test
    void trustOfOneIsEnough() throws Exception {
        ServerTrust trust = new ServerTrust("both", List.of(trusting(ca), trusting(stranger)));
        for (Authority authority : List.of(ca, stranger)) {
            X509Certificate[] chain = {authority.server("localhost").certificate()};
            trust.checkServerTrusted(chain, AUTH_TYPE);
            trust.checkServerTrusted(chain, AUTH_TYPE, (Socket) null);
            trust.checkServerTrusted(chain, AUTH_TYPE, (SSLEngine) null);
        }
        assertThat(trust.getAcceptedIssuers()).containsExactly(ca.certificate(), stranger.certificate());
        X509Certificate[] client = {ca.client("app").certificate()};
        assertThatThrownBy(() -> trust.checkClientTrusted(client, AUTH_TYPE)).isInstanceOf(CertificateException.class);
    }

    @Test
    void expiredIssuerIsNamed() {
        X509Certificate issuer = ca.expiredServer("issuer").certificate();
        X509Certificate[] chain = {stranger.server("localhost").certificate(), issuer};
        assertThatThrownBy(() -> new ServerTrust("one", List.of(trusting(ca))).checkServerTrusted(chain, AUTH_TYPE))
                .isInstanceOf(ServerTrust.Refused.class)
                .hasMessage("the certificate of an issuer of the server " + TlsText.describe(issuer) + " has expired");
    }

    @Test
    void managerThatFailsTrustsNobody() {
        X509Certificate[] chain = {ca.server("localhost").certificate()};
        RuntimeException odd = new IllegalStateException(new InvalidAlgorithmParameterException("no anchors"));
        assertThatThrownBy(() ->
                        new ServerTrust("one", List.of(new Failing(null, odd))).checkServerTrusted(chain, AUTH_TYPE))
                .isInstanceOf(ServerTrust.Refused.class)
                .hasMessageStartingWith("the certificate of the server [CN=localhost, ")
                .hasMessageContaining("] is refused: ")
                .hasMessageEndingWith("no anchors");
    }

    @Test
    void weakAlgorithmIsNotTakenForAWrongName() throws Exception {
        X509Certificate[] chain = {ca.server("localhost").certificate()};
        CertPathValidatorException weak =
                new CertPathValidatorException("weak", null, null, -1, BasicReason.ALGORITHM_CONSTRAINED);
        SSLEngine engine = ca.context().createSSLEngine("localhost", 1);
        ServerTrust trust =
                new ServerTrust("one", List.of(new Failing(new CertificateException("too weak", weak), null)));
        assertThatThrownBy(() -> trust.checkServerTrusted(chain, AUTH_TYPE, engine))
                .isInstanceOf(ServerTrust.Refused.class)
                .hasCause(weak)
                .hasMessageEndingWith("] is refused: too weak");
    }

    private static X509ExtendedTrustManager trusting(Authority authority) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("it", authority.certificate());
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Trusts every issuer, unless it fails; and no server. */
    private static final class Failing extends X509ExtendedTrustManager {
        private final @Nullable CertificateException ofServer;
        private final @Nullable RuntimeException always;

        private Failing(@Nullable CertificateException ofServer, @Nullable RuntimeException always) {
            this.ofServer = ofServer;
            this.always = always;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, authType);
            if (ofServer != null) {
                throw ofServer;
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            if (always != null) {
                throw always;
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
