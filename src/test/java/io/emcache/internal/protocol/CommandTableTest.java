package io.emcache.internal.protocol;

import static io.emcache.internal.protocol.CommandLayout.BINARY_KEY;
import static io.emcache.internal.protocol.CommandLayout.COMPARE_CAS;
import static io.emcache.internal.protocol.CommandLayout.CREATE;
import static io.emcache.internal.protocol.CommandLayout.DROP_VALUE;
import static io.emcache.internal.protocol.CommandLayout.GIVE_CAS;
import static io.emcache.internal.protocol.CommandLayout.NEW_EXPTIME;
import static io.emcache.internal.protocol.CommandLayout.NO_REPLY;
import static io.emcache.internal.protocol.Messages.draft;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.emcache.internal.protocol.Messages.Draft;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes of every command with every option, as the protocol wants them; each fits into the room that is asked for. */
class CommandTableTest {
    private static final int OPAQUE = 0xc0de;
    private static final int ALL_BITS = -1;
    private static final String LONGEST_KEY = "k".repeat(250);

    static Stream<Arguments> metaCommands() {
        return Stream.of(
                arguments("mg k k v Oc0de\r\n", draft(OpCode.GET, "k")),
                arguments("mg YWJj b k v Oc0de\r\n", draft(OpCode.GET, "YWJj").options(BINARY_KEY)),
                arguments("mg k k v f c t l h s Oc0de\r\n", draft(OpCode.GET_ITEM, "k")),
                arguments(
                        "mg YWJj b k v f c t l h s Oc0de\r\n",
                        draft(OpCode.GET_ITEM, "YWJj").options(BINARY_KEY)),
                arguments("mg k k v T0 Oc0de\r\n", draft(OpCode.GAT, "k")),
                arguments("mg k k v T-1 Oc0de\r\n", draft(OpCode.GAT, "k").exptime(-1)),
                arguments(
                        "mg k k v T2147483647 Oc0de\r\n", draft(OpCode.GAT, "k").exptime(Integer.MAX_VALUE)),
                arguments(
                        "mg k k v T60 f c t l h s Oc0de\r\n",
                        draft(OpCode.GAT_ITEM, "k").exptime(60)),
                arguments(
                        "mg k k v f c t l h s N30 Oc0de\r\n",
                        draft(OpCode.LEASE, "k").exptime(30)),
                arguments(
                        "mg k k v f c t l h s N0 R10 Oc0de\r\n",
                        draft(OpCode.LEASE, "k").itemFlags(10)),
                arguments(
                        "mg YWJj b k v f c t l h s N30 R2147483647 Oc0de\r\n",
                        draft(OpCode.LEASE, "YWJj")
                                .options(BINARY_KEY)
                                .exptime(30)
                                .itemFlags(Integer.MAX_VALUE)),
                arguments("mg k T0 k Oc0de\r\n", draft(OpCode.TOUCH, "k")),
                arguments("mg k T-1 k Oc0de\r\n", draft(OpCode.TOUCH, "k").exptime(-1)),
                arguments(
                        "mg YWJj b T60 k Oc0de\r\n",
                        draft(OpCode.TOUCH, "YWJj").options(BINARY_KEY).exptime(60)),
                arguments(
                        "mg k T60 k q Oc0de\r\nmn\r\n",
                        draft(OpCode.TOUCH, "k").options(NO_REPLY).exptime(60)),
                arguments("ms k 3 Oc0de\r\nabc\r\n", draft(OpCode.SET, "k").value("abc")),
                arguments(
                        "ms k 3 T-1 F4294967295 Oc0de\r\nabc\r\n",
                        draft(OpCode.SET, "k").exptime(-1).itemFlags(ALL_BITS).value("abc")),
                arguments("ms YWJj 0 b Oc0de\r\n\r\n", draft(OpCode.SET, "YWJj").options(BINARY_KEY)),
                arguments(
                        "ms k 3 q Oc0de\r\nabc\r\nmn\r\n",
                        draft(OpCode.SET, "k").options(NO_REPLY).value("abc")),
                arguments(
                        "ms YWJj 3 T60 F5 E18446744073709551615 b q Oc0de\r\nabc\r\nmn\r\n",
                        draft(OpCode.SET, "YWJj")
                                .options(BINARY_KEY | NO_REPLY | GIVE_CAS)
                                .exptime(60)
                                .itemFlags(5)
                                .extra(ALL_BITS)
                                .value("abc")),
                arguments(
                        "ms k 99 T60 Oc0de\r\n",
                        draft(OpCode.SET, "k").exptime(60).external(99)),
                arguments(
                        "ms k 99 Oc0de\r\n",
                        draft(OpCode.SET, "k").options(NO_REPLY).external(99)),
                arguments("ms k 1 ME Oc0de\r\nx\r\n", draft(OpCode.ADD, "k").value("x")),
                arguments(
                        "ms k 1 T60 F7 ME q Oc0de\r\nx\r\nmn\r\n",
                        draft(OpCode.ADD, "k")
                                .options(NO_REPLY)
                                .exptime(60)
                                .itemFlags(7)
                                .value("x")),
                arguments("ms k 1 MR Oc0de\r\nx\r\n", draft(OpCode.REPLACE, "k").value("x")),
                arguments(
                        "ms k 1 T-1 MR E9 Oc0de\r\nx\r\n",
                        draft(OpCode.REPLACE, "k")
                                .options(GIVE_CAS)
                                .extra(9)
                                .exptime(-1)
                                .value("x")),
                arguments(
                        "ms k 1 MA Oc0de\r\nx\r\n",
                        draft(OpCode.APPEND, "k").exptime(60).value("x")),
                arguments("ms k 1 MP Oc0de\r\nx\r\n", draft(OpCode.PREPEND, "k").value("x")),
                arguments("ms k 77 MP Oc0de\r\n", draft(OpCode.PREPEND, "k").external(77)),
                arguments(
                        "ms k 1 MA N60 F7 Oc0de\r\nx\r\n",
                        draft(OpCode.APPEND, "k")
                                .options(CREATE)
                                .exptime(60)
                                .itemFlags(7)
                                .value("x")),
                arguments(
                        "ms YWJj 1 MP N0 C18446744073709551615 b q Oc0de\r\nx\r\nmn\r\n",
                        draft(OpCode.PREPEND, "YWJj")
                                .options(CREATE | COMPARE_CAS | BINARY_KEY | NO_REPLY)
                                .number(ALL_BITS)
                                .value("x")),
                arguments(
                        "ms k 1 C18446744073709551615 Oc0de\r\nx\r\n",
                        draft(OpCode.CAS, "k").number(ALL_BITS).value("x")),
                arguments(
                        "ms k 1 T60 F7 C1 E2 b q Oc0de\r\nx\r\nmn\r\n",
                        draft(OpCode.CAS, "k")
                                .options(BINARY_KEY | NO_REPLY | GIVE_CAS | COMPARE_CAS)
                                .exptime(60)
                                .itemFlags(7)
                                .number(1)
                                .extra(2)
                                .value("x")),
                arguments("md k Oc0de\r\n", draft(OpCode.DELETE, "k").number(5)),
                arguments(
                        "md k C5 Oc0de\r\n",
                        draft(OpCode.DELETE, "k").options(COMPARE_CAS).number(5)),
                arguments(
                        "md YWJj C18446744073709551615 b q Oc0de\r\nmn\r\n",
                        draft(OpCode.DELETE, "YWJj")
                                .options(COMPARE_CAS | BINARY_KEY | NO_REPLY)
                                .number(ALL_BITS)),
                arguments("md k I Oc0de\r\n", draft(OpCode.INVALIDATE, "k").exptime(60)),
                arguments(
                        "md k I T60 Oc0de\r\n",
                        draft(OpCode.INVALIDATE, "k").options(NEW_EXPTIME).exptime(60)),
                arguments(
                        "md YWJj I T0 x C1 E2 b q Oc0de\r\nmn\r\n",
                        draft(OpCode.INVALIDATE, "YWJj")
                                .options(NEW_EXPTIME | DROP_VALUE | COMPARE_CAS | GIVE_CAS | BINARY_KEY | NO_REPLY)
                                .number(1)
                                .extra(2)),
                arguments("ma k D1 v Oc0de\r\n", draft(OpCode.INCREMENT, "k").number(1)),
                arguments(
                        "ma k D18446744073709551615 v Oc0de\r\n",
                        draft(OpCode.INCREMENT, "k").number(ALL_BITS)),
                arguments("ma k MD D0 v Oc0de\r\n", draft(OpCode.DECREMENT, "k")),
                arguments(
                        "ma k D1 N0 J18446744073709551615 v Oc0de\r\n",
                        draft(OpCode.INCREMENT, "k").options(CREATE).number(1).extra(ALL_BITS)),
                arguments(
                        "ma k D1 N60 J7 T60 v Oc0de\r\n",
                        draft(OpCode.INCREMENT, "k")
                                .options(CREATE | NEW_EXPTIME)
                                .exptime(60)
                                .number(1)
                                .extra(7)),
                arguments(
                        "ma YWJj MD D2 T-1 b q Oc0de\r\nmn\r\n",
                        draft(OpCode.DECREMENT, "YWJj")
                                .options(NEW_EXPTIME | BINARY_KEY | NO_REPLY)
                                .exptime(-1)
                                .number(2)),
                arguments("me k\r\n", draft(OpCode.META_DEBUG, "k")),
                arguments("me YWJj b\r\n", draft(OpCode.META_DEBUG, "YWJj").options(BINARY_KEY)),
                arguments("mn\r\n", draft(OpCode.NOOP, "")));
    }

