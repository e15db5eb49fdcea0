package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@NoLeaks
final class ScriptedServerTest {
    @Test
    void scriptTalksToTheClient() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(session -> {
            session.answerVersion();
            session.expectLine("ms a 2");
            session.expectBlock("\r\n");
            session.send("HD\r\n");
        })) {
            try (RawClient client = new RawClient(server.port())) {
                client.send("version\r\nms a 2\r\n\r\n\r\n");
                assertThat(client.readAll()).isEqualTo("VERSION 1.6.18\r\nHD\r\n");
            }
            assertThat(server.receivedLines()).containsExactly("version", "ms a 2");
        }
    }

    @Test
    void wrongLineFailsTheClose() throws Exception {
        ScriptedServer server = ScriptedServer.start(session -> session.expectLine("mn"));
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("version\r\n").readAll()).isEmpty();
        }
        assertThatThrownBy(server::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("'mn'", "'version'");
    }

    @Test
    void wrongBlockFailsTheClose() throws Exception {
        ScriptedServer server = ScriptedServer.start(session -> session.expectBlock("ab"));
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("xy\r\n").readAll()).isEmpty();
        }
        assertThatThrownBy(server::close).isInstanceOf(AssertionError.class).hasMessageContainingAll("'ab'", "'xy'");
    }

    @Test
    void expectedLineThatNeverCameFailsTheClose() throws Exception {
        ScriptedServer server = ScriptedServer.start(session -> session.expectLine("mn"));
        try (RawClient client = new RawClient(server.port())) {
            client.send("m");
            server.awaitConnections(1);
            assertThatThrownBy(server::close)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("the connection ended");
        }
    }

    @Test
    void exceptionOfTheScriptFailsTheCheckAndTheClose() throws Exception {
        ScriptedServer server = ScriptedServer.start(session -> {
            throw new IllegalArgumentException("broken script");
        });
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.readAll()).isEmpty();
        }
        assertThatThrownBy(server::checkScripts).hasRootCauseMessage("broken script");
        assertThatThrownBy(server::close).hasRootCauseMessage("broken script");
    }

    @Test
    void lineWithoutCarriageReturnFailsTheClose() throws Exception {
        ScriptedServer server = ScriptedServer.start(Session::readLine);
        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.send("mn\n").readAll()).isEmpty();
        }
        assertThatThrownBy(server::close).hasMessageContaining("without CR");
    }

    @Test
    void clientThatLeavesIsNoFailure() throws Exception {
        Gate gone = new Gate();
        try (ScriptedServer server = ScriptedServer.start(
                session -> assertThat(session.readLine()).isNull(), session -> session.readBytes(1), session -> {
                    gone.pass();
                    for (int i = 0; i < 1000; i++) {
                        session.send("MN\r\n".repeat(1000));
                    }
                })) {
            for (int i = 0; i < 3; i++) {
                new RawClient(server.port()).close();
                server.awaitConnections(i + 1);
            }
            gone.open();
            assertThatCode(server::close).doesNotThrowAnyException();
        }
    }

    @Test
    void eachConnectionHasItsScriptAndTheLastRepeats() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(
                session -> session.send("first"), session -> session.send("later " + session.connection()))) {
            for (String expected : new String[] {"first", "later 2", "later 3"}) {
                try (RawClient client = new RawClient(server.port())) {
                    assertThat(client.readAll()).isEqualTo(expected);
                }
            }
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    @Test
    void gateHoldsTheAnswer() throws Exception {
        Gate gate = new Gate();
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    gate.pass();
                    session.send("late\r\n");
                });
                RawClient client = new RawClient(server.port())) {
            gate.awaitReached();
            assertThat(client.hearsNothing()).isTrue();
            gate.open();
            assertThat(client.readLine()).isEqualTo("late\r\n");
        }
    }

    @Test
    void closedGateDoesNotKeepTheServerFromClosing() throws Exception {
        Gate gate = new Gate();
        ScriptedServer server = ScriptedServer.start(session -> gate.pass());
        try (RawClient client = new RawClient(server.port())) {
            gate.awaitReached();
            server.close();
            assertThat(client.readAll()).isEmpty();
        }
    }

    @Test
    void pausedConnectionIsSilentAndOpen() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(Session::pause);
                RawClient client = new RawClient(server.port())) {
            client.send("mn\r\n");
            assertThat(client.hearsNothing()).isTrue();
        }
    }

    @Test
    void resetReachesTheClientAsReset() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.expectLine("mn");
                    session.reset();
                });
                RawClient client = new RawClient(server.port())) {
            client.send("mn\r\n");
            assertThatThrownBy(client::readAll)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void clientMayStillSendAfterTheServersFin() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.shutdownOutput();
                    session.expectLine("mn");
                });
                RawClient client = new RawClient(server.port())) {
            assertThat(client.readAll()).isEmpty();
            client.send("mn\r\n");
            server.awaitLines(1);
        }
    }

    @Test
    void acceptDelayHoldsTheScriptBack() throws Exception {
        try (ScriptedServer server =
                        ScriptedServer.start(session -> session.send("x")).acceptDelay(Duration.ofSeconds(60));
                RawClient client = new RawClient(server.port())) {
            assertThat(client.hearsNothing()).isTrue();
            assertThat(server.connections()).isZero();
        }
    }

    @Test
    void connectToAFullBacklogIsNotAnswered() throws IOException {
        try (ScriptedServer server = ScriptedServer.startNeverAccepting();
                Socket socket = new Socket()) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
            assertThatThrownBy(() -> socket.connect(address, 200)).isInstanceOf(SocketTimeoutException.class);
            assertThat(server.connections()).isZero();
        }
    }

    @Test
    void awaitingWhatDoesNotComeFails() {
        try (ScriptedServer server = ScriptedServer.start(Session::pause)) {
            assertThatThrownBy(() -> server.awaitConnections(1, Duration.ofMillis(50)))
                    .isInstanceOf(AssertionError.class);
        }
    }
}
