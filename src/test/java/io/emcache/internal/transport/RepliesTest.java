package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.testkit.NoLeaks;
import java.io.EOFException;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands are told, reply by reply. */
@NoLeaks
@Timeout(60)
class RepliesTest {
    private static String text(byte @Nullable [] value) {
        return new String(Objects.requireNonNull(value), ISO_8859_1);
    }

    private static void requireDesync(Conversation conversation, String reply, String why) {
        assertThatExceptionOfType(DesyncException.class)
                .isThrownBy(() -> conversation.reply(reply))
                .withMessageContaining(why);
    }

    static Stream<Arguments> metaOutcomes() {
        return Stream.of(
                arguments(OpCode.GET, "VA 1 kk O0000|x", Outcome.HIT),
                arguments(OpCode.GET, "VA 0 kk O0000|", Outcome.HIT),
                arguments(OpCode.GET, "EN kk O0000", Outcome.MISS),
                arguments(OpCode.GET, "EN", Outcome.MISS),
                arguments(OpCode.GET_ITEM, "VA 1 kk f1 O0000|x", Outcome.HIT),
                arguments(OpCode.GET_ITEM, "EN kk O0000", Outcome.MISS),
                arguments(OpCode.GAT, "VA 1 kk O0000|x", Outcome.HIT),
                arguments(OpCode.GAT, "EN kk O0000", Outcome.MISS),
                arguments(OpCode.GAT_ITEM, "VA 1 kk O0000|x", Outcome.HIT),
                arguments(OpCode.LEASE, "VA 1 kk O0000|x", Outcome.HIT),
                arguments(OpCode.LEASE, "EN kk O0000", Outcome.MISS),
                arguments(OpCode.TOUCH, "HD kk O0000", Outcome.DONE),
                arguments(OpCode.TOUCH, "EN kk O0000", Outcome.NOT_FOUND),
                arguments(OpCode.SET, "HD O0000", Outcome.DONE),
                arguments(OpCode.SET, "NS O0000", Outcome.NOT_STORED),
                arguments(OpCode.SET, "SERVER_ERROR object too large for cache", Outcome.SERVER_ERROR),
                arguments(OpCode.ADD, "NS O0000", Outcome.NOT_STORED),
                arguments(OpCode.REPLACE, "NS O0000", Outcome.NOT_STORED),
                arguments(OpCode.APPEND, "NS O0000", Outcome.NOT_STORED),
                arguments(OpCode.PREPEND, "HD O0000", Outcome.DONE),
                arguments(OpCode.CAS, "HD O0000", Outcome.DONE),
                arguments(OpCode.CAS, "EX O0000", Outcome.EXISTS),
                arguments(OpCode.CAS, "NF O0000", Outcome.NOT_FOUND),
                arguments(OpCode.DELETE, "HD O0000", Outcome.DONE),
                arguments(OpCode.DELETE, "NF O0000", Outcome.NOT_FOUND),
                arguments(OpCode.DELETE, "EX O0000", Outcome.EXISTS),
                arguments(OpCode.DELETE, "CLIENT_ERROR invalid or duplicate flag", Outcome.CLIENT_ERROR),
                arguments(OpCode.INVALIDATE, "HD O0000", Outcome.DONE),
                arguments(OpCode.INVALIDATE, "NF O0000", Outcome.NOT_FOUND),
                arguments(OpCode.INCREMENT, "VA 1 O0000|7", Outcome.DONE),
                arguments(OpCode.INCREMENT, "NF O0000", Outcome.NOT_FOUND),
                arguments(OpCode.DECREMENT, "NS O0000", Outcome.NOT_STORED),
                arguments(
                        OpCode.INCREMENT,
                        "CLIENT_ERROR cannot increment or decrement non-numeric value",
                        Outcome.CLIENT_ERROR),
                arguments(OpCode.META_DEBUG, "ME k exp=-1 la=0 cas=2 fetch=no cls=1 size=63", Outcome.DONE),
                arguments(OpCode.META_DEBUG, "EN", Outcome.MISS),
                arguments(OpCode.NOOP, "MN", Outcome.DONE));
    }

