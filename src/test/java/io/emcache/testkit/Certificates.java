package io.emcache.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Makes certificates and keys for a test, in a few milliseconds each, and writes them in the forms that servers and clients
 * read. Stateless; what it makes is immutable and safe for all threads.
 *
 * <pre>{@code
 * Authority ca = Certificates.authority("emcache test CA");
 * Identity server = ca.server("localhost", "127.0.0.1");
 * Path chain = server.writeChain(directory); // localhost.pem
 * Path key = server.writeKey(directory); // localhost.key
 * SSLContext scripted = server.context(ca); // asks clients for certificates of this authority, if told to ask
 * }</pre>
 *
 * <p>A file that is there already is replaced in one step, so a reader sees the old or the new, and another file key.
 */
public final class Certificates {
    private static final Duration PAST = Duration.ofDays(10);
    private static final Duration RECENT = Duration.ofDays(1);
    private static final Duration FUTURE = Duration.ofDays(10);
    private static final int SERIAL_BITS = 64;
    private static final String ALIAS = "it";
    private static final char[] NO_PASSWORD = {};
    private static final SecureRandom RANDOM = new SecureRandom();

    private Certificates() {}

    /**
     * Makes an authority that vouches for itself.
     *
     * @param name its common name, and that of its file
     * @return the authority, valid now
     */
    public static Authority authority(String name) {
        KeyPair keys = keys();
        return new Authority(
                issue(name, List.of(), keys, null, keys.getPrivate(), Purpose.AUTHORITY, Validity.NOW), keys);
    }

