package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.Driver;
import io.emcache.MemcachedClient;
import io.emcache.NodeAddress;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.memory.SlabPool;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.agrona.concurrent.AgentTerminationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@NoLeaks
@Timeout(60)
class EventLoopTest {
    private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);

    static List<Driver> drivers() {
        return List.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF));
    }

    private static Thread loopThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("emcache-loop"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void loopWhoseThreadIsInterruptedGoesOn(Driver driver) throws Exception {
        FakeMemcached fake = new FakeMemcached().put("key", VALUE);
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed = ObservedClient.connect(MemcachedClient.builder()
                        .nodes(server.address())
                        .timeout(Duration.ofSeconds(10))
                        .driver(driver)
                        .options())) {
            for (int i = 0; i < 20; i++) {
                loopThread().interrupt();
                assertThat(observed.client().async().get("key").get(10, TimeUnit.SECONDS))
                        .isEqualTo(VALUE);
                Thread.sleep(2);
            }
            assertThat(observed.client().get("key")).isEqualTo(VALUE);
        }
    }

    /** A direct executor lets user code run on the loop, which may leave an interrupt behind. */
    @Test
    void interruptLeftBehindByUserCodeDoesNotEndTheLoop() throws Exception {
        FakeMemcached fake = new FakeMemcached().put("key", VALUE);
        try (ScriptedServer server = ScriptedServer.start(fake);
                ObservedClient observed = ObservedClient.connect(MemcachedClient.builder()
                        .nodes(server.address())
                        .timeout(Duration.ofSeconds(10))
                        .completionExecutor(Runnable::run)
                        .options())) {
            for (int i = 0; i < 20; i++) {
                CompletableFuture<byte[]> future = observed.client().async().get("key");
                assertThat(future.whenComplete((value, failure) -> {
                                    if (Thread.currentThread().getName().startsWith("emcache-loop")) {
                                        Thread.currentThread().interrupt();
                                    }
                                })
                                .get(10, TimeUnit.SECONDS))
                        .isEqualTo(VALUE);
            }
            assertThat(observed.counters().loopDeaths.sum()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void loopThatEndsUnaskedIsStartedOnceMore(Driver driver) {
        SlabPool slabs = new SlabPool(16 << 20);
        TransportCounters counters = new TransportCounters();
        AtomicBoolean end = new AtomicBoolean();
        LongSupplier clock = () -> {
            if (Thread.currentThread().getName().startsWith("emcache-loop") && end.getAndSet(false)) {
                throw new AgentTerminationException("unasked");
            }
            return System.nanoTime();
        };
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached())) {
            Transport transport = new Transport(
                    driver, 1, TestLanes.settings(slabs, counters, clock), ForkJoinPool.commonPool(), Runnable::run);
            Lane lane = transport.open(NodeAddress.parse(server.address()), TestLanes.owner(), 0);
            transport.start();
            lane.start();
            await().atMost(Load.GUARD).until(lane::isActive);
            end.set(true);
            lane.start();
            await().atMost(Load.GUARD).until(() -> counters.loopDeaths.sum() == 1);
            await().atMost(Load.GUARD).until(() -> server.connections() == 2 && lane.isActive());
            assertThat(loopThread().isAlive()).isTrue();
            transport.close();
        } finally {
            slabs.close();
        }
    }

    @Test
    void ownerThatThrowsForOneLaneDoesNotHurtTheOthers() {
        SlabPool slabs = new SlabPool(16 << 20);
        TestLanes.Owner broken = new TestLanes.Owner() {
            @Override
            public boolean mayConnect(Lane lane) {
                throw new IllegalStateException("broken");
            }
        };
        try (ScriptedServer server = ScriptedServer.start(new FakeMemcached())) {
            Transport transport = new Transport(
                    Driver.caller(), 1, TestLanes.settings(slabs), ForkJoinPool.commonPool(), Runnable::run);
            NodeAddress address = NodeAddress.parse(server.address());
            Lane first = transport.open(address, TestLanes.owner(), 0);
            Lane second = transport.open(address, broken, 0);
            Lane third = transport.open(address, TestLanes.owner(), 0);
            first.start();
            second.start();
            third.start();
            transport.start();
            await().atMost(Load.GUARD).until(() -> first.isActive() && third.isActive());
            transport.close();
        } finally {
            slabs.close();
        }
    }

    /** What is answered is completed, also while the thread that drives still waits for its own reply. */
    @Test
    void futureIsCompletedWhileTheDriverStillWaits() throws Exception {
        Gate gate = new Gate();
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.answerVersion();
                    String first = session.readLine();
                    String second = session.readLine();
                    session.send("EN k" + word(first, 1) + " " + word(first, -1) + "\r\n");
                    gate.pass();
                    session.send("EN k" + word(second, 1) + " " + word(second, -1) + "\r\n");
                    session.pause();
                });
                MemcachedClient client = MemcachedClient.builder()
                        .nodes(server.address())
                        .connections(1)
                        .timeout(Duration.ofSeconds(10))
                        .connect()) {
            CompletableFuture<byte[]> early = client.async().get("early");
            CompletableFuture<byte[]> late = new CompletableFuture<>();
            Thread caller = Thread.ofPlatform().start(() -> {
                try {
                    late.complete(client.get("late"));
                } catch (RuntimeException e) {
                    late.completeExceptionally(e);
                }
            });
            try {
                assertThat(early.get(5, TimeUnit.SECONDS)).isNull();
            } finally {
                gate.open();
            }
            assertThat(late.get(10, TimeUnit.SECONDS)).isNull();
            caller.join();
        }
    }

    private static String word(String line, int index) {
        String[] words = line.split(" ", -1);
        return words[index < 0 ? words.length + index : index];
    }
}
