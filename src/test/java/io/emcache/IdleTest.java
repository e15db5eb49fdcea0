package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that have nothing to do. */
@NoLeaks
class IdleTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static ClientOptions.Builder options(MemcachedServer server) {
        return ClientOptions.fromUri(server.uri())
                .mutate()
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static long stat(MemcachedServer server, String name) {
        return Long.parseLong(server.stats().get(name));
    }

    @ParameterizedTest
    @EnumSource(Subject.Kind.class)
    void connectionsThatTheServerClosesAreReplacedSilently(Subject.Kind kind) {
        Subject subject = new Subject(kind, false, Transport.TCP, Driver.caller());
        try (MemcachedServer server = MemcachedServer.start("-o", "idle_timeout=1");
                MemcachedClient client = options(server).connections(2).connect()) {
            MemcachedClient face = subject.face(client);
            face.set("k", VALUE);
            for (int round = 1; round <= 2; round++) {
                long kicks = 2L * round;
                await().atMost(Duration.ofSeconds(30)).until(() -> stat(server, "idle_kicks") >= kicks);
                await().atMost(Face.GUARD).until(() -> stat(server, "curr_connections") >= 3);

                assertThat(face.set("k" + round, VALUE)).isEqualTo(StoreResult.STORED);
                assertThat(face.get("k")).isEqualTo(VALUE);
                assertThat(face.delete("k" + round)).isTrue();
                assertThat(face.getAll(List.of("k", "absent")).hits()).containsOnlyKeys("k");
            }
        }
    }

    @Test
    void heartbeatKeepsAConnectionFromBeingIdle() throws Exception {
        try (MemcachedServer server = MemcachedServer.start("-o", "idle_timeout=2");
                MemcachedClient client = options(server)
                        .connections(1)
                        .heartbeatInterval(Duration.ofMillis(300))
                        .connect()) {
            client.set("k", VALUE);
            long before = stat(server, "total_connections");
            TimeUnit.SECONDS.sleep(5);
            assertThat(stat(server, "idle_kicks")).isZero();
            assertThat(stat(server, "total_connections")).isEqualTo(before + 2);
            assertThat(client.get("k")).isEqualTo(VALUE);
        }
    }

    @Test
    void idleLoopSleeps() throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedClient client = options(server).connections(8).connect()) {
            for (int i = 0; i < 100; i++) {
                client.set("k" + i, VALUE);
                client.async().get("k" + i).get(10, TimeUnit.SECONDS);
            }
            long before = loopCpuNs(threads);
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            long usedNs = loopCpuNs(threads) - before;

            assertThat(usedNs)
                    .as("CPU time of the event loop in %s without work", LOOK)
                    .isLessThan(LOOK.toNanos() / 2);
        }
    }

    @Test
    void loopWithoutAServerSleepsToo() throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        String gone;
        try (MemcachedServer server = MemcachedServer.start()) {
            gone = server.uri();
        }
        try (MemcachedClient client = ClientOptions.fromUri(gone)
                .mutate()
                .timeout(Duration.ofSeconds(1))
                .build()) {
            assertThat(client.async().get("k").handle((value, e) -> e).get(10, TimeUnit.SECONDS))
                    .isInstanceOf(MemcachedException.NodeUnavailable.class);
            long before = loopCpuNs(threads);
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());

            assertThat(loopCpuNs(threads) - before)
                    .as("CPU time of the event loop in %s without a server", LOOK)
                    .isLessThan(LOOK.toNanos() / 2);
        }
    }

    @Test
    void loopSleepsWhileARequestWaits() throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (MemcachedServer server = MemcachedServer.start();
                MemcachedClient client = options(server).connections(1).connect()) {
            client.set("k", VALUE);
            server.suspend();
            try {
                var waiting = client.async().get("k");
                long before = loopCpuNs(threads);
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
                assertThat(loopCpuNs(threads) - before)
                        .as("CPU time of the event loop in %s with a silent server", LOOK)
                        .isLessThan(LOOK.toNanos() / 2);
                assertThat(waiting).isNotDone();
                server.resume();
                assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
            } finally {
                server.resume();
            }
        }
    }

    private static long loopCpuNs(ThreadMXBean threads) {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("emcache-loop"))
                .mapToLong(info -> threads.getThreadCpuTime(info.getThreadId()))
                .sum();
    }
}
