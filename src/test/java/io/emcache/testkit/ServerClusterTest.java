package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@NoLeaks
final class ServerClusterTest {
    @Test
    void namesAllServers() {
        try (ServerCluster cluster = ServerCluster.start(2, "-m", "16")) {
            MemcachedServer first = cluster.server(0);
            MemcachedServer second = cluster.server(1);
            assertThat(cluster.size()).isEqualTo(2);
            assertThat(cluster.addresses()).containsExactly(first.address(), second.address());
            assertThat(cluster.uri()).isEqualTo("memcached://" + first.address() + "," + second.address());
            assertThat(cluster.at(second.address())).isSameAs(second);
            assertThatThrownBy(() -> cluster.at("elsewhere")).isInstanceOf(IllegalArgumentException.class);
            assertThat(first.stats()).containsEntry("limit_maxbytes", Integer.toString(16 << 20));
        }
    }

    @Test
    void healBringsBackWhatIsKilledOrFrozen() {
        try (ServerCluster cluster = ServerCluster.start(3)) {
            List<String> addresses = cluster.addresses();
            long untouched = cluster.server(2).pid();
            cluster.server(0).kill();
            cluster.server(1).suspend();
            cluster.heal();
            cluster.heal();
            assertThat(cluster.addresses()).isEqualTo(addresses);
            assertThat(cluster.servers())
                    .allSatisfy(server -> assertThat(server.command("mn")).isEqualTo("MN"));
            assertThat(cluster.server(2).pid()).isEqualTo(untouched);
        }
    }

    @Test
    void closeEndsAllWhateverStateTheyAreIn() {
        ServerCluster cluster = ServerCluster.start(3);
        List<Long> pids = cluster.servers().stream().map(MemcachedServer::pid).toList();
        cluster.server(0).suspend();
        cluster.server(1).kill();
        cluster.close();
        cluster.close();
        assertThat(pids.stream().map(ProcessHandle::of).flatMap(Optional::stream))
                .noneMatch(ProcessHandle::isAlive);
        assertThat(Stream.of(0, 1, 2).map(cluster::server)).noneMatch(MemcachedServer::isAlive);
    }
}
