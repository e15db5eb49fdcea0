package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the servers answer to well-formed commands, and the fakes with them: the facts that the client's rules rest on. */
@NoLeaks
@ParameterizedClass(name = "{0}")
@EnumSource(Peer.class)
class ConversationFactsTest extends FactsSuite {
    private static final String MAX = "18446744073709551615";

    @Test
    @DisplayName("C7 an empty value is a hit of length 0")
    void c7_emptyValue() throws IOException {
        assertThat(ask("set e 5 0 0", "")).containsExactly("STORED");
        assertThat(ask("get e")).containsExactly("VALUE e 5 0", "", "END");
        assertThat(ask("mg e v f s")).containsExactly("VA 0 f5 s0", "");
    }

    @Test
    @DisplayName("C17 q hides EN of mg, HD of ms, md and ma, VA of ma, and nothing else")
    void c17_quiet() throws IOException {
        assertThat(ask("mg none q", "mg none v k O1 q")).isEmpty();
        assertThat(ask("ms k 1 q", "x")).isEmpty();
        assertThat(ask("mg k q")).containsExactly("HD");
        assertThat(ask("ms k 1 ME q k O1", "y")).containsExactly("NS kk O1");
        assertThat(ask("ms k 1 C" + (cas("k") + 1000) + " q O2", "y")).containsExactly("EX O2");
        assertThat(ask("ms none 1 C1 q O3", "y")).containsExactly("NF O3");
        assertThat(ask("ma k q O4")).containsExactly(NOT_A_NUMBER);
        assertThat(ask("md k q", "md k q O5")).containsExactly("NF O5");
        assertThat(ask("ms n 1 q", "1", "ma n q", "ma n q v")).isEmpty();
        assertThat(ask("ma none q k O6")).containsExactly("NF knone O6");
        assertThat(ask("mg n v")).containsExactly("VA 1", "3");
    }

    @Test
    @DisplayName("C20 returned flags keep the order of the request")
    void c20_order() throws IOException {
        assertThat(ask("set k 7 0 3", "abc")).containsExactly("STORED");
        long cas = cas("k");
        assertThat(ask("mg k s v f c t h l k O77")).containsExactly("VA 3 s3 f7 c" + cas + " t-1 h1 l0 kk O77", "abc");
        assertThat(ask("mg k O77 k t f")).containsExactly("HD O77 kk t-1 f7");
    }

    @Test
    @DisplayName("C25 EN carries key and opaque")
    void c25_missEchoes() throws IOException {
        assertThat(ask("mg none v k O1", "mg none", "mg none O2 t s f")).containsExactly("EN knone O1", "EN", "EN O2");
    }

    @Test
    @DisplayName("K7 base64 keys come back as they were sent, b behind them, and are the keys they stand for")
    void k7_base64() throws IOException {
        assertThat(ask("ms YWI= 1 k b O1", "x")).containsExactly("HD kYWI= b O1");
        assertThat(ask("mg YWI= b O1 k v", "mg YWI= b O2")).containsExactly("VA 1 O1 kYWI= b", "x", "HD O2");
        assertThat(ask("get ab")).containsExactly("VALUE ab 0 1", "x", "END");
        assertThat(ask("mg nono k b O3")).containsExactly("EN knono b O3");
        assertThat(ask("ma MTIz b N0 J7 k v", "ma MTIz b k")).containsExactly("VA 1 kMTIz b", "7", "HD kMTIz b");
        assertThat(ask("md YWI= b k", "md YWI= b k")).containsExactly("HD kYWI= b", "NF kYWI= b");
    }

    @Test
    @DisplayName("K8 base64 without its padding, or of other characters, is refused")
    void k8_badBase64() throws IOException {
        assertThat(ask("mg YWI b", "mg !!!! b", "ms YWI 1 b", "x"))
                .containsOnly("CLIENT_ERROR error decoding key")
                .hasSize(3);
    }

