package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.KeyHashing;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.Vectors;
import io.emcache.spi.NodeLocator;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the router promises for all locators, and that it agrees with others that place keys by the same rule. */
@NoLeaks
@Tag("flags")
class RouterTest {
    private static final Path RENDEZVOUS_VECTORS = Path.of("docs", "vectors", "rendezvous.tsv");
    private static final int PORT_DIGITS = 5;

    static Stream<Hashing> hashings() {
        return Routing.hashings();
    }

    @ParameterizedTest
    @MethodSource("hashings")
    void agreesWithThePublishedVectors(Hashing hashing) throws IOException {
        try (Stream<String> lines = Files.lines(RENDEZVOUS_VECTORS)) {
            agrees(
                    lines.filter(line -> !line.startsWith("#"))
                            .map(line -> line.split("\t", -1))
                            .map(line -> new String[] {line[0].replace(",/", ",unix:/"), line[1], line[2]})
                            .toList(),
                    Locator.RENDEZVOUS,
                    hashing);
        }
    }

    /** Nodes of a discovery are connected to by their IP and called by their name. */
    @ParameterizedTest
    @EnumSource(Locator.class)
    void idThatReadsAsHostAndPortIsThatName(Locator locator) {
        List<NodeAddress> named = Routing.parse("cache-1:11211,cache-2:11211,cache-3:11300");
        List<NodeAddress> discovered = IntStream.range(0, named.size())
                .mapToObj(i -> NodeAddress.tcp("10.0.0." + i, named.get(i).port())
                        .withId(named.get(i).identity()))
                .toList();
        try (Routing byName = Routing.over(named, locator);
                Routing byId = Routing.over(discovered, locator)) {
            assertThat(byId.routes(1_000)).isEqualTo(byName.routes(1_000));
        }
    }

    @ParameterizedTest
    @MethodSource("hashings")
    void agreesWithEmcacheForPython(Hashing hashing) {
        for (String[] vector : Vectors.lines("emcache-placement.tsv")) {
            List<NodeAddress> nodes = Stream.of(vector[0].split(",", -1))
                    .map(RouterTest::asConfigured)
                    .toList();
            try (Routing routing = Routing.over(nodes, Locator.EMCACHE, hashing)) {
                assertThat(routing.route(vector[1]))
                        .as("key %s among %s", vector[1], vector[0])
                        .isEqualTo(Integer.parseInt(vector[2]));
            }
        }
    }

    @Test
    void agreesWithLibmemcached() {
        agrees(
                Vectors.lines("libmemcached-ketama.tsv"),
                Locator.KETAMA,
                hashings().findFirst().orElseThrow());
    }

    private static void agrees(List<String[]> vectors, Locator locator, Hashing hashing) {
        assertThat(vectors).hasSizeGreaterThan(1000);
        String nodes = "";
        Routing routing = Routing.over(Routing.nodes(1), locator, hashing);
        for (String[] vector : vectors) {
            if (!vector[0].equals(nodes)) {
                nodes = vector[0];
                routing.close();
                routing = Routing.over(Routing.parse(nodes), locator, hashing);
            }
            assertThat(routing.route(vector[1]))
                    .as("key %s among %s", vector[1], nodes)
                    .isEqualTo(Integer.parseInt(vector[2]));
        }
        routing.close();
    }

    /** The vectors have host and port end to end; every port has five digits. */
    private static NodeAddress asConfigured(String id) {
        if (id.startsWith("/")) {
            return NodeAddress.unix(Path.of(id));
        }
        return NodeAddress.tcp(
                id.substring(0, id.length() - PORT_DIGITS), Integer.parseInt(id.substring(id.length() - PORT_DIGITS)));
    }

