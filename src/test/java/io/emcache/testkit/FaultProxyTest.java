package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NoLeaks
final class FaultProxyTest {
    private final ScriptedServer server = ScriptedServer.start(new FakeMemcached());
    private final FaultProxy proxy = FaultProxy.start(server.port());

    @BeforeEach
    void worksWithoutFaults() throws Exception {
        requireNewConnectionWorks();
    }

    @AfterEach
    void close() {
        proxy.close();
        server.close();
    }

    private void requireNewConnectionWorks() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
        }
    }

    private static void requireMn(RawClient client) throws Exception {
        assertThat(client.send("mn\r\n").readLine()).isEqualTo("MN\r\n");
    }

    @Test
    void countsConnectionsAndForwardsTheirEnd() throws Exception {
        assertThat(proxy.connections()).isEqualTo(1);
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            assertThat(proxy.connections()).isEqualTo(2);
            assertThat(client.finish().readAll()).isEmpty();
        }
        await().until(() -> proxy.openConnections() == 0);
    }

    @Test
    void delayedBytesArriveLater() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            proxy.toClient().delay(Duration.ofMillis(100));
            long startNs = System.nanoTime();
            requireMn(client);
            assertThat(System.nanoTime() - startNs)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(100).toNanos());
        }
    }

    @Test
    void droppedBytesAreMissing() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            proxy.toClient().dropNext(3);
            assertThat(client.send("version\r\n").readLine()).isEqualTo("SION 1.6.18\r\n");
            proxy.toServer().dropNext(Long.MAX_VALUE);
            client.send("mn\r\n");
            assertThat(client.hearsNothing()).isTrue();
            proxy.heal();
            requireMn(client);
        }
    }

    @Test
    void duplicatedBytesComeTwice() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            proxy.toServer().duplicateNext(4);
            client.send("mn\r\nversion\r\n");
            assertThat(client.readLine()).isEqualTo("MN\r\n");
            assertThat(client.readLine()).isEqualTo("MN\r\n");
            assertThat(client.readLine()).isEqualTo("VERSION 1.6.18\r\n");
        }
        assertThat(server.receivedLines()).containsExactly("mn", "mn", "mn", "version");
    }

    @Test
    void cutEndsTheConnectionAtTheByteAndOnce() throws Exception {
        for (int count = 0; count < "VERSION 1.6.18\r\n".length(); count++) {
            try (RawClient client = new RawClient(proxy.port())) {
                proxy.toClient().cutAfter(count);
                assertThat(client.send("version\r\n").readAll()).isEqualTo("VERSION 1.6.18\r\n".substring(0, count));
            }
            requireNewConnectionWorks();
        }
    }

    @Test
    void cutTowardsTheServerLeavesHalfACommand() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            proxy.toServer().cutAfter(6);
            assertThat(client.send("mn\r\nversion\r\n").readAll()).isIn("", "MN\r\n");
        }
        server.awaitLines(2);
        assertThat(server.receivedLines()).containsExactly("mn", "mn");
    }

    @Test
    void resetAtTheByteReachesTheClientAsReset() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            proxy.toServer().resetAfter(2);
            client.send("mn\r\n");
            assertThatThrownBy(client::readAll).isInstanceOf(SocketException.class);
        }
        requireNewConnectionWorks();
    }

    @Test
    void everyConnectionIsCutAtTheByte() throws Exception {
        proxy.toClient().cutEachAfter(10);
        for (int i = 0; i < 5; i++) {
            try (RawClient client = new RawClient(proxy.port())) {
                assertThat(client.send("mn\r\nmn\r\nmn\r\n").readAll()).isEqualTo("MN\r\nMN\r\nMN");
            }
        }
        proxy.heal();
        requireNewConnectionWorks();
    }

    @Test
    void everyConnectionIsResetAtTheByte() throws Exception {
        proxy.toServer().resetEachAfter(6);
        for (int i = 0; i < 5; i++) {
            try (RawClient client = new RawClient(proxy.port())) {
                client.send("mn\r\nmn\r\n");
                assertThatThrownBy(client::readAll).isInstanceOf(SocketException.class);
            }
        }
        proxy.heal();
        requireNewConnectionWorks();
    }

    @Test
    void resetAllResetsOpenConnections() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            proxy.resetAll();
            assertThatThrownBy(client::readAll).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void cutAllEndsOpenConnections() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            proxy.cutAll();
            assertThat(client.readAll()).isEmpty();
        }
        await().until(() -> proxy.openConnections() == 0);
    }

    @Test
    void halfOpenConnectionIsSilentForGoodAndKeepsItsSockets() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            proxy.halfOpen();
            client.send("mn\r\n");
            assertThat(client.hearsNothing()).isTrue();
            proxy.heal();
            client.send("mn\r\n");
            assertThat(client.hearsNothing()).isTrue();
            server.close();
            assertThat(client.hearsNothing()).isTrue();
            assertThat(proxy.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void drippedBytesAllArrive() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            proxy.toClient().drip(1, Duration.ofMillis(1));
            assertThat(client.send("version\r\n").readLine()).isEqualTo("VERSION 1.6.18\r\n");
            proxy.toClient().drip(5, Duration.ofSeconds(60));
            assertThat(client.send("version\r\n").read(5)).isEqualTo("VERSI");
            assertThat(client.hearsNothing()).isTrue();
        }
    }

    @Test
    void refusedConnectionsAreRefusedUntilHealed() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            proxy.refuseConnections();
            assertThatThrownBy(() -> new RawClient(proxy.port())).isInstanceOf(ConnectException.class);
            requireMn(client);
            proxy.heal();
            requireNewConnectionWorks();
        }
    }

    @Test
    void frozenBytesComeWhenThawed() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            requireMn(client);
            proxy.freeze();
            client.send("mn\r\n");
            assertThat(client.hearsNothing()).isTrue();
            assertThat(proxy.toServer().forwardedBytes()).isEqualTo(8);
            proxy.unfreeze();
            assertThat(client.readLine()).isEqualTo("MN\r\n");
            assertThat(proxy.toServer().forwardedBytes()).isEqualTo(12);
        }
    }

    @Test
    void frozenProxyCanBeClosed() throws Exception {
        try (RawClient client = new RawClient(proxy.port())) {
            proxy.freeze();
            client.send("mn\r\n");
            proxy.close();
            assertThat(proxy.openConnections()).isZero();
        }
    }

    @Test
    void serverThatIsDownResetsTheClient() throws Exception {
        server.close();
        try (RawClient client = new RawClient(proxy.port())) {
            assertThatThrownBy(client::readAll).isInstanceOf(SocketException.class);
        }
    }
}