    static Stream<Arguments> classicCommands() {
        return Stream.of(
                arguments("get k\r\n", draft(OpCode.GET, "k")),
                arguments("gets k\r\n", draft(OpCode.GET_ITEM, "k")),
                arguments("gat 0 k\r\n", draft(OpCode.GAT, "k")),
                arguments("gat -1 k\r\n", draft(OpCode.GAT, "k").exptime(-1)),
                arguments("gats 2147483647 k\r\n", draft(OpCode.GAT_ITEM, "k").exptime(Integer.MAX_VALUE)),
                arguments("set k 0 0 3\r\nabc\r\n", draft(OpCode.SET, "k").value("abc")),
                arguments(
                        "set k 4294967295 -1 0\r\n\r\n",
                        draft(OpCode.SET, "k").itemFlags(ALL_BITS).exptime(-1)),
                arguments(
                        "set k 0 0 3 noreply\r\nabc\r\nversion\r\n",
                        draft(OpCode.SET, "k").options(NO_REPLY).value("abc")),
                arguments(
                        "set k 0 60 99\r\n", draft(OpCode.SET, "k").exptime(60).external(99)),
                arguments(
                        "set k 0 0 99\r\n",
                        draft(OpCode.SET, "k").options(NO_REPLY).external(99)),
                arguments(
                        "add k 7 60 1\r\nx\r\n",
                        draft(OpCode.ADD, "k").itemFlags(7).exptime(60).value("x")),
                arguments(
                        "add k 0 0 1 noreply\r\nx\r\nversion\r\n",
                        draft(OpCode.ADD, "k").options(NO_REPLY).value("x")),
                arguments(
                        "replace k 7 60 1\r\nx\r\n",
                        draft(OpCode.REPLACE, "k").itemFlags(7).exptime(60).value("x")),
                arguments("append k 0 0 1\r\nx\r\n", draft(OpCode.APPEND, "k").value("x")),
                arguments("prepend k 0 0 1\r\nx\r\n", draft(OpCode.PREPEND, "k").value("x")),
                arguments(
                        "prepend k 0 0 1 noreply\r\nx\r\nversion\r\n",
                        draft(OpCode.PREPEND, "k").options(NO_REPLY).value("x")),
                arguments(
                        "cas k 7 60 1 18446744073709551615\r\nx\r\n",
                        draft(OpCode.CAS, "k")
                                .itemFlags(7)
                                .exptime(60)
                                .number(ALL_BITS)
                                .value("x")),
                arguments(
                        "cas k 0 0 1 5 noreply\r\nx\r\nversion\r\n",
                        draft(OpCode.CAS, "k").options(NO_REPLY).number(5).value("x")),
                arguments("delete k\r\n", draft(OpCode.DELETE, "k")),
                arguments(
                        "delete k noreply\r\nversion\r\n",
                        draft(OpCode.DELETE, "k").options(NO_REPLY)),
                arguments("touch k 0\r\n", draft(OpCode.TOUCH, "k")),
                arguments(
                        "touch k -1 noreply\r\nversion\r\n",
                        draft(OpCode.TOUCH, "k").options(NO_REPLY).exptime(-1)),
                arguments(
                        "incr k 18446744073709551615\r\n",
                        draft(OpCode.INCREMENT, "k").number(ALL_BITS)),
                arguments("decr k 0\r\n", draft(OpCode.DECREMENT, "k")),
                arguments(
                        "decr k 2 noreply\r\nversion\r\n",
                        draft(OpCode.DECREMENT, "k").options(NO_REPLY).number(2)),
                arguments("version\r\n", draft(OpCode.NOOP, "")));
    }

