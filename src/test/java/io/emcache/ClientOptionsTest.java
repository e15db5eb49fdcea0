package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.emcache.spi.CredentialsProvider;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClientOptionsTest {
    private static final TlsOptions TLS = TlsOptions.builder().build();

    @Test
    void defaultsAreThoseOfTheGuide() {
        ClientOptions options = valid().options();

        assertThat(options.nodes()).containsExactly(NodeAddress.tcp("cache", 11211));
        assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(options.connectionTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.minConnections()).isEqualTo(1);
        assertThat(options.maxConnections()).isEqualTo(8);
        assertThat(options.purgeUnusedConnectionsAfter()).isEqualTo(Duration.ofSeconds(60));
        assertThat(options.purgeUnhealthyNodes()).isFalse();
        assertThat(options.maxInFlightPerConnection()).isEqualTo(1024);
        assertThat(options.ringBytes()).isEqualTo(262_144);
        assertThat(options.maxQueuedPerNode()).isEqualTo(4096);
        assertThat(options.maxQueuedBytesPerNode()).isEqualTo(16_777_216);
        assertThat(options.largestValueRead()).isEqualTo(67_108_864);
        assertThat(options.itemSizeLimit()).isEqualTo(1_047_552);
        assertThat(options.heartbeatInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.eventLoops()).isEqualTo(1);
        assertThat(options.locator()).isEqualTo(Locator.RENDEZVOUS);
        assertThat(options.customLocator()).isNull();
        assertThat(options.autodiscovery()).isEqualTo(Autodiscovery.NONE);
        assertThat(options.discovery()).isNull();
        assertThat(options.autodiscoveryPollInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(options.autodiscoveryTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.tls()).isNull();
        assertThat(options.credentials()).isNull();
        assertThat(options.forceClassic()).isFalse();
        assertThat(options.hashLongKeys()).isFalse();
        assertThat(options.driver()).isEqualTo(Driver.caller());
        assertThat(options.wallClock()).isEqualTo(InstantSource.system());
        assertThat(options.completionExecutor()).isSameAs(ForkJoinPool.commonPool());
        assertThat(options).isEqualTo(valid().options());
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                bad("nodes", b -> b.nodes()),
                bad("nodes", b -> b.nodes("a:1", "b:1", "a:1")),
                bad(
                        "nodes",
                        b -> b.nodes(List.of(
                                NodeAddress.parse("a").withId("x"),
                                NodeAddress.parse("b").withId("x")))),
                bad("timeout", b -> b.timeout(Duration.ZERO)),
                bad("timeout", b -> b.timeout(Duration.ofNanos(999_999))),
                bad("timeout", b -> b.timeout(Duration.ofHours(24).plusNanos(1))),
                bad("connectionTimeout", b -> b.connectionTimeout(Duration.ofSeconds(-1))),
                bad("minConnections", b -> b.minConnections(0)),
                bad("minConnections", b -> b.connections(257)),
                bad("maxConnections", b -> b.connections(0)),
                bad("maxConnections", b -> b.maxConnections(257)),
                bad("maxConnections", b -> b.minConnections(9)),
                bad("purgeUnusedConnectionsAfter", b -> b.purgeUnusedConnectionsAfter(Duration.ofNanos(1))),
                bad("locator", b -> b.nodes("a", "2*b").locator(Locator.EMCACHE)),
                bad("autodiscovery", b -> b.nodes("unix:/a").autodiscovery(Autodiscovery.DNS)),
                bad("autodiscoveryPollInterval", b -> b.autodiscoveryPollInterval(Duration.ZERO)),
                bad("autodiscoveryTimeout", b -> b.autodiscoveryTimeout(Duration.ofDays(2))),
                bad("tls", b -> b.nodes("a", "unix:/a").tls(TLS)),
                bad("maxInFlightPerConnection", b -> b.maxInFlightPerConnection(0)),
                bad("maxInFlightPerConnection", b -> b.maxInFlightPerConnection(65_537)),
                bad("ringBytes", b -> b.ringBytes(2048)),
                bad("ringBytes", b -> b.ringBytes(100_000)),
                bad("ringBytes", b -> b.ringBytes(1 << 27)),
                bad("ringBytes", b -> b.ringBytes(Integer.MIN_VALUE)),
                bad("maxQueuedPerNode", b -> b.maxQueuedPerNode(0)),
                bad("maxQueuedPerNode", b -> b.maxQueuedPerNode((1 << 20) + 1)),
                bad("maxQueuedBytesPerNode", b -> b.maxQueuedBytesPerNode(1_047_551)),
                bad("largestValueRead", b -> b.largestValueRead(1_047_551)),
                bad("largestValueRead", b -> b.largestValueRead((1 << 30) + 1)),
                bad("itemSizeLimit", b -> b.itemSizeLimit(0)),
                bad("itemSizeLimit", b -> b.itemSizeLimit((1 << 30) + 1)),
                bad("heartbeatInterval", b -> b.heartbeatInterval(Duration.ZERO)),
                bad("eventLoops", b -> b.eventLoops(0)),
                bad("eventLoops", b -> b.eventLoops(65)));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void settingOutOfRangeIsRefusedByName(String name, UnaryOperator<ClientOptions.Builder> change) {
        ClientOptions.Builder builder = change.apply(valid());

        assertThatIllegalArgumentException()
                .isThrownBy(builder::options)
                .withMessageStartingWith("invalid options: ")
                .withMessageContaining(name + " must ");
    }

    @Test
    void allProblemsAreNamedAtOnce() {
        ClientOptions.Builder builder =
                valid().nodes().timeout(Duration.ZERO).ringBytes(3).eventLoops(0);

        assertThatIllegalArgumentException()
                .isThrownBy(builder::options)
                .withMessage("invalid options: nodes must name at least one node; timeout must be 1ms to 24h, not PT0S;"
                        + " ringBytes must be a power of two, 4096 to 67108864, not 3;"
                        + " eventLoops must be 1 to 64, not 0");
    }

    @Test
    void bordersAreAccepted() {
        ClientOptions options = valid().timeout(Duration.ofMillis(1))
                .connectionTimeout(Duration.ofHours(24))
                .ringBytes(4096)
                .itemSizeLimit(1)
                .largestValueRead(1)
                .maxQueuedBytesPerNode(1)
                .maxQueuedPerNode(1)
                .maxInFlightPerConnection(1)
                .connections(256)
                .eventLoops(64)
                .options();

        assertThat(options.ringBytes()).isEqualTo(4096);
    }

    @Test
    void mutateKeepsAllElse() {
        ClientOptions options = valid().timeout(Duration.ofMillis(7))
                .connectionTimeout(Duration.ofMillis(8))
                .minConnections(3)
                .maxConnections(4)
                .purgeUnusedConnectionsAfter(Duration.ofMillis(10))
                .purgeUnhealthyNodes(true)
                .maxInFlightPerConnection(4)
                .ringBytes(8192)
                .maxQueuedPerNode(5)
                .maxQueuedBytesPerNode(600)
                .largestValueRead(700)
                .itemSizeLimit(500)
                .heartbeatInterval(Duration.ofMillis(9))
                .eventLoops(6)
                .locator(Locator.KETAMA)
                .locator(nodes -> (key, length) -> 0)
                .discovery(timeout -> List.of())
                .autodiscoveryPollInterval(Duration.ofMillis(11))
                .autodiscoveryTimeout(Duration.ofMillis(12))
                .tls(TLS)
                .credentials(node -> null)
                .forceClassic(true)
                .hashLongKeys(true)
                .driver(Driver.invoked())
                .nanoClock(() -> 1)
                .wallClock(InstantSource.fixed(Instant.EPOCH))
                .completionExecutor(Runnable::run)
                .options();

        assertThat(options.mutate().options()).isEqualTo(options);
        ClientOptions changed = options.mutate().connections(9).options();
        assertThat(changed.minConnections()).isEqualTo(9);
        assertThat(changed.maxConnections()).isEqualTo(9);
        assertThat(options.minConnections()).isEqualTo(3);
    }

    @Test
    void laterChoiceOfLocatorAndDiscoveryCounts() {
        ClientOptions named = valid().locator(nodes -> (key, length) -> 0)
                .locator(Locator.MODULO)
                .discovery(timeout -> List.of())
                .autodiscovery(Autodiscovery.SRV)
                .options();

        assertThat(named.customLocator()).isNull();
        assertThat(named.discovery()).isNull();
        assertThat(named.autodiscovery()).isEqualTo(Autodiscovery.SRV);
    }

    @Test
    void laterChoiceOfTlsAndCredentialsCounts() throws Exception {
        ClientOptions options = valid().tls(TLS)
                .tls(null)
                .credentials(node -> null)
                .credentials("ada", "hunter2")
                .options();

        assertThat(options.tls()).isNull();
        assertThat(credentialsOf(options)).isEqualTo(Credentials.of("ada", "hunter2"));
        assertThat(options.mutate().credentials(null).options().credentials()).isNull();
    }

    @Test
    void credentialsThatCannotBeSentAreRefused() {
        ClientOptions.Builder builder = valid();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.credentials("ada", "hunter 2"))
                .withMessageContaining("password must not hold whitespace")
                .withMessageNotContaining("hunter");
    }

    @Test
    void discoveryOfTheUserNeedsNoNodes() {
        assertThat(valid().nodes().discovery(timeout -> List.of()).options().nodes())
                .isEmpty();
    }

    @Test
    void nodesAreCopied() {
        List<NodeAddress> nodes = new ArrayList<>(List.of(NodeAddress.parse("a")));
        ClientOptions options = valid().nodes(nodes).options();
        nodes.clear();

        assertThat(options.nodes()).containsExactly(NodeAddress.parse("a"));
    }

    @Test
    void tableHoldsEachSettingInOrder() {
        assertThat(OptionTable.SETTINGS)
                .extracting(OptionTable.Setting::name)
                .containsExactlyElementsOf(Arrays.stream(ClientOptions.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
    }

    @Test
    void textHoldsAllSettings() {
        ClientOptions options = valid().completionExecutor(Runnable::run)
                .driver(Driver.dedicated(Driver.Idle.SPIN))
                .options();

        assertThat(options)
                .hasToString("ClientOptions[nodes=[cache:11211], timeout=PT1S, connectionTimeout=PT2S,"
                        + " minConnections=1, maxConnections=8, purgeUnusedConnectionsAfter=PT1M,"
                        + " purgeUnhealthyNodes=false, maxInFlightPerConnection=1024, ringBytes=262144, maxQueuedPerNode=4096,"
                        + " maxQueuedBytesPerNode=16777216, largestValueRead=67108864, itemSizeLimit=1047552,"
                        + " heartbeatInterval=PT10S, eventLoops=1, locator=rendezvous, customLocator=default,"
                        + " autodiscovery=none, discovery=default, autodiscoveryPollInterval=PT1M,"
                        + " autodiscoveryTimeout=PT5S, tls=off, credentials=none, forceClassic=false, hashLongKeys=false,"
                        + " driver=dedicated-spin, nanoClock=default, wallClock=default, completionExecutor=custom]");
    }

    @Test
    void textHoldsTlsInItsOwnWordsAndNoCredentials() {
        assertThat(valid().tls(TLS).credentials("ada", "hunter2").options().toString())
                .contains("tls=" + TLS + ", credentials=***,")
                .doesNotContain("ada", "hunter2");
        assertThat(valid().credentials(new CredentialsProvider() {
                            @Override
                            public Credentials credentials(NodeAddress node) {
                                return Credentials.of("ada", "hunter2");
                            }

                            @Override
                            public String toString() {
                                return "hunter2";
                            }
                        })
                        .options()
                        .toString())
                .contains("credentials=***,")
                .doesNotContain("hunter2");
    }

    @Test
    void secretsAreMasked() {
        OptionTable.Setting secret = new OptionTable.Setting("password", true, null, options -> "hunter2");

        assertThat(OptionTable.describe(valid().options(), List.of(secret))).isEqualTo("ClientOptions[password=***]");
    }

    @Test
    void driversAreValues() {
        assertThat(Driver.dedicated(Driver.Idle.YIELD)).isEqualTo(Driver.dedicated(Driver.Idle.YIELD));
        assertThat(Driver.dedicated(Driver.Idle.YIELD)).isNotEqualTo(Driver.dedicated(Driver.Idle.SPIN));
        assertThat(Driver.caller()).isSameAs(Driver.caller());
        assertThat(Driver.invoked()).isSameAs(Driver.invoked());
    }

    private static @Nullable Credentials credentialsOf(ClientOptions options) throws Exception {
        return Objects.requireNonNull(options.credentials()).credentials(NodeAddress.parse("cache"));
    }

    private static ClientOptions.Builder valid() {
        return MemcachedClient.builder().nodes("cache");
    }

    private static Arguments bad(String name, UnaryOperator<ClientOptions.Builder> change) {
        return Arguments.of(name, change);
    }
}
