package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionParserTest {
    @Test
    void uriWithNodesAndParameters() {
        ClientOptions options = ClientOptions.fromUri("memcached://h1:1,[::1]:2,h3?timeout=500ms&connections=4");

        assertThat(options)
                .isEqualTo(MemcachedClient.builder()
                        .nodes("h1:1", "[::1]:2", "h3:11211")
                        .timeout(Duration.ofMillis(500))
                        .connections(4)
                        .options());
    }

    @Test
    void uriTakesEachSettingThatHasText() {
        ClientOptions options = ClientOptions.fromUri("memcached://h?timeout=7ms&connectionTimeout=PT8S"
                + "&minConnections=3&maxConnections=4&purgeUnusedConnectionsAfter=0s&purgeUnhealthyNodes=true"
                + "&locator=ketama-spymemcached&autodiscovery=srv&autodiscoveryPollInterval=5s"
                + "&autodiscoveryTimeout=6s&maxInFlightPerConnection=4&ringBytes=8k&maxQueuedPerNode=5&maxQueuedBytesPerNode=3g"
                + "&largestValueRead=1G&itemSizeLimit=500&heartbeatInterval=1m&eventLoops=6&forceClassic=true"
                + "&hashLongKeys=true&driver=invoked");

        assertThat(options)
                .isEqualTo(MemcachedClient.builder()
                        .nodes("h")
                        .timeout(Duration.ofMillis(7))
                        .connectionTimeout(Duration.ofSeconds(8))
                        .minConnections(3)
                        .maxConnections(4)
                        .purgeUnusedConnectionsAfter(Duration.ZERO)
                        .purgeUnhealthyNodes(true)
                        .locator(Locator.KETAMA_SPYMEMCACHED)
                        .autodiscovery(Autodiscovery.SRV)
                        .autodiscoveryPollInterval(Duration.ofSeconds(5))
                        .autodiscoveryTimeout(Duration.ofSeconds(6))
                        .maxInFlightPerConnection(4)
                        .ringBytes(8192)
                        .maxQueuedPerNode(5)
                        .maxQueuedBytesPerNode(3L << 30)
                        .largestValueRead(1 << 30)
                        .itemSizeLimit(500)
                        .heartbeatInterval(Duration.ofMinutes(1))
                        .eventLoops(6)
                        .forceClassic(true)
                        .hashLongKeys(true)
                        .driver(Driver.invoked())
                        .options());
    }

    @ParameterizedTest
    @CsvSource({"caller", "invoked", "dedicated-spin", "dedicated-yield", "dedicated-backoff"})
    void driverIsWrittenAsItPrints(String driver) {
        assertThat(ClientOptions.fromUri("memcached://h?driver=" + driver).driver())
                .hasToString(driver);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"memcached://h", "memcached://h/", "MEMCACHED://h", "memcached://h?", "memcached://h:11211/?"})
    void uriWithoutParametersHasDefaults(String uri) {
        assertThat(ClientOptions.fromUri(uri))
                .isEqualTo(MemcachedClient.builder().nodes("h").options());
    }

    @Test
    void uriOfAUnixSocket() {
        ClientOptions options = ClientOptions.fromUri("unix:/run/a+b%2Cc%40d.sock?timeout=2s");

        assertThat(options.nodes()).containsExactly(NodeAddress.unix(Path.of("/run/a+b,c@d.sock")));
        assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void uriMixesTcpAndUnix() {
        assertThat(ClientOptions.fromUri("memcached://h,unix:/run/a%2Cb").nodes())
                .containsExactly(NodeAddress.parse("h"), NodeAddress.parse("unix:/run/a,b"));
    }

    @Test
    void ipv6ZoneIsEscaped() {
        assertThat(ClientOptions.fromUri("memcached://[fe80::1%25eth0]:7").nodes())
                .containsExactly(NodeAddress.parse("[fe80::1%eth0]:7"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "memcached://h?speed=1 | 'speed' is unknown",
                "memcached://h?Timeout=1s | 'Timeout' is unknown",
                "memcached://h?nanoClock=1 | 'nanoClock' is unknown",
                "memcached://h?timeout=1s&timeout=2s | 'timeout' is given twice",
                "memcached://h?nodes=a | 'nodes' is given twice",
                "memcached://h?timeout | 'timeout' has no value",
                "memcached://h?timeout=1s& | has no value",
                "memcached://h?timeout= | 'timeout': not a duration",
                "memcached://h?timeout=5 | 'timeout': not a duration such as 500ms, 2s, 1m or PT2S: '5'",
                "memcached://h?connections=two | 'connections': not a whole number: 'two'",
                "memcached://h?connections=-1 | 'connections': not a whole number",
                "memcached://h?connections=4294967298 | 'connections': too large",
                "memcached://h?connections=9999999999999999999 | 'connections': not a whole number",
                "memcached://h?ringBytes=64kb | 'ringBytes': not a size",
                "memcached://h?ringBytes=4g | 'ringBytes': too large",
                "memcached://h?maxQueuedBytesPerNode=999999999999999999g | 'maxQueuedBytesPerNode': too large",
                "memcached://h?forceClassic=yes | 'forceClassic': neither true nor false",
                "memcached://h?hashLongKeys=1 | 'hashLongKeys': neither true nor false",
                "memcached://h?driver=turbo | 'driver': not one of caller",
                "memcached://h?locator=Modulo | 'locator': not one of rendezvous, emcache, ketama,",
                "memcached://h?customLocator=x | 'customLocator' is unknown",
                "memcached://h?discovery=x | 'discovery' is unknown",
                "memcached://h,unix:/s?autodiscovery=config | autodiscovery must have hosts as nodes",
                "memcached://h?maxConnections=2&minConnections=3 | maxConnections must be at least minConnections",
                "memcached://h?connections=0 | minConnections must be 1 to 256",
                "memcached://h?timeout=%zz | percent",
                "memcached://h%2?timeout=1s | percent",
                "memcached:// | names no node",
                "memcached://? | names no node",
                "memcached://a,,b | not a host name",
                "memcached://a/b | not a host name",
                "memcached://h#x | fragment",
                "memcacheds://h | TLS",
                "http://h | memcached:// or unix:/",
                "h:11211 | memcached:// or unix:/",
                "\"\" | memcached:// or unix:/",
            })
    void uriIsRefusedWithTheCulprit(String uri, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromUri(uri))
                .withMessageContaining(message);
    }

    @Test
    void nodeThatIsNamedTwiceIsToldInOneLine() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromUri("memcached://unix:/a%0ab,unix:/a%0ab"))
                .withMessageContaining("must not name /a?b twice");
    }

    @Test
    void unknownParameterIsAnsweredWithTheKnownOnes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromUri("memcached://h?a=1"))
                .withMessageContaining("maxQueuedPerNode")
                .withMessageNotContaining("nanoClock");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "memcached://user:hunter2@h",
                "memcached://user:hun,hunter2@h",
                "memcached://user:x?hunter2@h",
                "memcached://user:x#hunter2@h",
                "hunter2@h",
                "memcached://h?password=hunter2",
            })
    void secretInAUriIsNotRepeated(String uri) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromUri(uri))
                .satisfies(e -> assertThat(e).hasNoCause())
                .withMessageNotContaining("hunter2");
    }

    @Test
    void refusedSecretIsNotRepeated() {
        OptionTable.Setting secret = new OptionTable.Setting(
                "password",
                true,
                (builder, text) -> {
                    throw new IllegalArgumentException("bad: " + text);
                },
                options -> "");

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        OptionParser.apply(MemcachedClient.builder(), "property 'emcache.password'", secret, "hunter2"))
                .withMessage("property 'emcache.password' is not valid")
                .satisfies(e -> assertThat(e).hasNoCause());
    }

    @Test
    void propertiesHaveTheNamesOfTheUri() {
        Properties defaults = new Properties();
        defaults.setProperty("emcache.connections", "4");
        Properties properties = new Properties(defaults);
        properties.setProperty("emcache.nodes", " h1:1 , unix:/run/a+b@c ");
        properties.setProperty("emcache.timeout", "500ms ");
        properties.setProperty("emcache.hashLongKeys", "true");
        properties.setProperty("other.timeout", "x");
        properties.setProperty("emcacheX", "x");

        assertThat(ClientOptions.fromProperties(properties))
                .isEqualTo(MemcachedClient.builder()
                        .nodes("h1:1", "unix:/run/a+b@c")
                        .timeout(Duration.ofMillis(500))
                        .connections(4)
                        .hashLongKeys(true)
                        .options());
    }

    @Test
    void propertyIsRefusedWithItsKey() {
        Properties properties = new Properties();
        properties.setProperty("emcache.nodes", "h");
        properties.setProperty("emcache.speed", "hunter2");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromProperties(properties))
                .withMessageContaining("property 'emcache.speed' is unknown")
                .withMessageNotContaining("hunter2");
    }

    @Test
    void propertiesWithoutNodesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientOptions.fromProperties(new Properties()))
                .withMessageContaining("nodes");
    }
}
