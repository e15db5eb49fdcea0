package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.LatencySnapshot;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeLatencies;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is counted of a command, reply by reply, under a clock that the test moves. */
@NoLeaks
@Timeout(60)
class CommandFiguresTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    private static ConnectionPoolMetrics metrics(Conversation conversation) {
        return conversation.lane.telemetry().node().metrics(0, 0, 0);
    }

    private static NodeLatencies latencies(Conversation conversation) {
        return conversation.lane.telemetry().node().latencies();
    }

    private static void requireOne(LatencySnapshot latencies, long ns) {
        assertThat(latencies.count()).isEqualTo(1);
        assertThat(latencies.max()).isBetween(Duration.ofNanos(ns), Duration.ofNanos(ns + ns / 100));
    }

    /** Begins as a call does: it says when it began, then its command is published. */
    private static Slot send(Conversation conversation, int op, @Nullable String value, long beganNs) {
        Slot slot = conversation.publish(op, "k", 0, value, null);
        slot.beganAt(beganNs);
        conversation.flush();
        return slot;
    }

    @Test
    void latencyIsFromTheBeginningOfTheCallToItsReply() {
        try (Conversation conversation = Conversation.meta()) {
            conversation.nowNs = 10 * MS;
            Slot slot = conversation.publish(OpCode.GET, "k", 0, null, null);
            slot.beganAt(conversation.nowNs);
            conversation.nowNs += 3 * MS;
            conversation.flush();
            conversation.nowNs += 4 * MS;
            conversation.reply("EN kk O0000\r\n");
            assertThat(slot.isDone()).isTrue();
            requireOne(latencies(conversation).read(), 7 * MS);
        }
    }

    @Test
    void commandWithoutABeginningCountsFromItsEncoding() {
        try (Conversation conversation = Conversation.meta()) {
            conversation.nowNs = 10 * MS;
            conversation.send(OpCode.GET, "k");
            conversation.nowNs += 2 * MS;
            conversation.reply("EN kk O0000\r\n");
            requireOne(latencies(conversation).read(), 2 * MS);
        }
    }

    static Stream<Arguments> kinds() {
        return Stream.of(
                arguments(OpCode.GET, "EN", "read"),
                arguments(OpCode.GET_ITEM, "EN", "read"),
                arguments(OpCode.LEASE, "EN", "read"),
                arguments(OpCode.GAT, "EN", "write"),
                arguments(OpCode.GAT_ITEM, "EN", "write"),
                arguments(OpCode.TOUCH, "EN", "write"),
                arguments(OpCode.SET, "HD O0000", "write"),
                arguments(OpCode.ADD, "HD O0000", "write"),
                arguments(OpCode.REPLACE, "HD O0000", "write"),
                arguments(OpCode.APPEND, "HD O0000", "write"),
                arguments(OpCode.PREPEND, "HD O0000", "write"),
                arguments(OpCode.CAS, "HD O0000", "write"),
                arguments(OpCode.DELETE, "HD O0000", "write"),
                arguments(OpCode.INVALIDATE, "HD O0000", "write"),
                arguments(OpCode.INCREMENT, "NF O0000", "write"),
                arguments(OpCode.DECREMENT, "NF O0000", "write"),
                arguments(OpCode.META_DEBUG, "EN", "other"),
                arguments(OpCode.NOOP, "MN", "other"),
                arguments(OpCode.VERSION, "VERSION 1.6.38", "other"),
                arguments(OpCode.FLUSH_ALL, "OK", "other"));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyCommandIsOfOneKind(int op, String reply, String kind) {
        try (Conversation conversation = Conversation.meta()) {
            send(conversation, op, OpCode.carriesData(op) ? "v" : null, 0);
            conversation.nowNs += MS;
            conversation.reply(reply + "\r\n");
            NodeLatencies latencies = latencies(conversation);
            assertThat(latencies.read().count()).isEqualTo("read".equals(kind) ? 1 : 0);
            assertThat(latencies.write().count()).isEqualTo("write".equals(kind) ? 1 : 0);
            assertThat(latencies.other().count()).isEqualTo("other".equals(kind) ? 1 : 0);
            assertThat(metrics(conversation).operationsExecuted()).isEqualTo(1);
        }
    }

    @Test
    void readOfManyKeysIsOneCommand() {
        try (Conversation conversation = Conversation.meta()) {
            conversation.sendMany(OpCode.GET_MANY, "a", "b", "c");
            conversation.nowNs += MS;
            conversation.reply("VA 1 kb\r\nx\r\nMN\r\n");
            assertThat(latencies(conversation).read().count()).isEqualTo(1);
            assertThat(metrics(conversation).operationsExecuted()).isEqualTo(1);
        }
    }

    @Test
    void commandWithoutAReplyIsAnsweredByItsFence() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.publish(OpCode.SET, "k", CommandLayout.NO_REPLY, "v", null);
            conversation.flush();
            assertThat(slot.isPending()).isTrue();
            conversation.nowNs += MS;
            conversation.reply("MN\r\n");
            assertThat(metrics(conversation).operationsExecuted()).isEqualTo(1);
            assertThat(latencies(conversation).write().count()).isEqualTo(1);
        }
    }

    @Test
    void errorOfTheServerIsAnErrorThatWasAnswered() {
        try (Conversation conversation = Conversation.meta()) {
            send(conversation, OpCode.SET, "v", 0);
            conversation.reply("SERVER_ERROR object too large for cache\r\n");
            assertThat(metrics(conversation).operationsExecuted()).isZero();
            assertThat(metrics(conversation).operationsExecutedWithError()).isEqualTo(1);
            assertThat(latencies(conversation).write().count()).isEqualTo(1);
        }
    }

    @Test
    void commandOfALostConnectionIsAnErrorWithoutALatency() {
        try (Conversation conversation = Conversation.meta()) {
            send(conversation, OpCode.GET, null, 0);
            conversation.lose(new IOException("reset"));
            assertThat(metrics(conversation).operationsExecuted()).isZero();
            assertThat(metrics(conversation).operationsExecutedWithError()).isEqualTo(1);
            assertThat(latencies(conversation).read().count()).isZero();
        }
    }

    @Test
    void connectionThatIsGivenUpBecauseOfADeadlineIsATimeOut() {
        try (Conversation conversation = Conversation.meta()) {
            send(conversation, OpCode.GET, null, 0);
            conversation.nowNs += TimeUnit.SECONDS.toNanos(2);
            conversation.lose(new StallException());
            assertThat(metrics(conversation).timeouts()).containsEntry(Phase.WRITTEN, 1L);
            assertThat(metrics(conversation).operationsExecutedWithError()).isEqualTo(1);
        }
    }

    /** It was counted when it was given up; how long the server took is known nevertheless. */
    @Test
    void answerThatIsTooLateCountsForTheLatencyOnly() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = send(conversation, OpCode.GET, null, 0);
            Conversation.abandon(slot);
            conversation.nowNs += 1_500 * MS;
            conversation.reply("EN kk O0000\r\n");
            assertThat(metrics(conversation).operationsExecuted()).isZero();
            assertThat(metrics(conversation).operationsExecutedWithError()).isZero();
            requireOne(latencies(conversation).read(), 1_500 * MS);
        }
    }

    @Test
    void bytesAreThoseOfTheSocket() {
        try (Conversation conversation = Conversation.meta()) {
            ConnectionPoolMetrics before = metrics(conversation);
            assertThat(before.bytesIn()).isEqualTo("VERSION 1.6.38\r\n".length());
            send(conversation, OpCode.GET, null, 0);
            conversation.reply("VA 3 kk O0000\r\nabc\r\n");
            ConnectionPoolMetrics after = metrics(conversation);
            assertThat(after.bytesIn() - before.bytesIn()).isEqualTo("VA 3 kk O0000\r\nabc\r\n".length());
            assertThat(after.bytesOut() - before.bytesOut()).isEqualTo("mg k k v O0000\r\n".length());
        }
    }

    @Test
    void commandThatFindsNoConnectionWaits() {
        try (Conversation conversation = Conversation.meta()) {
            Slot slot = conversation.send(OpCode.GET, "k"); // the lane has a wire of its own, which is not connected
            assertThat(slot.isPending()).isTrue();
            assertThat(metrics(conversation).operationsWaited()).isEqualTo(1);
        }
    }
}