    /**
     * Makes a server that vouches for itself.
     *
     * @param names as those of {@link Authority#server}
     * @return the server, valid now
     */
    public static Identity selfSigned(String... names) {
        KeyPair keys = keys();
        X509Certificate certificate =
                issue(names[0], List.of(names), keys, null, keys.getPrivate(), Purpose.SERVER, Validity.NOW);
        return new Identity(names[0], List.of(certificate), keys.getPrivate());
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static X509Certificate issue(
            String name,
            List<String> names,
            KeyPair keys,
            @Nullable X509Certificate issuer,
            PrivateKey issuerKey,
            Purpose purpose,
            Validity validity) {
        Instant now = Instant.now();
        X500Principal subject = new X500Principal("CN=" + name);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer == null ? subject : issuer.getSubjectX500Principal(),
                new BigInteger(SERIAL_BITS, RANDOM),
                Date.from(now.plus(validity.from)),
                Date.from(now.plus(validity.until)),
                subject,
                keys.getPublic());
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
            if (issuer != null) {
                builder.addExtension(
                        Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(issuer));
            }
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(purpose == Purpose.AUTHORITY));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(purpose.usage));
            if (purpose != Purpose.AUTHORITY) {
                builder.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(KeyPurposeId.getInstance(new ASN1ObjectIdentifier(purpose.id))));
            }
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, generalNames(names));
            }
            JcaContentSignerBuilder signer = new JcaContentSignerBuilder("SHA256withECDSA");
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer.build(issuerKey)));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    private static GeneralNames generalNames(List<String> names) {
        return new GeneralNames(names.stream()
                .map(name -> new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    private static boolean isAddress(String name) {
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String pem(Object... objects) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object object : objects) {
                writer.writeObject(object);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static Path write(Path directory, String name, String suffix, byte[] content) {
        Path file = directory.resolve(name.replaceAll("[^A-Za-z0-9._-]", "-") + suffix);
        try {
            Path next = Files.write(Files.createTempFile(directory, null, null), content);
            return Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SSLContext context(KeyStore keys, Authority... trusted)
            throws GeneralSecurityException, IOException {
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, NO_PASSWORD);
        KeyStore authorities = emptyStore();
        for (Authority authority : trusted) {
            authorities.setCertificateEntry(authority.name(), authority.certificate());
        }
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private enum Purpose {
        AUTHORITY(KeyUsage.keyCertSign | KeyUsage.cRLSign, KeyPurposeId.anyExtendedKeyUsage),
        SERVER(KeyUsage.digitalSignature, KeyPurposeId.id_kp_serverAuth),
        CLIENT(KeyUsage.digitalSignature, KeyPurposeId.id_kp_clientAuth);

        private final int usage;
        private final String id;

        Purpose(int usage, KeyPurposeId id) {
            this.usage = usage;
            this.id = id.getId();
        }
    }

    private enum Validity {
        NOW(RECENT.negated(), FUTURE),
        EXPIRED(PAST.negated(), RECENT.negated()),
        NOT_YET(RECENT, FUTURE);

        private final Duration from;
        private final Duration until;

        Validity(Duration from, Duration until) {
            this.from = from;
            this.until = until;
        }
    }

    /** Vouches for others. */
    public static final class Authority {
        private final String name;
        private final List<X509Certificate> chain;
        private final PrivateKey key;

        private Authority(X509Certificate root, KeyPair keys) {
            this(commonName(root), List.of(), root, keys.getPrivate());
        }

        private Authority(String name, List<X509Certificate> issuers, X509Certificate certificate, PrivateKey key) {
            this.name = name;
            this.chain = Stream.concat(Stream.of(certificate), issuers.stream()).toList();
            this.key = key;
        }

        private static String commonName(X509Certificate certificate) {
            return certificate.getSubjectX500Principal().getName().substring("CN=".length());
        }

        /**
         * Returns its common name.
         *
         * @return as given
         */
        public String name() {
            return name;
        }

        /**
         * Returns its own certificate.
         *
         * @return the certificate
         */
        public X509Certificate certificate() {
            return chain.get(0);
        }

        /**
         * Makes an authority that this one vouches for.
         *
         * @param name its common name, and that of its file
         * @return the authority; whom it issues certificates to shows its own along with theirs
         */
        public Authority intermediate(String name) {
            KeyPair keys = keys();
            X509Certificate certificate =
                    issue(name, List.of(), keys, certificate(), key, Purpose.AUTHORITY, Validity.NOW);
            return new Authority(name, chain, certificate, keys.getPrivate());
        }

        /**
         * Makes a server with a certificate that is valid now.
         *
         * @param names host names and IP addresses, the first also the common name, and that of the files
         * @return the server
         */
        public Identity server(String... names) {
            return server(keys(), names);
        }

        /**
         * Makes a server with keys of another kind.
         *
         * @param keys such as RSA or Ed25519
         * @param names as those of {@link #server(String...)}
         * @return the server
         */
        public Identity server(KeyPair keys, String... names) {
            return identity(keys, names[0], List.of(names), Purpose.SERVER, Validity.NOW);
        }

        /**
         * Makes a server with a certificate that has been valid until yesterday.
         *
         * @param names as those of {@link #server(String...)}
         * @return the server
         */
        public Identity expiredServer(String... names) {
            return identity(keys(), names[0], List.of(names), Purpose.SERVER, Validity.EXPIRED);
        }

        /**
         * Makes a server with a certificate that will be valid from tomorrow on.
         *
         * @param names as those of {@link #server(String...)}
         * @return the server
         */
        public Identity notYetValidServer(String... names) {
            return identity(keys(), names[0], List.of(names), Purpose.SERVER, Validity.NOT_YET);
        }

        /**
         * Makes a server whose certificate has a common name and no other.
         *
         * @param name the common name
         * @return the server
         */
        public Identity namelessServer(String name) {
            return identity(keys(), name, List.of(), Purpose.SERVER, Validity.NOW);
        }

        /**
         * Makes a client with a certificate that is valid now.
         *
         * @param name the common name, and that of the files
         * @return the client
         */
        public Identity client(String name) {
            return client(keys(), name);
        }

        /**
         * Makes a client with keys of another kind.
         *
         * @param keys such as RSA or Ed25519
         * @param name the common name, and that of the files
         * @return the client
         */
        public Identity client(KeyPair keys, String name) {
            return identity(keys, name, List.of(), Purpose.CLIENT, Validity.NOW);
        }

        /**
         * Makes a client with a certificate that has been valid until yesterday.
         *
         * @param name the common name, and that of the files
         * @return the client
         */
        public Identity expiredClient(String name) {
            return identity(keys(), name, List.of(), Purpose.CLIENT, Validity.EXPIRED);
        }

        private Identity identity(KeyPair keys, String name, List<String> names, Purpose purpose, Validity validity) {
            X509Certificate certificate = issue(name, names, keys, certificate(), key, purpose, validity);
            // A root is not shown: who does not know it would not trust it.
            List<X509Certificate> issuers = chain.subList(0, chain.size() - 1);
            return new Identity(
                    name,
                    Stream.concat(Stream.of(certificate), issuers.stream()).toList(),
                    keys.getPrivate());
        }

        /**
         * Returns the certificate as PEM.
         *
         * @return ASCII text
         */
        public byte[] pem() {
            return Certificates.pem(certificate()).getBytes(StandardCharsets.US_ASCII);
        }

        /**
         * Writes the certificate as PEM.
         *
         * @param directory where to
         * @return the file, which is called as this authority, and {@code .pem}
         */
        public Path writePem(Path directory) {
            return write(directory, name, ".pem", pem());
        }

        /**
         * Returns a context that trusts this authority only, and has no certificate of its own.
         *
         * @return a context for clients
         */
        public SSLContext context() {
            try {
                return Certificates.context(emptyStore(), this);
            } catch (GeneralSecurityException | IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A server or a client: certificate, those of the intermediate authorities, and private key. */
    public static final class Identity {
        private final String name;
        private final List<X509Certificate> chain;
        private final PrivateKey key;

        private Identity(String name, List<X509Certificate> chain, PrivateKey key) {
            this.name = name;
            this.chain = chain;
            this.key = key;
        }

        /**
         * Returns its common name.
         *
         * @return as given
         */
        public String name() {
            return name;
        }

        /**
         * Returns its own certificate.
         *
         * @return the certificate
         */
        public X509Certificate certificate() {
            return chain.get(0);
        }

        /**
         * Returns its private key.
         *
         * @return the key
         */
        public PrivateKey key() {
            return key;
        }

        /**
         * Writes the certificate, and those of the intermediate authorities after it, as PEM.
         *
         * @param directory where to
         * @return the file, which is called as the first name, and {@code .pem}
         */
        public Path writeChain(Path directory) {
            String text = Certificates.pem(chain.toArray());
            return write(directory, name, ".pem", text.getBytes(StandardCharsets.US_ASCII));
        }

        /**
         * Writes the key as PEM, PKCS#8.
         *
         * @param directory where to
         * @return the file, which is called as the first name, and {@code .key}
         */
        public Path writeKey(Path directory) {
            return writeKey(directory, null);
        }

        /**
         * Writes the key as PEM, PKCS#8 encrypted by PBES2 with AES, as {@code openssl pkcs8} does.
         *
         * @param directory where to
         * @param password for it
         * @return the file, which is called as the first name, and {@code .key}
         */
        public Path writeEncryptedKey(Path directory, String password) {
            try {
                return writeKey(
                        directory,
                        new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                                .setProvider(new BouncyCastleProvider())
                                .setPRF(PKCS8Generator.PRF_HMACSHA256)
                                .setPassword(password.toCharArray())
                                .build());
            } catch (OperatorCreationException e) {
                throw new AssertionError(e);
            }
        }

        private Path writeKey(Path directory, @Nullable OutputEncryptor encryptor) {
            try {
                String text = Certificates.pem(new JcaPKCS8Generator(key, encryptor));
                return write(directory, name, ".key", text.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /**
         * Writes certificates and key as PKCS#12.
         *
         * @param directory where to
         * @param password for it
         * @return the file, which is called as the first name, and {@code .p12}
         */
        public Path writePkcs12(Path directory, String password) {
            try (var content = new ByteArrayOutputStream()) {
                store(password.toCharArray()).store(content, password.toCharArray());
                return write(directory, name, ".p12", content.toByteArray());
            } catch (GeneralSecurityException | IOException e) {
                throw new AssertionError(e);
            }
        }

        /**
         * Returns a context that shows this certificate, for a server or a client.
         *
         * @param trusted whose certificates it takes from the other side; none for a server that does not ask for any
         * @return the context
         */
        public SSLContext context(Authority... trusted) {
            try {
                return Certificates.context(store(NO_PASSWORD), trusted);
            } catch (GeneralSecurityException | IOException e) {
                throw new AssertionError(e);
            }
        }

        private KeyStore store(char[] password) throws GeneralSecurityException, IOException {
            KeyStore store = emptyStore();
            store.setKeyEntry(ALIAS, key, password, chain.toArray(Certificate[]::new));
            return store;
        }
    }
}
