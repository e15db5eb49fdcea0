package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

final class TlsOptionsTest {
    private static final Path FILE = Path.of("some.pem");
    private static final Path KEY = Path.of("some.key");

    @Test
    void defaultsVerifyEverything() {
        TlsOptions options = TlsOptions.builder().build();
        assertThat(options.verify()).isTrue();
        assertThat(options.verifyHostname()).isTrue();
        assertThat(options.systemAuthorities()).isTrue();
        assertThat(options.protocols()).containsExactly("TLSv1.3", "TLSv1.2");
        assertThat(options.cipherSuites()).isEmpty();
        assertThat(options.context()).isNull();
        assertThat(options.ca()).isNull();
        assertThat(options.caFile()).isNull();
        assertThat(options.certificateFile()).isNull();
        assertThat(options.keyFile()).isNull();
        assertThat(options.pkcs12File()).isNull();
        assertThat(options.keyPassword()).isNull();
        assertThat(options).hasToString("TlsOptions[]");
    }

    @Test
    void everySettingIsKeptAndChangedByMutate() {
        TlsOptions options = TlsOptions.builder()
                .systemAuthorities(false)
                .verify(false)
                .verifyHostname(false)
                .protocols("TLSv1.3")
                .cipherSuites("TLS_AES_128_GCM_SHA256")
                .ca(FILE)
                .ca(bytes("pem"))
                .certificate(FILE, KEY)
                .keyPassword("secret"::toCharArray)
                .build();
        TlsOptions same = options.mutate().build();
        assertThat(same).usingRecursiveComparison().isEqualTo(options);
        assertThat(same.ca()).isEqualTo(bytes("pem"));
        assertThat(options.mutate().certificate(null, null).pkcs12(FILE).build().pkcs12File())
                .isEqualTo(FILE);
        assertThat(options.mutate().verify(true).build().verify()).isTrue();
        assertThat(options.verify()).isFalse();
    }

    @Test
    void arraysAreCopiedInAndOut() {
        byte[] pem = bytes("pem");
        TlsOptions options = TlsOptions.builder().ca(pem).build();
        pem[0] = 0;
        byte[] copy = options.ca();
        assertThat(copy).isEqualTo(bytes("pem"));
        copy[0] = 0;
        assertThat(options.ca()).isEqualTo(bytes("pem"));
    }

    @Test
    void textHoldsNoSecrets() throws GeneralSecurityException {
        assertThat(TlsOptions.builder()
                        .systemAuthorities(false)
                        .verify(false)
                        .verifyHostname(false)
                        .protocols("TLSv1.2")
                        .cipherSuites("A", "B")
                        .ca(FILE)
                        .ca(bytes("pem"))
                        .certificate(FILE, KEY)
                        .keyPassword("secret"::toCharArray)
                        .build())
                .hasToString(
                        "TlsOptions[systemAuthorities=false, verify=false, verifyHostname=false, protocols=[TLSv1.2],"
                                + " cipherSuites=[A, B], ca=some.pem, ca=in memory, certificate=some.pem, key=some.key,"
                                + " keyPassword=***]");
        assertThat(TlsOptions.builder().context(SSLContext.getDefault()).build())
                .hasToString("TlsOptions[context=custom]");
        assertThat(TlsOptions.builder().pkcs12(FILE).build()).hasToString("TlsOptions[pkcs12=some.pem]");
    }

    @Test
    void ownContextExcludesWhatItBrings() throws GeneralSecurityException {
        SSLContext context = SSLContext.getDefault();
        refused(
                b -> b.context(context)
                        .verify(false)
                        .systemAuthorities(false)
                        .ca(FILE)
                        .certificate(FILE, KEY)
                        .keyPassword("secret"::toCharArray),
                "invalid options: context must not be there beside verify=false; "
                        + "context must not be there beside systemAuthorities=false; "
                        + "context must not be there beside ca; "
                        + "context must not be there beside certificate; "
                        + "context must not be there beside keyPassword");
        refused(
                b -> b.context(context).pkcs12(FILE).ca(bytes("pem")),
                "invalid options: context must not be there beside ca; context must not be there beside pkcs12");
        TlsOptions options = TlsOptions.builder()
                .context(context)
                .verifyHostname(false)
                .protocols("TLSv1.3")
                .cipherSuites("TLS_AES_128_GCM_SHA256")
                .build();
        assertThat(options.context()).isSameAs(context);
    }

    @Test
    void certificateAndKeyGoTogether() {
        refused(b -> b.certificate(FILE, null), "invalid options: certificate must not be there without key");
        refused(b -> b.certificate(null, KEY), "invalid options: key must not be there without certificate");
        refused(
                b -> b.certificate(FILE, KEY).pkcs12(FILE),
                "invalid options: certificate must not be there beside pkcs12");
        refused(
                b -> b.keyPassword("secret"::toCharArray),
                "invalid options: keyPassword must not be there without key or pkcs12");
    }

    @Test
    void somebodyMustBeTrusted() {
        refused(
                b -> b.systemAuthorities(false),
                "invalid options: systemAuthorities must not be false without ca: nobody would be trusted");
        assertThat(TlsOptions.builder()
                        .systemAuthorities(false)
                        .ca(bytes("pem"))
                        .build()
                        .systemAuthorities())
                .isFalse();
    }

    @Test
    void protocolsAreThoseThatAreSafe() {
        String rule = "invalid options: protocols must be some of TLSv1.2 and TLSv1.3, not ";
        refused(b -> b.protocols(), rule + "[]");
        refused(b -> b.protocols("TLSv1.3", "TLSv1.1"), rule + "[TLSv1.3, TLSv1.1]");
        assertThatNullPointerException().isThrownBy(() -> TlsOptions.builder().protocols("TLSv1.3", nullText()));
    }

    @SuppressWarnings("NullAway") // what a caller without checks may do
    private static String nullText() {
        return null;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void refused(Consumer<TlsOptions.Builder> settings, String message) {
        TlsOptions.Builder builder = TlsOptions.builder();
        settings.accept(builder);
        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessage(message);
    }
}
