package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.ContainerEngine;
import io.emcache.testkit.NoLeaks;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.MountableFile;

/**
 * Servers in containers, as the guide shows users to have them: its examples are parts of this class. The containers serve all tests,
 * and tests do not call the engine, whose connections stay open.
 */
@NoLeaks
@Timeout(60)
@ExtendWith(ContainerEngine.class)
class ContainersTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Certificates.Authority AUTHORITY = Certificates.authority("emcache test CA");
    private static final List<GenericContainer<?>> CONTAINERS = new ArrayList<>();

    @TempDir
    private static Path directory;

    private static GenericContainer<?> first;
    private static GenericContainer<?> second;
    private static GenericContainer<?> encrypted;
    private static GenericContainer<?> authenticated;

    @BeforeAll
    static void startContainers() {
        first = new GenericContainer<>("memcached:1.6").withExposedPorts(11211);
        second = new GenericContainer<>("memcached:1.6").withExposedPorts(11211).withCommand("-m", "16");
        encrypted = encrypted();
        authenticated = authenticated();
        CONTAINERS.addAll(List.of(first, second, encrypted, authenticated));
        Startables.deepStart(CONTAINERS).join();
    }

    @AfterAll
    static void stopContainers() {
        CONTAINERS.forEach(GenericContainer::stop);
    }

    private static GenericContainer<?> encrypted() {
        Certificates.Identity server = AUTHORITY.server("localhost", "127.0.0.1");
        Path certificate = server.writeChain(directory);
        Path key = server.writeKey(directory);
        return new GenericContainer<>("memcached:1.6")
                .withCopyFileToContainer(MountableFile.forHostPath(certificate, 0644), "/server.crt")
                .withCopyFileToContainer(MountableFile.forHostPath(key, 0644), "/server.key")
                .withCommand("-Z", "-o", "ssl_chain_cert=/server.crt,ssl_key=/server.key")
                .withExposedPorts(11211);
    }

    private static GenericContainer<?> authenticated() {
        return new GenericContainer<>("memcached:1.6")
                .withCopyToContainer(Transferable.of("user:secret\n"), "/users")
                .withCommand("-Y", "/users")
                .withExposedPorts(11211);
    }

    private static ClientOptions.Builder options(GenericContainer<?> memcached) {
        return MemcachedClient.builder()
                .nodes(memcached.getHost() + ":" + memcached.getMappedPort(11211))
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static NodeAddress node(String id, GenericContainer<?> memcached) {
        return NodeAddress.tcp(memcached.getHost(), memcached.getMappedPort(11211))
                .withId(id);
    }

    private static void requireService(MemcachedClient client) {
        assertThat(client.set("user:42", VALUE)).isEqualTo(StoreResult.STORED);
        assertThat(client.get("user:42")).isEqualTo(VALUE);
        assertThat(client.delete("user:42")).isTrue();
    }

    @Test
    void oneNode() {
        try (MemcachedClient client = options(first).connect()) {
            requireService(client);
        }
    }

    @Test
    void severalNodesThatAreCalledTheSameOnEachRun() {
        List<NodeAddress> nodes = List.of(node("cache-1", first), node("cache-2", second));
        try (MemcachedClient client = options(first).nodes(nodes).connect()) {
            requireService(client);
            for (int i = 0; i < 32; i++) {
                client.set("key:" + i, VALUE);
            }

            assertThat(client.admin().stats().hits())
                    .containsOnlyKeys("cache-1", "cache-2")
                    .allSatisfy((node, stats) ->
                            assertThat(stats.longValue("curr_items").orElse(0)).isPositive());
            assertThat(client.cluster().nodeOf("key:0")).isEqualTo(nodes.get(1));
        }
    }

    @Test
    void encryptedNode() {
        Path authority = AUTHORITY.writePem(directory);
        try (MemcachedClient client = options(encrypted)
                .tls(TlsOptions.builder().ca(authority).build())
                .connect()) {
            requireService(client);
        }
    }

    @Test
    void encryptedNodeOfAnAuthorityThatIsNotTrusted() {
        try (MemcachedClient client =
                options(encrypted).tls(TlsOptions.builder().build()).build()) {
            assertThatThrownBy(() -> client.get("user:42"))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class)
                    .hasRootCauseInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void authenticatedNode() {
        try (MemcachedClient client =
                options(authenticated).credentials("user", "secret").connect()) {
            requireService(client);
        }
    }

    @Test
    void authenticatedNodeThatRefusesThePassword() {
        try (MemcachedClient client =
                options(authenticated).credentials("user", "wrong").build()) {
            assertThatThrownBy(() -> client.get("user:42")).isInstanceOf(MemcachedException.Authentication.class);
        }
    }
}
