package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificatesTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Authority ca = Certificates.authority("emcache test CA");

    @TempDir
    Path directory;

    @Test
    void authorityVouchesForServersAndClients() throws GeneralSecurityException {
        Identity server = ca.server("localhost", "127.0.0.1", "::1");
        server.certificate().verify(ca.certificate().getPublicKey());
        assertThat(server.certificate().getSubjectAlternativeNames())
                .containsExactly(List.of(2, "localhost"), List.of(7, "127.0.0.1"), List.of(7, "0:0:0:0:0:0:0:1"));
        assertThat(server.certificate().getIssuerX500Principal())
                .isEqualTo(ca.certificate().getSubjectX500Principal());
        assertThat(ca.client("app").certificate().getSubjectX500Principal().getName())
                .isEqualTo("CN=app");
        assertThat(ca.certificate().getBasicConstraints()).isNotNegative();
        assertThat(server.certificate().getBasicConstraints()).isNegative();
    }

    @Test
    void certificatesOfAllTimes() {
        assertThatThrownBy(() -> ca.expiredServer("localhost").certificate().checkValidity())
                .isInstanceOf(CertificateExpiredException.class);
        assertThatThrownBy(() -> ca.expiredClient("app").certificate().checkValidity())
                .isInstanceOf(CertificateExpiredException.class);
        assertThatThrownBy(() -> ca.notYetValidServer("localhost").certificate().checkValidity())
                .isInstanceOf(CertificateNotYetValidException.class);
    }

    @Test
    void chainEndsBeforeTheRoot() throws Exception {
        Authority intermediate = ca.intermediate("second");
        Identity server = intermediate.server("localhost");
        assertThat(certificates(server.writeChain(directory)))
                .containsExactly(server.certificate(), intermediate.certificate());
        assertThat(certificates(ca.writePem(directory))).containsExactly(ca.certificate());
        intermediate.certificate().verify(ca.certificate().getPublicKey());
    }

    @Test
    void keysAreWrittenInEachForm() throws Exception {
        Identity client = ca.client("app 1");
        Path plain = client.writeKey(directory);
        assertThat(plain).isEqualTo(directory.resolve("app-1.key"));
        assertThat(Files.readString(plain)).startsWith("-----BEGIN PRIVATE KEY-----");

        String encrypted = Files.readString(client.writeEncryptedKey(directory, "secret"));
        assertThat(encrypted).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        byte[] der = Base64.getMimeDecoder()
                .decode(encrypted.replaceAll("-----[A-Z ]+-----", "").getBytes(StandardCharsets.US_ASCII));
        assertThat(new EncryptedPrivateKeyInfo(der).getAlgName()).isEqualTo("PBEWithHmacSHA256AndAES_256");

        KeyStore store =
                KeyStore.getInstance(client.writePkcs12(directory, "secret").toFile(), "secret".toCharArray());
        assertThat(store.getKey(store.aliases().nextElement(), "secret".toCharArray()))
                .isEqualTo(client.key());
        try (var files = Files.list(directory)) {
            assertThat(files).as("no other file is left").hasSize(2);
        }
    }

    @Test
    void contextsTalkToEachOther() throws Exception {
        assertThat(peerOf(ca.server("localhost").context(), ca.context())).isEqualTo("CN=localhost");
        Identity server = ca.intermediate("second").server("localhost");
        assertThat(peerOf(server.context(ca), ca.client("app").context(ca))).isEqualTo("CN=localhost");
        assertThatThrownBy(() -> peerOf(Certificates.selfSigned("localhost").context(), ca.context()))
                .isInstanceOf(IOException.class);
    }

    private static String peerOf(SSLContext serverSide, SSLContext clientSide) throws Exception {
        try (SSLServerSocket listener =
                (SSLServerSocket) serverSide.getServerSocketFactory().createServerSocket(0, 1, LOOPBACK)) {
            Thread server = Thread.startVirtualThread(() -> {
                try (SSLSocket socket = (SSLSocket) listener.accept()) {
                    socket.startHandshake();
                } catch (IOException e) {
                    // the client says what it was
                }
            });
            SSLSocketFactory factory = clientSide.getSocketFactory();
            try (SSLSocket client = (SSLSocket) factory.createSocket(LOOPBACK, listener.getLocalPort())) {
                client.startHandshake();
                return client.getSession().getPeerPrincipal().getName();
            } finally {
                server.join();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Collection<X509Certificate> certificates(Path pem) throws Exception {
        try (InputStream in = Files.newInputStream(pem)) {
            return (Collection<X509Certificate>)
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }
}