    @Test
    @DisplayName("K9 a key asked for twice in one get is answered twice")
    void k9_duplicates() throws IOException {
        assertThat(ask("set a 0 0 1", "x", "get a a none"))
                .containsExactly("STORED", "VALUE a 0 1", "x", "VALUE a 0 1", "x", "END");
    }

    @Test
    @DisplayName("V8 V9 flags are 32 bits: 2^32-1 comes back, 2^32 wraps silently")
    void v8_flags() throws IOException {
        assertThat(ask("set a 4294967295 0 1", "x", "get a", "mg a f"))
                .containsExactly("STORED", "VALUE a 4294967295 1", "x", "END", "HD f4294967295");
        assertThat(ask("set a 4294967303 0 1", "x", "get a")).containsExactly("STORED", "VALUE a 7 1", "x", "END");
    }

    @Test
    @DisplayName("T1 a negative exptime stores what is gone at once")
    void t1_negative() throws IOException {
        assertThat(ask("set a 0 -1 1", "x", "get a")).containsExactly("STORED", "END");
        assertThat(ask("ms a 1 T-1", "x", "mg a v")).containsExactly("HD", "EN");
        assertThat(ask("set a 0 0 1", "x", "gat -1 a", "get a"))
                .containsExactly("STORED", "VALUE a 0 1", "x", "END", "END");
    }

    @Test
    @DisplayName("T2 T3 30 days are relative, a second more is a time in 1970")
    void t3_thirtyDays() throws IOException {
        assertThat(ask("set a 0 2592000 1", "x", "mg a v")).containsExactly("STORED", "VA 1", "x");
        assertThat(ask("ms a 1 T2592000", "x", "mg a v")).containsExactly("HD", "VA 1", "x");
        assertThat(ask("set a 0 2592001 1", "x", "mg a v")).containsExactly("STORED", "EN");
        assertThat(ask("ms a 1 T2592001", "x", "mg a v")).containsExactly("HD", "EN");
    }

    @Test
    @DisplayName("T4 2^31-1 is the last exptime: then gone at once, and at 2^32 for ever")
    void t4_beyond32Bits() throws IOException {
        assertThat(ask("ms a 1 T2147483647", "x", "mg a v")).containsExactly("HD", "VA 1", "x");
        assertThat(ask("ms a 1 T2147483648", "x", "mg a v")).containsExactly("HD", "EN");
        assertThat(ask("set a 0 2147483648 1", "x", "mg a v")).containsExactly("STORED", "EN");
        assertThat(ask("set a 0 4294967296 1", "x", "mg a v t")).containsExactly("STORED", "VA 1 t-1", "x");
    }

    @Test
    @DisplayName("T8 touch and gat: misses, bad arguments")
    void t8_touch() throws IOException {
        assertThat(ask("touch none 50", "touch none x", "touch none", "gat 50 none", "gat x none", "gat"))
                .containsExactly(
                        "NOT_FOUND",
                        "CLIENT_ERROR invalid exptime argument",
                        "ERROR",
                        "END",
                        "CLIENT_ERROR invalid exptime argument",
                        "ERROR");
    }

    @Test
    @DisplayName("T9 mg t is -1 for an item without expiry; touch, gat and T give it one and take it away")
    void t9_remaining() throws IOException {
        assertThat(ask("ms a 1", "x", "ms b 1", "y", "mg a t")).containsExactly("HD", "HD", "HD t-1");
        assertThat(ask("touch a 100")).containsExactly("TOUCHED");
        assertThat(ask("mg a t")).first().asString().matches("HD t(100|99)");
        assertThat(ask("gats 0 a none b"))
                .satisfies(lines -> assertThat(lines).hasSize(5).last().isEqualTo("END"))
                .first()
                .asString()
                .matches("VALUE a 0 1 [0-9]+");
        assertThat(ask("mg a t", "mg b t")).containsExactly("HD t-1", "HD t-1");
        assertThat(ask("mg a t T50", "mg a T0 t")).satisfies(lines -> {
            assertThat(lines.get(0)).isEqualTo("HD t-1");
            assertThat(lines.get(1)).isEqualTo("HD t-1");
        });
    }

