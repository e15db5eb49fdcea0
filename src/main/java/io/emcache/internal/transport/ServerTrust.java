package io.emcache.internal.transport;

import java.io.Serial;
import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts a server if one of several managers does, which check the name of the host as well, and says otherwise what is wrong with
 * which of its certificates. Immutable; safe for all threads.
 */
final class ServerTrust extends TrustOfServers {
    private final String whom;
    private final List<X509ExtendedTrustManager> managers;

    /** A server is not trusted. Immutable. */
    static final class Refused extends CertificateException {
        @Serial
        private static final long serialVersionUID = 1L;

        /** The cause is the one that the JDK derives the alert to the server from. */
        private Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A way to ask one manager. */
    private interface Check {
        void by(X509ExtendedTrustManager manager) throws CertificateException;
    }

    /**
     * Makes one of others.
     *
     * @param whom they trust, for messages
     * @param managers at least one
     */
    ServerTrust(String whom, List<X509ExtendedTrustManager> managers) {
        this.whom = whom;
        this.managers = List.copyOf(managers);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        String host = engine == null ? null : engine.getPeerHost();
        check(chain, authType, host, manager -> manager.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, authType, null, manager -> manager.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, authType, null, manager -> manager.checkServerTrusted(chain, authType));
    }

    private void check(X509Certificate[] chain, String authType, @Nullable String host, Check check)
            throws CertificateException {
        CertificateException refusal = new CertificateException("nobody is trusted");
        boolean isName = false;
        for (X509ExtendedTrustManager manager : managers) {
            try {
                check.by(manager);
                return;
            } catch (CertificateException | RuntimeException e) {
                // What one of them thinks of the name says more than that the next one does not know the issuer.
                if (!isName) {
                    refusal = e instanceof CertificateException said ? said : new CertificateException(e);
                    isName = host != null && !isOfPath(refusal) && trustsIssuer(manager, chain, authType);
                }
            }
        }
        String reason = isName ? wrongName(chain[0], Objects.requireNonNull(host)) : reason(chain, refusal);
        Throwable cause = refusal.getCause() instanceof CertPathValidatorException e ? e : refusal;
        throw new Refused(reason, cause);
    }

    private static boolean isOfPath(CertificateException refusal) {
        return isCausedBy(CertPathValidatorException.class, refusal)
                || isCausedBy(CertPathBuilderException.class, refusal);
    }

    private static boolean trustsIssuer(X509ExtendedTrustManager manager, X509Certificate[] chain, String authType) {
        try {
            manager.checkServerTrusted(chain, authType); // does not look at the name
            return true;
        } catch (CertificateException | RuntimeException e) {
            return false;
        }
    }

    private static String wrongName(X509Certificate certificate, String host) {
        return ofServer(certificate) + " is for " + TlsText.names(certificate) + ", not for " + TlsText.safe(host);
    }

    private static String ofServer(X509Certificate certificate) {
        return "the certificate of the server " + TlsText.describe(certificate);
    }

    private String reason(X509Certificate[] chain, CertificateException refusal) {
        for (int i = 0; i < chain.length; i++) {
            String outOfTime = TlsText.outOfTime(chain[i]);
            if (outOfTime != null) {
                return "the certificate of " + (i == 0 ? "the server " : "an issuer of the server ") + outOfTime;
            }
        }
        if (!isCausedBy(CertPathBuilderException.class, refusal)) {
            return ofServer(chain[0]) + " is refused: " + TlsText.safe(refusal);
        }
        if (TlsText.isSelfIssued(chain[0])) {
            return ofServer(chain[0]) + " is its own issuer, and is not trusted; those are: " + whom;
        }
        X509Certificate last = chain[chain.length - 1];
        return ofServer(chain[0]) + " is not issued by an authority that is trusted; those are: " + whom
                + (chain.length == 1 ? "" : "; the last issuer that it shows is " + TlsText.describe(last));
    }

    private static boolean isCausedBy(Class<? extends Throwable> type, @Nullable Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause).anyMatch(type::isInstance);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return managers.stream()
                .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
                .toArray(X509Certificate[]::new);
    }
}
