package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Key;
import io.emcache.MemcachedException.Unsupported;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.Request;
import io.emcache.testkit.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;

/** Servers whose version has no meta commands, or other ones than ours. */
@NoLeaks
class OldServersTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 300, 1);
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    @InEveryMeta
    @DisplayName("S11 before 1.6.10 the classic commands are used, without being forced")
    void s11_classicBefore1610(Setup setup) {
        for (String version : List.of("1.4.39", "1.5.22", "1.6.9")) {
            FakeMemcached fake = FakeMemcached.classic(version);
            try (ScriptedServer server = ScriptedServer.start(fake);
                    Rig rig = Rig.connect(setup, server)) {
                assertThat(rig.set(KEY, VALUE).value()).isEqualTo(StoreResult.STORED);
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
                assertThat(rig.call(c -> c.touch(KEY, HOUR), a -> a.touch(KEY, HOUR))
                                .value())
                        .isTrue();
                assertThat(rig.getAll(List.of(KEY, "absent")).value().hits()).containsOnlyKeys(KEY);
                assertThat(rig.call(c -> c.increment("absent", 1), a -> a.increment("absent", 1))
                                .value())
                        .isEqualTo(OptionalLong.empty());
                assertThat(rig.delete(KEY).value()).isTrue();
                assertThat(fake.requests())
                        .extracting(Request::verb)
                        .isSubsetOf("version", "set", "get", "gets", "touch", "incr", "delete");
                rig.assertWorksAgain();
            }
        }
    }

    @InEveryMeta
    @DisplayName("S10 S11 what such a server has no word for is Unsupported, and not sent")
    void s11_unsupported(Setup setup) {
        FakeMemcached fake = FakeMemcached.classic("1.5.22");
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            Key binary = Key.binary(new byte[] {0});
            rig.call(c -> c.invalidate(KEY), a -> a.invalidate(KEY)).failure(Unsupported.class);
            rig.call(c -> c.get(binary), a -> a.get(binary)).failure(Unsupported.class);
            rig.call(c -> c.deleteIf(KEY, 1), a -> a.deleteIf(KEY, 1)).failure(Unsupported.class);
            assertThat(fake.requests()).extracting(Request::verb).containsOnly("version");
            rig.assertWorksAgain();
        }
    }
}
