package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.RawClient;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What real servers do to a connection on lines that are too long, malformed, or larger than what they keep: the facts for
 * which the client checks what it sends and drops connections. The rows are those of {@link ConversationFactsTest}.
 */
@NoLeaks
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"SYSTEM", "NEXT"})
class ServerFactsTest extends FactsSuite {
    private static final int ITEM_LIMIT = 1 << 20;
    private static final String BIG = "x".repeat(ITEM_LIMIT);
    private static final int LINE_LIMIT = 2048;

    @ParameterizedTest
    @ValueSource(strings = {"get ", "gets ", "gat 10 ", "gats 10 "})
    @DisplayName("C0 a classic get with an over-long key culls the replies of commands before it")
    void c0_cull(String verb) throws IOException {
        assertThat(ask("version", "version", "mg a", verb + KEY_251)).containsExactly(BAD_FORMAT);
        assertThat(ask(copies(20, "version"), verb + KEY_251)).containsExactly(BAD_FORMAT);
        // The server sends what it has after every 20 commands.
        assertThat(ask(copies(39, "version"), verb + KEY_251)).hasSize(21 + 1).endsWith(BAD_FORMAT);
        assertThat(ask(copies(41, "version"), verb + KEY_251)).hasSize(41 + 1).endsWith(BAD_FORMAT);
    }

    @Test
    @DisplayName("C0 on 1.6.18 earlier gets survive, on 1.6.38 nothing does")
    void c0_cullsGets() throws IOException {
        assertThat(ask("set a 0 0 1", "x")).containsExactly("STORED");
        assertByVersion(
                ask("get a", "get " + KEY_251), List.of("VALUE a 0 1", "x", "END", BAD_FORMAT), List.of(BAD_FORMAT));
        assertThat(ask("set a 0 0 1", "y", "mg a v", "touch a 0", "get " + KEY_251))
                .containsExactly(BAD_FORMAT);
        assertThat(ask("mg a v")).containsExactly("VA 1", "y");
    }

    @Test
    @DisplayName("C0 other errors leave earlier replies alone")
    void c0_otherErrors() throws IOException {
        String version = ask("version").getFirst();
        for (String command : List.of(
                "mg " + KEY_251,
                "md " + KEY_251,
                "ma " + KEY_251,
                "me " + KEY_251,
                "touch " + KEY_251 + " 1",
                "incr " + KEY_251 + " 1",
                "delete " + KEY_251)) {
            assertThat(ask("version", command)).containsExactly(version, BAD_FORMAT);
        }
        assertThat(ask("version", "gat x a", "get"))
                .containsExactly(version, "CLIENT_ERROR invalid exptime argument", "ERROR");
    }