    @Test
    @DisplayName("N1 N2 counters are unsigned and wrap at 2^64")
    void n1_wraps() throws IOException {
        assertThat(ask("set n 0 0 20", MAX, "incr n 2")).containsExactly("STORED", "1");
        assertThat(ask("set n 0 0 20", MAX, "ma n D3 v")).containsExactly("STORED", "VA 1", "2");
        assertThat(ask("set n 0 0 19", "9223372036854775807", "incr n 1"))
                .containsExactly("STORED", "9223372036854775808");
    }

    @Test
    @DisplayName("N3 a shorter number is padded with blanks in the stored text, not in the answer")
    void n3_padding() throws IOException {
        assertThat(ask("set n 0 0 3", "100")).containsExactly("STORED");
        assertThat(ask("decr n 1")).containsExactly("99");
        assertThat(ask("get n")).containsExactly("VALUE n 0 3", "99 ", "END");
        assertThat(ask("mg n v s")).containsExactly("VA 3 s3", "99 ");
        assertThat(ask("ma n MD v")).containsExactly("VA 2", "98");
        assertThat(ask("set n 0 0 20", MAX)).containsExactly("STORED");
        assertThat(ask("incr n 2")).containsExactly("1");
        assertThat(ask("get n")).containsExactly("VALUE n 0 20", "1" + " ".repeat(19), "END");
    }

    @Test
    @DisplayName("N4 a counter does not go below 0")
    void n4_floor() throws IOException {
        assertThat(ask("set n 0 0 1", "5", "decr n 100", "ma n MD v")).containsExactly("STORED", "0", "VA 1", "0");
    }

    @Test
    @DisplayName("N5 counting what is no number: CLIENT_ERROR, and the connection goes on")
    void n5_notANumber() throws IOException {
        assertThat(ask("set k 0 0 3", "abc", "set e 0 0 0", "")).containsExactly("STORED", "STORED");
        assertThat(ask("incr k 1", "incr e 1", "ma k O1 k", "ma e v"))
                .containsOnly(NOT_A_NUMBER)
                .hasSize(4);
        assertThat(ask("set k 0 0 20", "18446744073709551616", "incr k 1", "set k 0 0 2", "-5", "ma k"))
                .containsExactly("STORED", NOT_A_NUMBER, "STORED", NOT_A_NUMBER);
    }

    @Test
    @DisplayName("N6 a delta is an unsigned number; ma has no text of its own for another")
    void n6_badDelta() throws IOException {
        assertThat(ask("set n 0 0 1", "5")).containsExactly("STORED");
        assertThat(ask("incr n -1", "decr n 18446744073709551616", "incr n x"))
                .containsOnly("CLIENT_ERROR invalid numeric delta argument")
                .hasSize(3);
        assertThat(ask("ma n D-1", "ma n D18446744073709551616", "ma n Dx"))
                .containsOnly("CLIENT_ERROR invalid or duplicate flag")
                .hasSize(3);
        assertThat(ask("ma n v D18446744073709551615")).containsExactly("VA 1", "4");
    }

    @Test
    @DisplayName("N7 counting what is not there")
    void n7_miss() throws IOException {
        assertThat(ask("incr none 1", "decr none 1", "ma none", "ma none k O1", "mg none"))
                .containsExactly("NOT_FOUND", "NOT_FOUND", "NF", "NF knone O1", "EN");
    }

