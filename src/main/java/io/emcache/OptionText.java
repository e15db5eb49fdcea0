package io.emcache;

import io.emcache.spi.CredentialsProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a URI or properties have said so far. TLS and credentials are said in several settings each, which are put together
 * at the end. For one thread and one set of options.
 */
final class OptionText {
    static final String TLS = "tls";
    static final String CERTIFICATE = "certificate";
    static final String KEY = "key";
    static final String KEY_PASSWORD_FILE = "keyPasswordFile";
    static final String KEY_PASSWORD_ENV = "keyPasswordEnv";
    static final String USERNAME = "username";
    static final String PASSWORD = "password";
    static final String PASSWORD_FILE = "passwordFile";
    static final String PASSWORD_ENV = "passwordEnv";

    private final ClientOptions.Builder builder = new ClientOptions.Builder();
    private final TlsOptions.Builder tls = TlsOptions.builder();
    private final Set<String> tlsSettings = new LinkedHashSet<>();
    private final Map<String, Supplier<char[]>> keyPasswords = new LinkedHashMap<>();
    private final Map<String, Function<String, CredentialsProvider>> passwords = new LinkedHashMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final Function<String, @Nullable String> environment;
    private @Nullable Boolean encrypted;
    private @Nullable Path certificate;
    private @Nullable Path key;
    private @Nullable String username;

    /** Begins with the defaults; the function gives the value of an environment variable, or null. */
    OptionText(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    /** Where settings go that stand for themselves. */
    ClientOptions.Builder builder() {
        return builder;
    }

    /** Where the setting of this name goes, which is refused at the end if there is no TLS. */
    TlsOptions.Builder tls(String name) {
        tlsSettings.add(name);
        return tls;
    }

    void encrypted(boolean value) {
        if (encrypted != null && encrypted != value) {
            throw new IllegalArgumentException("contradicts memcacheds://");
        }
        encrypted = value;
    }

    void certificate(Path file) {
        tlsSettings.add(CERTIFICATE);
        certificate = file;
    }

    void key(Path file) {
        tlsSettings.add(KEY);
        key = file;
    }

    void keyPasswordFile(Path file) {
        tlsSettings.add(KEY_PASSWORD_FILE);
        keyPasswords.put(KEY_PASSWORD_FILE, () -> read(file));
    }

    void keyPasswordEnv(String variable) {
        tlsSettings.add(KEY_PASSWORD_ENV);
        variables.put(KEY_PASSWORD_ENV, variable);
        keyPasswords.put(KEY_PASSWORD_ENV, () -> valueOf(variable).toCharArray());
    }

    void username(String name) {
        username = name;
    }

    void password(String secret) {
        passwords.put(PASSWORD, name -> new FixedCredentials(Credentials.of(name, secret)));
    }

    void passwordFile(Path file) {
        passwords.put(PASSWORD_FILE, name -> new PasswordFile(name, file));
    }

    void passwordEnv(String variable) {
        variables.put(PASSWORD_ENV, variable);
        passwords.put(PASSWORD_ENV, name -> new FixedCredentials(Credentials.of(name, valueOf(variable))));
    }

    /** Whether a password itself was among the texts. */
    boolean holdsPassword() {
        return passwords.containsKey(PASSWORD);
    }

    /**
     * Puts the settings together.
     *
     * @return the options
     * @throws IllegalArgumentException if something is missing, contradictory or refused; it repeats no secret
     */
    ClientOptions options() {
        boolean withTls = encrypted != null && encrypted;
        OptionRules rules = new OptionRules();
        rules.onlyWithTls(tlsSettings, withTls);
        rules.onlyOne(keyPasswords.keySet());
        rules.together(USERNAME, username != null, "passwordFile, passwordEnv or password", !passwords.isEmpty());
        rules.onlyOne(passwords.keySet());
        variables.forEach((name, variable) -> rules.variable(name, environment.apply(variable)));
        rules.throwIfBroken();
        keyPasswords.values().forEach(tls::keyPassword);
        if (withTls) {
            builder.tls(tls.certificate(certificate, key).build());
        }
        String name = username;
        if (name != null) {
            passwords.values().forEach(password -> builder.credentials(password.apply(name)));
        }
        return builder.options();
    }

    private static char[] read(Path file) {
        try {
            return SecretFile.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private String valueOf(String variable) {
        return Objects.requireNonNull(environment.apply(variable));
    }
}
