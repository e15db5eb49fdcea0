package io.emcache.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.Certificates.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
final class ServerTlsTest {
    private static final Authority CA = Certificates.authority("kit");
    private static final SSLContext SERVER = CA.server("localhost").context();

    private static RawClient connect(ScriptedServer server) throws Exception {
        return RawClient.tls(server.port(), CA.context());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void scriptsAreTheSame(String protocol) throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, session -> {
                    session.tls().protocols(protocol);
                    assertThat(session.tls().protocol()).isEqualTo(protocol);
                    session.answerVersion();
                    session.expectLine("ms a 3");
                    session.expectBlock("abc");
                    session.send("x".repeat(100_000) + "\r\n");
                    assertThat(session.readLine()).isNull();
                });
                RawClient client = connect(server)) {
            assertThat(client.send("version\r\n").readLine()).isEqualTo("VERSION 1.6.18\r\n");
            assertThat(client.send("ms a 3\r\nabc\r\n").readLine()).hasSize(100_002);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void endOfAConnectionIsAnnouncedOnlyIfTheScriptSaysSo(String protocol) throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(
                SERVER,
                session -> {
                    session.tls().protocols(protocol).send("abc", 1);
                    session.close();
                },
                session -> {
                    session.tls().protocols(protocol).send("abc", 1);
                    session.tls().closeNotify();
                })) {
            assertThat(endIsAnnounced(server.port())).isFalse();
            assertThat(endIsAnnounced(server.port())).isTrue();
        }
    }

    /** Reads all that a server sends. A socket of the JDK does not tell the two ends apart, its engine does. */
    private static boolean endIsAnnounced(int port) throws Exception {
        SSLEngine engine = CA.context().createSSLEngine();
        engine.setUseClientMode(true);
        int packet = engine.getSession().getPacketBufferSize();
        ByteBuffer in = ByteBuffer.allocate(2 * packet).flip();
        ByteBuffer out = ByteBuffer.allocate(packet);
        ByteBuffer text = ByteBuffer.allocate(2 * engine.getSession().getApplicationBufferSize());
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            engine.beginHandshake();
            reading:
            while (!engine.isInboundDone()) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> engine.getDelegatedTask().run();
                    case NEED_WRAP -> {
                        engine.wrap(ByteBuffer.allocate(0), out);
                        out.flip();
                        while (out.hasRemaining()) {
                            channel.write(out);
                        }
                        out.clear();
                    }
                    default -> {
                        boolean isShort = engine.unwrap(in, text).getStatus() == Status.BUFFER_UNDERFLOW;
                        if (isShort && !fill(in, channel)) {
                            break reading;
                        }
                    }
                }
            }
        }
        assertThat(US_ASCII.decode(text.flip()).toString()).isEqualTo("abc");
        return engine.isInboundDone();
    }

    private static boolean fill(ByteBuffer buffer, SocketChannel channel) throws IOException {
        buffer.compact();
        int read = channel.read(buffer);
        buffer.flip();
        return read >= 0;
    }

    @Test
    void keysChangeWithinAConnection() throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, session -> {
                    session.answerVersion();
                    session.tls().rekey();
                    session.answerVersion();
                    session.tls().rekey();
                    session.send("MN\r\n");
                    session.answerVersion();
                });
                RawClient client = connect(server)) {
            assertThat(client.send("version\r\n").readLine()).startsWith("VERSION");
            assertThat(client.send("version\r\n").readLine()).startsWith("VERSION");
            assertThat(client.readLine()).isEqualTo("MN\r\n");
            assertThat(client.send("version\r\n").readLine()).startsWith("VERSION");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void alertEndsTheConnection(String protocol) throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, session -> {
                    session.tls().protocols(protocol).handshake();
                    session.tls().fatalAlert();
                    session.pause();
                });
                RawClient client = connect(server)) {
            assertThatThrownBy(client::readLine)
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("Received fatal alert");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void halfAHandshakeIsNone(String protocol) throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, session -> {
                    session.tls().protocols(protocol).handshakeHalf();
                    session.pause();
                });
                SSLSocket client =
                        (SSLSocket) CA.context().getSocketFactory().createSocket("127.0.0.1", server.port())) {
            client.setSoTimeout(200);
            assertThatThrownBy(client::startHandshake).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void scriptSeesTheNameThatIsAskedFor() throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, session -> {
                    assertThat(session.tls().serverNames()).containsExactly("cache.example");
                    session.send("ok\r\n");
                });
                SSLSocket client =
                        (SSLSocket) CA.context().getSocketFactory().createSocket("127.0.0.1", server.port())) {
            SSLParameters parameters = client.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("cache.example")));
            client.setSSLParameters(parameters);
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("ok\r\n");
        }
    }

    @Test
    void clientThatDoesNotTrustTheServerEndsTheScript() throws Exception {
        try (ScriptedServer server = ScriptedServer.startTls(SERVER, session -> {
            session.answerVersion();
        })) {
            SSLContext stranger = Certificates.authority("stranger").context();
            assertThatThrownBy(() -> RawClient.tls(server.port(), stranger)).isInstanceOf(SSLException.class);
        }
    }
}
