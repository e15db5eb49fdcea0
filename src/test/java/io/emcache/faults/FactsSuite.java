package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.RawClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/**
 * One server for each {@link Peer}, and one plain connection to it for each test, which begins with an empty server. Tests
 * are skipped one by one, with the reason, where a server is missing.
 */
abstract class FactsSuite {
    static final String KEY_250 = "k".repeat(250);
    static final String KEY_251 = "k".repeat(251);
    static final String BAD_FORMAT = "CLIENT_ERROR bad command line format";
    static final String TOO_LARGE = "SERVER_ERROR object too large for cache";
    static final String NOT_A_NUMBER = "CLIENT_ERROR cannot increment or decrement non-numeric value";

    private static Peer.Server server;

    @Parameter
    private Peer peer;

    private RawClient client;

    @BeforeParameterizedClassInvocation
    static void startServer(Peer peer) {
        server = peer.isAvailable() ? peer.start() : null;
    }

    @AfterParameterizedClassInvocation
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    final void connect() throws IOException {
        peer.assumeAvailable();
        client = open();
        assertThat(ask("flush_all")).containsExactly("OK");
    }

    @AfterEach
    final void disconnect() throws IOException {
        if (client != null) {
            client.close();
        }
    }

    final Peer peer() {
        return peer;
    }

    final RawClient client() {
        return client;
    }

    /** Another connection. */
    final RawClient open() throws IOException {
        return new RawClient(server.port());
    }

    final List<String> ask(String... lines) throws IOException {
        return client.ask(lines);
    }

    /** The CAS an item has. */
    final long cas(String key) throws IOException {
        String reply = ask("mg " + key + " c").getFirst();
        assertThat(reply).startsWith("HD c");
        return Long.parseUnsignedLong(reply.substring("HD c".length()));
    }

    /** A server between the two versions that were examined may answer as either. */
    final void assertByVersion(List<String> reply, List<String> upTo18, List<String> from38) throws IOException {
        String[] version =
                ask("version").getFirst().substring("VERSION ".length()).split("[^0-9]", -1);
        int patch = Integer.parseInt(version[2]);
        if (patch <= 18) {
            assertThat(reply).isEqualTo(upTo18);
        } else if (patch >= 38) {
            assertThat(reply).isEqualTo(from38);
        } else {
            assertThat(reply).isIn(upTo18, from38);
        }
    }
}