    @Test
    @DisplayName("N8 a counter made by N starts with J, without the delta")
    void n8_initial() throws IOException {
        assertThat(ask("ma c N0 J13 D5 v t", "ma c N0 J13 D5 v")).containsExactly("VA 2 t-1", "13", "VA 2", "18");
        assertThat(ask("ma d N0 v", "ma d N0 q", "mg d v")).containsExactly("VA 1", "0", "VA 1", "1");
        assertThat(ask("ma t N0 T100 t")).first().asString().matches("HD t(100|99)");
        long cas = cas("d");
        assertThat(ask("ma d C" + (cas + 1000), "ma d C" + cas + " v", "ma none C1"))
                .containsExactly("EX", "VA 1", "2", "NF");
    }

    @Test
    @DisplayName("N9 blanks around a number, and a plus sign, are accepted")
    void n9_blanks() throws IOException {
        for (String text : List.of(" 5", "5 ", "+5", "05", "5 x")) {
            assertThat(ask("set n 0 0 " + text.length(), text, "incr n 1")).containsExactly("STORED", "6");
        }
    }

    @Test
    @DisplayName("N8 a counter that N makes is told in spite of q")
    void n8_madeIsTold() throws IOException {
        assertThat(ask("ma c N0 J13 q", "ma d N0 J13 q v", "ma c q", "mg c v"))
                .containsExactly("HD", "VA 2", "13", "VA 2", "14");
    }

    @Test
    @DisplayName("T of ma is lost when the number gets longer, though the answer shows it")
    void countingLosesTheExpiry() throws IOException {
        assertThat(ask("ms n 1", "9")).containsExactly("HD");
        assertThat(ask("ma n T100 t v")).last().isEqualTo("10");
        assertThat(ask("mg n t")).containsExactly("HD t-1");
    }

    @Test
    @DisplayName("S1 a CAS is unsigned; 1.6.38 lets the client choose it")
    void s1_casIsUnsigned() throws IOException {
        assertThat(ask("set k 7 0 1", "x", "cas k 0 0 1 " + MAX, "y")).containsExactly("STORED", "EXISTS");
        assertByVersion(ask("ms k 1 E" + MAX + " c", "x"), List.of("CLIENT_ERROR invalid flag"), List.of("HD c" + MAX));
        String kept = ask("gets k").getFirst();
        assertByVersion(List.of(kept.endsWith(" " + MAX) ? "chosen" : "own"), List.of("own"), List.of("chosen"));
    }

    @Test
    @DisplayName("S2 CAS 0 never matches")
    void s2_casZero() throws IOException {
        assertThat(ask("set k 0 0 1", "x", "cas k 0 0 1 0", "y", "ms k 1 C0", "y", "mg k v"))
                .containsExactly("STORED", "EXISTS", "EX", "VA 1", "x");
    }

    @Test
    @DisplayName("S3 compare and set: hit, other CAS, miss; with ME a miss stores")
    void s3_cas() throws IOException {
        assertThat(ask("set k 0 0 1", "x")).containsExactly("STORED");
        long cas = cas("k");
        assertThat(ask("cas k 3 0 1 " + cas, "y", "cas k 3 0 1 " + cas, "z", "cas none 0 0 1 1", "x"))
                .containsExactly("STORED", "EXISTS", "NOT_FOUND");
        cas = cas("k");
        assertThat(ask("ms k 1 C" + cas + " O1", "z", "ms k 1 C" + cas, "a", "ms none 1 C1", "x", "mg k v"))
                .containsExactly("HD O1", "EX", "NF", "VA 1", "z");
        assertThat(ask("ms none 1 MR C1", "x", "ms none 1 MA C1", "x", "ms none 1 ME C1", "x"))
                .containsExactly("NF", "NS", "HD");
        assertThat(ask("md k C1", "md gone C1", "md k C" + cas("k"))).containsExactly("EX", "NF", "HD");
    }