    @Test
    @DisplayName("C9 a second dump at the same time is refused, and a dump after an unsent reply")
    void c9_dumpIsAlone() throws IOException {
        assertThat(ask("version", "lru_crawler metadump all"))
                .hasSize(2)
                .endsWith("ERROR cannot pipeline other commands before metadump");
        // mn is sent at once.
        client().send("mn\r\nlru_crawler metadump all\r\n");
        assertThat(client().readLine()).isEqualTo("MN\r\n");
        assertThat(client().readLine()).endsWith("END\r\n");
        StringBuilder sets = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            sets.append("set dump").append(i).append(" 0 0 1 noreply\r\nx\r\n");
        }
        client().send(sets.toString());
        assertThat(ask("version")).hasSize(1);
        // Unread, so the first stays busy.
        client().send("lru_crawler metadump all\r\n");
        assertThat(client().read("key=".length())).isEqualTo("key=");
        try (RawClient second = open()) {
            second.send("lru_crawler metadump all\r\n");
            assertThat(second.readLine()).isEqualTo("BUSY currently processing crawler request\r\n");
        }
        assertThat(client().readLine()).endsWith("\nEND\r\n");
        assertThat(ask("version")).hasSize(1);
    }

    @Test
    @DisplayName("C9 a command in one packet with a dump before it is answered with the next one only")
    void c9_nothingBehindADump() throws IOException {
        client().send("lru_crawler metadump all\r\nversion\r\n");
        assertThat(client().readLine()).endsWith("END\r\n");
        assertThat(client().hearsNothing()).isTrue();
        assertThat(ask("version")).hasSize(2);
    }

    @Test
    @DisplayName("C12 L6 over the connection limit: an error line before any command, then the end")
    void c12_connectionLimit() throws Exception {
        try (Peer.Server small = peer().start("-c", "64")) {
            List<RawClient> held = new ArrayList<>();
            try {
                // It keeps up to 24 of the 64 for itself. One that was answered is counted; many at once would use up
                // its
                // file descriptors before that, and then it stops accepting.
                for (int i = 0; i < 36; i++) {
                    RawClient next = new RawClient(small.port());
                    held.add(next);
                    assertThat(next.ask("version")).hasSize(1);
                }
                await().until(() -> {
                    RawClient next = new RawClient(small.port());
                    held.add(next);
                    return !next.hearsNothing();
                });
                try (RawClient refused = new RawClient(small.port())) {
                    assertThat(refused.readAll()).isEqualTo("ERROR Too many open connections\r\n");
                }
            } finally {
                for (RawClient each : held) {
                    each.close();
                }
            }
            await().untilAsserted(() -> {
                try (RawClient again = new RawClient(small.port())) {
                    assertThat(again.ask("version")).hasSize(1);
                }
            });
        }
    }

    @Test
    @DisplayName("C13 C14 a block of another length: two lines")
    void c13_badChunk() throws IOException {
        assertThat(ask("set a 0 0 3", "abcde")).containsExactly("CLIENT_ERROR bad data chunk", "ERROR");
        assertThat(ask("ms a 3", "abcde")).containsExactly("CLIENT_ERROR bad data chunk", "ERROR");
        assertThat(ask("set a 0 0 3", "a", "version")).startsWith("CLIENT_ERROR bad data chunk");
        assertThat(ask("get a")).containsExactly("END");
    }

    @Test
    @DisplayName("C13 K1 behind an over-long key the block is executed as a command")
    void c13_blockIsExecuted() throws IOException {
        String version = ask("version").getFirst();
        assertThat(ask("set " + KEY_251 + " 0 0 7", "version")).containsExactly(BAD_FORMAT, version);
        assertThat(ask("ms " + KEY_251 + " 3", "abc")).containsExactly(BAD_FORMAT, "ERROR");
        assertThat(ask("cas a 0 0 1", "x")).as("S4 no token").containsExactly("ERROR", "ERROR");
    }

    @Test
    @DisplayName("C15 noreply hides the error line, not what follows from it")
    void c15_noReplyErrors() throws IOException {
        String version = ask("version").getFirst();
        assertThat(ask("set a 0 0 3 noreply", "abcde")).containsExactly("ERROR");
        assertThat(ask("set a 0 1.5 1 noreply", "x")).as("T5").containsExactly("ERROR");
        assertThat(ask("set " + KEY_251 + " 0 0 7 noreply", "version")).containsExactly(version);
    }

    @Test
    @DisplayName("C16 a large value with noreply is lost in silence, with q it is told")
    void c16_tooLargeInSilence() throws IOException {
        assertThat(ask("set k 0 0 1", "x")).containsExactly("STORED");
        assertThat(ask("set k 0 0 " + ITEM_LIMIT + " noreply", BIG)).isEmpty();
        assertThat(ask("get k")).containsExactly("END");
        assertThat(ask("ms k " + ITEM_LIMIT + " q O1", BIG)).containsExactly(TOO_LARGE);
    }

    @Test
    @DisplayName("C18 ms without a length: two lines; with a bad flag: one, when its block has come")
    void c18_malformedSet() throws IOException {
        assertThat(ask("ms a S3", "abc")).containsExactly(BAD_FORMAT, "ERROR");
        client().send("ms a 3 y\r\n");
        assertThat(client().hearsNothing()).isTrue();
        assertThat(ask("abc")).containsExactly("CLIENT_ERROR invalid flag");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mg k", "gat 10", "gats 10", "ms k", "touch k"})
    @DisplayName("C21 2048 bytes without a line end are kept, one more closes the connection")
    void c21_longLine(String start) throws IOException {
        client().send(start + " ".repeat(LINE_LIMIT - start.length()));
        assertThat(client().hearsNothing()).isTrue();
        assertThat(ask("")).hasSize(1);
        assertThat(endedAfter(start + " ".repeat(LINE_LIMIT + 1 - start.length())))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "gets"})
    @DisplayName("C21 K9 the line of a get may be longer")
    void c21_longGet(String verb) throws IOException {
        client().send(verb + " k".repeat(5_000));
        assertThat(client().hearsNothing()).isTrue();
        assertThat(ask(" k")).containsExactly("END");
        assertThat(ask(verb + " k".repeat(50_000))).containsExactly("END");
    }

    @Test
    @DisplayName("K1 a key has at most 250 bytes; a longer one hides the values found before it")
    void k1_keyLength() throws IOException {
        assertThat(ask("set " + KEY_250 + " 0 0 1", "x", "set a 0 0 1", "y")).containsExactly("STORED", "STORED");
        assertThat(ask("get " + KEY_250)).containsExactly("VALUE " + KEY_250 + " 0 1", "x", "END");
        assertThat(ask("mg " + KEY_250 + " k")).containsExactly("HD k" + KEY_250);
        assertThat(ask("get a " + KEY_251)).containsExactly(BAD_FORMAT);
        assertThat(ask("mg " + KEY_251 + " v k O1")).containsExactly(BAD_FORMAT);
    }

    @Test
    @DisplayName("K2 K10 no key: ERROR, but END for gat")
    void k2_noKey() throws IOException {
        assertThat(ask("get", "gets", "get ", "gat 10", "gats 10", "mg", "md", "ma"))
                .containsExactly("ERROR", "ERROR", "ERROR", "END", "END", "ERROR", "ERROR", "ERROR");
    }

    @Test
    @DisplayName("K4 a key ends at a NUL")
    void k4_nul() throws IOException {
        assertThat(ask("set a 0 0 1", "x")).containsExactly("STORED");
        assertThat(ask("get a\0b")).containsExactly("VALUE a 0 1", "x", "END");
        assertThat(ask("mg a\0b v k O1")).as("and the flags with it").containsExactly("HD");
    }

    @Test
    @DisplayName("K5 control and high bytes are a key's as others are")
    void k5_controlBytes() throws IOException {
        String key = "a\tb\u007f\u00c3\u00a9\u00ff";
        assertThat(ask("set " + key + " 0 0 1", "x", "get " + key, "mg " + key + " k"))
                .containsExactly("STORED", "VALUE " + key + " 0 1", "x", "END", "HD k" + key);
    }

    @Test
    @DisplayName("K7 the base64 text has at most 250 bytes, so a key 186")
    void k7_longestEncodedKey() throws IOException {
        String longest = "A".repeat(248);
        assertThat(ask("ms " + longest + " 1 b", "x", "mg " + longest + " b v")).containsExactly("HD", "VA 1", "x");
        assertThat(ask("mg " + "A".repeat(252) + " b")).containsExactly(BAD_FORMAT);
        assertThat(ask("ms " + "A".repeat(252) + " 1 b", "x")).containsExactly(BAD_FORMAT, "ERROR");
    }

    @Test
    @DisplayName("V1 a set too large deletes the old value, its answer comes behind the block")
    void v1_setTooLarge() throws IOException {
        assertThat(ask("set k 0 0 1", "x")).containsExactly("STORED");
        client().send("set k 0 0 " + ITEM_LIMIT + "\r\n");
        assertThat(client().hearsNothing()).isTrue();
        assertThat(ask(BIG)).containsExactly(TOO_LARGE);
        assertThat(ask("get k")).containsExactly("END");
    }

    @ParameterizedTest
    @ValueSource(strings = {"add", "replace", "append", "prepend", "cas"})
    @DisplayName("V2 the other classic commands keep the old value")
    void v2_otherClassicTooLarge(String verb) throws IOException {
        assertThat(ask("set k 0 0 1", "x")).containsExactly("STORED");
        String line = verb + " k 0 0 " + ITEM_LIMIT + (verb.equals("cas") ? " 1" : "");
        assertThat(ask(line, BIG, "get k")).containsExactly(TOO_LARGE, "VALUE k 0 1", "x", "END");
    }

    @ParameterizedTest
    @ValueSource(strings = {"S", "E", "R", "A", "P"})
    @DisplayName("V2 V4 ms too large deletes the old value in every mode, its error names nothing")
    void v4_metaTooLarge(String mode) throws IOException {
        assertThat(ask("set k 0 0 1", "x")).containsExactly("STORED");
        assertThat(ask("ms k " + ITEM_LIMIT + " O7 k M" + mode, BIG, "mg k")).containsExactly(TOO_LARGE, "EN");
    }

    @Test
    @DisplayName("V3 an append that makes the value too large looks like a miss and keeps it")
    void v3_joinTooLarge() throws IOException {
        int half = 600_000;
        String value = "y".repeat(half);
        assertThat(ask("set k 0 0 " + half, value, "append k 0 0 " + half, value, "prepend k 0 0 " + half, value))
                .containsExactly("STORED", "NOT_STORED", "NOT_STORED");
        assertThat(ask("ms k " + half + " MA O1", value, "ms k " + half + " MP", value, "mg k s"))
                .containsExactly("NS O1", "NS", "HD s" + half);
    }

    @Test
    @DisplayName("V5 V10 T5 numbers out of range are two errors")
    void v5_badNumbers() throws IOException {
        assertThat(ask("set a 0 0 2147483647", "x")).containsExactly(BAD_FORMAT, "ERROR");
        assertThat(ask("set a 0 0 -1")).containsExactly(BAD_FORMAT);
        assertThat(ask("set a -1 0 1", "x")).containsExactly(BAD_FORMAT, "ERROR");
        assertThat(ask("set a 0 1.5 1", "x")).containsExactly(BAD_FORMAT, "ERROR");
        assertThat(ask("cas a 0 0 1 18446744073709551616", "x")).containsExactly(BAD_FORMAT, "ERROR");
        assertThat(ask("ms a -1")).containsExactly(BAD_FORMAT);
        assertThat(ask("ms a 1 T1.5", "x", "ms a 1 T", "x"))
                .containsOnly("CLIENT_ERROR bad token in command line format")
                .hasSize(2);
    }

    @Test
    @DisplayName("an opaque has at most 31 characters")
    void opaqueLength() throws IOException {
        String longest = "O" + "1".repeat(31);
        assertThat(ask("mg k " + longest, "mg k " + longest + "1"))
                .containsExactly("EN " + longest, "CLIENT_ERROR opaque token too long");
    }

    @Test
    @DisplayName("S2 a server without CAS says 0 and matches none")
    void s2_noCas() throws Exception {
        try (Peer.Server without = peer().start("-C");
                RawClient client = new RawClient(without.port())) {
            assertThat(client.ask("set k 0 0 1", "x", "gets k", "mg k c"))
                    .containsExactly("STORED", "VALUE k 0 1 0", "x", "END", "HD c0");
            assertThat(client.ask("cas k 0 0 1 0", "y", "cas k 0 0 1 5", "y", "ms k 1 C0", "y", "ms k 1 C5", "y"))
                    .containsExactly("EXISTS", "EXISTS", "EX", "EX");
        }
    }

    @Test
    @DisplayName("L19 flush_all that is not allowed, in silence with noreply")
    void l19_flushDisabled() throws Exception {
        try (Peer.Server without = peer().start("-F");
                RawClient client = new RawClient(without.port())) {
            assertThat(client.ask("flush_all", "flush_all 10", "flush_all noreply", "version"))
                    .startsWith("CLIENT_ERROR flush_all not allowed", "CLIENT_ERROR flush_all not allowed")
                    .hasSize(3);
        }
    }

    private List<String> ask(List<String> lines, String last) throws IOException {
        List<String> all = new ArrayList<>(lines);
        all.add(last);
        return ask(all.toArray(String[]::new));
    }

    private static List<String> copies(int count, String line) {
        return Collections.nCopies(count, line);
    }

    /** Whether the server answers by nothing but the end of the connection. */
    private boolean endedAfter(String text) throws IOException {
        try (RawClient raw = open()) {
            return raw.send(text).readAll().isEmpty();
        } catch (SocketException e) {
            return e.getMessage().contains("reset");
        }
    }
}
