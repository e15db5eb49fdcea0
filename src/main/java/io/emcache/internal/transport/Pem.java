package io.emcache.internal.transport;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** Reads the blocks of a PEM file, whatever stands between them. Stateless. */
final class Pem {
    private static final byte[] BEGIN = ascii("-----BEGIN ");
    private static final byte[] END = ascii("-----END ");
    private static final byte[] DASHES = ascii("-----");
    private static final int DER_SEQUENCE = 0x30;
    private static final int MAX_LABEL_BYTES = 64;
    private static final Set<String> CERTIFICATES = Set.of("CERTIFICATE", "X509 CERTIFICATE");
    private static final String KEY_SUFFIX = "PRIVATE KEY";

    private Pem() {}

    /**
     * One block.
     *
     * @param label what it says it is, such as {@code CERTIFICATE}
     * @param der its content
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Block(String label, byte[] der) {
        boolean isKey() {
            return label.endsWith(KEY_SUFFIX);
        }

        void wipe() {
            Arrays.fill(der, (byte) 0);
        }
    }

    /**
     * All certificates, at least one.
     *
     * @param what is read, for messages
     * @throws TlsException if there is none, or one that cannot be read
     */
    static List<X509Certificate> certificates(String what, byte[] content) throws TlsException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(what, content)) {
            if (CERTIFICATES.contains(block.label)) {
                try {
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.der)));
                } catch (CertificateException e) {
                    throw new TlsException(
                            what + ": certificate " + (certificates.size() + 1) + " cannot be read: " + TlsText.safe(e),
                            e);
                }
            }
            block.wipe(); // a key may stand beside it
        }
        if (certificates.isEmpty()) {
            boolean der = content.length > 0 && content[0] == DER_SEQUENCE;
            throw new TlsException(
                    what + " holds no certificate in PEM"
                            + (der ? "; it seems to be DER, which this makes PEM of: openssl x509 -inform der" : ""),
                    null);
        }
        return certificates;
    }

    /**
     * The private key, which the caller has to wipe.
     *
     * @param what is read, for messages
     * @throws TlsException if there is none, or more than one
     */
    static Block key(String what, byte[] content) throws TlsException {
        List<Block> keys = blocks(what, content).stream().filter(Block::isKey).toList();
        if (keys.size() == 1) {
            return keys.get(0);
        }
        keys.forEach(Block::wipe);
        throw new TlsException(
                what + (keys.isEmpty() ? " holds no private key in PEM" : " holds more than one private key"), null);
    }

    private static List<Block> blocks(String what, byte[] content) throws TlsException {
        List<Block> blocks = new ArrayList<>();
        int at = find(BEGIN, content, 0, content.length);
        while (at >= 0) {
            int labelStart = at + BEGIN.length;
            int labelEnd = find(DASHES, content, labelStart, labelStart + MAX_LABEL_BYTES);
            int end = labelEnd < 0 ? -1 : find(END, content, labelEnd + DASHES.length, content.length);
            if (end < 0) {
                throw new TlsException(what + " ends within a PEM block", null);
            }
            String label = new String(content, labelStart, labelEnd - labelStart, StandardCharsets.ISO_8859_1);
            blocks.add(new Block(label, decode(what, label, content, labelEnd + DASHES.length, end)));
            at = find(BEGIN, content, end, content.length);
        }
        return blocks;
    }

    private static byte[] decode(String what, String label, byte[] content, int start, int end) throws TlsException {
        byte[] body = Arrays.copyOfRange(content, start, end);
        try {
            for (byte b : body) {
                if (b == ':') { // a header, and the content is encrypted in a way that only openssl knows
                    throw new TlsException(what + " holds a key in an old form: " + PrivateKeys.HOW_TO_CONVERT, null);
                }
            }
            return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new TlsException(what + ": a block is no Base64: " + TlsText.safe(label), null);
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private static int find(byte[] text, byte[] content, int from, int to) {
        int last = Math.min(to, content.length) - text.length;
        for (int i = from; i <= last; i++) {
            if (Arrays.equals(content, i, i + text.length, text, 0, text.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
