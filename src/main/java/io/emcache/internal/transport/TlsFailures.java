package io.emcache.internal.transport;

import java.io.EOFException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Says what failures of TLS mean for a user. An engine tells by the text of its exceptions only which alert the server has sent;
 * where a text is not known, it is passed on. Stateless.
 */
final class TlsFailures {
    private static final String ALERT = "alert";
    private static final String INTERNAL_ERROR = "internal_error";
    private static final String PROTOCOL_VERSION = "protocol_version";

    /** The texts of the JDK for what is no TLS record. */
    private static final List<String> NO_TLS = List.of("unrecognized ssl message", "plaintext connection");

    private TlsFailures() {}

    /**
     * Explains a failure.
     *
     * @param node for the message
     * @param engine which failed
     * @param certificate which the server is shown if it asks for it, or null if none is known
     * @param failure of the engine or its channel
     */
    static TlsException explain(
            String node, SSLEngine engine, @Nullable X509Certificate certificate, Throwable failure) {
        return failure instanceof TlsException explained
                ? explained
                : new TlsException(TlsText.safe(node) + ": " + reason(engine, certificate, failure), failure);
    }

    private static String reason(SSLEngine engine, @Nullable X509Certificate certificate, Throwable failure) {
        Optional<CertificateException> refused = first(CertificateException.class, failure);
        if (refused.isPresent()) {
            CertificateException reason = refused.get();
            return reason instanceof ServerTrust.Refused
                    ? String.valueOf(reason.getMessage())
                    : "the certificate of the server is refused: " + TlsText.safe(reason);
        }
        if (failure instanceof EOFException || failure instanceof ClosedChannelException) {
            return "the server has closed the connection within the TLS handshake" + mayWantCertificate(certificate);
        }
        if (!(failure instanceof SSLException)) {
            return "the connection has failed within the TLS handshake: " + TlsText.safe(failure)
                    + mayWantCertificate(certificate);
        }
        String text = text(failure);
        if (NO_TLS.stream().anyMatch(text::contains)) {
            return "the server does not speak TLS";
        }
        if (text.contains(PROTOCOL_VERSION)) {
            return "the server speaks none of " + String.join(", ", engine.getEnabledProtocols());
        }
        String meaning = text.contains(ALERT) ? meaningOfAlert(text, engine.getPeerHost(), certificate) : null;
        return meaning == null
                ? "TLS has failed: " + TlsText.safe(failure)
                : meaning + " [" + TlsText.safe(failure) + "]";
    }

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    }

    /** Whether the server says that it is to blame. */
    static boolean isOfServer(Throwable failure) {
        String text = text(failure);
        return failure instanceof SSLException && text.contains(ALERT) && text.contains(INTERNAL_ERROR);
    }

    private static <T extends Throwable> Optional<T> first(Class<T> type, Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }

    /** What the server means, or null if that is not known. */
    private static @Nullable String meaningOfAlert(
            String text, @Nullable String host, @Nullable X509Certificate certificate) {
        if (text.contains("certificate_required")) {
            return certificate == null
                    ? "the server asks for a client certificate, and has seen none"
                    : "the server asks for a client certificate of another kind than " + TlsText.describe(certificate);
        }
        if (text.contains("unrecognized_name")) {
            return "the server does not know the name " + TlsText.safe(String.valueOf(host));
        }
        if (text.contains("handshake_failure")) {
            return "the server and this client have no cipher suite or kind of key in common, or the server wants another client"
                    + " certificate"
                    + (certificate == null ? "; it has seen none" : " than " + TlsText.describe(certificate));
        }
        if (text.contains("insufficient_security")) {
            return "the server wants stronger cipher suites";
        }
        if (text.contains(INTERNAL_ERROR)) {
            return "the server has failed within the TLS handshake";
        }
        String why = whyRefused(text);
        if (why == null) {
            return null;
        }
        return certificate == null
                ? "the server refuses this client" + mayWantCertificate(null)
                : "the server refuses the client certificate " + TlsText.describe(certificate) + why;
    }

    /** Why the server does not like a certificate, or null if that is not what it says. */
    private static @Nullable String whyRefused(String text) {
        if (text.contains("unknown_ca")) {
            return ": it does not trust its issuer";
        }
        if (text.contains("certificate_expired")) {
            return ": it has expired, or is not valid yet, by the clock of the server";
        }
        if (text.contains("certificate_revoked")) {
            return ": it has been revoked";
        }
        if (text.contains("unsupported_certificate")) {
            return ": it is of a kind that the server does not take";
        }
        if (text.contains("access_denied")) {
            return ": it is valid, but is not let in";
        }
        return Stream.of("bad_certificate", "certificate_unknown", "decrypt_error")
                        .anyMatch(text::contains)
                ? ""
                : null;
    }

    private static String mayWantCertificate(@Nullable X509Certificate certificate) {
        return certificate == null
                ? "; the server may ask for a client certificate, and has seen none"
                : "; the server may not take the client certificate " + TlsText.describe(certificate);
    }
}