    @Test
    @DisplayName("S6 a stale item is won by its first reader; a write makes it fresh")
    void s6_stale() throws IOException {
        assertThat(ask("ms k 3 F7", "abc")).containsExactly("HD");
        long cas = cas("k");
        assertThat(ask("md k I")).containsExactly("HD");
        assertThat(ask("mg k v f", "mg k v f")).containsExactly("VA 3 f7 X W", "abc", "VA 3 f7 Z X", "abc");
        assertThat(staleCas("k")).isGreaterThan(cas);
        assertThat(ask("get k")).containsExactly("VALUE k 7 3", "abc", "END");
        assertThat(ask("ms k 1", "x", "mg k v")).containsExactly("HD", "VA 1", "x");
        assertThat(ask("md k I T100")).containsExactly("HD");
        assertThat(ask("mg k t")).first().asString().matches("HD t(100|99) X W");
    }

    @Test
    @DisplayName("S6 a write with an older CAS and I is stored as stale, with a newer one refused")
    void s6_staleWrite() throws IOException {
        assertThat(ask("ms k 1", "x", "ms k 1", "x")).containsExactly("HD", "HD");
        long cas = cas("k");
        assertThat(ask("ms k 1 I C" + (cas + 1000), "y", "ms k 1 C" + (cas - 1), "y"))
                .containsExactly("EX", "EX");
        assertThat(ask("ms k 1 I C" + (cas - 1), "y", "mg k v", "mg k"))
                .containsExactly("HD", "VA 1 X W", "y", "HD Z X");
        assertThat(ask("ms k 1 MA I C" + (cas - 1), "z")).containsExactly("EX");
    }

    @Test
    @DisplayName("S7 a vivified item is won by who made it; the others get Z and an empty value")
    void s7_vivify() throws IOException {
        assertThat(ask("mg k N0 v t k O1", "mg k N0 v t", "mg k v", "mg k"))
                .containsExactly("VA 0 t-1 kk O1 W", "", "VA 0 t-1 Z", "", "VA 0 Z", "", "HD Z");
        assertThat(ask("get k", "add k 0 0 1", "x", "ms k 1 ME", "x"))
                .containsExactly("VALUE k 0 0", "", "END", "NOT_STORED", "NS");
        assertThat(ask("ms k 1", "x", "mg k v")).containsExactly("HD", "VA 1", "x");
        assertThat(ask("mg q N30 q", "mg q N30 q")).containsExactly("HD W", "HD Z");
    }

    @Test
    @DisplayName("S8 R lets one reader win while less time is left, never without an expiry")
    void s8_recache() throws IOException {
        assertThat(ask("ms k 1 T50", "x")).containsExactly("HD");
        assertThat(ask("mg k R30", "mg k R100", "mg k R100 v", "mg k"))
                .containsExactly("HD", "HD W", "VA 1 Z", "x", "HD Z");
        assertThat(ask("ms k 1", "x", "mg k R30 v")).containsExactly("HD", "VA 1", "x");
        assertThat(ask("ms k 1 T50", "x", "mg k R100 T500", "ms k 1 T50", "x", "mg k T500 R100"))
                .containsExactly("HD", "HD W", "HD", "HD");
    }

    @Test
    @DisplayName("S10 E and md x are not known to 1.6.18")
    void s10_newFlags() throws IOException {
        assertThat(ask("ms k 3 F7 T100", "abc")).containsExactly("HD");
        String invalid = "CLIENT_ERROR invalid or duplicate flag";
        assertByVersion(ask("md none x"), List.of(invalid), List.of("NF"));
        assertByVersion(ask("md k x"), List.of(invalid), List.of("HD"));
        assertThat(ask("get k")).last().isEqualTo("END");
        assertByVersion(ask("mg k v f s"), List.of("VA 3 f7 s3", "abc"), List.of("VA 0 f0 s0", ""));
        assertByVersion(ask("ma n N0 E9 c"), List.of(invalid), List.of("HD c9"));
        assertByVersion(
                ask("mg v N30 E9 c", "md v I E11", "mg v c"),
                List.of("CLIENT_ERROR invalid flag", invalid, "EN"),
                List.of("HD c9 W", "HD", "HD c11 X W"));
    }

