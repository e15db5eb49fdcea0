package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which errors are told to their command, and which end the connection. */
@NoLeaks
@Timeout(60)
class ErrorRulesTest {
    private static final String NOT_NUMERIC = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
    private static final String BAD_DELTA = "CLIENT_ERROR invalid numeric delta argument\r\n";
    private static final String TOO_LARGE = "SERVER_ERROR object too large for cache\r\n";
    private static final String NO_MEMORY = "SERVER_ERROR out of memory storing object\r\n";

    private static void requireDesync(Conversation conversation, String reply) {
        assertThatExceptionOfType(DesyncException.class).isThrownBy(() -> conversation.reply(reply));
    }

    /** Commands without a data block keep their place in the stream whatever they are told. */
    @ParameterizedTest
    @CsvSource({
        "1.6.38, 1", "1.6.38, 7", "1.6.38, 10", "1.6.38, 16", "1.6.38, 3", "1.6.38, 17", "1.6.38, 19", "1.6.38, 28",
        "1.6.38, 23", "1.6.38, 25", "1.5.22, 3", "1.5.22, 16", "1.5.22, 17", "1.5.22, 18", "1.5.22, 25", "1.5.22, 26",
        "1.5.22, 27", "1.5.22, 23"
    })
    void errorWithoutDataBlockIsTold(String version, int op) {
        for (String line : new String[] {"ERROR", "CLIENT_ERROR bad command line format", "SERVER_ERROR busy"}) {
            try (Conversation conversation = Conversation.with(version)) {
                Slot slot = conversation.send(op, "k");
                Slot next = conversation.send(OpCode.VERSION, "");
                conversation.reply(line + "\r\n");
                assertThat(slot.outcome())
                        .isEqualTo(line.startsWith("S") ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR);
                assertThat(slot.text()).isEqualTo(line);
                conversation.reply("VERSION x\r\n");
                assertThat(next.outcome()).isEqualTo(Outcome.DONE);
            }
        }
    }

    /** C13, C18: after a storage command the place of its data block is in doubt. */
    @ParameterizedTest
    @ValueSource(ints = {OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.APPEND, OpCode.PREPEND, OpCode.CAS})
    void clientErrorOfAStorageCommandEndsTheConnection(int op) {
        for (String version : new String[] {"1.6.38", "1.5.22"}) {
            for (String line : new String[] {"ERROR\r\n", "CLIENT_ERROR invalid flag\r\n"}) {
                try (Conversation conversation = Conversation.with(version)) {
                    conversation.send(op, "k", 0, "v");
                    requireDesync(conversation, line);
                }
            }
            try (Conversation conversation = Conversation.with(version)) {
                Slot slot = conversation.send(op, "k", 0, "v");
                conversation.reply("SERVER_ERROR anything\r\n");
                assertThat(slot.outcome()).isEqualTo(Outcome.SERVER_ERROR);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.6.38", "1.5.22"})
    void errorForASignOfLifeEndsTheConnection(String version) {
        try (Conversation conversation = Conversation.with(version)) {
            conversation.send(OpCode.NOOP, "");
            requireDesync(conversation, "SERVER_ERROR busy\r\n");
        }
    }

    /** C0: a classic read that fails may have taken earlier replies with it. */
    @ParameterizedTest
    @ValueSource(ints = {OpCode.GET, OpCode.GET_ITEM, OpCode.GAT, OpCode.GAT_ITEM})
    void errorWhileAClassicReadIsInFlightEndsTheConnection(int read) {
        for (String line : new String[] {"ERROR\r\n", "CLIENT_ERROR x\r\n", "SERVER_ERROR out of memory writing\r\n"}) {
            try (Conversation conversation = Conversation.classic()) {
                conversation.send(read, "k");
                requireDesync(conversation, line);
            }
            try (Conversation conversation = Conversation.classic()) {
                conversation.send(OpCode.DELETE, "k");
                conversation.send(read, "k");
                requireDesync(conversation, line);
            }
        }
    }

    @Test
    void errorAfterTheClassicReadsIsTold() {
        try (Conversation conversation = Conversation.classic()) {
            conversation.send(OpCode.GET, "k");
            conversation.sendMany(OpCode.GET_MANY, "a", "b");
            Slot delete = conversation.send(OpCode.DELETE, "k");
            conversation.reply("END\r\nEND\r\nCLIENT_ERROR x\r\n");
            assertThat(delete.outcome()).isEqualTo(Outcome.CLIENT_ERROR);
        }
    }

    @Test
    void textThatOnlyTheOldestCommandIsToldIsTakenBeforeAClassicRead() {
        Function<Conversation, Slot> counter = c -> c.send(OpCode.INCREMENT, "k");
        Function<Conversation, Slot> storage = c -> c.send(OpCode.SET, "k", 0, "v");
        requireBeforeClassicRead(counter, NOT_NUMERIC, true);
        requireBeforeClassicRead(counter, BAD_DELTA, true);
        requireBeforeClassicRead(counter, TOO_LARGE, false);
        requireBeforeClassicRead(counter, "CLIENT_ERROR bad command line format\r\n", false);
        requireBeforeClassicRead(storage, TOO_LARGE, true);
        requireBeforeClassicRead(storage, NO_MEMORY, true);
        requireBeforeClassicRead(storage, NOT_NUMERIC, false);
        requireBeforeClassicRead(storage, "SERVER_ERROR out of memory\r\n", false);
        requireBeforeClassicRead(c -> c.send(OpCode.DELETE, "k"), NOT_NUMERIC, false);
        requireBeforeClassicRead(c -> c.send(OpCode.GET, "k"), NOT_NUMERIC, false);
    }

    private static void requireBeforeClassicRead(Function<Conversation, Slot> head, String line, boolean told) {
        try (Conversation conversation = Conversation.classic()) {
            Slot slot = head.apply(conversation);
            Slot read = conversation.send(OpCode.GET, "k");
            if (!told) {
                requireDesync(conversation, line);
                return;
            }
            conversation.reply(line + "END\r\n");
            assertThat(slot.text()).isEqualTo(line.strip());
            assertThat(read.outcome()).isEqualTo(Outcome.MISS);
        }
    }

    /** C10. */
    @Test
    void anotherKeyEndsTheConnection() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.GET, "k");
            requireDesync(conversation, "VA 1 kj O0000\r\nx\r\n");
            assertThat(slot.isPending()).isTrue();
        }
        try (Conversation conversation = Conversation.meta()) {
            conversation.sendMany(OpCode.GET_MANY, "a", "b");
            requireDesync(conversation, "VA 1 kb\r\nx\r\nVA 1 ka\r\nx\r\n");
        }
        try (Conversation conversation = Conversation.classic()) {
            conversation.send(OpCode.GET, "k");
            requireDesync(conversation, "VALUE j 0 1\r\nx\r\nEND\r\n");
        }
        try (Conversation conversation = Conversation.classic()) {
            conversation.send(OpCode.GET, "k");
            requireDesync(conversation, "VALUE k 0 1\r\nx\r\nVALUE k 0 1\r\nx\r\nEND\r\n");
        }
    }