    static Stream<Arguments> adminCommands() {
        return Stream.of(
                arguments("version\r\n", draft(OpCode.VERSION, "")),
                arguments("stats\r\n", draft(OpCode.STATS, "")),
                arguments("stats items\r\n", draft(OpCode.STATS, "items")),
                arguments("stats reset\r\n", draft(OpCode.STATS_RESET, "")),
                arguments("flush_all 0\r\n", draft(OpCode.FLUSH_ALL, "")),
                arguments("flush_all 2592000\r\n", draft(OpCode.FLUSH_ALL, "").number(2_592_000)),
                arguments("verbosity 2\r\n", draft(OpCode.VERBOSITY, "").number(2)),
                arguments(
                        "cache_memlimit 1024\r\n",
                        draft(OpCode.CACHE_MEMLIMIT, "").number(1024)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"metaCommands", "adminCommands"})
    void metaCommand(String expected, Draft draft) {
        assertThat(encode(MetaEncoder.INSTANCE, draft.build())).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"classicCommands", "adminCommands"})
    void classicCommand(String expected, Draft draft) {
        assertThat(encode(ClassicEncoder.INSTANCE, draft.build())).isEqualTo(expected);
    }

    @Test
    void metaWithoutOpaque() {
        assertThat(Messages.encode(
                        MetaEncoder.INSTANCE, draft(OpCode.SET, "k").value("x").build(), CommandEncoder.NO_OPAQUE))
                .asString(ISO_8859_1)
                .isEqualTo("ms k 1\r\nx\r\n");
    }

