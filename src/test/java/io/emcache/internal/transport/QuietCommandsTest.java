package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.io.EOFException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands without a reply: what comes before their fence, what becomes of them, and who is told. */
@NoLeaks
@Timeout(60)
class QuietCommandsTest {
    private static Slot quiet(Conversation conversation, int op) {
        return conversation.send(op, "k", CommandLayout.NO_REPLY, OpCode.carriesData(op) ? "v" : null);
    }

    private static void requireFree(Conversation conversation, int failures) {
        assertThat(conversation.calls()).isZero();
        assertThat(conversation.wire.inFlight()).isZero();
        assertThat(conversation.counters.noReplyFailures.sum()).isEqualTo(failures);
        assertThat(conversation.unheard).hasSize(failures);
    }

    /** C17: what quiet commands are told all the same is no failure. */
    @ParameterizedTest
    @CsvSource({
        "2, ''", "2, NS O0000", "11, NS O0000", "15, EX O0000", "15, NF O0000", "2, HD O0000", "3, NF O0000",
        "3, EX O0000", "19, NF O0000", "16, HD kk O0000", "16, ''", "17, NF O0000", "17, NS O0000", "18, HD O0000"
    })
    void onlyTheFenceEndsIt(int op, String before) {
        try (Conversation conversation = Conversation.meta()) {
            quiet(conversation, op);
            Slot next = conversation.send(OpCode.GET, "k");
            if (!before.isEmpty()) {
                conversation.reply(before + "\r\n");
            }
            assertThat(conversation.wire.inFlight()).isEqualTo(2);
            conversation.reply("MN\r\n");
            assertThat(conversation.wire.inFlight()).isEqualTo(1);
            assertThat(conversation.calls()).isEqualTo(1);
            conversation.reply("EN kk O0001\r\n");
            assertThat(next.outcome()).isEqualTo(Outcome.MISS);
            conversation.lane.release(next);
            requireFree(conversation, 0);
        }
    }

    /** C16. */
    @Test
    void errorBeforeTheFenceIsCountedAndTold() {
        try (Conversation conversation = Conversation.meta()) {
            quiet(conversation, OpCode.SET);
            conversation.reply("SERVER_ERROR object too large for cache\r\n");
            assertThat(conversation.unheard).isEmpty();
            conversation.reply("MN\r\n");
            assertThat(conversation.unheard)
                    .containsExactly("2 " + Outcome.SERVER_ERROR + " SERVER_ERROR object too large for cache");
            quiet(conversation, OpCode.INCREMENT);
            conversation.reply("CLIENT_ERROR cannot increment or decrement non-numeric value\r\nMN\r\n");
            requireFree(conversation, 2);
            quiet(conversation, OpCode.SET);
            conversation.reply("MN\r\n");
            requireFree(conversation, 2);
        }
    }

    /** C15, C18. */
    @ParameterizedTest
    @ValueSource(strings = {"1.6.38", "1.5.22"})
    void clientErrorOfAQuietStorageCommandEndsTheConnection(String version) {
        try (Conversation conversation = Conversation.with(version)) {
            quiet(conversation, OpCode.SET);
            DesyncException[] thrown = new DesyncException[1];
            assertThatExceptionOfType(DesyncException.class)
                    .isThrownBy(() -> conversation.reply("CLIENT_ERROR bad data chunk\r\n"))
                    .satisfies(e -> thrown[0] = e);
            conversation.lose(thrown[0]);
            assertThat(conversation.unheard).containsExactly("2 " + Outcome.VIOLATION + " null");
            requireFree(conversation, 1);
        }
    }

    @Test
    void classicFenceIsAVersion() {
        try (Conversation conversation = Conversation.classic()) {
            quiet(conversation, OpCode.SET);
            quiet(conversation, OpCode.DELETE);
            conversation.reply("VERSION 1.5.22\r\n");
            assertThat(conversation.wire.inFlight()).isEqualTo(1);
            conversation.reply("CLIENT_ERROR bad command line format\r\nVERSION 1.5.22\r\n");
            requireFree(conversation, 1);
            quiet(conversation, OpCode.SET);
            assertThatExceptionOfType(DesyncException.class).isThrownBy(() -> conversation.reply("STORED\r\n"));
        }
    }