    @Test
    void bothKindsOfHashingRouteAlike() {
        SplittableRandom random = new SplittableRandom(7);
        for (Locator locator : Locator.values()) {
            for (int count : new int[] {1, 2, 3, 8, 9, 16, 64, 100}) {
                List<NodeAddress> nodes = Routing.nodes(count);
                List<Routing> routings = hashings()
                        .map(hashing -> Routing.over(nodes, locator, hashing))
                        .toList();
                for (int i = 0; i < 200; i++) {
                    String key = Long.toString(random.nextLong(), 36).repeat(random.nextInt(1, 20));
                    assertThat(routings.stream().map(r -> r.route(key)).distinct())
                            .as("%s among %d by %s", key, count, locator)
                            .hasSize(1);
                }
                routings.forEach(Routing::close);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Locator.class)
    void routesManyAsItRoutesOne(Locator locator) {
        for (int count : new int[] {1, 3, 100}) {
            try (Routing routing = Routing.over(Routing.nodes(count), locator)) {
                routesManyAsItRoutesOne(routing, 1000); // beyond what one native call may do
            }
        }
        List<NodeAddress> weighted = Routing.parse("a,2*b,3*c");
        if (locator != Locator.EMCACHE) {
            try (Routing routing = Routing.over(weighted, locator)) {
                routesManyAsItRoutesOne(routing, 50);
            }
        }
    }

    private static void routesManyAsItRoutesOne(Routing routing, int keyCount) {
        assertThat(100 * 1000).isGreaterThan(KeyHashing.MAX_PAIRS_PER_CALL);
        byte[] keys = String.join(
                        "",
                        IntStream.range(0, keyCount).mapToObj(i -> "key:" + i).toList())
                .getBytes(StandardCharsets.US_ASCII);
        MemorySegment all = Arena.ofAuto().allocate(keys.length);
        MemorySegment.copy(keys, 0, all, ValueLayout.JAVA_BYTE, 0, keys.length);
        MemorySegment offsets = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, keyCount + 1L);
        for (int i = 0; i < keyCount; i++) {
            int end = offsets.getAtIndex(ValueLayout.JAVA_INT, i) + ("key:" + i).length();
            offsets.setAtIndex(ValueLayout.JAVA_INT, i + 1L, end);
        }
        MemorySegment chosen = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, keyCount);

        routing.router().routeMany(all, offsets, keyCount, chosen);

        assertThat(chosen.toArray(ValueLayout.JAVA_INT)).isEqualTo(routing.routes(keyCount));
    }

    @Test
    void equalWeightsChangeNothing() {
        for (Locator locator : Locator.values()) {
            try (Routing plain = Routing.over(Routing.parse("a,b,c,d"), locator);
                    Routing heavy = Routing.over(Routing.parse("9*a,9*b,9*c,9*d"), locator)) {
                assertThat(heavy.routes(2000)).as("%s", locator).isEqualTo(plain.routes(2000));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Locator.class,
            names = {"RENDEZVOUS", "KETAMA", "KETAMA_SPYMEMCACHED"})
    void orderOfNodesMeansNothing(Locator locator) {
        List<NodeAddress> nodes = Routing.parse("a,b,2*c,5*d,e");
        List<NodeAddress> turned = nodes.reversed();
        try (Routing routing = Routing.over(nodes, locator);
                Routing other = Routing.over(turned, locator)) {
            for (int i = 0; i < 2000; i++) {
                assertThat(turned.get(other.route("key:" + i))).isEqualTo(nodes.get(routing.route("key:" + i)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Locator.class)
    void oneNodeHasAllKeysAndNoneHasNone(Locator locator) {
        try (Routing one = Routing.over(Routing.nodes(1), locator);
                Routing none = Routing.over(List.of(), locator)) {
            assertThat(one.routes(3)).containsExactly(0, 0, 0);
            assertThat(none.routes(3)).containsExactly(-1, -1, -1);
        }
    }

    @Test
    void emcacheRefusesDifferentWeights() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Router(Routing.parse("a,2*b"), Locator.EMCACHE, null))
                .withMessageContaining("EMCACHE knows no weights");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,b,c", "a,2*b"})
    void moduloIsTheHashModuloThePlaces(String text) {
        List<NodeAddress> nodes = Routing.parse(text);
        MemorySegment key = Arena.ofAuto().allocate(Long.BYTES);
        try (Routing routing = Routing.over(nodes, Locator.MODULO)) {
            for (long i = 0; i < 1000; i++) {
                key.set(ValueLayout.JAVA_LONG, 0, i);
                int place = (int) Long.remainderUnsigned(KeyHashing.inJava().hash64(key, Long.BYTES, 0), 3);
                assertThat(routing.router().route(key, Long.BYTES)).isEqualTo(Math.min(place, nodes.size() - 1));
            }
        }
    }

    @Test
    void customLocatorIsAskedForEachKey() {
        List<NodeAddress> nodes = Routing.nodes(3);
        MemorySegment key = Arena.ofAuto().allocate(8);
        NodeLocator byLength = given -> {
            assertThat(given).isEqualTo(nodes);
            return (_, length) -> length;
        };
        Router router = new Router(nodes, Locator.KETAMA, byLength);

        assertThat(router.route(key, 2)).isEqualTo(2);
        assertThat(router.route(key, 0)).isZero();
        assertThatIllegalStateException().isThrownBy(() -> router.route(key, 3)).withMessageContaining("index=3");
    }

    @Test
    void routerIsUsedOnAfterItsMemoryWasCountedBack() {
        long before = MemoryTag.ROUTER.usedBytes();
        Routing routing = Routing.over(Routing.nodes(8), Locator.RENDEZVOUS);
        int[] routes = routing.routes(100);
        assertThat(MemoryTag.ROUTER.usedBytes()).isEqualTo(before + 8 * Long.BYTES);

        routing.close();
        routing.close();

        assertThat(MemoryTag.ROUTER.usedBytes()).isEqualTo(before);
        assertThat(routing.routes(100)).isEqualTo(routes);
    }
}
