package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.DumpParser;
import io.emcache.testkit.FakeClock;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.Gate;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.Session;
import io.emcache.testkit.WithMemcached;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
@WithMemcached({"-o", "no_lru_maintainer"})
@Timeout(60)
class DumpConnectionTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long SHORT_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final String ITEM = "key=%s exp=-1 la=1795375593 cas=1 fetch=yes cls=1 size=61\n";
    private static final Executor BACKGROUND =
            task -> Thread.ofPlatform().daemon().start(task);

    private final MemcachedServer server;

    DumpConnectionTest(MemcachedServer server) {
        this.server = server;
    }

    /** One dump runs at a time, and the server's own crawls, which are off here, would refuse it too. */
    @BeforeEach
    void emptyAndReady() {
        server.command("flush_all");
        await().until(() -> "0".equals(server.stats().get("lru_crawler_running")));
    }

    @Test
    void itemsOfARealServerComeWithTheirFields() {
        server.command("ms a 1 F5\r\nx");
        server.command("ms /wAgPQ== 2 b T1000\r\nhi");
        server.command("mg /wAgPQ== b v");
        long now = System.currentTimeMillis() / 1000;
        Map<String, String> items = new HashMap<>();
        try (DumpConnection dump = open(server.address())) {
            for (DumpParser item = dump.next(); item != null; item = dump.next()) {
                String key = new String(item.key(), ISO_8859_1);
                items.put(key, item.isFetched() + " " + item.slabClass());
                assertThat(item.cas()).isPositive();
                assertThat(item.sizeBytes()).isBetween(40L, 100L);
                assertThat(item.lastAccessSeconds()).isBetween(now - 10, now + 10);
                if (key.equals("a")) {
                    assertThat(item.expirySeconds()).isEqualTo(-1);
                } else {
                    assertThat(item.expirySeconds()).isBetween(now + 990, now + 1010);
                }
            }
            assertThat(dump.next()).isNull();
        }
        assertThat(items).isEqualTo(Map.of("a", "false 1", "\u00ff\0 =", "true 1"));
    }

    @Test
    void emptyServerHasNoItems() {
        DumpConnection dump = open(server.address());
        assertThat(dump.next()).isNull();
        dump.close();
        assertThat(dump.next()).isNull();
    }

    @Test
    void unixSocketIsReachedToo(@TempDir Path directory) {
        Path path = directory.resolve("memcached.sock");
        try (MemcachedServer unix = MemcachedServer.startUnix(path);
                DumpConnection dump = open("unix:" + path)) {
            unix.command("ms a 1\r\nx");
            assertThat(dump.next()).isNotNull();
            assertThat(dump.next()).isNull();
        }
    }

    @Test
    void hostNameIsResolvedElsewhere() {
        try (DumpConnection dump = open("localhost:" + server.port())) {
            assertThat(dump.next()).isNull();
        }
    }

    @Test
    void manyItemsThroughAnyCutsOfTheStream() throws Exception {
        Set<String> stored = new HashSet<>();
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            stored.add("key:" + i + "x".repeat(i % 200));
        }
        stored.forEach(key -> commands.append("ms ").append(key).append(" 1 q\r\nv\r\n"));
        server.command(commands.append("mn").toString());
        try (FaultProxy proxy = FaultProxy.start(server.port())) {
            proxy.toClient().drip(4099, Duration.ofMillis(1));
            try (DumpConnection dump = open(proxy.address())) {
                Set<String> seen = new HashSet<>();
                for (DumpParser item = dump.next(); item != null; item = dump.next()) {
                    seen.add(new String(item.key(), ISO_8859_1));
                }
                assertThat(seen).isEqualTo(stored);
            }
        }
    }

    @Test
    void nothingIsOpenedBeforeTheFirstItemIsAskedFor() {
        try (ScriptedServer scripted = ScriptedServer.start(Session::close)) {
            DumpConnection dump = open(scripted.address());
            dump.close();
            assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.Closed.class);
            assertThat(scripted.connections()).isZero();
        }
    }

    @Test
    void nothingIsReadBeforeItIsAskedFor() {
        CountDownLatch allSent = new CountDownLatch(1);
        String many = ITEM.formatted("a").repeat(10_000);
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
                    expectCommand(session);
                    for (int i = 0; i < 100; i++) {
                        session.send(many);
                    }
                    allSent.countDown();
                });
                DumpConnection dump = open(scripted.address())) {
            for (int i = 0; i < 50_000; i++) {
                assertThat(dump.next()).isNotNull();
            }
            assertThat(allSent.getCount()).isOne();
        }
    }

    @Test
    void refusalIsTheServersLine() {
        MemcachedException.ServerError busy =
                failure("BUSY currently processing crawler request\r\n", MemcachedException.ServerError.class);
        assertThat(busy.line()).isEqualTo("BUSY currently processing crawler request");
        assertThat(busy.isRetryable()).isTrue();
        assertThat(failure("ERROR\r\n", MemcachedException.ServerError.class).isRetryable())
                .isFalse();
        assertThat(failure("CLIENT_ERROR lru crawler disabled\r\n", MemcachedException.ServerError.class)
                        .line())
                .isEqualTo("CLIENT_ERROR lru crawler disabled");
    }

    @Test
    void strangeBytesAreAViolation() {
        failure("hello\r\n", MemcachedException.ProtocolViolation.class);
        failure("k".repeat(100_000), MemcachedException.ProtocolViolation.class);
        failure(ITEM.formatted("akey=b") + "END\r\n", MemcachedException.ProtocolViolation.class);
    }

    @Test
    void endWithoutEndIsAFailure() {
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
                    expectCommand(session);
                    session.send(ITEM.formatted("a") + "key=b");
                });
                DumpConnection dump = open(scripted.address())) {
            assertThat(dump.next()).isNotNull();
            assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.NodeUnavailable.class);
            assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.Closed.class);
        }
    }

    @Test
    void silenceTimesOut() {
        FakeClock clock = new FakeClock();
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
                    expectCommand(session);
                    letTimePass(clock);
                });
                DumpConnection dump = open(scripted.address(), clock)) {
            MemcachedException.Timeout timeout = catchThrowableOfType(MemcachedException.Timeout.class, dump::next);
            assertThat(timeout.phase()).isEqualTo(Phase.WRITTEN);
            assertThat(timeout.node()).isEqualTo(scripted.address());
        }
    }

    @Test
    void silenceAfterAnItemTimesOut() {
        FakeClock clock = new FakeClock();
        Gate gate = new Gate();
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
                    expectCommand(session);
                    session.send(ITEM.formatted("a") + "key");
                    gate.pass();
                    letTimePass(clock);
                });
                DumpConnection dump = open(scripted.address(), clock)) {
            assertThat(dump.next()).isNotNull();
            gate.open();
            assertThat(catchThrowableOfType(MemcachedException.Timeout.class, dump::next)
                            .phase())
                    .isEqualTo(Phase.RECEIVING);
        }
    }

    private static void letTimePass(FakeClock clock) throws InterruptedException {
        while (true) {
            clock.advance(Duration.ofMillis(1));
            Thread.sleep(1);
        }
    }

    @Test
    void connectTimesOut() {
        try (ScriptedServer scripted = ScriptedServer.startNeverAccepting();
                DumpConnection dump = open(scripted.address(), SHORT_NS, LONG_NS)) {
            assertThat(catchThrowableOfType(MemcachedException.Timeout.class, dump::next)
                            .phase())
                    .isEqualTo(Phase.CONNECTING);
        }
    }

    @Test
    void slowNameServiceTimesOut() {
        try (DumpConnection dump = new DumpConnection(
                NodeAddress.parse("localhost:" + server.port()),
                SHORT_NS,
                LONG_NS,
                clock(),
                task -> {},
                new Security(null, null, new SlabPool(1 << 20)))) {
            assertThat(catchThrowableOfType(MemcachedException.Timeout.class, dump::next)
                            .phase())
                    .isEqualTo(Phase.CONNECTING);
        }
    }

    @Test
    void nobodyThereIsUnavailable(@TempDir Path directory) throws Exception {
        int port;
        try (ScriptedServer scripted = ScriptedServer.start(Session::close)) {
            port = scripted.port();
        }
        for (String address :
                new String[] {"127.0.0.1:" + port, "unix:" + directory.resolve("none.sock"), "nosuchhost.invalid"}) {
            try (DumpConnection dump = open(address)) {
                assertThatThrownBy(dump::next).as(address).isInstanceOf(MemcachedException.NodeUnavailable.class);
            }
        }
    }

    @Test
    void interruptBeforeAndWhileWaiting() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
            expectCommand(session);
            waiting.countDown();
            session.pause();
        })) {
            try (DumpConnection dump = open(scripted.address())) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.Interrupted.class);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(scripted.connections()).isZero();
            }
            CompletableFuture<Boolean> kept = new CompletableFuture<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                try (DumpConnection dump = open(scripted.address())) {
                    assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.Interrupted.class);
                    kept.complete(Thread.currentThread().isInterrupted());
                } catch (RuntimeException | Error e) {
                    kept.completeExceptionally(e);
                }
            });
            assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
            reader.interrupt();
            assertThat(kept.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
            reader.join();
        }
    }

    @Test
    void closeWakesTheReader() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
            expectCommand(session);
            waiting.countDown();
            session.pause();
        })) {
            DumpConnection dump = open(scripted.address());
            CompletableFuture<MemcachedException.Closed> failure = CompletableFuture.supplyAsync(
                    () -> catchThrowableOfType(MemcachedException.Closed.class, dump::next));
            assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(dump::next).isInstanceOf(IllegalStateException.class);
            dump.close();
            assertThat(failure.orTimeout(10, TimeUnit.SECONDS).join()).isNotNull();
            assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.Closed.class);
        }
    }

    @Test
    void closeAtAnyMomentLeavesNothingOpen() {
        server.command("ms a 1\r\nx");
        for (int i = 0; i < 200; i++) {
            DumpConnection dump = open(server.address());
            CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> readAll(dump));
            for (int spin = i * 10; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            dump.close();
            reader.orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    /** Only one dump runs at a time on a server, so a dump may also be refused. */
    private static void readAll(DumpConnection dump) {
        try {
            while (dump.next() != null) {
                Thread.onSpinWait();
            }
        } catch (MemcachedException.Closed | MemcachedException.ServerError e) {
            assertThat(e.node()).isNotNull();
        }
    }

    private static <E extends MemcachedException> E failure(String answer, Class<E> type) {
        try (ScriptedServer scripted = ScriptedServer.start(session -> {
                    expectCommand(session);
                    session.send(answer);
                    session.pause();
                });
                DumpConnection dump = open(scripted.address())) {
            E failure = catchThrowableOfType(type, dump::next);
            assertThat(failure.node()).isEqualTo(scripted.address());
            assertThatThrownBy(dump::next).isInstanceOf(MemcachedException.Closed.class);
            return failure;
        }
    }

    private static void expectCommand(Session session) {
        session.expectLine("lru_crawler metadump all");
    }

    private static DumpConnection open(String address) {
        return open(address, LONG_NS, LONG_NS);
    }

    private static DumpConnection open(String address, long connectTimeoutNs, long progressTimeoutNs) {
        return new DumpConnection(
                NodeAddress.parse(address),
                connectTimeoutNs,
                progressTimeoutNs,
                clock(),
                BACKGROUND,
                new Security(null, null, new SlabPool(1 << 20)));
    }

    private static DumpConnection open(String address, FakeClock clock) {
        NodeAddress node = NodeAddress.parse(address);
        return new DumpConnection(
                node,
                LONG_NS,
                SHORT_NS,
                new NanoClock(clock),
                BACKGROUND,
                new Security(null, null, new SlabPool(1 << 20)));
    }

    private static NanoClock clock() {
        return new NanoClock(System::nanoTime);
    }
}
