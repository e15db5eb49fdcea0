package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds: what is over them is refused at once, and what is under them is not. */
@NoLeaks
class OverloadTest {
    private static final byte[] VALUE = "value".getBytes(UTF_8);

    private final FakeMemcached fake = new FakeMemcached().put("k", VALUE);
    private final Gate gate = new Gate();
    private ScriptedServer server;

    @BeforeEach
    void open() {
        server = ScriptedServer.start(fake);
    }

    @AfterEach
    void close() {
        gate.open();
        server.close();
    }

    private ClientOptions.Builder options() {
        return MemcachedClient.builder()
                .nodes(server.address())
                .connections(1)
                .timeout(Duration.ofSeconds(30))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static void assertOverloaded(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(MemcachedException.Overloaded.class, e -> {
            assertThat(e.isRetryable()).isTrue();
            assertThat(e.outcomeUnknown()).isFalse();
            assertThat(e.node()).isNotNull();
        });
    }

    private static void assertOverloaded(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        assertThatThrownBy(future::join).hasCauseInstanceOf(MemcachedException.Overloaded.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64})
    void callsUpToTheBoundAreTakenAndTheNextIsNot(int bound) throws Exception {
        fake.onNext("mg", Answer.late(gate));
        try (MemcachedClient client = options().maxQueuedPerNode(bound).connect()) {
            List<CompletableFuture<byte[]>> inside = new ArrayList<>();
            for (int i = 0; i < bound; i++) {
                CompletableFuture<byte[]> future = client.async().get("k");
                assertThat(future.isCompletedExceptionally()).as("call %d", i).isFalse();
                inside.add(future);
            }
            gate.awaitReached();

            assertOverloaded(() -> client.get("k"));
            assertOverloaded(() -> client.set("k", VALUE));
            assertOverloaded(() -> client.delete("k"));
            assertOverloaded(client.async().get("k"));
            assertOverloaded(client.async().set("k", VALUE));
            MultiResult<String, byte[]> many = client.getAll(List.of("k", "absent"));
            assertThat(many.failures()).containsOnlyKeys("k", "absent");
            assertThat(many.failures().values())
                    .allSatisfy(e -> assertThat(e).isInstanceOf(MemcachedException.Overloaded.class));

            gate.open();
            for (CompletableFuture<byte[]> future : inside) {
                assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
            }
            assertThat(client.get("k")).isEqualTo(VALUE);
        }
    }

    @Test
    void boundHoldsOverAllConnections() throws Exception {
        fake.onEvery("mg", Answer.late(gate));
        try (MemcachedClient client =
                options().connections(4).maxQueuedPerNode(8).connect()) {
            List<CompletableFuture<byte[]>> inside = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                inside.add(client.async().get("k"));
            }
            assertThat(inside).noneMatch(CompletableFuture::isCompletedExceptionally);

            assertOverloaded(client.async().get("k"));

            gate.open();
            for (CompletableFuture<byte[]> future : inside) {
                assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
            }
        }
    }

    @Test
    void bytesAreBoundedToo() throws Exception {
        fake.onEvery("ms", Answer.late(gate));
        int size = 100 << 10;
        try (MemcachedClient client =
                options().itemSizeLimit(size).maxQueuedBytesPerNode(5L * size).connect()) {
            List<CompletableFuture<StoreResult>> inside = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                inside.add(client.async().set("k" + i, new byte[size]));
            }
            assertThat(inside).noneMatch(CompletableFuture::isCompletedExceptionally);

            assertOverloaded(client.async().set("k", new byte[size]));

            gate.open();
            for (CompletableFuture<StoreResult> future : inside) {
                assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(StoreResult.STORED);
            }
            assertThat(client.set("k", new byte[size])).isEqualTo(StoreResult.STORED);
        }
    }

    @Test
    void onlyWindowOfInFlightRequestsIsOnTheWireAndTheRestFollows() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        try (MemcachedClient client = options().maxInFlightPerConnection(4).connect()) {
            List<CompletableFuture<byte[]>> inside = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                inside.add(client.async().get(i % 2 == 0 ? "k" : "absent"));
            }
            gate.awaitReached();
            gate.open();
            for (int i = 0; i < inside.size(); i++) {
                assertThat(inside.get(i).get(10, TimeUnit.SECONDS)).isEqualTo(i % 2 == 0 ? VALUE : null);
            }
        }
    }

    @Test
    void cancelledCallsMakeRoom() throws Exception {
        fake.onNext("mg", Answer.late(gate));
        try (MemcachedClient client = options().maxQueuedPerNode(4).connect()) {
            List<CompletableFuture<byte[]>> inside = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                inside.add(client.async().get("k"));
            }
            gate.awaitReached();
            inside.forEach(future -> future.cancel(true));
            assertOverloaded(client.async().get("k")); // their replies are still to come

            gate.open();
            for (int round = 0; round < 20; round++) {
                assertThat(client.getAll(List.of("absent")).failures().keySet()).isSubsetOf("absent");
            }
            org.awaitility.Awaitility.await()
                    .atMost(Face.GUARD)
                    .ignoreExceptionsInstanceOf(MemcachedException.Overloaded.class)
                    .until(() -> client.get("k") != null);
            List<CompletableFuture<byte[]>> again = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                again.add(client.async().get("k"));
            }
            for (CompletableFuture<byte[]> future : again) {
                assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo(VALUE);
            }
        }
    }
}
