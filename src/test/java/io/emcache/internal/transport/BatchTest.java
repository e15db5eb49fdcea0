package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.testkit.NoLeaks;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gets that are drained together, byte by byte: what is sent for them, and who is told what. */
@NoLeaks
@Timeout(60)
class BatchTest {
    private static final String OLD = "1.5.22";
    private static final String NEW = "1.6.38";

    /** Longer than a lane goes without batches after it has sent a write. */
    private static final long QUIET_NS = 1_000_000_000;

    private static List<Slot> get(Conversation conversation, String... keys) {
        List<Slot> slots = new ArrayList<>();
        for (String key : keys) {
            slots.add(conversation.get(key));
        }
        conversation.flush();
        return slots;
    }

    private static void requireHit(Slot slot, String value) {
        assertThat(slot.isDone()).isTrue();
        assertThat(slot.outcome()).isEqualTo(Outcome.HIT);
        assertThat(new String(Objects.requireNonNull(slot.value()), ISO_8859_1)).isEqualTo(value);
    }

    private static void requireOutcome(Slot slot, int outcome) {
        assertThat(slot.isDone()).isTrue();
        assertThat(Outcome.code(slot.outcome())).isEqualTo(outcome);
    }

    private static void requireLost(Slot slot, Class<? extends Throwable> cause) {
        requireOutcome(slot, Outcome.LOST);
        assertThat(slot.cause()).isInstanceOf(cause);
    }

    @ParameterizedTest
    @ValueSource(strings = {OLD, "1.6.18", NEW})
    void getsThatWaitTogetherAreAskedAsOne(String version) {
        try (Conversation conversation = Conversation.with(version, 32)) {
            List<Slot> slots = get(conversation, "a", "bb", "c", "d");
            conversation.requireHeard("get a bb c d\r\n");
            conversation.reply("VALUE bb 0 3\r\ntwo\r\n");
            requireOutcome(slots.get(0), Outcome.MISS);
            requireHit(slots.get(1), "two");
            assertThat(slots.get(2).isDone()).isFalse();
            conversation.reply("VALUE d 7 1\r\n4\r\n");
            requireOutcome(slots.get(2), Outcome.MISS);
            requireHit(slots.get(3), "4");
            assertThat(conversation.wire.inFlight()).as("the end is awaited").isEqualTo(1);
            conversation.reply("END\r\n");
            assertThat(conversation.wire.inFlight()).isZero();
        }
    }

