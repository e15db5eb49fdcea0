package io.emcache;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How connections are encrypted, and who is trusted. Immutable and safe for all threads; one object may serve several
 * clients.
 *
 * <p>By default a server must show a certificate that an authority of the JDK vouches for and that names the host the client
 * has connected to; TLS 1.3 and 1.2 are spoken. Files are read when a connection is made, and read again when they have
 * changed, so certificates and keys are renewed without a restart. A change that cannot be used, such as half of a renewal,
 * is logged, and the client goes on with what it has until the files are right.
 *
 * <p>Nobody is ever talked to in the clear when TLS fails.
 */
public final class TlsOptions {
    private static final List<String> DEFAULT_PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private final boolean systemAuthorities;
    private final boolean verify;
    private final boolean verifyHostname;
    private final List<String> protocols;
    private final List<String> cipherSuites;
    private final @Nullable SSLContext context;
    private final @Nullable Path caFile;
    private final byte @Nullable [] ca;
    private final @Nullable Path certificateFile;
    private final @Nullable Path keyFile;
    private final @Nullable Path pkcs12File;
    private final @Nullable Supplier<char[]> keyPassword;

    private TlsOptions(Builder builder) {
        systemAuthorities = builder.systemAuthorities;
        verify = builder.verify;
        verifyHostname = builder.verifyHostname;
        protocols = builder.protocols;
        cipherSuites = builder.cipherSuites;
        context = builder.context;
        caFile = builder.caFile;
        ca = builder.ca;
        certificateFile = builder.certificateFile;
        keyFile = builder.keyFile;
        pkcs12File = builder.pkcs12File;
        keyPassword = builder.keyPassword;
    }

    /**
     * Starts with the defaults.
     *
     * @return a builder, for one thread
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts with these options.
     *
     * @return a builder, for one thread
     */
    public Builder mutate() {
        return new Builder(this);
    }

    /**
     * Returns whether the authorities of the JDK are trusted.
     *
     * @return true by default
     */
    public boolean systemAuthorities() {
        return systemAuthorities;
    }

    /**
     * Returns whether servers have to prove who they are.
     *
     * @return true by default
     */
    public boolean verify() {
        return verify;
    }

    /**
     * Returns whether the certificate of a server has to name its host. Without {@link #verify()} no name is compared, whatever
     * is said here.
     *
     * @return true by default
     */
    public boolean verifyHostname() {
        return verifyHostname;
    }

    /**
     * Returns the versions of TLS that are spoken.
     *
     * @return their names as the JDK has them, at least one; {@code TLSv1.3} and {@code TLSv1.2} by default
     */
    public List<String> protocols() {
        return protocols;
    }

    /**
     * Returns the cipher suites that are offered.
     *
     * @return their names as the JDK has them, the preferred first; empty, the default, for those of the context
     */
    public List<String> cipherSuites() {
        return cipherSuites;
    }

    /**
     * Returns the context of the user's own.
     *
     * @return the context; null, the default, for one made by these options
     */
    public @Nullable SSLContext context() {
        return context;
    }

    /**
     * Returns the file of authorities that are trusted.
     *
     * @return the file as given; null, the default, for none
     */
    public @Nullable Path caFile() {
        return caFile;
    }

    /**
     * Returns the authorities that are trusted, as given in memory.
     *
     * @return a copy of the PEM text; null, the default, for none
     */
    public byte @Nullable [] ca() {
        return ca == null ? null : ca.clone();
    }

    /**
     * Returns the file with the certificate of the client.
     *
     * @return the file as given; null, the default, for none
     */
    public @Nullable Path certificateFile() {
        return certificateFile;
    }

    /**
     * Returns the file with the private key of the client.
     *
     * @return the file as given; null, the default, for none
     */
    public @Nullable Path keyFile() {
        return keyFile;
    }

    /**
     * Returns the file with both the certificate and the private key of the client.
     *
     * @return the file as given; null, the default, for none
     */
    public @Nullable Path pkcs12File() {
        return pkcs12File;
    }

