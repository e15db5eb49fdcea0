package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;

/** Addresses behind which there is nobody, yet. */
@NoLeaks
class AddressFaultsTest {
    @InEverySetup
    @DisplayName("L18 a unix socket that is missing or stale: the path is named, and it works once a server is there")
    void l18_unixSocketMissingOrStale(Setup setup, @TempDir Path directory) throws IOException {
        Path path = directory.resolve("mc.sock");
        try (Rig rig = Rig.create(setup, "unix:" + path, UnaryOperator.identity())) {
            NodeUnavailable missing = rig.get("k").failure(NodeUnavailable.class);
            assertThat(missing).hasMessageContaining(path.toString());
            assertThat(missing.getCause()).isInstanceOf(IOException.class);
            try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                left.bind(UnixDomainSocketAddress.of(path));
            }
            assertThat(Files.exists(path)).isTrue();
            assertThat(rig.set("k", new byte[1]).failure(NodeUnavailable.class).outcomeUnknown())
                    .isFalse();
            try (MemcachedServer server = MemcachedServer.startUnix(path)) {
                assertThat(server.isAlive()).isTrue();
                rig.assertWorksAgain();
            }
        }
    }

    @InEverySetup
    @DisplayName("L14 a name that nobody knows does not fail the making of a client, only its calls")
    void l14_unknownName(Setup setup) {
        try (Rig rig = Rig.create(
                setup, "memcached://emcache-test.invalid:11211", options -> options.timeout(Duration.ofSeconds(3)))) {
            Throwable failure = rig.get("k").await();
            assertThat(failure).isInstanceOfAny(NodeUnavailable.class, MemcachedException.Timeout.class);
            assertThat(failure).hasMessageContaining("emcache-test.invalid");
            assertThatThrownBy(() -> rig.client().awaitReady(Duration.ofMillis(10)))
                    .isInstanceOf(NodeUnavailable.class);
        }
    }
}
