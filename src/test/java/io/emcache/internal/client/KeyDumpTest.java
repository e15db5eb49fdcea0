package io.emcache.internal.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.DumpedKey;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.transport.DumpConnection;
import io.emcache.internal.transport.NanoClock;
import io.emcache.internal.transport.Security;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.ScriptedServer;
import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@NoLeaks
class KeyDumpTest {
    private static final long GUARD_NS = TimeUnit.SECONDS.toNanos(10);
    private static final String DUMP = """
            key=a exp=-1 la=1795375593 cas=1 fetch=yes cls=1 size=61
            key=%FF%00%20%3D exp=1795375693 la=1795375593 cas=18446744073709551615 fetch=no cls=2 size=65
            END\r
            """;

    @Test
    void itemsHaveTextOrBinaryKeys() {
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.expectLine("lru_crawler metadump all");
                    session.send(DUMP);
                });
                Stream<DumpedKey> keys = open(server)) {
            Instant access = Instant.ofEpochSecond(1795375593);
            assertThat(keys)
                    .containsExactly(
                            new DumpedKey(Key.of("a"), null, access, 1, true, 1, 61),
                            new DumpedKey(
                                    Key.binary("\u00ff\0 =".getBytes(ISO_8859_1)),
                                    Instant.ofEpochSecond(1795375693),
                                    access,
                                    -1,
                                    false,
                                    2,
                                    65));
        }
    }

    @Test
    void streamIsLazyAndClosesItsConnectionEarly() {
        try (ScriptedServer server = ScriptedServer.start(session -> {
            session.expectLine("lru_crawler metadump all");
            session.send(DUMP.substring(0, DUMP.indexOf("END")));
            assertThat(session.readLine()).isNull();
        })) {
            try (Stream<DumpedKey> keys = open(server)) {
                assertThat(server.connections()).isZero();
                assertThat(keys.limit(1).count()).isOne();
            }
            try (Stream<DumpedKey> unused = open(server)) {
                assertThat(unused.isParallel()).isFalse();
            }
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void failureIsThrownByWhatConsumes() {
        try (ScriptedServer server = ScriptedServer.start(session -> session.send("ERROR\r\n"));
                Stream<DumpedKey> keys = open(server)) {
            assertThatThrownBy(keys::count).isInstanceOf(MemcachedException.ServerError.class);
        }
    }

    @Test
    void dumpsEndWithTheClient() {
        Dumps dumps = new Dumps();
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.expectLine("lru_crawler metadump all");
                    session.send(DUMP.substring(0, DUMP.indexOf("END")));
                    assertThat(session.readLine()).isNull();
                });
                Stream<DumpedKey> begun = open(server, dumps);
                Stream<DumpedKey> late = open(server, dumps)) {
            Iterator<DumpedKey> keys = begun.iterator();
            assertThat(keys.next().key()).isEqualTo(Key.of("a"));
            dumps.close();
            assertThatThrownBy(() -> keys.forEachRemaining(key -> {})).isInstanceOf(MemcachedException.Closed.class);
            assertThatThrownBy(late::count).isInstanceOf(MemcachedException.Closed.class);
            assertThat(server.connections()).isOne();
        }
    }

    private static Stream<DumpedKey> open(ScriptedServer server) {
        return open(server, new Dumps());
    }

    private static Stream<DumpedKey> open(ScriptedServer server, Dumps dumps) {
        DumpConnection connection = new DumpConnection(
                NodeAddress.parse(server.address()),
                GUARD_NS,
                GUARD_NS,
                new NanoClock(System::nanoTime),
                Runnable::run,
                new Security(null, null, new SlabPool(1 << 20)));
        return KeyDump.stream(connection, dumps);
    }
}