    /**
     * Returns what gives the password of the private key.
     *
     * @return the supplier as given; null, the default, for no password
     */
    public @Nullable Supplier<char[]> keyPassword() {
        return keyPassword;
    }

    /** Returns what differs from the defaults; of passwords, and of what was given in memory, that it is there. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "TlsOptions[", "]");
        addUnless(text, systemAuthorities, "systemAuthorities=false");
        addUnless(text, verify, "verify=false");
        addUnless(text, verifyHostname, "verifyHostname=false");
        addUnless(text, protocols.equals(DEFAULT_PROTOCOLS), "protocols=" + protocols);
        addUnless(text, cipherSuites.isEmpty(), "cipherSuites=" + cipherSuites);
        addUnless(text, context == null, "context=custom");
        addUnless(text, caFile == null, "ca=" + caFile);
        addUnless(text, ca == null, "ca=in memory");
        addUnless(text, certificateFile == null, "certificate=" + certificateFile);
        addUnless(text, keyFile == null, "key=" + keyFile);
        addUnless(text, pkcs12File == null, "pkcs12=" + pkcs12File);
        addUnless(text, keyPassword == null, "keyPassword=***");
        return text.toString();
    }

    private static void addUnless(StringJoiner text, boolean isDefault, String part) {
        if (!isDefault) {
            text.add(part);
        }
    }

    /** Collects settings. For one thread; may be used again after {@link #build()}. */
    public static final class Builder {
        private boolean systemAuthorities = true;
        private boolean verify = true;
        private boolean verifyHostname = true;
        private List<String> protocols = DEFAULT_PROTOCOLS;
        private List<String> cipherSuites = List.of();
        private @Nullable SSLContext context;
        private @Nullable Path caFile;
        private byte @Nullable [] ca;
        private @Nullable Path certificateFile;
        private @Nullable Path keyFile;
        private @Nullable Path pkcs12File;
        private @Nullable Supplier<char[]> keyPassword;

        private Builder() {}

        private Builder(TlsOptions options) {
            systemAuthorities = options.systemAuthorities;
            verify = options.verify;
            verifyHostname = options.verifyHostname;
            protocols = options.protocols;
            cipherSuites = options.cipherSuites;
            context = options.context;
            caFile = options.caFile;
            ca = options.ca;
            certificateFile = options.certificateFile;
            keyFile = options.keyFile;
            pkcs12File = options.pkcs12File;
            keyPassword = options.keyPassword;
        }

        /**
         * Sets whether the authorities of the JDK are trusted, which are those of the file {@code cacerts} or of the property
         * {@code javax.net.ssl.trustStore}. Those of {@link #ca(Path)} are trusted besides.
         *
         * @param value false if only the given ones are
         * @return this
         */
        public Builder systemAuthorities(boolean value) {
            systemAuthorities = value;
            return this;
        }

        /**
         * Sets whether servers have to prove who they are. Without it whoever stands in between can read and change everything,
         * so each client logs a warning; no host name is compared then either.
         *
         * @param value false for trials only
         * @return this
         */
        public Builder verify(boolean value) {
            verify = value;
            return this;
        }

        /**
         * Sets whether the certificate of a server has to name its host: the one of the node's address, or of its id if that
         * reads as host and port. An IP address has to be named as such. Without it any server will do that an authority
         * vouches for.
         *
         * @param value false for certificates that name no hosts
         * @return this
         */
        public Builder verifyHostname(boolean value) {
            verifyHostname = value;
            return this;
        }

        /**
         * Sets the versions of TLS that are spoken.
         *
         * @param values {@code TLSv1.3}, {@code TLSv1.2} or both
         * @return this
         */
        public Builder protocols(String... values) {
            protocols = List.of(values);
            return this;
        }