    @Test
    void bytesMayComeOneByOne() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "c");
            conversation.drip("VALUE a 0 5\r\nEND\r\n\r\nVALUE c 0 1\r\nx\r\nEND\r\n");
            requireHit(slots.get(0), "END\r\n");
            requireOutcome(slots.get(1), Outcome.MISS);
            requireHit(slots.get(2), "x");
        }
    }

    @Test
    void noneIsThere() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "a");
            conversation.reply("END\r\n");
            slots.forEach(slot -> requireOutcome(slot, Outcome.MISS));
        }
    }

    @Test
    void oneGetIsSentAsEver() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            Slot slot = get(conversation, "a").getFirst();
            conversation.requireHeard("mg a k v O0000\r\n");
            conversation.reply("VA 1 ka O0000\r\nx\r\n");
            requireHit(slot, "x");
        }
        try (Conversation conversation = Conversation.with(OLD, 32)) {
            Slot slot = conversation.send(OpCode.GET_ITEM, "a");
            conversation.requireHeard("gets a\r\n");
            conversation.reply("VALUE a 3 1 9\r\nx\r\nEND\r\n");
            requireHit(slot, "x");
            assertThat(Objects.requireNonNull(slot.meta()).cas()).isEqualTo(9);
        }
    }

    @Test
    void equalKeysAreAskedOnceAndAnsweredToAll() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "a", "b", "a", "c", "longer:key", "longer:key");
            conversation.requireHeard("get a b c longer:key\r\n");
            conversation.reply("VALUE a 0 1\r\n1\r\nVALUE longer:key 0 1\r\n4\r\nEND\r\n");
            for (int i : new int[] {0, 2, 4}) {
                requireHit(slots.get(i), "1");
            }
            for (int i : new int[] {1, 3, 5}) {
                requireOutcome(slots.get(i), Outcome.MISS);
            }
            requireHit(slots.get(6), "4");
            requireHit(slots.get(7), "4");
            assertThat(slots.get(0).value()).isNotSameAs(slots.get(2).value());
            assertThat(slots.get(2).value()).isNotSameAs(slots.get(4).value());
        }
    }

    @Test
    void manyEqualKeysAreOneKey() {
        try (Conversation conversation = Conversation.with(NEW, 3)) {
            List<Slot> slots = get(conversation, "a", "a", "a", "b", "a", "b");
            conversation.requireHeard("get a b\r\n");
            conversation.reply("VALUE b 0 1\r\n1\r\nEND\r\n");
            requireOutcome(slots.get(4), Outcome.MISS);
            requireHit(slots.get(5), "1");
        }
    }

    @Test
    void noMoreKeysThanAllowed() {
        try (Conversation conversation = Conversation.with(NEW, 3)) {
            List<Slot> slots = get(conversation, "a", "b", "c", "d", "e", "f", "g");
            conversation.requireHeard("get a b c\r\nget d e f\r\nmg g k v O0000\r\n");
            conversation.reply("END\r\nVALUE f 0 1\r\nx\r\nEND\r\nEN\r\n");
            requireHit(slots.get(5), "x");
            assertThat(slots).allMatch(Slot::isDone);
        }
    }

    @Test
    void noMoreBytesThanAllowed() {
        try (Conversation conversation = Conversation.with(NEW, 100)) {
            String[] keys =
                    IntStream.range(100, 150).mapToObj(i -> i + "k".repeat(247)).toArray(String[]::new);
            List<Slot> slots = get(conversation, keys);
            int fitting = 8192 / 251;
            conversation.requireHeard("get " + String.join(" ", List.of(keys).subList(0, fitting)) + "\r\nget "
                    + String.join(" ", List.of(keys).subList(fitting, keys.length)) + "\r\n");
            conversation.reply("END\r\nEND\r\n");
            assertThat(slots).allMatch(Slot::isDone);
        }
    }

    @Test
    void itemsAreJoinedWhereAClassicGetTellsAll() {
        try (Conversation conversation = Conversation.with(OLD, 32)) {
            Slot a = conversation.publish(OpCode.GET_ITEM, "a", 0, null, null);
            Slot twin = conversation.publish(OpCode.GET_ITEM, "a", 0, null, null);
            Slot b = conversation.publish(OpCode.GET_ITEM, "b", 0, null, null);
            Slot plain = conversation.get("a");
            conversation.flush();
            conversation.requireHeard("gets a b\r\nget a\r\n");
            conversation.reply("VALUE a 5 1 77\r\nx\r\nEND\r\nVALUE a 5 1\r\nx\r\nEND\r\n");
            for (Slot slot : List.of(a, twin)) {
                requireHit(slot, "x");
                assertThat(Objects.requireNonNull(slot.meta()).cas()).isEqualTo(77);
                assertThat(Objects.requireNonNull(slot.meta()).itemFlags()).isEqualTo(5);
            }
            requireOutcome(b, Outcome.MISS);
            requireHit(plain, "x");
        }
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            conversation.publish(OpCode.GET_ITEM, "a", 0, null, null);
            conversation.publish(OpCode.GET_ITEM, "b", 0, null, null);
            conversation.flush();
            conversation.requireHeard("mg a k v f c t l h s O0000\r\nmg b k v f c t l h s O0001\r\n");
        }
    }

    @Test
    void binaryKeysGoAlone() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            conversation.get("a");
            conversation.get("b");
            conversation.publish(OpCode.GET, "AAAA", CommandLayout.BINARY_KEY, null, null);
            conversation.get("c");
            conversation.get("d");
            conversation.flush();
            conversation.requireHeard("get a b\r\nmg AAAA b v O0000\r\nget c d\r\n");
            conversation.reply("END\r\nEN\r\nEND\r\n");
            assertThat(conversation.wire.inFlight()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VALUE x 0 1\r\n1\r\n",
                "VALUE b 0 1\r\n1\r\nVALUE a 0 1\r\n1\r\n",
                "VALUE a 0 1\r\n1\r\nVALUE a 0 1\r\n1\r\n",
                "VALUE c 0 1\r\n1\r\nVALUE c 0 1\r\n1\r\n",
                "VALUE A 0 1\r\n1\r\n",
                "VALUE bb 0 1\r\n1\r\n"
            })
    void aValueNobodyAskedForEndsTheConnection(String reply) {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "c");
            assertThatExceptionOfType(DesyncException.class)
                    .isThrownBy(() -> conversation.reply(reply))
                    .withMessageContaining("not asked for");
            conversation.lose(new DesyncException("test"));
            assertThat(slots).allMatch(Slot::isDone);
            assertThat(slots.stream().filter(slot -> slot.outcome() == Outcome.MISS))
                    .as("told only what came before")
                    .hasSize(reply.startsWith("VALUE b 0") ? 1 : reply.startsWith("VALUE c") ? 2 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EN", "VA 1 ka O0000\r\nx", "HD", "MN", "STORED", "VERSION 1", "7", "STAT a b"})
    void aReplyOfAnotherKindEndsTheConnection(String reply) {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            get(conversation, "a", "b");
            assertThatExceptionOfType(DesyncException.class)
                    .isThrownBy(() -> conversation.reply(reply + "\r\n"))
                    .withMessageContaining("cannot answer");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SERVER_ERROR out of memory writing get response",
                "SERVER_ERROR object too large for cache",
                "CLIENT_ERROR line",
                "ERROR"
            })
    void anErrorIsNobodysAndEverybodyMayAskAgain(String error) {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            Slot before = conversation.send(OpCode.GET, "z");
            List<Slot> slots = new ArrayList<>(get(conversation, "a", "b", "a"));
            slots.add(before);
            slots.add(conversation.send(OpCode.GAT, "y"));
            assertThatExceptionOfType(BatchException.class)
                    .isThrownBy(() -> conversation.reply(error + "\r\n"))
                    .withMessageContaining("multi-key get")
                    .satisfies(conversation::lose);
            slots.forEach(slot -> requireLost(slot, BatchException.class));
        }
    }

    @Test
    void anErrorAfterSomeValuesLeavesThoseToTheirCallers() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "c", "a");
            assertThatExceptionOfType(BatchException.class)
                    .isThrownBy(() -> conversation.reply("VALUE a 0 1\r\nx\r\nSERVER_ERROR out of memory\r\n"))
                    .satisfies(conversation::lose);
            requireHit(slots.get(0), "x");
            requireHit(slots.get(3), "x");
            requireLost(slots.get(1), BatchException.class);
            requireLost(slots.get(2), BatchException.class);
        }
    }

    @Test
    void anErrorOfAClassicBatchReachesEachOfItWithItsCause() {
        try (Conversation conversation = Conversation.with(OLD, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "a");
            assertThatExceptionOfType(DesyncException.class)
                    .isThrownBy(() -> conversation.reply("SERVER_ERROR out of memory\r\n"))
                    .satisfies(conversation::lose);
            for (Slot slot : slots) {
                requireOutcome(slot, Outcome.VIOLATION);
                assertThat(slot.cause()).isInstanceOf(DesyncException.class);
            }
        }
    }

    @Test
    void aValueThatIsTooLargeIsNobodysUntilEachHasAskedAlone() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "c");
            assertThatExceptionOfType(BatchException.class)
                    .isThrownBy(() -> conversation.reply("VALUE b 0 " + (2 << 20) + "\r\n"))
                    .withCauseInstanceOf(ProtocolException.class)
                    .satisfies(conversation::lose);
            slots.forEach(slot -> requireLost(slot, BatchException.class));
            assertThat(slots).noneMatch(slot -> slot.outcome() == Outcome.TOO_LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "VALUE", "VALUE a 0 4\r\n", "VALUE a 0 4\r\nab", "VALUE a 0 4\r\nabcd\r"})
    void theEndOfTheConnectionInTheMiddle(String reply) {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "a");
            conversation.reply(reply);
            conversation.lose(new EOFException());
            slots.forEach(slot -> requireLost(slot, EOFException.class));
        }
    }

    @Test
    void writesWaitForABatchThatIsOnItsWay() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b");
            conversation.requireHeard("get a b\r\n");
            Slot set = conversation.send(OpCode.SET, "s", 0, "v");
            Slot after = conversation.send(OpCode.GET, "c");
            conversation.requireHeard("");
            assertThat(conversation.wire.isBlocked()).isTrue();
            conversation.reply("VALUE b 0 1\r\nx\r\n");
            conversation.flush();
            conversation.requireHeard("");
            conversation.reply("END\r\n");
            conversation.flush();
            conversation.requireHeard("ms s 1 T60 O0000\r\nv\r\nmg c k v O0001\r\n");
            conversation.reply("HD O0000\r\nEN\r\n");
            requireHit(slots.get(1), "x");
            requireOutcome(set, Outcome.DONE);
            requireOutcome(after, Outcome.MISS);
        }
    }

    @Test
    void readsOfOtherKindsDoNotWait() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            get(conversation, "a", "b");
            Slot gat = conversation.send(OpCode.GAT, "c");
            Slot many = conversation.sendMany(OpCode.GET_MANY, "d", "e");
            conversation.requireHeard("get a b\r\nmg c k v T60 O0000\r\nmg d k v q\r\nmg e k v q\r\nmn\r\n");
            conversation.reply("END\r\nEN\r\nVA 1 ke\r\nx\r\nMN\r\n");
            requireOutcome(gat, Outcome.MISS);
            requireOutcome(many, Outcome.DONE);
        }
    }

    @Test
    void noBatchBesideWrites() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            Slot delete = conversation.send(OpCode.DELETE, "d");
            conversation.requireHeard("md d O0000\r\n");
            conversation.nowNs += QUIET_NS;
            get(conversation, "a", "b");
            conversation.requireHeard("mg a k v O0001\r\nmg b k v O0002\r\n");
            conversation.reply("HD O0000\r\nEN\r\nEN\r\n");
            requireOutcome(delete, Outcome.DONE);
            get(conversation, "a", "b");
            conversation.requireHeard("get a b\r\n");
        }
    }

    @Test
    void noBatchShortlyAfterAWrite() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            conversation.send(OpCode.INCREMENT, "n");
            conversation.reply("VA 1 O0000\r\n7\r\n");
            conversation.requireHeard("ma n D1 v O0000\r\n");
            get(conversation, "a", "b");
            conversation.requireHeard("mg a k v O0001\r\nmg b k v O0002\r\n");
            conversation.nowNs += QUIET_NS;
            get(conversation, "a", "b");
            conversation.requireHeard("get a b\r\n");
        }
    }

    @Test
    void classicWritesGoBesideClassicGetsAsEver() {
        try (Conversation conversation = Conversation.with(OLD, 32)) {
            Slot a = conversation.get("a");
            conversation.get("b");
            Slot set = conversation.publish(OpCode.SET, "s", 0, "v", null);
            conversation.get("c");
            conversation.get("d");
            conversation.flush();
            conversation.requireHeard("get a b\r\nset s 0 60 1\r\nv\r\nget c d\r\n");
            conversation.reply("VALUE a 0 0\r\n\r\nEND\r\nSTORED\r\nEND\r\n");
            requireHit(a, "");
            requireOutcome(set, Outcome.DONE);
        }
    }

    @Test
    void anEmptyValueMayBeThePlaceOfOneThatIsComputedSoItIsAskedAlone() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "a", "c", "b");
            conversation.requireHeard("get a b c\r\n");
            Conversation.abandon(slots.get(4));
            conversation.reply("VALUE a 0 0\r\n\r\nVALUE b 0 0\r\n\r\nVALUE c 0 1\r\nx\r\nEND\r\n");
            requireHit(slots.get(3), "x");
            assertThat(slots.stream().filter(Slot::isDone)).hasSize(1);
            conversation.flush();
            conversation.requireHeard("mg a k v O0000\r\nmg a k v O0001\r\nmg b k v O0002\r\n");
            conversation.reply("VA 0 ka O0000 W\r\n\r\nVA 0 ka O0001 Z\r\n\r\nVA 0 kb O0002\r\n\r\n");
            requireOutcome(slots.get(0), Outcome.MISS);
            requireOutcome(slots.get(2), Outcome.MISS);
            requireHit(slots.get(1), "");
        }
    }

    @Test
    void whatWasGivenUpBeforeIsNotSent() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            Slot a = conversation.get("a");
            Conversation.abandon(conversation.get("b"));
            Slot c = conversation.get("c");
            conversation.flush();
            conversation.requireHeard("get a c\r\n");
            conversation.reply("VALUE c 0 1\r\nx\r\nEND\r\n");
            requireOutcome(a, Outcome.MISS);
            requireHit(c, "x");
        }
    }

    @Test
    void whoGivesUpTakesNobodyAlong() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            List<Slot> slots = get(conversation, "a", "b", "a", "b", "c");
            Conversation.abandon(slots.get(0));
            Conversation.abandon(slots.get(3));
            Conversation.abandon(slots.get(4));
            conversation.reply("VALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nVALUE c 0 1\r\n3\r\nEND\r\n");
            requireHit(slots.get(2), "1");
            requireHit(slots.get(1), "2");
            assertThat(conversation.calls()).as("slots not given back").isEqualTo(2);
        }
    }

    @Test
    void allGaveUp() {
        try (Conversation conversation = Conversation.with(NEW, 32)) {
            get(conversation, "a", "a", "b").forEach(Conversation::abandon);
            conversation.reply("VALUE a 0 1\r\n1\r\nEND\r\n");
            assertThat(conversation.calls()).isZero();
            assertThat(conversation.wire.inFlight()).isZero();
        }
    }

    @Test
    void whatTakesThePlaceOfAnAnsweredGetIsNotAnsweredWithIt() {
        try (Conversation conversation = Conversation.with(NEW, 8)) {
            get(conversation, "a", "b", "a", "c", "a", "e");
            conversation.reply("VALUE a 0 1\r\n1\r\nVALUE c 0 1\r\n3\r\n");
            List<Slot> later = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                later.add(conversation.send(OpCode.GET, "later:" + i));
            }
            assertThat(conversation.wire.inFlight()).isEqualTo(63);
            conversation.reply("END\r\n");
            assertThat(later).noneMatch(Slot::isDone);
            conversation.reply("VA 1 klater:0 O0000\r\nx\r\n");
            requireHit(later.getFirst(), "x");
        }
    }

    @Test
    void manyBatchesOneAfterTheOtherFindTheirOwnKeys() {
        try (Conversation conversation = Conversation.with(NEW, 8)) {
            for (int round = 0; round < 300; round++) {
                String[] keys = new String[6];
                for (int i = 0; i < keys.length; i++) {
                    keys[i] = "k" + (round * 31 + i * i * 8) % 97;
                }
                List<Slot> slots = get(conversation, keys);
                conversation.reply("VALUE " + keys[0] + " 0 1\r\ny\r\nEND\r\n");
                for (int i = 0; i < keys.length; i++) {
                    requireOutcome(slots.get(i), keys[i].equals(keys[0]) ? Outcome.HIT : Outcome.MISS);
                }
                slots.forEach(conversation::giveBack);
            }
        }
    }
}
