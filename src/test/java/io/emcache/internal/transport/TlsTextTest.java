package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TlsTextTest {
    private final Authority ca = Certificates.authority("emcache test CA");

    @Test
    void certificatesAreOneLine() {
        X509Certificate certificate = ca.server("localhost", "::1").certificate();
        assertThat(TlsText.describe(certificate))
                .isEqualTo("[CN=localhost, issued by CN=emcache test CA, valid until "
                        + certificate.getNotAfter().toInstant() + "]");
        assertThat(TlsText.outOfTime(certificate)).isNull();
        X509Certificate early = ca.notYetValidServer("localhost").certificate();
        assertThat(TlsText.outOfTime(early))
                .isEqualTo("[CN=localhost, issued by CN=emcache test CA, valid from "
                        + early.getNotBefore().toInstant() + "] is not valid yet");
        X509Certificate expired = ca.expiredServer("localhost").certificate();
        assertThat(TlsText.outOfTime(expired)).isEqualTo(TlsText.describe(expired) + " has expired");
        assertThat(TlsText.describe(ca.certificate())).startsWith("[CN=emcache test CA, valid until ");
        assertThat(TlsText.names(certificate)).isEqualTo("[localhost, 0:0:0:0:0:0:0:1]");
        assertThat(TlsText.names(ca.certificate())).isEqualTo("[]");
    }

    @Test
    void namesAreNotMoreThanOneWantsToRead() {
        String[] many = IntStream.range(0, 100).mapToObj(i -> "h" + i).toArray(String[]::new);
        assertThat(TlsText.names(ca.server(many).certificate()))
                .isEqualTo("[h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 and 90 more]");
    }

    @Test
    void foreignTextIsHarmless() {
        assertThat(TlsText.safe("a\r\nb\u202ec\ud800")).isEqualTo("a??b?c?");
        assertThat(TlsText.safe("x".repeat(200))).isEqualTo("x".repeat(200));
        assertThat(TlsText.safe("x".repeat(201))).isEqualTo("x".repeat(200) + "...");
        assertThat(TlsText.safe(new IllegalStateException())).isEqualTo("IllegalStateException");
        assertThat(TlsText.file("ca", Path.of("/a\nb"))).isEqualTo("ca file /a?b");
        String lines = TlsText.describe(ca.server("evil\\0Ahost").certificate());
        assertThat(lines).doesNotContain("\n");
    }
}
