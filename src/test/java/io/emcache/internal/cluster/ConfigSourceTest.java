package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.ClusterConfig;
import io.emcache.internal.transport.NanoClock;
import io.emcache.internal.transport.Security;
import io.emcache.testkit.FakeConfigEndpoint;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
@WithMemcached
@Timeout(60)
class ConfigSourceTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<NodeAddress> SEEDS = addresses("seed-1:11211", "seed-2:11211");

    private final MemcachedServer server;
    private final List<String> asked = new ArrayList<>();
    private final List<Object> answers = new ArrayList<>();
    private final ConfigSource source = new ConfigSource(SEEDS, this::answer);

    ConfigSourceTest(MemcachedServer server) {
        this.server = server;
    }

    /** A list is told, a failure thrown. */
    private ClusterConfig answer(NodeAddress endpoint, long timeoutNs) {
        assertThat(timeoutNs).isEqualTo(TIMEOUT.toNanos());
        asked.add(endpoint.host());
        if (answers.removeFirst() instanceof ClusterConfig config) {
            return config;
        }
        throw new MemcachedException.NodeUnavailable("down", endpoint.identity(), false, null);
    }

    @Test
    void firstSeedThatAnswersDecides() {
        answers.add(config(3, "a:1", "b:1"));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("a:1", "b:1"));
        assertThat(asked).containsExactly("seed-1");
    }

    @Test
    void nextSeedIsAskedIfOneFails() {
        answers.addAll(List.of("down", config(3, "a:1")));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("a:1"));
        assertThat(asked).containsExactly("seed-1", "seed-2");
    }

    @Test
    void allReasonsAreToldIfAllFail() {
        answers.addAll(List.of("down", config(1)));
        MemcachedException.NodeUnavailable failure =
                catchThrowableOfType(MemcachedException.NodeUnavailable.class, () -> source.discover(TIMEOUT));
        assertThat(failure).hasMessageContaining("down").hasMessageContaining("seed-1");
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(failure.getSuppressed()[0]).hasMessageContaining("names no node");
    }

    @Test
    void versionOnlyGrows() {
        answers.add(config(3, "a:1"));
        source.discover(TIMEOUT);
        answers.add(config(4, "b:1"));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("b:1"));
        answers.addAll(List.of(config(3, "a:1"), config(2, "c:1")));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("b:1"));
        answers.addAll(List.of(config(3, "a:1"), config(5, "d:1")));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("d:1"));
        assertThat(asked).hasSize(6);
    }

    @Test
    void equalVersionChangesNothing() {
        answers.add(config(0, "a:1"));
        source.discover(TIMEOUT);
        answers.add(config(0, "b:1"));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("a:1"));
    }

    @Test
    void emptyListOfAHigherVersionIsAFailureAndForgotten() {
        answers.add(config(3, "a:1"));
        source.discover(TIMEOUT);
        answers.addAll(List.of(config(9), config(9)));
        assertThatThrownBy(() -> source.discover(TIMEOUT)).isInstanceOf(MemcachedException.NodeUnavailable.class);
        answers.add(config(4, "b:1"));
        assertThat(source.discover(TIMEOUT)).isEqualTo(addresses("b:1"));
    }

    @Test
    void failureOfOneSeedAndAnOlderListOfTheOtherIsAFailure() {
        answers.add(config(3, "a:1"));
        source.discover(TIMEOUT);
        answers.addAll(List.of("down", config(2, "b:1")));
        assertThatThrownBy(() -> source.discover(TIMEOUT)).hasMessageContaining("down");
    }

    @Test
    void interruptIsNotTakenForADeadSeed() {
        ConfigSource interrupted = new ConfigSource(SEEDS, (endpoint, timeoutNs) -> {
            asked.add(endpoint.host());
            throw new MemcachedException.Interrupted("interrupted", null, false);
        });
        assertThatThrownBy(() -> interrupted.discover(TIMEOUT)).isInstanceOf(MemcachedException.Interrupted.class);
        assertThat(asked).hasSize(1);
    }

    @Test
    void plainServerIsSkippedForARealEndpoint() {
        try (FakeConfigEndpoint endpoint = FakeConfigEndpoint.start().tell(7, List.of("a|10.0.0.1|11211"))) {
            ConfigSource real = ConfigSource.over(
                    addresses(server.address(), endpoint.address()),
                    new NanoClock(System::nanoTime),
                    Runnable::run,
                    new Security(null, null, new SlabPool(1 << 20)));
            assertThat(real.discover(TIMEOUT))
                    .containsExactly(NodeAddress.tcp("10.0.0.1", 11211).withId("a:11211"));
            endpoint.tell("8\nbroken\n");
            assertThatThrownBy(() -> real.discover(TIMEOUT)).hasMessageContaining("not a discovery endpoint");
        }
    }

    private static ClusterConfig config(long version, String... nodes) {
        return new ClusterConfig(version, addresses(nodes));
    }

    private static List<NodeAddress> addresses(String... nodes) {
        return List.of(nodes).stream().map(NodeAddress::parse).toList();
    }
}
