package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.Certificates.Authority;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
final class MemcachedServerTest {
    @Test
    void answersOnAPortOfItsOwn() {
        try (MemcachedServer one = MemcachedServer.start();
                MemcachedServer other = MemcachedServer.start()) {
            assertThat(one.command("version")).startsWith("VERSION ");
            assertThat(one.port()).isPositive().isNotEqualTo(other.port());
            assertThat(one.uri()).isEqualTo("memcached://127.0.0.1:" + one.port());
        }
    }

    @Test
    void argumentsReachTheServer() {
        try (MemcachedServer server = MemcachedServer.start("-m", "32")) {
            assertThat(server.stats()).containsEntry("limit_maxbytes", Integer.toString(32 << 20));
        }
    }

    @Test
    void answersOnAUnixSocket(@TempDir Path directory) {
        Path path = directory.resolve("memcached.sock");
        try (MemcachedServer server = MemcachedServer.startUnix(path)) {
            assertThat(server.command("version")).startsWith("VERSION ");
            assertThat(server.address()).isEqualTo(path.toString());
            assertThat(server.uri()).isEqualTo("unix:" + path);
            assertThatThrownBy(server::port).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void answersOverTls() throws Exception {
        Authority ca = Certificates.authority("server test");
        try (MemcachedServer server =
                MemcachedServer.builder().tls(ca.server("localhost")).start()) {
            assertThat(server.command("version")).startsWith("VERSION ");
            assertThat(server.stats("settings")).containsEntry("ssl_enabled", "yes");
            try (RawClient client = RawClient.tls(server.port(), ca.context())) {
                assertThat(client.send("mn\r\n").readLine()).isEqualTo("MN\r\n");
            }
            Authority other = Certificates.authority("another");
            server.identity(other.server("localhost"));
            server.restart();
            assertThatThrownBy(() -> RawClient.tls(server.port(), ca.context())).isInstanceOf(SSLException.class);
            RawClient.tls(server.port(), other.context()).close();
        }
    }

    @Test
    void wantsCertificatesOfItsClients() throws Exception {
        Authority ca = Certificates.authority("server test");
        try (MemcachedServer server = MemcachedServer.builder()
                .tls(ca.server("localhost"))
                .clientsOf(ca)
                .start()) {
            assertThat(server.command("version")).startsWith("VERSION ");
            SSLContext known = ca.client("known").context(ca);
            try (RawClient client = RawClient.tls(server.port(), known)) {
                assertThat(client.send("mn\r\n").readLine()).isEqualTo("MN\r\n");
            }
            assertThatThrownBy(() -> RawClient.tls(server.port(), known))
                    .as("resuming the session")
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("internal_error");
            assertThatThrownBy(() -> {
                        try (RawClient unknown = RawClient.tls(server.port(), ca.context())) {
                            unknown.send("mn\r\n").readLine();
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void wantsAPassword(@TempDir Path directory) throws Exception {
        try (MemcachedServer server =
                MemcachedServer.builder().logins("one:secret", "two:secret").start()) {
            assertThat(server.command("version")).startsWith("VERSION ");
            try (RawClient client = new RawClient(server.port())) {
                assertThat(client.send("version\r\n").readLine()).isEqualTo("CLIENT_ERROR unauthenticated\r\n");
                assertThat(client.send("set _ _ _ 10\r\ntwo secret\r\n").readLine())
                        .isEqualTo("STORED\r\n");
            }
            server.logins("one:other");
            server.restart();
            assertThat(server.command("version")).startsWith("VERSION ");
        }
        try (MemcachedServer server = MemcachedServer.builder()
                .unix(directory.resolve("memcached.sock"))
                .logins("one:secret")
                .start()) {
            assertThat(server.stats()).containsKey("curr_items");
        }
    }

    @Test
    void wantsAPasswordOverTls() {
        ServerRelease.NEXT.assumeAvailable();
        try (MemcachedServer server = MemcachedServer.builder()
                .release(ServerRelease.NEXT)
                .tls(Certificates.selfSigned("localhost"))
                .logins("one:secret")
                .start()) {
            assertThat(server.stats("settings")).containsEntry("ssl_enabled", "yes");
        }
    }

    /** It waits for a binary header of 24 bytes before it finds that this is none. */
    @ParameterizedTest
    @ValueSource(strings = {"-S", "-B binary"})
    void binaryOnlyServerClosesOnTextAfter24Bytes(String args) throws Exception {
        try (MemcachedServer server = MemcachedServer.start(args.split(" ", -1));
                RawClient client = new RawClient(server.port())) {
            client.send("version\r\n");
            assertThat(client.hearsNothing()).isTrue();
            assertThat(client.send("version\r\nmn\r\n  ").readAll()).isEmpty();
        }
    }

    @Test
    void suspendedServerIsSilentUntilResumed() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                RawClient client = new RawClient(server.port())) {
            server.suspend();
            client.send("mn\r\n");
            assertThat(client.hearsNothing()).isTrue();
            server.resume();
            assertThat(client.readLine()).isEqualTo("MN\r\n");
        }
    }

    @Test
    void suspendedServerCanBeStopped() {
        try (MemcachedServer server = MemcachedServer.start()) {
            server.suspend();
            server.stop();
            assertThat(server.isAlive()).isFalse();
        }
    }

    @Test
    void killedServerRefusesConnections() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                RawClient client = new RawClient(server.port())) {
            client.send("mn\r\n");
            assertThat(client.readLine()).isEqualTo("MN\r\n");
            server.kill();
            assertThat(client.readAll()).isEmpty();
            assertThatThrownBy(() -> new RawClient(server.port())).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void restartKeepsThePortAndForgetsTheItems() {
        try (MemcachedServer server = MemcachedServer.start()) {
            int port = server.port();
            long pid = server.pid();
            server.command("set a 0 0 1\r\nx");
            assertThat(server.stats()).containsEntry("curr_items", "1");
            server.restart();
            assertThat(server.port()).isEqualTo(port);
            assertThat(server.pid()).isNotEqualTo(pid);
            assertThat(server.stats()).containsEntry("curr_items", "0");
        }
    }

    @Test
    void restartBringsBackAKilledServer() {
        try (MemcachedServer server = MemcachedServer.start()) {
            server.kill();
            server.restart();
            assertThat(server.command("mn")).isEqualTo("MN");
        }
    }

    @Test
    void portOfAKilledServerIsGivenToNobodyElse() throws Exception {
        try (MemcachedServer server = MemcachedServer.start();
                Socket other = new Socket()) {
            server.kill();
            other.setReuseAddress(false);
            assertThatThrownBy(() -> other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port())))
                    .isInstanceOf(BindException.class);
            assertThatThrownBy(() -> new RawClient(server.port())).isInstanceOf(ConnectException.class);
            server.restart();
            assertThat(server.command("mn")).isEqualTo("MN");
        }
    }

    @Test
    void closeEndsItsOwnProcessOnly() {
        try (MemcachedServer other = MemcachedServer.start()) {
            MemcachedServer server = MemcachedServer.start();
            server.close();
            server.close();
            assertThat(server.isAlive()).isFalse();
            assertThat(other.command("mn")).isEqualTo("MN");
        }
    }

    @Test
    void missingBinaryNamesTheSetupScript() {
        assertThatThrownBy(() -> MemcachedServer.startBinary("/nonexistent/memcached"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("/nonexistent/memcached", "scripts/setup", "EMCACHE_MEMCACHED");
    }

    @Test
    void refusedArgumentSaysWhatWasPrinted() {
        assertThatThrownBy(() -> MemcachedServer.start("--no-such-option"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("ended at its start", "printed=", "no-such-option");
    }
}