        /**
         * Sets the cipher suites that are offered. They have to suit the versions: those of TLS 1.3 are others than those before.
         *
         * @param values names as the JDK has them, such as {@code TLS_AES_128_GCM_SHA256}, the preferred first; none for those
         *     of the context
         * @return this
         */
        public Builder cipherSuites(String... values) {
            cipherSuites = List.of(values);
            return this;
        }

        /**
         * Sets a context of the user's own, such as one of another provider. It brings its authorities, certificates and keys;
         * versions, cipher suites and the check of host names are set by these options on top of it.
         *
         * @param value an initialised context; null, the default, for one made by these options
         * @return this
         */
        public Builder context(@Nullable SSLContext value) {
            context = value;
            return this;
        }

        /**
         * Sets a file of authorities that are trusted, besides those of the JDK unless these are switched off.
         *
         * @param pemFile one or more certificates in PEM; null, the default, for none
         * @return this
         */
        public Builder ca(@Nullable Path pemFile) {
            caFile = pemFile;
            return this;
        }

        /**
         * Sets authorities that are trusted, besides those of {@link #ca(Path)}, and of the JDK unless these are switched off.
         *
         * @param pem one or more certificates in PEM, which are copied; null, the default, for none
         * @return this
         */
        public Builder ca(byte @Nullable [] pem) {
            ca = pem == null ? null : pem.clone();
            return this;
        }

        /**
         * Sets the certificate that the client shows to servers that ask for one.
         *
         * @param certificateFile the certificate in PEM, and after it those of intermediate authorities, if any; null, the
         *     default, for none
         * @param keyFile its private key in PEM, of RSA, EC or Ed25519; encrypted if there is a {@link #keyPassword}. The key
         *     may stand in the file of the certificate; null, the default, for none
         * @return this
         */
        public Builder certificate(@Nullable Path certificateFile, @Nullable Path keyFile) {
            this.certificateFile = certificateFile;
            this.keyFile = keyFile;
            return this;
        }

        /**
         * Sets the certificate that the client shows to servers that ask for one, and its private key, as one file.
         *
         * @param file a PKCS#12 store with one key, opened by {@link #keyPassword}; null, the default, for none
         * @return this
         */
        public Builder pkcs12(@Nullable Path file) {
            pkcs12File = file;
            return this;
        }

        /**
         * Sets what gives the password of the private key. It is asked on a background thread each time that the files are read;
         * it may block, but takes its time from the connection timeout.
         *
         * @param value gives a new array each time, which is overwritten after use; safe for all threads; null, the default,
         *     for no password
         * @return this
         */
        public Builder keyPassword(@Nullable Supplier<char[]> value) {
            keyPassword = value;
            return this;
        }

        /**
         * Validates the settings. Files are not looked at: they may come later.
         *
         * @return the options
         * @throws IllegalArgumentException if some settings contradict each other; it names all of them
         */
        public TlsOptions build() {
            boolean own = context != null;
            boolean anyCa = caFile != null || ca != null;
            OptionRules rules = new OptionRules();
            rules.someOf("protocols", protocols, Set.copyOf(DEFAULT_PROTOCOLS));
            rules.onlyOne("context", own, "verify=false", !verify);
            rules.onlyOne("context", own, "systemAuthorities=false", !systemAuthorities);
            rules.onlyOne("context", own, "ca", anyCa);
            rules.onlyOne("context", own, "certificate", certificateFile != null || keyFile != null);
            rules.onlyOne("context", own, "pkcs12", pkcs12File != null);
            rules.onlyOne("context", own, "keyPassword", keyPassword != null);
            rules.someAuthority(systemAuthorities, anyCa);
            rules.together("certificate", certificateFile != null, "key", keyFile != null);
            rules.onlyOne("certificate", certificateFile != null, "pkcs12", pkcs12File != null);
            rules.onlyWith("keyPassword", keyPassword != null, "key or pkcs12", keyFile != null || pkcs12File != null);
            rules.throwIfBroken();
            return new TlsOptions(this);
        }
    }
}
