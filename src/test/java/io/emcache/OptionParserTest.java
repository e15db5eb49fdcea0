package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.emcache.spi.CredentialsProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionParserTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("PW", "hunter2", "EMPTY", "", "SPACED", "hunter2 ");

    @TempDir
    private Path directory;

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
                "http://h | memcached://, memcacheds:// or unix:/",
                "h:11211 | memcached://, memcacheds:// or unix:/",
                "\"\" | memcached://, memcacheds:// or unix:/",
                "memcacheds:h | memcached://, memcacheds:// or unix:/",
                "memcacheds:// | names no node",
                "memcacheds://h?tls=false | 'tls': contradicts memcacheds://",
                "memcacheds://h?tls=yes | 'tls': neither true nor false",
                "memcacheds://h,unix:/s | tls must have hosts as nodes, not unix sockets",
                "unix:/s?tls=true | tls must have hosts as nodes, not unix sockets",
                "memcached://h?ca=a&verify=true | ca, verify must not be there without TLS, which is off",
                "memcached://h?tls=false&pkcs12=a | pkcs12 must not be there without TLS",
                "memcached://h?certificate=a&key=b | certificate, key must not be there without TLS",
                "memcached://h?keyPasswordEnv=PW | keyPasswordEnv must not be there without TLS",
                "memcached://h?keyPasswordFile=a | keyPasswordFile must not be there without TLS",
                "memcached://h?tlsProtocols=TLSv1.3 | tlsProtocols must not be there without TLS",
                "memcached://h?verifyHostname=false&systemAuthorities=false | verifyHostname, systemAuthorities must not",
                "memcacheds://h?verify=no | 'verify': neither true nor false",
                "memcacheds://h?ca= | 'ca': not a path",
                "memcacheds://h?ca=%00 | 'ca': not a path: '?'",
                "memcacheds://h?certificate=a | certificate must not be there without key",
                "memcacheds://h?key=a | key must not be there without certificate",
                "memcacheds://h?certificate=a&key=b&pkcs12=c | certificate must not be there beside pkcs12",
                "memcacheds://h?keyPasswordFile=a | keyPassword must not be there without key or pkcs12",
                "memcacheds://h?tlsProtocols=TLSv1.1 | protocols must be some of TLSv1.2 and TLSv1.3, not [TLSv1.1]",
                "memcacheds://h?keyPasswordEnv=PW&keyPasswordFile=a | only one of keyPasswordEnv and keyPasswordFile must",
                "memcacheds://h?keyPasswordEnv=NOBODY | keyPasswordEnv must name an environment variable that is set",
                "memcached://u@h | username must not be there without passwordFile, passwordEnv or password",
                "memcached://h?username=u | username must not be there without passwordFile, passwordEnv or password",
                "memcached://h?passwordFile=a | passwordFile, passwordEnv or password must not be there without username",
                "memcached://h?passwordEnv=PW | passwordFile, passwordEnv or password must not be there without username",
                "memcached://u@h?passwordEnv=PW&passwordFile=a | only one of passwordEnv and passwordFile must be there",
                "memcached://u:p@h?passwordEnv=PW | only one of password and passwordEnv must be there",
                "memcached://u@h?passwordEnv=EMPTY | passwordEnv must name an environment variable that is set",
                "memcached://u@h?passwordEnv=SPACED | password must not hold whitespace",
                "memcached://u@h?passwordFile= | 'passwordFile': not a path",
                "memcached://u@h?username=v&passwordEnv=PW | 'username' is given twice",
                "memcached://u:p@h?password=q | 'password' is given twice",
                "memcached://@h?passwordEnv=PW | username must not be empty",
                "memcached://u%20v@h?passwordFile=a | username must not hold whitespace",
                "memcached://u:@h | password must not be empty",
                "memcached://u:p@ | names no node",
                "memcached://h1,u:p@h2 | one user name for all nodes",
                "memcached://u@h1,v@h2 | one user name for all nodes",
                "memcached://h,unix:/run/a@b | an @ in a path is written %40",
                "unix:/run/a@b | an @ is written %40",
                "memcached://h?ca=a@b | an @ is written %40",
                "memcached://u%zz@h | percent",
            })
    void uriIsRefusedWithTheCulprit(String uri, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(uri)).withMessageContaining(message);
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
                "memcached://user:hun ter2@h",
                "memcached://user:hunter2 @h",
                "memcached://user:hunter2@h?speed=1",
                "memcached://user:hunter2@h?timeout=1",
                "memcached://user:hunter2@:1",
                "memcached://user:hunter2@h:port",
                "memcached://user:hunter2%20@h",
                "memcached://user:hunter2%zz@h",
                "memcached://user:hunter2%2@h",
                "memcached://user:%zhunter2@h",
                "memcached://:hunter2@h",
                "memcached://hunter2:@h",
                "memcached://hunter2@h",
                "memcached://user:hun,hunter2@h",
                "memcached://user:hun,hunter2%40h",
                "memcached://user:hun@hunter2@h",
                "memcached://user:hun/hunter2@h",
                "memcached://user:hunter2@h1,user:hunter2@h2",
                "memcached://user:x?hunter2@h",
                "memcached://user:x?a=1&hunter2@h",
                "memcached://user:x#hunter2@h",
                "memcacheds://user:hunter2@h?tls=false",
                "memcacheds://user:hunter2@h,unix:/a",
                "unix:user:hunter2@h",
                "redis://user:hunter2@h",
                "user:hunter2@h",
                "hunter2@h",
                "memcached://h?password=hunter2",
                "memcached://h?username=user&password=hunter2%20",
                "memcached://h?username=user&password=hunter2%2",
                "memcached://h?username=user&password=hunter2@",
                "memcached://h?username=user&password=hun#hunter2",
                "memcached://h?username=user&password=hun&hunter2",
                "memcached://h?username=user&password=hun&hunter2=1",
                "memcached://h?username=user&password=hun&timeout=hunter2",
                "memcached://h?username=user&password=hunter2&password=hunter2",
                "memcached://h?username=user&password=hunter2&passwordFile=a",
                "memcached://h?username=hunter2&passwordEnv=NOBODY",
                "memcached://h?username=user&passwordEnv=hunter2",
                "memcached://h?username=user&passwordEnv=SPACED",
            })
    void secretInAUriIsNotRepeated(String uri) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(uri))
                .satisfies(e -> assertThat(textsOf(e)).doesNotContain("hun"));
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
                .isThrownBy(() -> OptionParser.apply(
                        new OptionText(ENVIRONMENT::get), "property 'emcache.password'", secret, "hunter2", true))
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
    void uriWithTls() {
        TlsOptions tls = Objects.requireNonNull(ClientOptions.fromUri("memcacheds://h1,h2:1?timeout=2s&ca=a/b%2Bc+d%3F"
                        + "&certificate=c.pem&key=/k.pem&verify=false&verifyHostname=false&systemAuthorities=false"
                        + "&tlsProtocols=TLSv1.2,%20TLSv1.3")
                .tls());

        assertThat(tls.caFile()).isEqualTo(Path.of("a/b+c+d?"));
        assertThat(tls.certificateFile()).isEqualTo(Path.of("c.pem"));
        assertThat(tls.keyFile()).isEqualTo(Path.of("/k.pem"));
        assertThat(tls.keyPassword()).isNull();
        assertThat(tls.verify()).isFalse();
        assertThat(tls.verifyHostname()).isFalse();
        assertThat(tls.systemAuthorities()).isFalse();
        assertThat(tls.protocols()).containsExactly("TLSv1.2", "TLSv1.3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"memcacheds://h", "MEMCACHEDS://h/?tls=true", "memcached://h?tls=true", "memcacheds://h:11211?"})
    void tlsIsThatOfTheBuilderUnlessToldOtherwise(String uri) {
        ClientOptions options = ClientOptions.fromUri(uri);

        assertThat(options.nodes()).containsExactly(NodeAddress.parse("h"));
        assertThat(options.tls())
                .usingRecursiveComparison()
                .isEqualTo(TlsOptions.builder().build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"memcached://h", "memcached://h?tls=false", "unix:/s?tls=false"})
    void withoutTlsThereIsNone(String uri) {
        assertThat(ClientOptions.fromUri(uri).tls()).isNull();
    }

    @Test
    void passwordOfTheKeyIsReadWhenItIsNeeded() throws IOException {
        Path file = directory.resolve("a b");
        Supplier<char[]> inFile = keyPassword("keyPasswordFile=" + directory + "/a%20b");

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(inFile::get)
                .withMessage("password file '" + file + "' does not exist");
        Files.writeString(file, "hunter2\n");
        assertThat(inFile.get()).isEqualTo("hunter2".toCharArray());
        assertThat(keyPassword("keyPasswordEnv=PW").get()).isEqualTo("hunter2".toCharArray());
    }

    private static Supplier<char[]> keyPassword(String parameter) {
        TlsOptions tls = Objects.requireNonNull(
                read("memcacheds://h?pkcs12=p&" + parameter).tls());
        return Objects.requireNonNull(tls.keyPassword());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "memcached://ada@h?passwordEnv=PW",
                "memcacheds://ada@h1,h2:1?passwordEnv=PW",
                "memcached://h?passwordEnv=PW&username=ada",
                "unix:/s?username=ada&passwordEnv=PW",
                "memcached://ada:hunter2@h",
                "memcached://%61da:%68unter2@h/?timeout=2s",
                "memcached://h?username=ada&password=hunter%32&timeout=2s",
            })
    void uriWithCredentials(String uri) {
        ClientOptions options = read(uri);

        assertThat(options.credentials()).isEqualTo(new FixedCredentials(Credentials.of("ada", "hunter2")));
        assertThat(options.toString()).doesNotContain("ada", "hunter2");
    }

    @Test
    void credentialsInAUriAreDecoded() {
        assertThat(read("memcached://a%3Ab%40c:%2C%2F%3F%23%25+%3D:@h").credentials())
                .isEqualTo(new FixedCredentials(Credentials.of("a:b@c", ",/?#%+=:")));
        assertThat(read("memcached://h?username=a&password=+%26%2B%40=").credentials())
                .isEqualTo(new FixedCredentials(Credentials.of("a", "+&+@=")));
    }

    @Test
    void fileOfThePasswordIsReadAtEachConnection() throws Exception {
        Path file = directory.resolve("password");
        CredentialsProvider provider = Objects.requireNonNull(
                read("memcached://ada@h?passwordFile=" + file).credentials());

        Files.writeString(file, "hunter2\n");
        assertThat(provider.credentials(NodeAddress.parse("h"))).isEqualTo(Credentials.of("ada", "hunter2"));
        Files.writeString(file, "hunter3\r\n");
        assertThat(provider.credentials(NodeAddress.parse("h"))).isEqualTo(Credentials.of("ada", "hunter3"));
        assertThat(provider.toString()).contains(file.toString()).doesNotContain("ada", "hunter");
    }

    @Test
    void propertiesWithTlsAndCredentials() {
        Properties properties = new Properties();
        properties.setProperty("emcache.nodes", "h1:1, h2");
        properties.setProperty("emcache.tls", "true");
        properties.setProperty("emcache.ca", "a%20@b.pem");
        properties.setProperty("emcache.tlsProtocols", "TLSv1.3 , TLSv1.2");
        properties.setProperty("emcache.username", "ada");
        properties.setProperty("emcache.password", "hunter2@%20 ");

        ClientOptions options = ClientOptions.fromProperties(properties);

        TlsOptions tls = Objects.requireNonNull(options.tls());
        assertThat(tls.caFile()).isEqualTo(Path.of("a%20@b.pem"));
        assertThat(tls.protocols()).containsExactly("TLSv1.3", "TLSv1.2");
        assertThat(options.credentials()).isEqualTo(new FixedCredentials(Credentials.of("ada", "hunter2@%20")));
        assertThat(options.toString()).doesNotContain("ada", "hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "emcache.password | hunter2 | must not be there without username",
                "emcache.password | hunter2 and hunter3 | must not be there without username",
                "emcache.username | hunter2 | without passwordFile, passwordEnv or password",
                "emcache.nodes | user:hunter2@h | 'emcache.nodes': a node address holds no credentials",
                "emcache.nodes | user:hunted, hunter2@h | 'emcache.nodes': a node address holds no credentials",
                "emcache.nodes | memcached://user:hunter2@h | 'emcache.nodes': a node address holds no credentials",
                "emcache.timeout | hunter2@1s | 'emcache.timeout': not a duration",
                "emcache.ca | hunter2 | ca must not be there without TLS",
            })
    void secretInAPropertyIsNotRepeated(String key, String value, String message) {
        Properties properties = new Properties();
        properties.setProperty("emcache.nodes", "h");
        properties.setProperty(key, value);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> OptionParser.fromProperties(properties, ENVIRONMENT::get))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(textsOf(e)).doesNotContain("hunt"));
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

    private static String textsOf(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .map(Throwable::toString)
                .collect(Collectors.joining("\n"));
    }

    private static ClientOptions read(String uri) {
        return OptionParser.fromUri(uri, ENVIRONMENT::get);
    }
}
