package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.MemcachedException.NodeUnavailable;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Outcome;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;

/** Servers that refuse commands, or everybody. */
@NoLeaks
class ForbiddenCommandsTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 300, 1);

    private static RawCommand get() {
        return new RawCommand(OpCode.GET, KEY, null);
    }

    @OnOneConnection
    @DisplayName("L19 flush_all that is not allowed fails alone, also between gets")
    void l19_flushForbidden(Setup setup) {
        try (MemcachedServer server = MemcachedServer.start("-F");
                Rig rig = Rig.connect(setup, server.uri(), UnaryOperator.identity())) {
            rig.set(KEY, VALUE).value();
            List<Answer> answers = rig.pipeline(get(), new RawCommand(OpCode.FLUSH_ALL, "", null), get());
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
                List<Answer> answers = rig.pipeline(bad);
                assertThat(answers.getFirst().code()).isEqualTo(Outcome.CLIENT_ERROR);
                assertThat(rig.get(KEY).value()).isEqualTo(VALUE);
            }
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("L7 L9 a server that wants to know who one is: no connection, its words are told, nothing is stored")
    void l7_authenticationWanted(Setup setup, @TempDir Path directory) throws IOException {
        Path users = Files.writeString(directory.resolve("users"), "user:password\n");
        try (MemcachedServer server = MemcachedServer.start("-Y", users.toString());
                Rig rig = Rig.create(setup, server.uri(), UnaryOperator.identity())) {
            NodeUnavailable failure = rig.get(KEY).failure(NodeUnavailable.class);
            assertThat(failure).hasStackTraceContaining("unauthenticated");
            assertThat(rig.counters().connectionsOpened.sum()).isZero();
        }
    }
}