    static Stream<Arguments> classicOutcomes() {
        return Stream.of(
                arguments(OpCode.GET, "VALUE k 0 1|x|END", Outcome.HIT),
                arguments(OpCode.GET, "END", Outcome.MISS),
                arguments(OpCode.GET_ITEM, "VALUE k 7 0 9||END", Outcome.HIT),
                arguments(OpCode.GAT, "END", Outcome.MISS),
                arguments(OpCode.GAT_ITEM, "VALUE k 7 1 9|x|END", Outcome.HIT),
                arguments(OpCode.TOUCH, "TOUCHED", Outcome.DONE),
                arguments(OpCode.TOUCH, "NOT_FOUND", Outcome.NOT_FOUND),
                arguments(OpCode.SET, "STORED", Outcome.DONE),
                arguments(OpCode.SET, "SERVER_ERROR out of memory storing object", Outcome.SERVER_ERROR),
                arguments(OpCode.ADD, "NOT_STORED", Outcome.NOT_STORED),
                arguments(OpCode.CAS, "EXISTS", Outcome.EXISTS),
                arguments(OpCode.CAS, "NOT_FOUND", Outcome.NOT_FOUND),
                arguments(OpCode.DELETE, "DELETED", Outcome.DONE),
                arguments(OpCode.DELETE, "NOT_FOUND", Outcome.NOT_FOUND),
                arguments(OpCode.INCREMENT, "7", Outcome.DONE),
                arguments(OpCode.DECREMENT, "7  ", Outcome.DONE),
                arguments(OpCode.INCREMENT, "NOT_FOUND", Outcome.NOT_FOUND),
                arguments(
                        OpCode.INCREMENT,
                        "CLIENT_ERROR cannot increment or decrement non-numeric value",
                        Outcome.CLIENT_ERROR),
                arguments(OpCode.TOUCH, "CLIENT_ERROR invalid exptime argument", Outcome.CLIENT_ERROR),
                arguments(OpCode.DELETE, "CLIENT_ERROR bad command line format", Outcome.CLIENT_ERROR),
                arguments(OpCode.NOOP, "VERSION 1.5.22", Outcome.DONE),
                arguments(OpCode.FLUSH_ALL, "OK", Outcome.DONE),
                arguments(OpCode.FLUSH_ALL, "CLIENT_ERROR flush_all not allowed", Outcome.CLIENT_ERROR),
                arguments(OpCode.VERBOSITY, "ERROR", Outcome.CLIENT_ERROR),
                arguments(OpCode.STATS_RESET, "RESET", Outcome.DONE));
    }

    private static void check(Conversation conversation, int op, String reply, int expected) {
        boolean keyed = op != OpCode.NOOP && op != OpCode.FLUSH_ALL && op != OpCode.VERBOSITY;
        Slot slot = conversation.send(op, keyed ? "k" : "", 0, OpCode.carriesData(op) ? "v" : null);
        conversation.drip(reply.replace("|", "\r\n") + "\r\n");
        assertThat(slot.isDone()).isTrue();
        assertThat(slot.outcome()).isEqualTo(expected);
        if (expected == Outcome.CLIENT_ERROR || expected == Outcome.SERVER_ERROR) {
            assertThat(slot.text()).isEqualTo(reply);
        }
        if (OpCode.isCounter(op) && expected == Outcome.DONE) {
            assertThat(slot.counter()).isEqualTo(7);
        }
        assertThat(conversation.wire.inFlight()).isZero();
        conversation.lane.release(slot);
        assertThat(conversation.calls()).isZero();
    }

    @ParameterizedTest
    @MethodSource("metaOutcomes")
    void metaOutcome(int op, String reply, int expected) {
        try (Conversation conversation = Conversation.meta()) {
            check(conversation, op, reply, expected);
        }
    }

