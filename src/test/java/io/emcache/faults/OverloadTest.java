package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedException.Overloaded;
import io.emcache.StoreResult;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

/** Bounds of operations and bytes: who is over them fails at once, and afterwards there is as much room as before. */
@NoLeaks
class OverloadTest {
    private static final int CALLS = 20;
    private static final int LARGE_BYTES = 64 << 10;

    private final FakeMemcached fake = new FakeMemcached();
    private final Gate gate = new Gate();

    @InEverySetup
    @DisplayName("A8 operations over the bound are Overloaded at once, those inside it are answered")
    void a8_boundOfOperations(Setup setup) {
        fake.onEvery(setup.getVerb(), Answer.late(gate));
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server.uri(), options -> options.maxQueuedPerNode(CALLS))) {
            List<Call<?>> inside = fill(rig, CALLS);
            for (int i = 0; i < 50; i++) {
                Overloaded refused = rig.get("refused").failure(Overloaded.class);
                assertThat(refused.isRetryable()).isTrue();
                assertThat(refused.outcomeUnknown()).isFalse();
            }
            rig.set("refused", new byte[1]).failure(Overloaded.class);
            assertThat(rig.calls()).isEqualTo(CALLS);
            gate.open();
            inside.forEach(call -> assertThat(call.value()).isNull());
            rig.assertWorksAgain();
            assertThat(fake.requests()).noneMatch(request -> request.key().equals("refused"));
        }
    }

    private static List<Call<?>> fill(Rig rig, int count) {
        List<Call<?>> inside = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int count1 = i + 1;
            inside.add(rig.get("inside:" + i));
            await().atMost(Rig.GUARD).pollInterval(Duration.ofMillis(2)).until(() -> rig.calls() == count1);
        }
        return inside;
    }

    @InEverySetup
    @DisplayName("A8 bytes over the bound are Overloaded at once; small commands still fit")
    void a8_boundOfBytes(Setup setup) {
        fake.onEvery(setup.setVerb(), Answer.late(gate));
        byte[] large = KeyTaggedValues.make("large", LARGE_BYTES, 1);
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(
                        setup,
                        server.uri(),
                        options ->
                                options.itemSizeLimit(LARGE_BYTES).maxQueuedBytesPerNode(8L * (LARGE_BYTES + 1_000)))) {
            List<Call<StoreResult>> inside = new ArrayList<>();
            for (int i = 1; i <= 8; i++) {
                int count = i;
                inside.add(rig.set("large:" + i, large));
                await().atMost(Rig.GUARD).pollInterval(Duration.ofMillis(2)).until(() -> rig.calls() == count);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(rig.set("refused", large).failure(Overloaded.class).outcomeUnknown())
                        .isFalse();
            }
            Call<?> small = rig.get("small");
            gate.open();
            inside.forEach(call -> assertThat(call.value()).isEqualTo(StoreResult.STORED));
            assertThat(small.value()).isNull();
            rig.assertWorksAgain();
            assertThat(rig.set("large:1", large).value()).isEqualTo(StoreResult.STORED);
        }
    }

    @InEverySetup
    @DisplayName("A8 after storms of refusals, resets and garbage there is exactly as much room as before")
    void a8_roomComesBack(Setup setup) {
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server.uri(), options -> options.maxQueuedPerNode(CALLS))) {
            List<Answer> faults = List.of(Answer.reset(), Answer.garbage(), Answer.halfThenEof());
            for (int round = 0; round < 12; round++) {
                fake.onNext(setup.getVerb(), faults.get(round % faults.size()));
                fake.onNext(setup.setVerb(), faults.get((round + 1) % faults.size()));
                List<Call<?>> calls = new ArrayList<>();
                for (int i = 0; i < 2 * CALLS; i++) {
                    calls.add(i % 2 == 0 ? rig.get("g" + i) : rig.set("s" + i, new byte[i * 100]));
                }
                calls.get(round).disturb();
                calls.forEach(Call::await);
            }
            rig.assertWorksAgain();
            fake.onEvery(setup.getVerb(), Answer.late(gate));
            List<Call<?>> inside = fill(rig, CALLS);
            rig.get("refused").failure(Overloaded.class);
            gate.open();
            inside.forEach(call -> assertThat(call.value()).isNull());
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("A24 a getAll larger than all bounds does not fail for its own size")
    void a24_getAllLargerThanTheBound(Setup setup) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            keys.add("k".repeat(200) + i);
            fake.put(keys.getLast(), KeyTaggedValues.make(keys.getLast(), 300, i));
        }
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(
                        setup,
                        server.uri(),
                        options ->
                                options.maxQueuedPerNode(4).ringBytes(64 << 10).maxInFlightPerConnection(2))) {
            var many = rig.getAll(keys).value();
            assertThat(many.failures()).isEmpty();
            assertThat(many.hits()).hasSize(keys.size());
            many.hits().forEach(KeyTaggedValues::verify);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("V11 with any size of ring a value of any size is sent")
    void v11_largeRing(Setup setup) {
        for (int ringBytes : new int[] {4 << 10, 1 << 20, 4 << 20}) {
            try (ScriptedServer server = ScriptedServer.start(fake);
                    Rig rig = Rig.connect(setup, server.uri(), options -> options.ringBytes(ringBytes))) {
                for (int bytes : new int[] {0, 100, 400, 1_100, 4_000, 60_000, 65_536, 100_000, 131_000, 500_000}) {
                    byte[] value = KeyTaggedValues.make("v", Math.max(bytes, 40), 1);
                    assertThat(rig.set("v", value).value()).isEqualTo(StoreResult.STORED);
                    assertThat(rig.get("v").value()).isEqualTo(value);
                }
            }
        }
    }
}
