package io.emcache.internal.transport;

import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts a server if one of several managers does, which check the name of the host as well, and says otherwise what is wrong with
 * which of its certificates. Immutable; safe for all threads.
 */
final class ServerTrust extends X509ExtendedTrustManager {
    private final String whom;
    private final List<X509ExtendedTrustManager> managers;

    /** A server is not trusted. Immutable. */
    static final class Refused extends CertificateException {
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
        boolean issuerTrusted = false;
        for (X509ExtendedTrustManager manager : managers) {
            try {
                check.by(manager);
                return;
            } catch (CertificateException e) {
                if (!issuerTrusted) {
                    refusal = e;
                    issuerTrusted = host != null && trustsIssuer(manager, chain, authType);
                }
            }
        }
        String reason = reason(chain, issuerTrusted ? host : null, refusal);
        Throwable cause = refusal.getCause() instanceof CertPathValidatorException e ? e : refusal;
        throw new Refused(reason, cause);
    }

    private static boolean trustsIssuer(X509ExtendedTrustManager manager, X509Certificate[] chain, String authType) {
        try {
            manager.checkServerTrusted(chain, authType); // does not look at the name
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    /** What is wrong; the host is null if it is not its name. */
    private String reason(X509Certificate[] chain, @Nullable String host, CertificateException refusal) {
        Date now = new Date();
        for (X509Certificate certificate : chain) {
            String which = certificate == chain[0]
                    ? "the certificate of the server "
                    : "a certificate that the server shows for its issuer ";
            if (now.after(certificate.getNotAfter())) {
                return which + TlsText.describe(certificate) + " has expired";
            }
            if (now.before(certificate.getNotBefore())) {
                return which + TlsText.describeBeginning(certificate) + " is not valid yet";
            }
        }
        String server = "the certificate of the server " + TlsText.describe(chain[0]);
        if (host != null) {
            return server + " is for " + TlsText.names(chain[0]) + ", not for " + TlsText.safe(host);
        }
        if (!causedBy(CertPathBuilderException.class, refusal)) {
            return server + " is refused: " + TlsText.safe(refusal);
        }
        X509Certificate last = chain[chain.length - 1];
        if (TlsText.isSelfIssued(chain[0])) {
            return server + " is its own issuer, and is not trusted; those are: " + whom;
        }
        return server + " is not issued by an authority that is trusted; those are: " + whom
                + (chain.length == 1
                        ? ""
                        : ". The last of the certificates that it shows for its issuers is " + TlsText.describe(last));
    }

    private static boolean causedBy(Class<? extends Throwable> type, @Nullable Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause).anyMatch(type::isInstance);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("a client has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("a client has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a client has no clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return managers.stream()
                .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
                .toArray(X509Certificate[]::new);
    }
}
