package io.emcache;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How connections are encrypted, and who is trusted. Immutable and safe for all threads.
 *
 * <p>By default a server must show a certificate that an authority of the JDK vouches for and that names the host the client
 * has connected to; TLS 1.3 and 1.2 are spoken. Files are read when a connection is made, and read again when they have
 * changed, so certificates and keys are renewed without a restart.
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

    public static Builder builder() {
        return new Builder();
    }

    public Builder mutate() {
        return new Builder(this);
    }

    public boolean systemAuthorities() {
        return systemAuthorities;
    }

    public boolean verify() {
        return verify;
    }

    public boolean verifyHostname() {
        return verifyHostname;
    }

    public List<String> protocols() {
        return protocols;
    }

    public List<String> cipherSuites() {
        return cipherSuites;
    }

    public @Nullable SSLContext context() {
        return context;
    }

    public @Nullable Path caFile() {
        return caFile;
    }

    public byte @Nullable [] ca() {
        return ca == null ? null : ca.clone();
    }

    public @Nullable Path certificateFile() {
        return certificateFile;
    }

    public @Nullable Path keyFile() {
        return keyFile;
    }

    public @Nullable Path pkcs12File() {
        return pkcs12File;
    }

    public @Nullable Supplier<char[]> keyPassword() {
        return keyPassword;
    }

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

        public Builder systemAuthorities(boolean value) {
            systemAuthorities = value;
            return this;
        }

        public Builder verify(boolean value) {
            verify = value;
            return this;
        }

        public Builder verifyHostname(boolean value) {
            verifyHostname = value;
            return this;
        }

        public Builder protocols(String... values) {
            protocols = List.of(values);
            return this;
        }

        public Builder cipherSuites(String... values) {
            cipherSuites = List.of(values);
            return this;
        }

        public Builder context(SSLContext value) {
            context = value;
            return this;
        }

        public Builder ca(Path pemFile) {
            caFile = pemFile;
            return this;
        }

        public Builder ca(byte[] pem) {
            ca = pem.clone();
            return this;
        }

        public Builder certificate(Path certificateFile, Path keyFile) {
            this.certificateFile = certificateFile;
            this.keyFile = keyFile;
            return this;
        }

        public Builder pkcs12(Path file) {
            pkcs12File = file;
            return this;
        }

        public Builder keyPassword(Supplier<char[]> value) {
            keyPassword = value;
            return this;
        }

        public TlsOptions build() {
            return new TlsOptions(this);
        }
    }
}
