package io.emcache.internal.transport;

import io.emcache.TlsOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom the connections of a client trust and what they show, as made from options and their files. Immutable; safe for all threads. */
final class TlsContext {
    private static final char[] NO_PASSWORD = {};

    private final byte[] fingerprint;
    private final SSLContext context;
    private final @Nullable X509Certificate clientCertificate;

    private TlsContext(byte[] fingerprint, SSLContext context, @Nullable X509Certificate clientCertificate) {
        this.fingerprint = fingerprint;
        this.context = context;
        this.clientCertificate = clientCertificate;
    }

    /**
     * Makes what the options say.
     *
     * @throws TlsException if the files do not hold what they should
     */
    static TlsContext of(TlsOptions options, TlsFiles files) throws TlsException {
        try {
            X509ExtendedTrustManager trust = options.verify() ? trust(options, files) : new AnyServer();
            ClientKey key = clientKey(options, files);
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = key == null ? new KeyManager[0] : new KeyManager[] {key};
            context.init(keys, new TrustManager[] {trust}, null);
            if (key != null) {
                context.getClientSessionContext().setSessionCacheSize(1); // none is resumed; 0 would be no limit
            }
            return new TlsContext(files.fingerprint(), context, key == null ? null : key.certificate());
        } catch (GeneralSecurityException | RuntimeException e) { // what a provider throws at keys it does not like
            throw new TlsException("the JDK cannot use these certificates and keys: " + TlsText.safe(e), e);
        }
    }

    SSLContext context() {
        return context;
    }

    /** What the files held, as {@link TlsFiles#fingerprint}. */
    byte[] fingerprint() {
        return fingerprint;
    }

    /** What is shown to servers that ask for it, or null for nothing. */
    @Nullable
    X509Certificate clientCertificate() {
        return clientCertificate;
    }

    private static X509ExtendedTrustManager trust(TlsOptions options, TlsFiles files) throws TlsException {
        List<String> whom = new ArrayList<>();
        List<X509Certificate> authorities = new ArrayList<>();
        Path caFile = options.caFile();
        if (caFile != null) {
            String what = TlsText.file("ca", caFile);
            whom.add(what);
            authorities.addAll(Pem.certificates(what, files.ca()));
        }
        byte[] ca = options.ca();
        if (ca != null) {
            String what = "the ca given in memory";
            whom.add(what);
            authorities.addAll(Pem.certificates(what, ca));
        }
        List<X509ExtendedTrustManager> managers = new ArrayList<>();
        try {
            if (!authorities.isEmpty()) {
                managers.add(manager(store(authorities)));
            }
            if (options.systemAuthorities()) {
                X509ExtendedTrustManager system = manager(null);
                if (system.getAcceptedIssuers().length > 0) { // without any it would fail at each server
                    whom.add("the authorities of the JDK");
                    managers.add(system);
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("the authorities that are trusted cannot be read: " + TlsText.safe(e), e);
        }
        if (managers.isEmpty()) {
            throw new TlsException("the JDK has no authorities, and there is no ca: nobody is trusted", null);
        }
        return new ServerTrust(String.join(" and ", whom), managers);
    }

    private static KeyStore store(List<X509Certificate> authorities) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry(Integer.toString(store.size()), authority);
        }
        return store;
    }

    /** Trusts those of the store; null stands for that of the JDK. */
    private static X509ExtendedTrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager checksNames) {
                return checksNames;
            }
        }
        throw new KeyStoreException(
                "the trust manager of " + factory.getProvider() + " does not check the names of hosts");
    }

    private static @Nullable ClientKey clientKey(TlsOptions options, TlsFiles files) throws TlsException {
        Path certificateFile = options.certificateFile();
        Path pkcs12File = options.pkcs12File();
        if (certificateFile == null && pkcs12File == null) {
            return null;
        }
        char[] password = password(options.keyPassword());
        try {
            ClientKey key = certificateFile != null
                    ? ofPem(certificateFile, Objects.requireNonNull(options.keyFile()), files, password)
                    : ofPkcs12(Objects.requireNonNull(pkcs12File), files, password);
            String outOfTime = TlsText.outOfTime(key.certificate());
            if (outOfTime != null) {
                throw new TlsException("the client certificate " + outOfTime, null);
            }
            return key;
        } finally {
            if (password != null) {
                Arrays.fill(password, '\0');
            }
        }
    }

    private static char @Nullable [] password(@Nullable Supplier<char[]> supplier) throws TlsException {
        if (supplier == null) {
            return null;
        }
        char[] password;
        try {
            password = supplier.get();
        } catch (RuntimeException e) {
            throw new TlsException("keyPassword has failed", e);
        }
        if (password == null) {
            throw new TlsException("keyPassword gave none", null);
        }
        return password;
    }

    private static ClientKey ofPem(Path certificateFile, Path keyFile, TlsFiles files, char @Nullable [] password)
            throws TlsException {
        String certificateWhat = TlsText.file("certificate", certificateFile);
        String keyWhat = TlsText.file("key", keyFile);
        List<X509Certificate> chain = Pem.certificates(certificateWhat, files.certificate());
        Pem.Block block = Pem.key(keyWhat, files.key());
        PrivateKey key;
        try {
            key = PrivateKeys.read(keyWhat, block, password);
        } finally {
            block.wipe();
        }
        if (!PrivateKeys.isPair(key, chain.get(0).getPublicKey())) {
            throw new TlsException(
                    "the key of " + keyWhat + " does not belong to the certificate " + TlsText.describe(chain.get(0))
                            + " of " + certificateWhat,
                    null);
        }
        return new ClientKey(chain, key);
    }

    private static ClientKey ofPkcs12(Path file, TlsFiles files, char @Nullable [] password) throws TlsException {
        String what = TlsText.file("pkcs12", file);
        char[] passwordOrEmpty = password == null ? NO_PASSWORD : password;
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(files.pkcs12()), passwordOrEmpty);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.size() != 1) {
                throw new TlsException(
                        what + " holds " + (keys.isEmpty() ? "no private key" : "more than one private key"), null);
            }
            String alias = keys.get(0);
            List<X509Certificate> chain = new ArrayList<>();
            Certificate[] certificates = store.getCertificateChain(alias);
            for (Certificate certificate : certificates == null ? new Certificate[0] : certificates) {
                chain.add((X509Certificate) certificate);
            }
            if (chain.isEmpty()) {
                throw new TlsException(what + " holds no certificate of its private key", null);
            }
            return new ClientKey(chain, (PrivateKey) store.getKey(alias, passwordOrEmpty));
        } catch (UnrecoverableKeyException e) {
            throw wrongPassword(what, password, e);
        } catch (IOException e) {
            if (e instanceof TlsException said) {
                throw said;
            }
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw wrongPassword(what, password, e);
            }
            throw new TlsException(what + " is no PKCS#12 store", e);
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new TlsException(what + " cannot be used: " + TlsText.safe(e), e);
        }
    }

    private static TlsException wrongPassword(String what, char @Nullable [] password, Exception e) {
        return new TlsException(
                password == null
                        ? what + " is encrypted, and there is no keyPassword"
                        : "the password of " + what + " is wrong",
                e);
    }
}
