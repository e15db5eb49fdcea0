package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.AsyncMemcachedClient;
import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same behaviour, whoever drives, with one event loop and two, over TCP and a unix socket, in both dialects. */
@NoLeaks
@Timeout(120)
class DriverModesTest {
    static Stream<Arguments> modes() {
        List<Driver> drivers = List.of(
                Driver.caller(),
                Driver.dedicated(Driver.Idle.SPIN),
                Driver.dedicated(Driver.Idle.YIELD),
                Driver.dedicated(Driver.Idle.BACKOFF),
                Driver.invoked());
        return drivers.stream()
                .flatMap(driver -> Stream.of(
                        Arguments.of(driver, 1, false, false),
                        Arguments.of(driver, 2, false, true),
                        Arguments.of(driver, 2, true, false)));
    }

    @ParameterizedTest(name = "{0}, loops={1}, unix={2}, classic={3}")
    @MethodSource("modes")
    void everyCallDoesWhatItSays(Driver driver, int loops, boolean unix, boolean classic, @TempDir Path directory)
            throws Exception {
        try (MemcachedServer first = start(unix, directory.resolve("a"));
                MemcachedServer second = start(unix, directory.resolve("b"));
                MemcachedClient client = MemcachedClient.builder()
                        .nodes(address(first, unix), address(second, unix))
                        .timeout(Duration.ofSeconds(10))
                        .eventLoops(loops)
                        .forceClassic(classic)
                        .driver(driver)
                        .connect()) {
            sync(client);
            async(client, driver instanceof Driver.Invoked);
        }
    }

    private static MemcachedServer start(boolean unix, Path path) {
        return unix ? MemcachedServer.startUnix(path) : MemcachedServer.start();
    }

    private static String address(MemcachedServer server, boolean unix) {
        return (unix ? "unix:" : "") + server.address();
    }

    private static byte[] value(String key) {
        return KeyTaggedValues.make(key, 200, 1);
    }

    private static void sync(MemcachedClient client) {
        List<String> keys = IntStream.range(0, 250).mapToObj(i -> "key" + i).toList();
        assertThat(client.get("key0")).isNull();
        for (String key : keys) {
            assertThat(client.set(key, value(key))).isEqualTo(StoreResult.STORED);
        }
        for (String key : keys) {
            assertThat(client.get(key)).isEqualTo(value(key));
        }
        assertThat(client.delete("key7")).isTrue();
        assertThat(client.delete("key7")).isFalse();
        requireAllButSeven(client.getAll(keys), keys);
    }

    private static void requireAllButSeven(MultiResult<String, byte[]> result, List<String> keys) {
        assertThat(result.failures()).isEmpty();
        assertThat(result.misses()).containsExactly("key7");
        assertThat(result.hits()).hasSize(keys.size() - 1);
        result.hits().forEach(KeyTaggedValues::verify);
    }

    private static void async(MemcachedClient client, boolean invoked) throws Exception {
        AsyncMemcachedClient async = client.async();
        List<String> keys = IntStream.range(0, 250).mapToObj(i -> "key" + i).toList();
        List<CompletableFuture<StoreResult>> sets =
                keys.stream().map(key -> async.set(key, value(key))).toList();
        for (CompletableFuture<StoreResult> set : sets) {
            assertThat(await(client, invoked, set)).isEqualTo(StoreResult.STORED);
        }
        assertThat(await(client, invoked, async.delete("key7"))).isTrue();
        List<CompletableFuture<byte[]>> gets = keys.stream().map(async::get).toList();
        for (int i = 0; i < gets.size(); i++) {
            byte[] value = await(client, invoked, gets.get(i));
            assertThat(value).isEqualTo(i == 7 ? null : value(keys.get(i)));
        }
        requireAllButSeven(await(client, invoked, async.getAll(keys)), keys);
    }

    private static <T> T await(MemcachedClient client, boolean invoked, CompletableFuture<T> future) throws Exception {
        long startNs = System.nanoTime();
        while (invoked && !future.isDone() && System.nanoTime() - startNs < Load.GUARD.toNanos()) {
            client.poll();
        }
        return future.get(10, TimeUnit.SECONDS);
    }
}