    @Test
    @DisplayName("S10 an append makes the item on 1.6.38 only, with the expiry of N")
    void s10_appendThatCreates() throws IOException {
        assertByVersion(ask("ms a 3 MA N0 T50 F5", "abc"), List.of("NS"), List.of("HD"));
        assertByVersion(ask("mg a v t f"), List.of("EN"), List.of("VA 3 t-1 f5", "abc"));
        assertByVersion(ask("ms a 1 MP N90 F6", "<"), List.of("NS"), List.of("HD"));
        assertByVersion(ask("mg a v t f"), List.of("EN"), List.of("VA 4 t-1 f5", "<abc"));
    }

    @Test
    @DisplayName("S10 ms returns the size on 1.6.38 only, the CAS on both")
    void s10_returnedFlags() throws IOException {
        List<String> reply = ask("ms a 3 s k c O1", "abc");
        long cas = cas("a");
        assertByVersion(reply, List.of("HD ka c" + cas + " O1"), List.of("HD s3 ka c" + cas + " O1"));
    }

    @Test
    @DisplayName("an unknown flag, a flag given twice, an unknown mode: one CLIENT_ERROR, the block is swallowed")
    void c18_badFlags() throws IOException {
        assertThat(ask("mg k y", "mg k v v", "ms k 3 y", "abc", "ms k 3 F1 F2", "abc"))
                .containsExactly(
                        "CLIENT_ERROR invalid flag",
                        "CLIENT_ERROR duplicate flag",
                        "CLIENT_ERROR invalid flag",
                        "CLIENT_ERROR duplicate flag");
        assertThat(ask("md k y", "ma k k k"))
                .containsOnly("CLIENT_ERROR invalid or duplicate flag")
                .hasSize(2);
        assertThat(ask("ms k 1 MX", "x", "ma k MX"))
                .containsExactly(
                        "CLIENT_ERROR invalid mode for ms M token", "CLIENT_ERROR invalid mode for ma M token");
    }

    @Test
    @DisplayName("add, replace, append, prepend, and the modes of ms")
    void storageCommands() throws IOException {
        assertThat(ask("replace a 0 0 1", "x", "append a 0 0 1", "x", "prepend a 0 0 1", "x", "add a 7 0 1", "m"))
                .containsExactly("NOT_STORED", "NOT_STORED", "NOT_STORED", "STORED");
        assertThat(ask("add a 0 0 1", "x", "append a 9 50 1", ">", "prepend a 9 50 1", "<", "gets a"))
                .startsWith("NOT_STORED", "STORED", "STORED")
                .contains("<m>");
        assertThat(ask("mg a v t f")).containsExactly("VA 3 t-1 f7", "<m>");
        assertThat(ask("replace a 1 0 1", "r", "ms a 1 ME", "x", "ms a 1 MA F9 T50", ">", "ms a 1 MP", "<"))
                .containsExactly("STORED", "NS", "HD", "HD");
        assertThat(ask("mg a v t f", "ms a 1 MR F3", "x", "ms b 1 MR k", "x", "ms b 1 MA", "x", "mg a v f"))
                .containsExactly("VA 3 t-1 f1", "<r>", "HD", "NS kb", "NS", "VA 1 f3", "x");
        assertThat(ask("delete a", "delete a", "delete", "set a 0 0 1 noreply", "x", "delete a noreply", "get a"))
                .containsExactly("DELETED", "NOT_FOUND", "ERROR", "END");
    }

    @Test
    @DisplayName("me tells about an item; its time has the wrong sign on 1.6.18")
    void debug() throws IOException {
        assertThat(ask("ms k 3 F7", "abc")).containsExactly("HD");
        long cas = cas("k");
        assertThat(ask("me k", "me none", "me"))
                .containsExactly("ME k exp=-1 la=0 cas=" + cas + " fetch=yes cls=1 size=67", "EN", BAD_FORMAT);
        assertThat(ask("ms k 1 T100", "x", "me k")).last().asString().matches("ME k exp=-?(100|99) la=0 .*");
        assertThat(ask("ms YWJj 3 b", "xyz", "me YWJj b")).last().asString().startsWith("ME YWJj exp=-1 la=0 ");
    }