    @ParameterizedTest
    @CsvSource({"2, VA 1 O0000", "17, VA 1 O0000", "17, EN", "3, HD O0001", "16, HD kj O0000"})
    void foreignReplyBeforeTheFenceEndsTheConnection(int op, String reply) {
        try (Conversation conversation = Conversation.meta()) {
            quiet(conversation, op);
            assertThatExceptionOfType(DesyncException.class).isThrownBy(() -> conversation.reply(reply + "\r\n1\r\n"));
        }
    }

    @Test
    void lostConnectionIsToldOnceForEach() {
        try (Conversation conversation = Conversation.meta()) {
            quiet(conversation, OpCode.SET);
            quiet(conversation, OpCode.DELETE);
            conversation.lose(new EOFException("cut"));
            requireFree(conversation, 2);
            conversation.connect("1.6.38");
            requireFree(conversation, 2);
        }
    }

    @Test
    void commandThatTheServerDoesNotKnowIsNotSent() {
        try (Conversation conversation = Conversation.with("1.6.18")) {
            conversation.send(OpCode.APPEND, "k", CommandLayout.NO_REPLY | CommandLayout.CREATE, "v");
            requireFree(conversation, 1);
            assertThat(conversation.unheard).first().asString().startsWith("13 " + Outcome.UNSUPPORTED + " this needs");
            Slot heard = conversation.send(OpCode.INVALIDATE, "k", CommandLayout.DROP_VALUE, null);
            assertThat(heard.outcome()).isEqualTo(Outcome.UNSUPPORTED);
            assertThat(heard.text()).startsWith("this needs a newer server");
            assertThat(conversation.wire.hasUnsent()).isFalse();
        }
    }

    @Test
    void lateCommandIsNotSent() {
        try (Conversation conversation = Conversation.meta()) {
            conversation.publish(OpCode.SET, "k", CommandLayout.NO_REPLY, "v", null);
            conversation.nowNs += TimeUnit.SECONDS.toNanos(1);
            conversation.flush();
            assertThat(conversation.unheard).containsExactly("2 " + Outcome.TIMEOUT + " null");
            requireFree(conversation, 1);
        }
    }

    /** Encoded, not a byte written, and kept for the next connection. */
    @Test
    void keptCommandThatIsLateIsNotSent() {
        try (Conversation conversation = Conversation.meta()) {
            keep(conversation, OpCode.SET, "v");
            conversation.nowNs += TimeUnit.SECONDS.toNanos(1);
            conversation.connect("1.6.38");
            requireFree(conversation, 1);
            assertThat(conversation.wire.hasUnsent()).isFalse();
        }
    }

    @Test
    void keptCommandIsSentByTheNextConnection() {
        try (Conversation conversation = Conversation.meta()) {
            keep(conversation, OpCode.SET, "v");
            conversation.connect("1.6.38");
            conversation.flush();
            conversation.reply("MN\r\n");
            requireFree(conversation, 0);
        }
    }

    @Test
    void keptCommandIsNotSentToAServerThatKnowsLess() {
        try (Conversation conversation = Conversation.meta()) {
            keep(conversation, OpCode.INVALIDATE, null);
            conversation.connect("1.6.18");
            assertThat(conversation.wire.hasUnsent()).isFalse();
            assertThat(conversation.unheard).containsExactly("19 " + Outcome.UNSENT + " null");
            requireFree(conversation, 1);
        }
    }

    private static void keep(Conversation conversation, int op, @Nullable String value) {
        int options = CommandLayout.NO_REPLY | (op == OpCode.INVALIDATE ? CommandLayout.DROP_VALUE : 0);
        conversation.publish(op, "k", options, value, null);
        assertThat(conversation.wire.drain(conversation.nowNs)).isEqualTo(1);
        conversation.lose(new EOFException("cut"));
        assertThat(conversation.calls()).isEqualTo(1);
    }
}