    @Test
    void manyKeys() {
        MetaEncoder meta = MetaEncoder.INSTANCE;
        assertThat(encode(meta, Messages.many(OpCode.GET_MANY, 0, "a", "b:YWJj")))
                .isEqualTo("mg a k v q\r\nmg YWJj b k v q\r\nmn\r\n");
        assertThat(encode(meta, Messages.many(OpCode.GET_ITEM_MANY, 0, "b:YWJj", "a")))
                .isEqualTo("mg YWJj b f c t l h s k v q\r\nmg a f c t l h s k v q\r\nmn\r\n");
        assertThat(encode(meta, Messages.many(OpCode.GAT_MANY, -1, "a", "b:YWJj")))
                .isEqualTo("mg a T-1 k v q\r\nmg YWJj b T-1 k v q\r\nmn\r\n");
        assertThat(encode(meta, Messages.many(OpCode.GAT_ITEM_MANY, 60, "a")))
                .isEqualTo("mg a T60 f c t l h s k v q\r\nmn\r\n");

        ClassicEncoder classic = ClassicEncoder.INSTANCE;
        assertThat(encode(classic, Messages.many(OpCode.GET_MANY, 0, "a", "b"))).isEqualTo("get a b\r\n");
        assertThat(encode(classic, Messages.many(OpCode.GET_ITEM_MANY, 0, "a", "b")))
                .isEqualTo("gets a b\r\n");
        assertThat(encode(classic, Messages.many(OpCode.GAT_MANY, 0, "a", "b"))).isEqualTo("gat 0 a b\r\n");
        assertThat(encode(classic, Messages.many(OpCode.GAT_ITEM_MANY, Integer.MAX_VALUE, "a", "b")))
                .isEqualTo("gats 2147483647 a b\r\n");
    }

    /** Everything at its longest at once, whether or not it makes sense, in exactly the room that was asked for. */
    @Test
    void longestOfEverythingFits() {
        int all = 0xff & ~CommandLayout.EXTERNAL_VALUE;
        for (CommandEncoder encoder : new CommandEncoder[] {MetaEncoder.INSTANCE, ClassicEncoder.INSTANCE}) {
            for (int op = OpCode.GET; op <= OpCode.META_DEBUG; op++) {
                if (OpCode.isMany(op)) {
                    longestBlockFits(encoder, op);
                } else if (encoder == MetaEncoder.INSTANCE || !isMetaOnly(op)) {
                    Draft draft = longest(op).options(all);
                    String encoded = encode(
                            encoder, OpCode.carriesData(op) ? draft.value("v").build() : draft.build());
                    assertThat(encoded).endsWith("\r\n");
                    String external = encode(
                            encoder,
                            longest(op).external(Integer.MAX_VALUE).options(all).build());
                    assertThat(external).endsWith("\r\n");
                }
            }
        }
    }

    private static Draft longest(int op) {
        return draft(op, LONGEST_KEY)
                .itemFlags(op == OpCode.LEASE ? Integer.MAX_VALUE : ALL_BITS)
                .exptime(Integer.MIN_VALUE)
                .number(ALL_BITS)
                .extra(ALL_BITS);
    }

    private static boolean isMetaOnly(int op) {
        return op == OpCode.LEASE || op == OpCode.INVALIDATE || op == OpCode.META_DEBUG;
    }

    private static void longestBlockFits(CommandEncoder encoder, int op) {
        for (String key : new String[] {"b:k", "k", "b:" + LONGEST_KEY}) {
            String[] keys = new String[100];
            Arrays.fill(keys, key);
            assertThat(encode(encoder, Messages.many(op, Integer.MIN_VALUE, keys)))
                    .endsWith("\r\n");
            assertThat(encode(encoder, Messages.many(op, Integer.MIN_VALUE, key)))
                    .endsWith("\r\n");
        }
    }

    private static String encode(CommandEncoder encoder, MemorySegment message) {
        return new String(Messages.encode(encoder, message, OPAQUE), ISO_8859_1);
    }
}
