package io.emcache.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which replies may answer a command, and which end it: written from memcached's {@code doc/protocol.txt}. A reply in
 * brackets does not end the command. Errors may answer everything; they end what is one line.
 */
class ReplyTableTest {
    private static final Set<String> ERRORS = Set.of("ERROR", "CLIENT_ERROR", "SERVER_ERROR");

    static Stream<Arguments> meta() {
        return Stream.of(
                arguments("VA EN", List.of(OpCode.GET, OpCode.GET_ITEM, OpCode.GAT, OpCode.GAT_ITEM, OpCode.LEASE)),
                arguments("HD EN", List.of(OpCode.TOUCH)),
                arguments(
                        "HD NS EX NF",
                        List.of(OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS)),
                arguments("HD NF EX", List.of(OpCode.DELETE, OpCode.INVALIDATE)),
                arguments("VA NF NS EX", List.of(OpCode.INCREMENT, OpCode.DECREMENT)),
                arguments("ME EN", List.of(OpCode.META_DEBUG)),
                arguments("MN", List.of(OpCode.NOOP)),
                arguments(
                        "(VA) (EN) MN",
                        List.of(OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY)),
                arguments("(HD) (EN) MN", quiet(OpCode.TOUCH)),
                arguments(
                        "(HD) (NS) (EX) (NF) MN",
                        quiet(OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS)),
                arguments("(HD) (NF) (EX) MN", quiet(OpCode.DELETE, OpCode.INVALIDATE)),
                arguments("(HD) (NF) (NS) (EX) MN", quiet(OpCode.INCREMENT, OpCode.DECREMENT)));
    }

    static Stream<Arguments> classic() {
        return Stream.of(
                arguments(
                        "(VALUE) END",
                        List.of(
                                OpCode.GET,
                                OpCode.GET_ITEM,
                                OpCode.GAT,
                                OpCode.GAT_ITEM,
                                OpCode.GET_MANY,
                                OpCode.GET_ITEM_MANY,
                                OpCode.GAT_MANY,
                                OpCode.GAT_ITEM_MANY)),
                arguments(
                        "STORED NOT_STORED EXISTS NOT_FOUND",
                        List.of(OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS)),
                arguments("DELETED NOT_FOUND", List.of(OpCode.DELETE)),
                arguments("TOUCHED NOT_FOUND", List.of(OpCode.TOUCH)),
                arguments("NUMBER NOT_FOUND", List.of(OpCode.INCREMENT, OpCode.DECREMENT)),
                arguments("VERSION", List.of(OpCode.NOOP)),
                arguments(
                        "VERSION",
                        quiet(
                                OpCode.SET,
                                OpCode.ADD,
                                OpCode.REPLACE,
                                OpCode.APPEND,
                                OpCode.PREPEND,
                                OpCode.CAS,
                                OpCode.DELETE,
                                OpCode.TOUCH,
                                OpCode.INCREMENT,
                                OpCode.DECREMENT)));
    }

    static Stream<Arguments> admin() {
        return Stream.of(
                arguments("VERSION", List.of(OpCode.VERSION)),
                arguments("(STAT) END OK", List.of(OpCode.STATS)),
                arguments("RESET", List.of(OpCode.STATS_RESET)),
                arguments("OK", List.of(OpCode.FLUSH_ALL, OpCode.VERBOSITY, OpCode.CACHE_MEMLIMIT)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"meta", "admin"})
    void metaReplies(String replies, List<Integer> wireOps) {
        wireOps.forEach(op -> check(MetaEncoder.INSTANCE, op, replies));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"classic", "admin"})
    void classicReplies(String replies, List<Integer> wireOps) {
        wireOps.forEach(op -> check(ClassicEncoder.INSTANCE, op, replies));
    }

    @Test
    void everyCommandIsInTheTable() {
        assertThat(Stream.of(meta(), admin()).flatMap(rows -> rows).flatMap(ReplyTableTest::ops))
                .containsAll(IntStream.rangeClosed(OpCode.GET, OpCode.META_DEBUG)
                        .boxed()
                        .toList());
    }

    private static Stream<Integer> ops(Arguments row) {
        return ((List<?>) row.get()[1]).stream().map(Integer.class::cast);
    }

    private static List<Integer> quiet(int... ops) {
        return IntStream.of(ops).mapToObj(op -> op | OpCode.QUIET).toList();
    }

    private static void check(CommandEncoder encoder, int wireOp, String replies) {
        List<String> words = List.of(replies.split(" "));
        boolean lines = OpCode.isQuiet(wireOp) || OpCode.isMany(wireOp);
        for (int kind = ReplyLine.VA; kind <= ReplyLine.SERVER_ERROR; kind++) {
            String name = ReplyLine.nameOf(kind);
            boolean ends = words.contains(name);
            boolean error = ERRORS.contains(name);
            assertThat(encoder.accepts(wireOp, kind))
                    .as("%s for op %x", name, wireOp)
                    .isEqualTo(ends || error || words.contains("(" + name + ")"));
            if (encoder.accepts(wireOp, kind) && !(error && lines)) {
                assertThat(encoder.ends(wireOp, kind))
                        .as("%s ends op %x", name, wireOp)
                        .isEqualTo(ends || error);
            }
        }
    }
}