    @ParameterizedTest
    @MethodSource("classicOutcomes")
    void classicOutcome(int op, String reply, int expected) {
        try (Conversation conversation = Conversation.classic()) {
            check(conversation, op, reply, expected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "7, 7",
        "'99 ', 99",
        "'1                   ', 1",
        "18446744073709551615, -1",
        "00000000000000000000000000000007, 7"
    })
    void counterIsReadFromItsText(String text, long expected) {
        try (Conversation conversation = Conversation.meta()) {
            Slot whole = conversation.send(OpCode.INCREMENT, "k");
            conversation.reply("VA " + text.length() + " O0000\r\n" + text + "\r\n");
            assertThat(whole.counter()).isEqualTo(expected);
            Slot dripped = conversation.send(OpCode.DECREMENT, "k");
            conversation.drip("VA " + text.length() + " O0001\r\n" + text + "\r\n");
            assertThat(dripped.counter()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "1x",
                "-1",
                "1 1",
                " 1",
                "18446744073709551616",
                "99999999999999999999",
                "000000000000000000000000000000001"
            })
    void counterThatIsNoNumberEndsTheConnection(String text) {
        try (Conversation conversation = Conversation.meta()) {
            conversation.send(OpCode.INCREMENT, "k");
            requireDesync(conversation, "VA " + text.length() + " O0000\r\n" + text + "\r\n", "counter");
        }
    }

    @Test
    void counterWithoutItsNumberEndsTheConnection() {
        try (Conversation conversation = Conversation.meta()) {
            conversation.send(OpCode.INCREMENT, "k");
            requireDesync(conversation, "HD O0000\r\n", "cannot answer the oldest command");
        }
    }

    @Test
    void counterThatWasBrokenOffIsForgottenByTheNextConnection() {
        try (Conversation conversation = Conversation.meta()) {
            Slot counter = conversation.send(OpCode.INCREMENT, "k");
            conversation.reply("VA 3 O0000\r\n12");
            conversation.lose(new EOFException("cut"));
            assertThat(Outcome.code(counter.outcome())).isEqualTo(Outcome.LOST);
            conversation.connect("1.6.38");
            Slot get = conversation.send(OpCode.GET, "k");
            conversation.reply("VA 1 kk O0001\r\nx\r\n");
            assertThat(get.outcome()).isEqualTo(Outcome.HIT);
            assertThat(text(get.value())).isEqualTo("x");
        }
    }

    @Test
    void abandonedCounterLeavesNothingBehind() {
        try (Conversation conversation = Conversation.meta()) {
            Slot before = conversation.send(OpCode.INCREMENT, "k");
            Slot middle = conversation.send(OpCode.INCREMENT, "k");
            Slot get = conversation.send(OpCode.GET, "k");
            Conversation.abandon(before);
            conversation.reply("VA 3 O0000\r\n123\r\nVA 3 O0001\r\n4");
            Conversation.abandon(middle);
            conversation.reply("56\r\nVA 1 kk O0002\r\nx\r\n");
            assertThat(get.outcome()).isEqualTo(Outcome.HIT);
            assertThat(text(get.value())).isEqualTo("x");
            assertThat(conversation.calls()).isEqualTo(1);
        }
    }

    @Test
    void abandonedReadsLeaveNothingBehind() {
        try (Conversation conversation = Conversation.meta()) {
            Slot before = conversation.send(OpCode.GET, "k");
            Slot middle = conversation.send(OpCode.GET_ITEM, "k");
            Slot block = conversation.sendMany(OpCode.GET_MANY, "a", "b");
            Slot counter = conversation.send(OpCode.INCREMENT, "k");
            Conversation.abandon(before);
            conversation.reply("VA 3 kk O0000\r\nabc\r\nVA 3 kk O0001\r\na");
            Conversation.abandon(middle);
            conversation.reply("bc\r\nVA 1 ka\r\nx\r\nVA 2 kb\r\ny");
            Batch batch = Objects.requireNonNull(block.batch);
            Conversation.abandon(block);
            conversation.reply("z\r\nMN\r\nVA 1 O0003\r\n5\r\n");
            assertThat(text(batch.value(0))).isEqualTo("x");
            assertThat(counter.counter()).isEqualTo(5);
            assertThat(conversation.calls()).isEqualTo(1);
        }
    }

    @Test
    void valueForAnAbandonedBlockGoesNowhere() {
        try (Conversation conversation = Conversation.meta()) {
            Slot block = conversation.sendMany(OpCode.GET_ITEM_MANY, "a", "b");
            Batch batch = Objects.requireNonNull(block.batch);
            Slot get = conversation.send(OpCode.GET, "k");
            Conversation.abandon(block);
            conversation.reply("VA 1 ka\r\nx\r\nVA 1 kb\r\ny\r\nMN\r\nVA 1 kk O0001\r\nz\r\n");
            assertThat(batch.value(0)).isNull();
            assertThat(batch.value(1)).isNull();
            assertThat(text(get.value())).isEqualTo("z");
        }
    }

    @Test
    void itemTellsWhatTheServerTold() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.GET_ITEM, "k");
            conversation.reply("VA 1 kk f4294967295 c18446744073709551615 t-1 l3 h1 s1 O0000 X W\r\nx\r\n");
            ItemMeta meta = Objects.requireNonNull(slot.meta());
            assertThat(meta.itemFlags()).isEqualTo(0xffffffffL);
            assertThat(meta.hasCas()).isTrue();
            assertThat(meta.cas()).isEqualTo(-1);
            assertThat(meta.ttlSeconds()).isEqualTo(ItemMeta.NO_EXPIRY);
            assertThat(meta.lastAccessSeconds()).isEqualTo(3);
            assertThat(meta.isHitBefore()).isTrue();
            assertThat(meta.sizeBytes()).isEqualTo(1);
            assertThat(meta.isStale()).isTrue();
            assertThat(meta.isWon()).isTrue();
            assertThat(meta.isAlreadyWon()).isFalse();
            conversation.lane.release(slot);

            Slot next = conversation.send(OpCode.GET_ITEM, "k");
            assertThat(next).isSameAs(slot);
            conversation.reply("VA 2 kk O0001 Z\r\nxy\r\n");
            ItemMeta empty = Objects.requireNonNull(next.meta());
            assertThat(empty.hasCas()).isFalse();
            assertThat(empty.ttlSeconds()).isEqualTo(ItemMeta.UNKNOWN);
            assertThat(empty.lastAccessSeconds()).isEqualTo(ItemMeta.UNKNOWN);
            assertThat(empty.sizeBytes()).isEqualTo(2);
            assertThat(empty.isStale()).isFalse();
            assertThat(empty.isAlreadyWon()).isTrue();
        }
    }

    @Test
    void itemThatWasJustMadeToExpireHasNothingLeft() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.GAT_ITEM, "k");
            conversation.reply("VA 1 kk t4294967290 O0000\r\nx\r\n");
            assertThat(Objects.requireNonNull(slot.meta()).ttlSeconds()).isZero();
        }
    }

    @Test
    void itemOfAClassicServerHasFlagsCasAndSize() {
        try (Conversation conversation = Conversation.classic()) {
            Slot slot = conversation.send(OpCode.GET_ITEM, "k");
            conversation.reply("VALUE k 7 2 9\r\nxy\r\nEND\r\n");
            ItemMeta meta = Objects.requireNonNull(slot.meta());
            assertThat(meta.itemFlags()).isEqualTo(7);
            assertThat(meta.cas()).isEqualTo(9);
            assertThat(meta.sizeBytes()).isEqualTo(2);
            assertThat(meta.ttlSeconds()).isEqualTo(ItemMeta.UNKNOWN);
        }
    }

    @Test
    void blockOfItemsKeepsEachMetaWithItsValue() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.sendMany(OpCode.GET_ITEM_MANY, "a", "b", "a", "c");
            conversation.reply("VA 1 ka c1\r\nx\r\nVA 1 ka c2\r\ny\r\nVA 0 kc W\r\n\r\nMN\r\n");
            Batch batch = Objects.requireNonNull(slot.batch);
            assertThat(text(batch.value(0))).isEqualTo("x");
            assertThat(batch.meta(0).cas()).isEqualTo(1);
            assertThat(batch.value(1)).isNull();
            assertThat(text(batch.value(2))).isEqualTo("y");
            assertThat(batch.meta(2).cas()).isEqualTo(2);
            assertThat(batch.value(3)).as("a placeholder").isNull();
            assertThat(slot.outcome()).isEqualTo(Outcome.DONE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "7, VA 0 kk W O0000",
        "7, VA 0 kk O0000 Z",
        "1, VA 0 kk O0000 W",
        "1, VA 0 kk O0000 Z",
        "8, VA 0 kk O0000 Z",
        "9, VA 0 kk O0000 W"
    })
    void placeholderIsAMissUnlessALeaseWasAskedFor(int op, String header) {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(op, "k");
            conversation.reply(header + "\r\n\r\n");
            assertThat(slot.outcome()).isEqualTo(Outcome.MISS);
            assertThat(slot.value()).isNull();
            Slot lease = conversation.send(OpCode.LEASE, "k");
            conversation.reply(header.replace("O0000", "O0001") + "\r\n\r\n");
            assertThat(lease.outcome()).isEqualTo(Outcome.HIT);
            assertThat(lease.value()).isEmpty();
            ItemMeta meta = Objects.requireNonNull(lease.meta());
            assertThat(meta.isWon()).isEqualTo(header.contains("W"));
            assertThat(meta.isAlreadyWon()).isEqualTo(header.contains("Z"));
        }
    }

    @Test
    void staleEmptyValueIsAHit() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.GET, "k");
            conversation.reply("VA 0 kk O0000 X W\r\n\r\n");
            assertThat(slot.outcome()).isEqualTo(Outcome.HIT);
            assertThat(slot.value()).isEmpty();
        }
    }

    /** A server echoes keys in the form in which they were stored. */
    @Test
    void keyEchoedInTheOtherFormIsTheSameKey() {
        try (Conversation conversation = Conversation.meta()) {
            Slot raw = conversation.send(OpCode.GET, "abc");
            conversation.reply("VA 1 kYWJj b O0000\r\nx\r\n");
            assertThat(raw.outcome()).isEqualTo(Outcome.HIT);
            Slot binary = conversation.send(OpCode.TOUCH, "YWJj", CommandLayout.BINARY_KEY, null);
            conversation.reply("HD kabc O0001\r\n");
            assertThat(binary.outcome()).isEqualTo(Outcome.DONE);
            Slot block = conversation.sendMany(OpCode.GET_MANY, "YWJj", "abc", "b:eHl6");
            conversation.reply("VA 1 kYWJj b\r\n1\r\nVA 1 kxyz\r\n2\r\nMN\r\n");
            Batch batch = Objects.requireNonNull(block.batch);
            assertThat(batch.value(0)).as("the text YWJj").isNull();
            assertThat(text(batch.value(1))).isEqualTo("1");
            assertThat(text(batch.value(2))).isEqualTo("2");
            conversation.send(OpCode.GET, "YWJj");
            requireDesync(conversation, "VA 1 kYWJj b O0003\r\nx\r\n", "another key");
        }
    }

    @Test
    void statisticsComeAsLines() {
        try (Conversation conversation = Conversation.meta()) {
            Slot many = conversation.send(OpCode.STATS, "settings");
            IntStream.range(0, 500).forEach(i -> conversation.reply("STAT name" + i + " a text " + i + "\r\n"));
            conversation.reply("END\r\n");
            assertThat(many.outcome()).isEqualTo(Outcome.DONE);
            assertThat(Objects.requireNonNull(many.text()).lines())
                    .hasSize(500)
                    .startsWith("name0 a text 0")
                    .endsWith("name499 a text 499");
            Slot none = conversation.send(OpCode.STATS, "");
            conversation.reply("END\r\n");
            assertThat(none.text()).isEmpty();
            Slot bogus = conversation.send(OpCode.STATS, "bogus");
            conversation.reply("ERROR\r\n");
            assertThat(bogus.outcome()).isEqualTo(Outcome.CLIENT_ERROR);
        }
    }

    @Test
    void statisticsWithoutAnEndEndTheConnection() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.STATS, "");
            String line = "STAT name " + "x".repeat(60_000) + "\r\n";
            int lines = (16 << 20) / 60_000;
            for (int i = 0; i < lines; i++) {
                conversation.reply(line);
            }
            assertThat(slot.isPending()).isTrue();
            requireDesync(conversation, line + line + line, "statistics without an end");
        }
    }

    @Test
    void valueAboveTheLimitIsToldToItsCommandOnly() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.GET, "k");
            Slot next = conversation.send(OpCode.GET, "k");
            assertThatExceptionOfType(ProtocolException.class)
                    .isThrownBy(() -> conversation.reply("VA 99999999 kk O0000\r\n"));
            assertThat(slot.outcome()).isEqualTo(Outcome.TOO_LARGE);
            assertThat(next.isPending()).isTrue();
        }
    }
}