    @Test
    @DisplayName("L20 shutdown that is not enabled: a colon behind ERROR")
    void l20_shutdown() throws IOException {
        assertThat(ask("shutdown", "config get cluster", "nonsense"))
                .containsExactly("ERROR: shutdown not enabled", "ERROR", "ERROR");
    }

    @Test
    @DisplayName("L22 bad arguments of administrative commands")
    void l22_admin() throws IOException {
        assertThat(ask("cache_memlimit 64", "cache_memlimit 0", "cache_memlimit", "cache_memlimit x"))
                .containsExactly("OK", "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m", "ERROR", "ERROR");
        assertThat(ask("verbosity 0", "verbosity", "verbosity x", "verbosity 0 noreply"))
                .containsExactly("OK", "ERROR", BAD_FORMAT);
        assertThat(ask("stats bogus", "stats reset")).containsExactly("ERROR", "RESET");
        assertThat(ask("stats settings")).contains("STAT item_size_max 1048576", "STAT ssl_key (null)", "END");
        assertThat(ask("set a 0 0 1", "x", "stats items"))
                .anyMatch(line -> line.matches("STAT items:1:number [1-9][0-9]*"));
        assertThat(ask("stats slabs")).contains("STAT 1:chunk_size 96").last().isEqualTo("END");
    }

    @Test
    @DisplayName("flush_all at once, negative, later, and with a bad delay")
    void flush() throws IOException {
        assertThat(ask("set a 0 0 1", "x", "flush_all", "get a")).containsExactly("STORED", "OK", "END");
        assertThat(ask("set a 0 0 1", "x", "flush_all -1", "get a")).containsExactly("STORED", "OK", "END");
        assertThat(ask("flush_all x", "flush_all noreply")).containsExactly("CLIENT_ERROR invalid exptime argument");
        assertThat(ask("set a 0 0 1", "x", "flush_all 1000", "get a", "flush_all"))
                .containsExactly("STORED", "OK", "VALUE a 0 1", "x", "END", "OK");
    }

    @Test
    @DisplayName("C9 a dump has lines that end by LF, keys in percent code, absolute times, and END with CRLF")
    void c9_dump() throws IOException {
        assertThat(ask("set a 0 0 1", "1", "set b%\u00e9 5 100 1", "2", "mg a"))
                .containsExactly("STORED", "STORED", "HD");
        client().send("lru_crawler metadump all\r\n");
        String dump = client().readLine();
        assertThat(dump).endsWith("\nEND\r\n").doesNotContain("\r\nEND");
        List<String> lines = dump.lines().sorted().toList();
        assertThat(lines).hasSize(3).first().isEqualTo("END");
        assertThat(lines.get(1)).matches("key=a exp=-1 la=[0-9]{10} cas=[0-9]+ fetch=yes cls=1 size=[0-9]+( flags=0)?");
        assertThat(lines.get(2))
                .matches("key=b%25%E9 exp=[0-9]{10} la=[0-9]{10} cas=[0-9]+ fetch=no cls=1 size=[0-9]+( flags=5)?");
        String last = lines.get(2);
        assertByVersion(List.of(last.endsWith(" flags=5") ? "flags" : "none"), List.of("none"), List.of("flags"));
        client().send("lru_crawler metadump 999\r\n");
        assertThat(client().readLine()).isEqualTo("BADCLASS invalid class id\r\n");
        assertThat(ask("version")).hasSize(1);
    }

    /** Behind the CAS stand the marks of a stale item. */
    private long staleCas(String key) throws IOException {
        String reply = ask("mg " + key + " c").getFirst();
        return Long.parseLong(reply.substring("HD c".length(), reply.indexOf(' ', "HD c".length())));
    }
}
