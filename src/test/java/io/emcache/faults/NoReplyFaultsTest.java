package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.CounterOptions;
import io.emcache.MemcachedException.ValueTooLarge;
import io.emcache.Ttl;
import io.emcache.WriteOptions;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.WithMemcached;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;

/** Commands without a reply, to which the server has something to say all the same. */
@NoLeaks
@WithMemcached
class NoReplyFaultsTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 300, 1);
    private static final WriteOptions QUIET = WriteOptions.NONE.withNoReply();

    private final MemcachedServer server;

    NoReplyFaultsTest(MemcachedServer server) {
        this.server = server;
    }

    @InEverySetup
    @DisplayName("C15 C13 an error line for a set without a reply is counted, and answers nobody else")
    void c15_errorForAQuietSet(Setup setup) {
        FakeMemcached fake = new FakeMemcached().put(KEY, VALUE);
        try (ScriptedServer scripted = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, scripted)) {
            fake.onNext(setup.setVerb(), Answer.text("CLIENT_ERROR bad data chunk\r\nERROR\r\n"));
            rig.call(c -> c.set(KEY, VALUE, QUIET), a -> a.set(KEY, VALUE, QUIET))
                    .value();
            await().atMost(Rig.GUARD).until(() -> rig.counters().noReplyFailures.sum() == 1);
            assertThat(rig.counters().connectionsLost.sum())
                    .as("where its block ends is in doubt")
                    .isEqualTo(1);
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C15 V7 a SERVER_ERROR for a delete without a reply is counted, the connection stays")
    void c15_errorForAQuietDelete(Setup setup) {
        FakeMemcached fake = new FakeMemcached().put(KEY, VALUE);
        try (ScriptedServer scripted = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, scripted)) {
            fake.onNext(setup.deleteVerb(), Answer.text("SERVER_ERROR backend failure\r\n"));
            rig.call(c -> c.delete("other", QUIET), a -> a.delete("other", QUIET))
                    .value();
            await().atMost(Rig.GUARD).until(() -> rig.counters().noReplyFailures.sum() == 1);
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName(
            "C16 V4 a value too large without a reply: refused by the client, else what the server says is counted")
    void c16_tooLarge(Setup setup) {
        byte[] large = new byte[2 << 20];
        try (Rig rig = Rig.connect(setup, server.uri(), UnaryOperator.identity())) {
            rig.call(c -> c.set(KEY, large, QUIET), a -> a.set(KEY, large, QUIET))
                    .failure(ValueTooLarge.class);
            assertThat(rig.counters().noReplyFailures.sum()).isZero();
        }
        try (Rig rig = Rig.connect(setup, server.uri(), options -> options.itemSizeLimit(4 << 20))) {
            rig.set(KEY, VALUE).value();
            rig.call(c -> c.set(KEY, large, QUIET), a -> a.set(KEY, large, QUIET))
                    .value();
            rig.assertNothingInside();
            assertThat(rig.counters().noReplyFailures.sum()).isEqualTo(1);
            assertThat(rig.get(KEY).value()).as("V1").isNull();
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C17 what a server answers to quiet commands that have no effect reaches nobody and is no failure")
    void c17_quietCommandsWithoutEffect(Setup setup) {
        try (Rig rig = Rig.connect(setup, server.uri(), UnaryOperator.identity())) {
            rig.set(KEY, VALUE).value();
            CounterOptions count = CounterOptions.NONE.withNoReply();
            for (int i = 0; i < 50; i++) {
                rig.call(c -> c.delete("absent", QUIET), a -> a.delete("absent", QUIET))
                        .value();
                rig.call(c -> c.touch("absent", Ttl.NONE, QUIET), a -> a.touch("absent", Ttl.NONE, QUIET))
                        .value();
                rig.call(c -> c.add(KEY, VALUE, QUIET), a -> a.add(KEY, VALUE, QUIET))
                        .value();
                rig.call(c -> c.replace("absent", VALUE, QUIET), a -> a.replace("absent", VALUE, QUIET))
                        .value();
                rig.call(c -> c.append("absent", VALUE, QUIET), a -> a.append("absent", VALUE, QUIET))
                        .value();
                rig.call(c -> c.cas(KEY, VALUE, 1, QUIET), a -> a.cas(KEY, VALUE, 1, QUIET))
                        .value();
                rig.call(c -> c.increment("absent", 1, count), a -> a.increment("absent", 1, count))
                        .value();
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                assertThat(rig.get("absent").value()).isNull();
            }
            rig.assertNothingInside();
            assertThat(rig.counters().noReplyFailures.sum()).isZero();
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C15 N5 counting what is no number without a reply: counted in meta mode, silence in classic mode")
    void c15_quietCounterOnText(Setup setup) {
        try (Rig rig = Rig.connect(setup, server.uri(), UnaryOperator.identity())) {
            rig.set(KEY, VALUE).value();
            CounterOptions count = CounterOptions.NONE.withNoReply();
            rig.call(c -> c.increment(KEY, 1, count), a -> a.increment(KEY, 1, count))
                    .value();
            assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            rig.assertNothingInside();
            assertThat(rig.counters().noReplyFailures.sum()).isEqualTo(setup.classic() ? 0 : 1);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }
}
