package io.emcache.internal.cluster;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.KeyHashing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Routes keys of tests, without servers. For one thread. */
final class Routing implements AutoCloseable {
    private static final int MOST_KEY_BYTES = 1024;
    private static final boolean NATIVE_ACCESS = Routing.class.getModule().isNativeAccessEnabled();

    private final Router router;
    private final MemorySegment key = Arena.ofAuto().allocate(MOST_KEY_BYTES, Long.BYTES);

    private Routing(Router router) {
        this.router = router;
    }

    static Routing over(List<NodeAddress> nodes, Locator locator, Hashing hashing) {
        return new Routing(new Router(nodes, locator, null, hashing));
    }

    static Routing over(List<NodeAddress> nodes, Locator locator) {
        return over(nodes, locator, hashings().findFirst().orElseThrow());
    }

    /** Every kind of hashing that there is in this JVM. */
    static Stream<Hashing> hashings() {
        Hashing inJava = new Hashing(KeyHashing.inJava());
        return NATIVE_ACCESS ? Stream.of(new Hashing(KeyHashing.get()), inJava) : Stream.of(inJava);
    }

    /** {@code 10.0.0.1:11211} and so on. */
    static List<NodeAddress> nodes(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> NodeAddress.tcp("10.0.0." + i, NodeAddress.DEFAULT_PORT))
                .toList();
    }

    /** Addresses as {@link NodeAddress#parse} reads them, between commas. */
    static List<NodeAddress> parse(String nodes) {
        return Arrays.stream(nodes.split(",", -1)).map(NodeAddress::parse).toList();
    }

    Router router() {
        return router;
    }

    int route(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, key, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return router.route(key, bytes.length);
    }

    /** Where {@code key:} and a number go, for all numbers below a count. */
    int[] routes(int count) {
        return IntStream.range(0, count).map(i -> route("key:" + i)).toArray();
    }

    @Override
    public void close() {
        router.close();
    }
}
