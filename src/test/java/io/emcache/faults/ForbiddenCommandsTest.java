package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.MemcachedException.Authentication;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MemcachedException.ServerError;
import io.emcache.Ttl;
import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Outcome;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;

/** Servers that refuse commands, or everybody. */
@NoLeaks
class ForbiddenCommandsTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 300, 1);
    private static final Ttl HOUR = Ttl.of(Duration.ofHours(1));

    private static RawCommand get() {
        return new RawCommand(OpCode.GET, KEY, null);
    }

    @OnOneConnection
    @DisplayName("L19 flush_all that is not allowed fails alone, also between gets")
    void l19_flushForbidden(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start("-F");
                Rig rig = Rig.connect(setup, server.uri(), UnaryOperator.identity())) {
            rig.set(KEY, VALUE).value();
            List<ObservedClient.Answer> answers =
                    rig.pipeline(get(), new RawCommand(OpCode.FLUSH_ALL, "", null), get());
            assertThat(answers.get(0).value()).isEqualTo(VALUE);
            assertThat(answers.get(1).code()).isEqualTo(Outcome.CLIENT_ERROR);
            assertThat(answers.get(2).value()).isEqualTo(VALUE);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @OnOneConnection
    @DisplayName("L22 bad arguments of administrative commands fail alone")
    void l22_badArguments(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start();
                Rig rig = Rig.connect(setup, server.uri(), UnaryOperator.identity())) {
            rig.set(KEY, VALUE).value();
            for (RawCommand bad : List.of(
                    new RawCommand(OpCode.STATS, "bogus", null), new RawCommand(OpCode.CACHE_MEMLIMIT, "", null))) {
                List<ObservedClient.Answer> answers = rig.pipeline(bad);
                assertThat(answers.getFirst().code()).isEqualTo(Outcome.CLIENT_ERROR);
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            }
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("T8 an exptime that the server refuses is typed; after a classic gat the connection ends, see C0")
    void t8_badExptime(Setup setup) {
        FakeMemcached fake = new FakeMemcached().put(KEY, VALUE);
        try (ScriptedServer server = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, server)) {
            String line = "CLIENT_ERROR invalid exptime argument";
            fake.onNext(setup.classic() ? "touch" : "mg", Answer.text(line + "\r\n"));
            assertThat(rig.call(c -> c.touch(KEY, HOUR), a -> a.touch(KEY, HOUR))
                            .failure(ServerError.class)
                            .line())
                    .isEqualTo(line);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            fake.onNext(setup.classic() ? "gat" : "mg", Answer.text(line + "\r\n"));
            Call<byte[]> gat = rig.call(c -> c.gat(KEY, HOUR), a -> a.gat(KEY, HOUR));
            if (setup.classic()) {
                gat.failure(ProtocolViolation.class);
            } else {
                assertThat(gat.failure(ServerError.class).line()).isEqualTo(line);
            }
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L7 L9 a server that wants to know who one is: no connection, callers are told, nothing is stored")
    void l7_authenticationWanted(Setup setup, @TempDir Path directory) throws IOException {
        Path users = Files.writeString(directory.resolve("users"), "user:password\n");
        try (MemcachedServer server = MemcachedServer.start("-Y", users.toString());
                Rig rig = Rig.create(setup, server.uri(), UnaryOperator.identity())) {
            Authentication failure = rig.get(KEY).failure(Authentication.class);
            assertThat(failure).hasMessageContaining("asks for credentials");
            assertThat(rig.counters().connectionsOpened.sum()).isZero();
        }
    }
}