    /** C11. */
    @ParameterizedTest
    @CsvSource({
        "1, VA 1 kk O0001",
        "1, VA 1 kk",
        "1, EN kk O0001",
        "3, HD O0001",
        "3, HD",
        "3, NF O0007",
        "17, VA 1",
        "16, HD kk"
    })
    void anotherOpaqueEndsTheConnection(int op, String header) {
        try (Conversation conversation = Conversation.meta()) {
            conversation.send(op, "k");
            requireDesync(conversation, header + "\r\n1\r\n");
        }
    }

    /** C25. */
    @Test
    void missWithoutOpaqueBelongsToTheOldest() {
        try (Conversation conversation = Conversation.meta()) {
            Slot first = conversation.send(OpCode.GET, "k");
            Slot touch = conversation.send(OpCode.TOUCH, "k");
            Slot last = conversation.send(OpCode.GET, "k");
            conversation.reply("EN\r\nEN\r\nVA 1 kk O0002\r\nx\r\n");
            assertThat(first.outcome()).isEqualTo(Outcome.MISS);
            assertThat(touch.outcome()).isEqualTo(Outcome.NOT_FOUND);
            assertThat(last.outcome()).isEqualTo(Outcome.HIT);
        }
    }

    /** C28. */
    @Test
    void errorInsideABlockFailsTheBlockAndKeepsWhatCame() {
        try (Conversation conversation = Conversation.meta()) {
            Slot block = conversation.sendMany(OpCode.GET_MANY, "a", "b", "c");
            Slot next = conversation.send(OpCode.GET, "k");
            conversation.reply(
                    "VA 1 ka\r\nx\r\nSERVER_ERROR out of memory writing get response\r\nERROR\r\nVA 1 kc\r\nz\r\n");
            assertThat(block.isPending()).isTrue();
            conversation.reply("MN\r\nEN kk O0001\r\n");
            assertThat(block.outcome()).isEqualTo(Outcome.SERVER_ERROR);
            assertThat(block.text()).isEqualTo("SERVER_ERROR out of memory writing get response");
            Batch batch = Objects.requireNonNull(block.batch);
            assertThat(batch.value(0)).isNotNull();
            assertThat(batch.value(1)).isNull();
            assertThat(batch.value(2)).isNotNull();
            assertThat(next.outcome()).isEqualTo(Outcome.MISS);
        }
    }

    @Test
    void replyThatNobodyAskedForEndsTheConnection() {
        try (Conversation conversation = Conversation.meta()) {
            requireDesync(conversation, "ERROR Too many open connections\r\n");
        }
    }
}
