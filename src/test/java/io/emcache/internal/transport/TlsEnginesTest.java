package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import io.emcache.testkit.Gate;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client engines against those of the JDK as servers, through memory. */
final class TlsEnginesTest {
    private static final String TLS_1_3 = "TLSv1.3";
    private static final String TLS_1_2 = "TLSv1.2";
    private static final NodeAddress LOCALHOST = NodeAddress.tcp("localhost", 11211);

    private final Authority ca = Certificates.authority("emcache test CA");
    private final Authority stranger = Certificates.authority("stranger CA");
    private final Identity server = ca.server("localhost", "127.0.0.1", "cache.example");
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void serverOfOwnAuthorityIsTrusted(String protocol) throws IOException {
        TlsEngines engines = engines(trusting(ca).protocols(protocol));
        SSLEngine client = engines.create(LOCALHOST);
        HandshakeInMemory.between(client, serverSide(server)).succeeds();
        assertThat(client.getSession().getProtocol()).isEqualTo(protocol);
        HandshakeInMemory.between(engines.create(NodeAddress.tcp("127.0.0.1", 11211)), serverSide(server))
                .succeeds();
        NodeAddress byAddress = NodeAddress.parse("[::1]:11211");
        HandshakeInMemory.between(engines.create(byAddress), serverSide(ca.server("::1")))
                .succeeds();
        assertThat(failure(engines, byAddress, server)).endsWith("], not for ::1");
        Identity behind = ca.intermediate("second CA").server("localhost");
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(behind)).succeeds();
        assertThat(warnings).isEmpty();
    }

    @Test
    void authoritiesOfFileAndMemoryAndOfSeveralInOneAreTrusted() throws IOException {
        Authority third = Certificates.authority("third CA");
        Path both = Files.write(
                directory.resolve("both.pem"), List.of("# ours", text(ca.pem()), "# theirs", text(stranger.pem())));
        TlsEngines engines = engines(TlsOptions.builder().ca(both).ca(third.pem()));
        for (Authority authority : List.of(ca, stranger, third)) {
            HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(authority.server("localhost")))
                    .succeeds();
        }
        assertThat(failure(
                        engines, LOCALHOST, Certificates.authority("fourth CA").server("localhost")))
                .endsWith(" is not issued by an authority that is trusted; those are: ca file " + both
                        + " and the ca given in memory and the authorities of the JDK");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void everyBadCertificateIsNamed(String protocol) throws IOException {
        Path caFile = ca.writePem(directory);
        TlsEngines engines =
                engines(TlsOptions.builder().ca(caFile).systemAuthorities(false).protocols(protocol));

        Identity expired = ca.expiredServer("localhost");
        assertThat(failure(engines, LOCALHOST, expired))
                .isEqualTo("n1: the certificate of the server [CN=localhost, issued by CN=emcache test CA, valid until "
                        + expired.certificate().getNotAfter().toInstant() + "] has expired");

        Identity early = ca.notYetValidServer("localhost");
        assertThat(failure(engines, LOCALHOST, early))
                .isEqualTo("n1: the certificate of the server [CN=localhost, issued by CN=emcache test CA, valid from "
                        + early.certificate().getNotBefore().toInstant() + "] is not valid yet");

        assertThat(failure(engines, LOCALHOST, ca.server("a.example", "10.0.0.1")))
                .startsWith(
                        "n1: the certificate of the server [CN=a.example, issued by CN=emcache test CA, valid until ")
                .endsWith("Z] is for [a.example, 10.0.0.1], not for localhost");
        assertThat(failure(engines, NodeAddress.tcp("127.0.0.2", 11211), server))
                .endsWith("Z] is for [localhost, 127.0.0.1, cache.example], not for 127.0.0.2");
        assertThat(failure(engines, LOCALHOST, ca.namelessServer("other"))).endsWith("] is for [], not for localhost");

        assertThat(failure(engines, LOCALHOST, stranger.server("localhost")))
                .startsWith("n1: the certificate of the server [CN=localhost, issued by CN=stranger CA, valid until ")
                .endsWith("] is not issued by an authority that is trusted; those are: ca file " + caFile);
        assertThat(failure(engines, LOCALHOST, stranger.intermediate("second").server("localhost")))
                .contains("] is not issued by an authority that is trusted; those are: ca file " + caFile
                        + "; the last issuer that it shows is [CN=second, issued by CN=stranger CA,");
        assertThat(failure(engines, LOCALHOST, Certificates.selfSigned("localhost")))
                .startsWith("n1: the certificate of the server [CN=localhost, valid until ")
                .endsWith("] is its own issuer, and is not trusted; those are: ca file " + caFile);
        assertThat(failure(engines, LOCALHOST, ca.client("localhost")))
                .endsWith("] is refused: Extended key usage does not permit use for TLS server authentication");
    }

    @Test
    void trustOfManyDoesNotHideAWrongName() throws IOException {
        assertThat(failure(engines(trusting(ca)), LOCALHOST, ca.server("a.example")))
                .endsWith("] is for [a.example], not for localhost");
    }

    @Test
    void selfSignedServerIsTrustedIfItIsGiven() throws IOException {
        Identity self = Certificates.selfSigned("localhost");
        TlsEngines engines = engines(TlsOptions.builder().ca(self.writeChain(directory)));
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(self)).succeeds();
    }

    @Test
    void nameIsThatOfTheIdAndSentToTheServer() throws IOException {
        TlsEngines engines = engines(trusting(ca));
        assertThat(nameSeen(engines, LOCALHOST)).isEqualTo("localhost");
        assertThat(nameSeen(engines, NodeAddress.tcp("cache.example.", 1))).isEqualTo("cache.example");
        assertThat(nameSeen(engines, NodeAddress.tcp("127.0.0.1", 1))).isNull();
        assertThat(nameSeen(engines, NodeAddress.tcp("10.9.9.9", 1).withId("cache.example:11211")))
                .isEqualTo("cache.example");
        assertThat(nameSeen(engines, LOCALHOST.withId("first"))).isEqualTo("localhost");
        assertThat(failure(engines, LOCALHOST.withId("else.example:11211"), server))
                .endsWith(", not for else.example");
    }

    private @Nullable String nameSeen(TlsEngines engines, NodeAddress node) throws IOException {
        SSLEngine serverSide = serverSide(server);
        HandshakeInMemory.between(engines.create(node), serverSide).succeeds();
        List<SNIServerName> names = ((ExtendedSSLSession) serverSide.getSession()).getRequestedServerNames();
        return names.isEmpty() ? null : ((SNIHostName) names.get(0)).getAsciiName();
    }

    @Test
    void namesThatNoCertificateCanHold() throws IOException {
        NodeAddress odd = NodeAddress.tcp("my_cache", 11211);
        assertThatThrownBy(() -> engines(trusting(ca)).create(odd))
                .isInstanceOf(TlsException.class)
                .hasMessage(
                        "no certificate can name the host my_cache: a host name has letters, digits, hyphens and dots;"
                                + " use another name or its IP address");
        HandshakeInMemory.between(engines(trusting(ca).verifyHostname(false)).create(odd), serverSide(server))
                .succeeds();
    }

    @Test
    void withoutTheCheckOfNamesTheIssuerMatters() throws IOException {
        TlsEngines engines = engines(trusting(ca).verifyHostname(false));
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(ca.server("a.example")))
                .succeeds();
        assertThat(failure(engines, LOCALHOST, stranger.server("localhost")))
                .contains("is not issued by an authority that is trusted");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void withoutVerificationAnybodyDoesAndItIsSaidOnce(String protocol) throws IOException {
        TlsEngines engines = engines(TlsOptions.builder().verify(false).protocols(protocol));
        assertThat(warnings).isEmpty();
        for (Identity anybody : List.of(
                stranger.server("a.example"),
                stranger.expiredServer("localhost"),
                Certificates.selfSigned("b.example"),
                ca.client("localhost"))) {
            HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(anybody))
                    .succeeds();
        }
        assertThat(warnings)
                .containsExactly(
                        "servers are not verified (verify=false): whoever is on the way can read and change everything");
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void sessionsAreResumedNodeByNode(String protocol) throws Exception {
        TlsEngines engines = engines(trusting(ca).protocols(protocol));
        SSLContext serverContext = server.context();
        NodeAddress other = NodeAddress.tcp("localhost", 11212);
        SSLEngine first = engines.create(LOCALHOST);
        HandshakeInMemory.between(first, serverSide(serverContext)).succeeds();
        awaitNextMilli(first.getSession().getCreationTime());

        SSLEngine second = engines.create(other);
        HandshakeInMemory.between(second, serverSide(serverContext)).succeeds();
        assertThat(second.getSession().getCreationTime())
                .isNotEqualTo(first.getSession().getCreationTime());

        SSLEngine again = engines.create(LOCALHOST);
        HandshakeInMemory.between(again, serverSide(serverContext)).succeeds();
        assertThat(again.getSession().getCreationTime())
                .isEqualTo(first.getSession().getCreationTime());

        SSLEngine moved = engines.create(NodeAddress.tcp("10.9.9.9", 4).withId("localhost:11212"));
        HandshakeInMemory.between(moved, serverSide(serverContext)).succeeds();
        assertThat(moved.getSession().getCreationTime())
                .isEqualTo(second.getSession().getCreationTime());
    }

    /** memcached fails the handshake if they are. */
    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void sessionsWithAClientCertificateAreNotResumed(String protocol) throws Exception {
        Identity app = ca.client("app");
        TlsEngines engines = engines(
                trusting(ca).protocols(protocol).certificate(app.writeChain(directory), app.writeKey(directory)));
        SSLContext serverContext = server.context(ca);
        long last = 0;
        for (int i = 0; i < 3; i++) {
            SSLEngine serverSide = serverSide(serverContext);
            serverSide.setNeedClientAuth(true);
            SSLEngine client = engines.create(LOCALHOST);
            HandshakeInMemory.between(client, serverSide).succeeds();
            long created = client.getSession().getCreationTime();
            assertThat(created).isGreaterThan(last);
            awaitNextMilli(created);
            last = created;
        }
    }

    @Test
    void ownContextResumesUntilAServerFails() throws Exception {
        TlsEngines engines = engines(TlsOptions.builder().context(ca.context()));
        SSLContext serverContext = server.context();
        SSLEngine first = engines.create(LOCALHOST);
        HandshakeInMemory.between(first, serverSide(serverContext)).succeeds();
        awaitNextMilli(first.getSession().getCreationTime());
        SSLEngine second = engines.create(LOCALHOST);
        HandshakeInMemory.between(second, serverSide(serverContext)).succeeds();
        assertThat(second.getSession().getCreationTime())
                .isEqualTo(first.getSession().getCreationTime());

        SSLException failure = new SSLException("(internal_error) Received fatal alert: internal_error");
        assertThat(engines.explain("n1", second, failure))
                .hasMessageStartingWith("n1: the server has failed within the TLS handshake");
        SSLEngine third = engines.create(LOCALHOST);
        HandshakeInMemory.between(third, serverSide(serverContext)).succeeds();
        assertThat(third.getSession().getCreationTime())
                .isGreaterThan(first.getSession().getCreationTime());
        SSLEngine other = engines.create(NodeAddress.tcp("127.0.0.1", 11211));
        assertThat(other.getPeerPort()).isEqualTo(11211);
    }

    private static void awaitNextMilli(long timeMs) throws InterruptedException {
        while (System.currentTimeMillis() <= timeMs) {
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void clientShowsItsCertificate(String protocol) throws Exception {
        Authority issuer = ca.intermediate("issuer of clients");
        Identity ec = issuer.client("app");
        check(protocol, ec, b -> b.certificate(ec.writeChain(directory), ec.writeKey(directory)));
        check(
                protocol,
                ec,
                b -> b.certificate(ec.writeChain(directory), ec.writeEncryptedKey(directory, "secret"))
                        .keyPassword("secret"::toCharArray));
        check(protocol, ec, b -> b.pkcs12(ec.writePkcs12(directory, "secret")).keyPassword("secret"::toCharArray));
        check(protocol, ec, b -> b.pkcs12(ec.writePkcs12(directory, "")));

        Identity rsa = issuer.client(rsaKeys(), "rsa app");
        check(protocol, rsa, b -> b.certificate(rsa.writeChain(directory), rsa.writeKey(directory)));
        Identity edwards = issuer.client(KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), "edwards app");
        check(protocol, edwards, b -> b.certificate(edwards.writeChain(directory), edwards.writeKey(directory)));
    }

    private interface Setting {
        TlsOptions.Builder on(TlsOptions.Builder builder);
    }

    private void check(String protocol, Identity client, Setting setting) throws IOException {
        TlsEngines engines = engines(setting.on(trusting(ca).protocols(protocol)));
        SSLEngine serverSide = askingServerSide(ca);
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide).succeeds();
        X509Certificate seen = (X509Certificate) serverSide.getSession().getPeerCertificates()[0];
        assertThat(seen).isEqualTo(client.certificate());
    }

    private static KeyPair rsaKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    @Test
    void keyMayStandBesideItsCertificate() throws IOException {
        Identity client = ca.client("app");
        Path file = directory.resolve("both.pem");
        Files.writeString(
                file, Files.readString(client.writeKey(directory)) + Files.readString(client.writeChain(directory)));
        check(TLS_1_3, client, b -> b.certificate(file, file));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_3, TLS_1_2})
    void refusalOfTheClientIsExplained(String protocol) throws IOException {
        TlsEngines nobody = engines(trusting(ca).protocols(protocol));
        SSLEngine client = nobody.create(LOCALHOST);
        SSLException failure =
                HandshakeInMemory.between(client, askingServerSide(ca)).failure();
        assertThat(nobody.explain("n1", client, failure))
                .hasCause(failure)
                .hasMessageContaining(
                        protocol.equals(TLS_1_3)
                                ? "n1: the server asks for a client certificate, and has seen none"
                                : "or the server wants another client certificate; it has seen none");

        Identity app = stranger.client("app");
        TlsEngines unknown = engines(
                trusting(ca).protocols(protocol).certificate(app.writeChain(directory), app.writeKey(directory)));
        client = unknown.create(LOCALHOST);
        failure = HandshakeInMemory.between(client, askingServerSide(ca)).failure();
        assertThat(unknown.explain("n1", client, failure))
                .hasMessageStartingWith(
                        "n1: the server refuses the client certificate [CN=app, issued by CN=stranger CA, valid until ");
    }

    @Test
    void serverOfOtherVersionOrSuiteIsExplained() throws IOException {
        TlsEngines engines = engines(trusting(ca).protocols(TLS_1_3));
        SSLEngine client = engines.create(LOCALHOST);
        SSLEngine serverSide = serverSide(server);
        serverSide.setEnabledProtocols(new String[] {TLS_1_2});
        SSLException failure = HandshakeInMemory.between(client, serverSide).failure();
        assertThat(engines.explain("n1", client, failure)).hasMessage("n1: the server speaks none of TLSv1.3");

        TlsEngines picky = engines(trusting(ca).cipherSuites("TLS_AES_256_GCM_SHA384"));
        client = picky.create(LOCALHOST);
        serverSide = serverSide(server);
        serverSide.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"});
        failure = HandshakeInMemory.between(client, serverSide).failure();
        assertThat(picky.explain("n1", client, failure))
                .hasMessageStartingWith("n1: the server and this client have no cipher suite or kind of key in common");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ERROR\r\n", "CLIENT_ERROR unauthenticated\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"})
    void serverWithoutTlsIsExplained(String answer) throws IOException {
        TlsEngines engines = engines(trusting(ca));
        SSLEngine client = engines.create(LOCALHOST);
        client.beginHandshake();
        client.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(1 << 16));
        ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> client.unwrap(bytes, ByteBuffer.allocate(1 << 16)))
                .isInstanceOfSatisfying(
                        SSLException.class,
                        e -> assertThat(engines.explain("n1", client, e))
                                .hasMessage("n1: the server does not speak TLS")
                                .hasCause(e));
    }

    @Test
    void otherFailuresKeepTheirText() throws IOException {
        TlsEngines engines = engines(trusting(ca));
        SSLEngine client = engines.create(LOCALHOST);
        assertThat(engines.explain("n1", client, new EOFException()))
                .hasMessage("n1: the server has closed the connection within the TLS handshake;"
                        + " the server may ask for a client certificate, and has seen none");
        assertThat(engines.explain("n1", client, new IOException("reset\r\nby peer")))
                .hasMessage("n1: the connection has failed within the TLS handshake: reset??by peer;"
                        + " the server may ask for a client certificate, and has seen none");
        assertThat(engines.explain("n1", client, new SSLException("odd"))).hasMessage("n1: TLS has failed: odd");
        TlsException said = new TlsException("said", null);
        assertThat(engines.explain("n1", client, said)).isSameAs(said);
    }

    @Test
    void ownContextIsTakenWithProtocolsAndNames() throws IOException {
        TlsEngines engines = engines(TlsOptions.builder().context(ca.context()).protocols(TLS_1_2));
        SSLEngine client = engines.create(LOCALHOST);
        HandshakeInMemory.between(client, serverSide(server)).succeeds();
        assertThat(client.getSession().getProtocol()).isEqualTo(TLS_1_2);
        assertThat(failure(engines, NodeAddress.tcp("a.example", 1), server))
                .isEqualTo(
                        "n1: the certificate of the server is refused: No subject alternative DNS name matching a.example found.");
        TlsEngines loose = engines(TlsOptions.builder().context(ca.context()).verifyHostname(false));
        HandshakeInMemory.between(loose.create(NodeAddress.tcp("a.example", 1)), serverSide(server))
                .succeeds();
    }

    @Test
    void contextThatCannotBeUsed() throws Exception {
        SSLContext raw = SSLContext.getInstance("TLS");
        assertThatThrownBy(() -> engines(TlsOptions.builder().context(raw)).create(LOCALHOST))
                .isInstanceOf(TlsException.class)
                .hasMessageStartingWith("the context cannot be used with these options: ");
        assertThatThrownBy(() -> engines(trusting(ca).cipherSuites("ROT13")).create(LOCALHOST))
                .isInstanceOf(TlsException.class)
                .hasMessage("there is no cipher suite ROT13");
    }

    @Test
    void changedAuthorityIsTrustedFromTheNextConnectionOn() throws IOException {
        Path caFile = ca.writePem(directory);
        TlsEngines engines = engines(TlsOptions.builder().ca(caFile).systemAuthorities(false));
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(server)).succeeds();
        Files.write(caFile, stranger.pem());
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide(stranger.server("localhost")))
                .succeeds();
        assertThat(failure(engines, LOCALHOST, server)).contains("is not issued by an authority that is trusted");
        assertThat(warnings).isEmpty();
    }

    @Test
    void halfARenewalKeepsWhatWasThereUntilTheOtherHalf() throws IOException {
        Identity old = ca.client("app");
        Path certificate = old.writeChain(directory);
        Path key = old.writeKey(directory);
        TlsEngines engines = engines(trusting(ca).certificate(certificate, key));
        assertThat(shown(engines)).isEqualTo(old.certificate());

        Identity renewed = ca.client("app");
        renewed.writeChain(directory);
        for (int i = 0; i < 3; i++) {
            assertThat(shown(engines)).isEqualTo(old.certificate());
        }
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith(
                        "what has changed cannot be used, so connections are made as before: the key of key file " + key
                                + " does not belong to the certificate [CN=app, issued by CN=emcache test CA, valid until ")
                .endsWith("] of certificate file " + certificate);

        renewed.writeKey(directory);
        assertThat(shown(engines)).isEqualTo(renewed.certificate());

        Files.delete(key);
        assertThat(shown(engines)).isEqualTo(renewed.certificate());
        assertThat(shown(engines)).isEqualTo(renewed.certificate());
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(1)).endsWith("key file " + key + " does not exist");
        renewed.writeKey(directory);
        assertThat(shown(engines)).isEqualTo(renewed.certificate());
        assertThat(warnings).hasSize(2);
    }

    private X509Certificate shown(TlsEngines engines) throws IOException {
        SSLEngine serverSide = askingServerSide(ca);
        HandshakeInMemory.between(engines.create(LOCALHOST), serverSide).succeeds();
        return (X509Certificate) serverSide.getSession().getPeerCertificates()[0];
    }

    @Test
    void touchedFilesKeepTheSessions() throws Exception {
        Path caFile = ca.writePem(directory);
        TlsEngines engines = engines(TlsOptions.builder().ca(caFile));
        SSLContext serverContext = server.context();
        SSLEngine first = engines.create(LOCALHOST);
        HandshakeInMemory.between(first, serverSide(serverContext)).succeeds();
        awaitNextMilli(first.getSession().getCreationTime());
        ca.writePem(directory);
        SSLEngine second = engines.create(LOCALHOST);
        HandshakeInMemory.between(second, serverSide(serverContext)).succeeds();
        assertThat(second.getSession().getCreationTime())
                .isEqualTo(first.getSession().getCreationTime());
    }

    @Test
    void unchangedFilesAreNotReadAgain() throws IOException {
        Identity client = ca.client("app");
        Path store = client.writePkcs12(directory, "secret");
        AtomicInteger asked = new AtomicInteger();
        TlsEngines engines = engines(trusting(ca).pkcs12(store).keyPassword(() -> {
            asked.incrementAndGet();
            return "secret".toCharArray();
        }));
        for (int i = 0; i < 3; i++) {
            engines.create(LOCALHOST);
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void connectionsDoNotWaitForFilesThatAreBeingRead() throws Exception {
        Identity old = ca.client("app");
        Path store = old.writePkcs12(directory, "secret");
        Gate gate = new Gate();
        AtomicInteger asked = new AtomicInteger();
        TlsEngines engines = engines(trusting(ca).pkcs12(store).keyPassword(() -> {
            if (asked.getAndIncrement() > 0) {
                pass(gate);
            }
            return "secret".toCharArray();
        }));
        assertThat(shown(engines)).isEqualTo(old.certificate());

        Identity renewed = ca.client("app");
        renewed.writePkcs12(directory, "secret");
        CompletableFuture<X509Certificate> reader = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return shown(engines);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
        gate.awaitReached();
        assertThat(shown(engines)).isEqualTo(old.certificate());
        gate.open();
        assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(renewed.certificate());
        assertThat(shown(engines)).isEqualTo(renewed.certificate());
        assertThat(asked).hasValue(2);
    }

    private static void pass(Gate gate) {
        try {
            gate.pass();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void passwordIsOverwritten() throws IOException {
        char[] password = "secret".toCharArray();
        Path store = ca.client("app").writePkcs12(directory, "secret");
        engines(trusting(ca).pkcs12(store).keyPassword(() -> password)).create(LOCALHOST);
        assertThat(password).containsOnly('\0');
    }

    @Test
    void firstUseSaysWhatIsWrongWithWhichFileAndLaterOnesTryAgain() throws IOException {
        Identity client = ca.client("app");
        Path certificate = client.writeChain(directory);
        Path key = directory.resolve("app.key");
        TlsEngines engines = engines(trusting(ca).certificate(certificate, key));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> engines.create(LOCALHOST))
                    .isInstanceOf(TlsException.class)
                    .hasMessage("key file " + key + " does not exist");
        }
        client.writeKey(directory);
        assertThat(shown(engines)).isEqualTo(client.certificate());
        assertThat(warnings).isEmpty();
    }

    private TlsEngines engines(TlsOptions.Builder options) {
        return new TlsEngines(options.build(), warnings::add);
    }

    private static TlsOptions.Builder trusting(Authority authority) {
        return TlsOptions.builder().ca(authority.pem());
    }

    private static SSLEngine serverSide(Identity identity) {
        return serverSide(identity.context());
    }

    private static SSLEngine serverSide(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    private SSLEngine askingServerSide(Authority clients) {
        SSLEngine engine = serverSide(server.context(clients));
        engine.setNeedClientAuth(true);
        return engine;
    }

    private String failure(TlsEngines engines, NodeAddress node, Identity identity) throws IOException {
        SSLEngine client = engines.create(node);
        SSLException failure =
                HandshakeInMemory.between(client, serverSide(identity)).failure();
        TlsException explained = engines.explain("n1", client, failure);
        assertThat(explained).hasCause(failure);
        return String.valueOf(explained.getMessage());
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.US_ASCII);
    }
}
