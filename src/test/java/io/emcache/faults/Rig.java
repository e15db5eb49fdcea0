package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.AsyncMemcachedClient;
import io.emcache.ClientOptions;
import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.transport.TransportCounters;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A connected client in one {@link Setup}, with what every fault test asks of it in the end. For the thread of the test. */
final class Rig implements AutoCloseable {
    static final Duration GUARD = Duration.ofSeconds(10);

    private final long idleBytes;
    private final Setup setup;
    private final ObservedClient probe;

    private Rig(Setup setup, ObservedClient probe) {
        this.setup = setup;
        this.probe = probe;
        this.idleBytes = probe.leasedBytes();
    }

    static Rig connect(Setup setup, ScriptedServer server) {
        return connect(setup, server.uri(), more -> more);
    }

    /** Connects all connections. Calls have 5 s unless the test says otherwise. */
    static Rig connect(Setup setup, String uri, UnaryOperator<ClientOptions.Builder> more) {
        Rig rig = create(setup, uri, more);
        try {
            rig.client().awaitReady(GUARD);
            rig.awaitAllConnections();
            return rig;
        } catch (Throwable e) {
            rig.client().close();
            throw e;
        }
    }

    static Rig create(Setup setup, String uri, UnaryOperator<ClientOptions.Builder> more) {
        ClientOptions.Builder builder = ClientOptions.fromUri(uri)
                .mutate()
                .timeout(Duration.ofSeconds(5))
                .connections(setup.connections())
                .forceClassic(setup.classic());
        return new Rig(setup, new ObservedClient(more.apply(builder).options()));
    }

    MemcachedClient client() {
        return probe.client();
    }

    TransportCounters counters() {
        return probe.counters();
    }

    int calls() {
        return probe.calls();
    }

    Call<byte @Nullable []> get(String key) {
        return setup.face().get(client(), key);
    }

    Call<StoreResult> set(String key, byte[] value) {
        return setup.face().set(client(), key, value);
    }

    Call<Boolean> delete(String key) {
        return setup.face().delete(client(), key);
    }

    Call<MultiResult<String, byte[]>> getAll(List<String> keys) {
        return setup.face().getAll(client(), keys);
    }

    /** Any other call, given for both faces. */
    <T extends @Nullable Object> Call<T> call(
            Function<MemcachedClient, T> sync, Function<AsyncMemcachedClient, CompletableFuture<T>> async) {
        return setup.face().start(client(), sync, async);
    }

    /** Commands that no face would send; sync, whatever the setup says. */
    List<Answer> pipeline(RawCommand... commands) {
        return probe.pipeline(List.of(commands), GUARD);
    }

    void awaitAllConnections() {
        await().atMost(GUARD).until(() -> counters().connectionsOpened.sum() >= setup.connections());
    }

    /** Nobody is inside and nothing is leased that is not at rest: no slot, tombstone or value is left. */
    void assertNothingInside() {
        await().atMost(GUARD).untilAsserted(() -> {
            assertThat(probe.calls()).as("calls inside").isZero();
            assertThat(probe.leasedBytes() - MemoryTag.TLS.usedBytes())
                    .as("leased bytes, but for those of encrypted connections")
                    .isEqualTo(idleBytes);
            assertThat(MemoryTag.VALUE.usedBytes()).as("bytes of values").isZero();
        });
    }

    /** Within 10 s calls succeed again, and give the right values while they do not. */
    void assertWorksAgain() {
        assertWorksAgain(GUARD);
    }

    void assertWorksAgain(Duration atMost) {
        byte[] value = KeyTaggedValues.make("again", 300, System.nanoTime());
        await().atMost(atMost).pollInterval(Duration.ofMillis(2)).until(() -> works(value));
        for (int i = 0; i < 8; i++) {
            assertThat(get("again").value()).isEqualTo(value);
        }
        assertNothingInside();
    }

    private boolean works(byte[] value) {
        Call<StoreResult> set = set("again", value);
        Throwable failure = set.await();
        if (failure == null) {
            Call<byte @Nullable []> get = get("again");
            failure = get.await();
            if (failure == null) {
                assertThat(get.value()).isEqualTo(value);
                return true;
            }
        }
        assertThat(failure).isInstanceOf(MemcachedException.class);
        return false;
    }

    @Override
    public void close() {
        client().close();
        assertThat(counters().orphaned.sum()).as("orphaned").isZero();
        assertThat(counters().loopFailures.sum()).as("failed turns of the loop").isZero();
        assertThat(counters().loopDeaths.sum()).as("dead loops").isZero();
        assertThat(counters().failedCompletions.sum()).as("failed completions").isZero();
    }
}
