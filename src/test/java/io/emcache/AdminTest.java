package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What an administrator asks of a real server, which answers. */
@NoLeaks
@WithMemcached({"-o", "no_lru_maintainer"})
class AdminTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    private final MemcachedServer server;

    AdminTest(MemcachedServer server) {
        this.server = server;
    }

    private enum Way {
        META,
        CLASSIC,
        NAMESPACE,
        INVOKED
    }

    private MemcachedClient open(Way way) {
        return ClientOptions.fromUri(server.uri())
                .mutate()
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10))
                .connections(1)
                .forceClassic(way == Way.CLASSIC)
                .driver(way == Way.INVOKED ? Driver.invoked() : Driver.caller())
                .connect();
    }

    private static AdminClient admin(MemcachedClient client, Way way) {
        return way == Way.NAMESPACE ? client.namespace("ns:").admin() : client.admin();
    }

    private <T> T only(MultiResult<String, T> result) {
        assertThat(result.orThrow()).containsOnlyKeys(server.address());
        return result.hits().get(server.address());
    }

    @ParameterizedTest
    @EnumSource
    void versionIsThatOfTheServer(Way way) {
        String version = server.stats().get("version");
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            assertThat(admin.nodes()).containsExactly(server.address());
            assertThat(only(admin.version())).isEqualTo(version);
            assertThat(admin.node(server.address()).version()).isEqualTo(version);
            assertThat(admin.node(server.address()).identity()).isEqualTo(server.address());
        }
    }

    @ParameterizedTest
    @EnumSource
    void statsAreTextsAndNumbers(Way way) {
        try (MemcachedClient client = open(way)) {
            client.set("stats", VALUE);
            AdminClient admin = admin(client, way);
            assertThat(only(admin.stats()).longValue("pid")).hasValue(server.pid());
            assertThat(only(admin.stats()).doubleValue("rusage_user")).isPresent();
            NodeAdmin node = admin.node(server.address());
            assertThat(node.stats("settings").text("cas_enabled")).isEqualTo("yes");
            assertThat(node.stats("items").asMap()).isNotEmpty();
            assertThat(node.stats("slabs").longValue("active_slabs").orElse(0)).isPositive();
            assertThat(node.stats("sizes").asMap()).isNotEmpty();
            assertThat(node.stats("conns").asMap()).isNotEmpty();
            assertThat(node.stats("detail", "on").asMap()).isEmpty();
            server.command("get detail:1");
            assertThat(node.stats("detail", "dump").asMap()).containsKey("detail");
            assertThat(node.stats("detail", "off").asMap()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void resetStatsBeginsAnew(Way way) {
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            client.get("absent");
            assertThat(only(admin.stats()).longValue("get_misses").orElseThrow())
                    .isPositive();
            assertThat(only(admin.resetStats())).isPositive();
            assertThat(only(admin.stats()).longValue("get_misses")).hasValue(0);

            client.get("absent");
            admin.node(server.address()).resetStats();
            assertThat(only(admin.stats()).longValue("get_misses")).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void flushAllLeavesNothingOfBefore(Way way) {
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            client.set("flushed", VALUE);
            assertThat(only(admin.flushAll())).isPositive();
            assertThat(client.get("flushed")).isNull();

            client.set("flushed", VALUE);
            assertThat(client.get("flushed")).isEqualTo(VALUE);
            admin.node(server.address()).flushAll();
            assertThat(client.get("flushed")).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void flushAllWithADelayLeavesItemsUntilThen(Way way) {
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            client.set("later", VALUE);
            for (Duration delay : new Duration[] {Duration.ofHours(1), Duration.ofDays(30), Duration.ofDays(31)}) {
                assertThat(only(admin.flushAll(delay))).isPositive();
                admin.node(server.address()).flushAll(delay);
                assertThat(client.get("later")).as(delay.toString()).isEqualTo(VALUE);
            }
            admin.flushAll(Duration.ofMillis(1)).orThrow();
            await().until(() -> client.get("later") == null);
            admin.flushAll().orThrow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void settingsAndPingAreAnswered(Way way) {
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            NodeAdmin node = admin.node(server.address());
            assertThat(only(admin.verbosity(0))).isPositive();
            node.verbosity(0);
            assertThat(only(admin.cacheMemlimit(65))).isPositive();
            assertThat(node.stats("settings").longValue("maxbytes")).hasValue(65L << 20);
            node.cacheMemlimit(64);
            assertThat(node.stats("settings").longValue("maxbytes")).hasValue(64L << 20);
            assertThat(only(admin.ping())).isPositive();
            assertThat(node.ping()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CLASSIC")
    void debugSaysWhatTheServerKnows(Way way) {
        try (MemcachedClient client = open(way)) {
            MemcachedClient view = way == Way.NAMESPACE ? client.namespace("ns:") : client;
            client.delete("debugged");
            view.set("debugged", VALUE, Ttl.of(Duration.ofHours(1)));
            ItemDebug item = view.admin().debug("debugged");
            assertThat(item.key()).isEqualTo(Key.of("debugged"));
            assertThat(item.timeToLive()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
            assertThat(item.cas()).isNotZero();
            assertThat(item.fetched()).isFalse();
            assertThat(view.admin().debug(Key.of("debugged")).cas()).isEqualTo(item.cas());
            assertThat(view.admin().debug("absent")).isNull();
            if (way == Way.NAMESPACE) {
                assertThat(client.admin().debug("debugged")).isNull();
                assertThat(client.admin().debug("ns:debugged").cas()).isEqualTo(item.cas());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CLASSIC")
    void debugTakesBinaryKeys(Way way) {
        Key key = Key.binary(new byte[] {0, ' ', '\r', '\n', (byte) 0xff});
        try (MemcachedClient client = open(way)) {
            MemcachedClient view = way == Way.NAMESPACE ? client.namespace("ns:") : client;
            assertThat(view.admin().debug(key)).isNull();
            view.set(key, VALUE);
            assertThat(view.admin().debug(key).key()).isEqualTo(key);
            assertThat(view.delete(key)).isTrue();
        }
    }

    @Test
    void debugNeedsMetaCommands() {
        try (MemcachedClient client = open(Way.CLASSIC)) {
            assertThatThrownBy(() -> client.admin().debug("k")).isInstanceOf(MemcachedException.Unsupported.class);
            assertThat(client.get("absent")).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keysAreThoseOfTheWholeServer(Way way) {
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            admin.flushAll().orThrow();
            client.set("dumped", VALUE);
            client.namespace("ns:").set("dumped", VALUE);
            await().until(() -> "0".equals(server.stats().get("lru_crawler_running")));
            try (Stream<DumpedKey> keys = admin.node(server.address()).keys()) {
                assertThat(keys.map(DumpedKey::key)).containsExactlyInAnyOrder(Key.of("dumped"), Key.of("ns:dumped"));
            }
            assertThat(client.get("dumped")).isEqualTo(VALUE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoArgumentIsNotSent(Way way) {
        try (MemcachedClient client = open(way)) {
            AdminClient admin = admin(client, way);
            NodeAdmin node = admin.node(server.address());
            Map<String, String> before = server.stats();
            String[] bad = {
                "", " ", "a b", "settings\r\nflush_all", "\nflush_all", "\0", "\u007f", "\u00e9", "reset", "cachedump"
            };
            for (String argument : bad) {
                assertThatThrownBy(() -> admin.stats(argument)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> node.stats(argument)).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> node.stats("x".repeat(251))).isInstanceOf(IllegalArgumentException.class);
            Duration negative = Duration.ofNanos(-1);
            assertThatThrownBy(() -> admin.flushAll(negative)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> node.flushAll(negative)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> admin.verbosity(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> node.cacheMemlimit(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> admin.node("elsewhere:1")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> admin.debug("a b")).isInstanceOf(MemcachedException.InvalidKey.class);
            assertThat(server.stats().get("cmd_flush")).isEqualTo(before.get("cmd_flush"));
            assertThat(node.stats("settings").asMap()).isNotEmpty();
        }
    }

    @Test
    void eachViewHasOneAdmin() {
        try (MemcachedClient client = open(Way.META)) {
            assertThat(client.admin()).isSameAs(client.admin());
            assertThat(client.namespace("ns:").events()).isSameAs(client.events());
        }
    }
}
