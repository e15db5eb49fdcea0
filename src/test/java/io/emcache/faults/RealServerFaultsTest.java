package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.InvalidKey;
import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.MemcachedException.ValueTooLarge;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;

/** What the real server does at the edges, and the client with it. */
@NoLeaks
class RealServerFaultsTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 500, 1);

    private static Rig connect(Setup setup, MemcachedServer server) {
        return Rig.connect(setup, server.uri(), UnaryOperator.identity());
    }

    @InEverySetup
    @DisplayName("V1 V4 a value too large for the server: typed, the old value is gone, the connection stays")
    void v1_tooLarge(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.connect(setup, server.uri(), options -> options.itemSizeLimit(4 << 20))) {
            assertThat(rig.set(KEY, VALUE).value()).isEqualTo(StoreResult.STORED);
            ValueTooLarge failure = rig.set(KEY, new byte[2 << 20]).failure(ValueTooLarge.class);
            assertThat(failure.isRetryable()).isFalse();
            assertThat(rig.get(KEY).value()).isNull();
            assertThat(rig.set(KEY, VALUE).value()).isEqualTo(StoreResult.STORED);
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C5 C7 C26 V11 V12 values at every border, empty, and made of protocol words come back as they are")
    void c26_valuesAtBorders(Setup setup) {
        List<byte[]> values = new ArrayList<>();
        for (int border : new int[] {2, 3, 64, 1024, 2048, 8192, 16_384, 32_768, 49_152, 65_536, 131_072, 1_000_000}) {
            for (int bytes = border - 3; bytes <= border + 3; bytes++) {
                byte[] value = new byte[Math.max(0, bytes)];
                Arrays.fill(value, (byte) (border % 2 == 0 ? '\n' : '\r'));
                values.add(value);
            }
        }
        for (String text : List.of(
                "",
                "\r\n",
                "END\r\n",
                "VALUE k 0 3\r\nabc\r\nEND\r\n",
                "  trailing  ",
                "\0",
                "MN\r\n",
                "EN\r\n",
                "HD\r\n")) {
            values.add(text.getBytes(StandardCharsets.ISO_8859_1));
            values.add((text + "x".repeat(16_370) + text).getBytes(StandardCharsets.ISO_8859_1));
        }
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = connect(setup, server)) {
            for (byte[] value : values) {
                assertThat(rig.set("border", value).value()).isEqualTo(StoreResult.STORED);
                assertThat(rig.get("border").value()).isEqualTo(value);
            }
            assertThat(rig.get("absent").value()).isNull();
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C22 more bytes both ways than all socket buffers hold do not block")
    void c22_readsWhileWriting(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start("-m", "256");
                Rig rig = connect(setup, server)) {
            List<Call<?>> calls = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String key = "big:" + i;
                calls.add(rig.set(key, KeyTaggedValues.make(key, 900_000, i)));
            }
            calls.forEach(Call::await);
            List<Call<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String key = "big:" + i;
                reads.add(values(rig.get(key)));
                calls.add(rig.set(key, KeyTaggedValues.make(key, 900_000, 100 + i)));
            }
            calls.forEach(call -> assertThat(call.value()).isEqualTo(StoreResult.STORED));
            for (int i = 0; i < 12; i++) {
                KeyTaggedValues.verify("big:" + i, reads.get(i).value());
            }
            rig.assertWorksAgain();
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // a null fails the verification
    private static Call<byte[]> values(Call<?> call) {
        return (Call<byte[]>) call;
    }

    @InEverySetup
    @DisplayName("C21 C27 K9 K10 a getAll of thousands of keys, with duplicates; of none, without a server")
    void c27_manyKeys(Setup setup) {
        List<String> keys = new ArrayList<>();
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = connect(setup, server)) {
            for (int i = 0; i < 2_500; i++) {
                keys.add("many:" + "k".repeat(i % 240) + i);
            }
            for (int i = 0; i < keys.size(); i += 50) {
                rig.client().set(keys.get(i), KeyTaggedValues.make(keys.get(i), 300, i));
            }
            keys.addAll(List.copyOf(keys.subList(0, 200)));
            MultiResult<String, byte[]> many = rig.getAll(keys).value();
            assertThat(many.hits()).hasSize(50);
            assertThat(many.misses()).hasSize(2_450);
            assertThat(many.failures()).isEmpty();
            many.hits().forEach(KeyTaggedValues::verify);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            server.kill();
            assertThat(rig.getAll(List.of()).value().hits()).isEmpty();
        }
    }

    @InEverySetup
    @DisplayName("K1-K6 C0 C13 keys that the server would misread never leave, the longest one works")
    void k1_badKeysNeverLeave(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = connect(setup, server)) {
            long before = Long.parseLong(server.stats().get("cmd_get"));
            for (String bad : List.of(
                    "",
                    " ",
                    "a b",
                    "a\rb",
                    "a\nb",
                    "a\0b",
                    "a\tb",
                    "a\u007fb",
                    "k".repeat(251),
                    "\u00fc".repeat(126),
                    "a\r\nflush_all\r\n",
                    "\ud800",
                    "x\u0001")) {
                rig.get(bad).failure(InvalidKey.class);
                rig.set(bad, VALUE).failure(InvalidKey.class);
                rig.delete(bad).failure(InvalidKey.class);
                if (setup.face() == Face.ASYNC || setup.connections() == 1) {
                    rig.getAll(List.of(KEY, bad)).failure(InvalidKey.class);
                }
            }
            assertThatThrownBy(() -> Key.of("k".repeat(251)))
                    .isInstanceOfAny(InvalidKey.class, IllegalArgumentException.class);
            assertThat(Long.parseLong(server.stats().get("cmd_get"))).isEqualTo(before);
            for (String good : List.of(
                    "k".repeat(250), "\u00fc".repeat(125), "\u00e9", "e\u0301", "\ud83d\ude00", "a\u0080b", "!")) {
                byte[] value = KeyTaggedValues.make(good, 400, 1);
                assertThat(rig.set(good, value).value()).isEqualTo(StoreResult.STORED);
                assertThat(rig.get(good).value()).isEqualTo(value);
                assertThat(rig.getAll(List.of(good)).value().hits()).containsOnlyKeys(good);
                assertThat(rig.delete(good).value()).isTrue();
            }
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("T1-T7 times to live: at once, 30 days, more, for ever, less than a second, in the far future")
    void t1_timesToLive(Setup setup) {
        Map<Ttl, Boolean> alive = Map.of(
                Ttl.EXPIRE_NOW,
                false,
                Ttl.of(Duration.ofDays(30)),
                true,
                Ttl.of(Duration.ofDays(30).plusSeconds(1)),
                true,
                Ttl.of(Duration.ofDays(40_000)),
                true,
                Ttl.NONE,
                true,
                Ttl.of(Duration.ofMillis(999)),
                true,
                Ttl.at(Instant.now().plusSeconds(3_600)),
                true,
                Ttl.at(Instant.now().minusSeconds(10)),
                false,
                Ttl.at(Instant.ofEpochSecond(5_000_000_000L)),
                true);
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = connect(setup, server)) {
            alive.forEach((ttl, expected) -> {
                rig.client().set(KEY, VALUE);
                StoreResult stored = setup.face() == Face.ASYNC
                        ? rig.client().async().set(KEY, VALUE, ttl).join()
                        : rig.client().set(KEY, VALUE, ttl);
                assertThat(stored).isEqualTo(StoreResult.STORED);
                assertThat(rig.get(KEY).value() != null).as(ttl.toString()).isEqualTo(expected);
            });
            rig.client().set("brief", VALUE, Ttl.of(Duration.ofMillis(1)));
            await().atMost(Rig.GUARD).until(() -> rig.client().get("brief") == null);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L2 L4 a server that is killed and started again: nothing hangs, and calls work again")
    void l2_killAndRestart(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = connect(setup, server)) {
            List<Call<?>> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(i % 2 == 0 ? rig.get("g" + i) : rig.set("s" + i, VALUE));
                if (i == 10) {
                    server.kill();
                }
            }
            for (Call<?> call : calls) {
                if (call.await() != null) {
                    call.failure(NodeUnavailable.class);
                }
            }
            await().atMost(Rig.GUARD).until(() -> rig.get(KEY).await() instanceof NodeUnavailable);
            server.restart();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L1 a frozen server: time-outs, then failures at once; it works again when it goes on")
    void l1_stoppedServer(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.connect(
                        setup,
                        server.uri(),
                        options -> options.timeout(Duration.ofMillis(250)).connectionTimeout(Duration.ofMillis(250)))) {
            server.suspend();
            assertThat(rig.set(KEY, VALUE).await()).isInstanceOf(MemcachedException.Timeout.class);
            await().atMost(Rig.GUARD).until(() -> rig.get(KEY).await() instanceof NodeUnavailable);
            long failures = rig.counters().connectFailures.sum();
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectFailures.sum() > failures);
            server.resume();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L3 a server that closes idle connections: they are replaced, and no call fails")
    void l3_idleTimeout(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start("-o", "idle_timeout=1");
                Rig rig = connect(setup, server)) {
            await().atMost(Rig.GUARD).until(() -> rig.counters().connectionsLost.sum() >= setup.connections());
            assertThat(rig.set(KEY, VALUE).value()).isEqualTo(StoreResult.STORED);
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
        }
    }

    @InEverySetup
    @DisplayName("C12 L6 a server whose connections are all taken refuses, and is used once there is room")
    void l6_connectionLimit(Setup setup) throws IOException {
        try (MemcachedServer server = MemcachedServer.start("-c", "64")) {
            List<Socket> taken = new ArrayList<>();
            try (Rig rig = Rig.create(setup, server.uri(), UnaryOperator.identity())) {
                fillToTheLimit(server, taken);
                rig.set(KEY, VALUE).failure(NodeUnavailable.class);
                for (Socket socket : taken) {
                    socket.close();
                }
                rig.assertWorksAgain();
            } finally {
                for (Socket socket : taken) {
                    socket.close();
                }
            }
        }
    }

    /**
     * Takes connections until some in a row are refused. Counting them would not do: the server counts late, and for a while
     * those as well that have just been closed.
     */
    private static void fillToTheLimit(MemcachedServer server, List<Socket> taken) throws IOException {
        for (int refused = 0; refused < 3; ) {
            assertThat(taken).hasSizeLessThan(500);
            taken.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
            if (isServed(taken.getLast())) {
                refused = 0;
            } else {
                refused++;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    private static boolean isServed(Socket socket) {
        try {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("mn\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() == 'M';
        } catch (IOException e) {
            return false; // refused and reset
        }
    }
}
