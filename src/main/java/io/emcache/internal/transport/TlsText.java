package io.emcache.internal.transport;

import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts certificates and what others have written into messages of one line. Stateless. */
final class TlsText {
    private static final int MAX_CHARS = 200;
    private static final int MAX_NAMES = 10;
    private static final Integer DNS_NAME = 2;
    private static final Integer IP_ADDRESS = 7;

    private TlsText() {}

    /** The text, shortened, with a question mark for each character that could mislead who reads a log. */
    static String safe(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().limit(MAX_CHARS).forEach(c -> out.appendCodePoint(isPrintable(c) ? c : '?'));
        return text.codePointCount(0, text.length()) > MAX_CHARS ? out + "..." : out.toString();
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    static String safe(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : safe(message);
    }

    static String file(String name, Path file) {
        return name + " file " + safe(file.toString());
    }

    /** The certificate and that it has expired, or is not valid yet; null if neither. */
    static @Nullable String outOfTime(X509Certificate certificate) {
        Instant now = Instant.now();
        Instant from = certificate.getNotBefore().toInstant();
        if (now.isBefore(from)) {
            return describe(certificate, "from", from) + " is not valid yet";
        }
        return now.isAfter(certificate.getNotAfter().toInstant()) ? describe(certificate) + " has expired" : null;
    }

    /** Subject, issuer and the end of its time. */
    static String describe(X509Certificate certificate) {
        return describe(certificate, "until", certificate.getNotAfter().toInstant());
    }

    private static String describe(X509Certificate certificate, String limit, Instant time) {
        return "[" + subject(certificate)
                + (isSelfIssued(certificate) ? "" : ", issued by " + issuer(certificate))
                + ", valid " + limit + " " + time.truncatedTo(ChronoUnit.SECONDS) + "]";
    }

    private static String subject(X509Certificate certificate) {
        String name = safe(certificate.getSubjectX500Principal().getName());
        return name.isEmpty() ? "no subject" : name;
    }

    private static String issuer(X509Certificate certificate) {
        return safe(certificate.getIssuerX500Principal().getName());
    }

    static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** The hosts and addresses that it is for, in brackets. */
    static String names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (DNS_NAME.equals(name.get(0)) || IP_ADDRESS.equals(name.get(0))) {
                    names.add(safe(String.valueOf(name.get(1))));
                }
            }
        } catch (CertificateParsingException e) {
            return "[unreadable names]";
        }
        int left = names.size() - MAX_NAMES;
        return left > 0
                ? "[" + String.join(", ", names.subList(0, MAX_NAMES)) + " and " + left + " more]"
                : names.toString();
    }
}
