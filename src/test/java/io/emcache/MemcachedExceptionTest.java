package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.MemcachedException.Timeout.Phase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class MemcachedExceptionTest {
    @Test
    void timeoutSaysWhatWhereAndHowLong() {
        MemcachedException.Timeout e = new MemcachedException.Timeout(
                "get timed out", "cache:11211", Phase.WRITTEN, Duration.ofNanos(1_000_123_456), 17, true);

        assertThat(e)
                .hasMessage("get timed out [node=cache:11211, phase=WRITTEN, elapsed=1000.123ms, queued=17,"
                        + " outcome=unknown]");
        assertThat(e.node()).isEqualTo("cache:11211");
        assertThat(e.phase()).isEqualTo(Phase.WRITTEN);
        assertThat(e.elapsed()).isEqualTo(Duration.ofNanos(1_000_123_456));
        assertThat(e.queueDepth()).isEqualTo(17);
        assertThat(e.outcomeUnknown()).isTrue();
    }

    @Test
    void messageLeavesOutWhatIsNotKnown() {
        assertThat(new MemcachedException.Overloaded("queue full", null)).hasMessage("queue full");
        assertThat(new MemcachedException.Overloaded("queue full", "cache:1")).hasMessage("queue full [node=cache:1]");
        assertThat(new MemcachedException.Closed("client closed", null, true))
                .hasMessage("client closed [outcome=unknown]");
        assertThat(new MemcachedException.ValueTooLarge("set refused", "cache:1", 2000, 1000))
                .hasMessage("set refused [node=cache:1, bytes=2000, limit=1000]");
        assertThat(new MemcachedException.ValueTooLarge("set refused by the server", "cache:1", 2000, -1))
                .hasMessage("set refused by the server [node=cache:1, bytes=2000]");
        assertThat(new MemcachedException.ValueTooLarge("no memory for the value", "cache:1", -1, -1))
                .hasMessage("no memory for the value [node=cache:1]");
        assertThat(new MemcachedException.ValueTooLarge("no memory for the value", null, -1, -1))
                .hasMessage("no memory for the value");
    }

    @Test
    void retryIsWorthwhileForWhatPasses() {
        Duration elapsed = Duration.ofSeconds(1);

        assertThat(new MemcachedException.Timeout("t", "n", Phase.QUEUED, elapsed, 1, false).isRetryable())
                .isTrue();
        assertThat(new MemcachedException.Overloaded("o", "n").isRetryable()).isTrue();
        assertThat(new MemcachedException.NodeUnavailable("u", "n", true, null).isRetryable())
                .isTrue();
        assertThat(new MemcachedException.ProtocolViolation("p", "n", true, null).isRetryable())
                .isTrue();
        assertThat(new MemcachedException.ServerError("s", "n", "SERVER_ERROR out of memory", false).isRetryable())
                .isTrue();
    }

    @Test
    void retryIsUselessForWhatStays() {
        assertThat(new MemcachedException.Closed("c", "n", false).isRetryable()).isFalse();
        assertThat(new MemcachedException.Interrupted("i", "n", false).isRetryable())
                .isFalse();
        assertThat(new MemcachedException.ServerError("s", "n", "CLIENT_ERROR bad", false).isRetryable())
                .isFalse();
        assertThat(new MemcachedException.ValueTooLarge("v", "n", 2, 1).isRetryable())
                .isFalse();
        assertThat(new MemcachedException.Authentication("a", "n", null).isRetryable())
                .isFalse();
        assertThat(new MemcachedException.Codec("c", "n", null).isRetryable()).isFalse();
        assertThat(new MemcachedException.InvalidKey("k").isRetryable()).isFalse();
        assertThat(new MemcachedException.NotANumber("n", "n").isRetryable()).isFalse();
        assertThat(new MemcachedException.Unsupported("u", "n").isRetryable()).isFalse();
    }

    @Test
    void causeIsKept() {
        IOException cause = new IOException("reset");

        assertThat(new MemcachedException.NodeUnavailable("connection lost", "n", true, cause))
                .hasCause(cause);
        assertThat(new MemcachedException.ProtocolViolation("bad reply", "n", false, cause))
                .hasCause(cause);
        assertThat(new MemcachedException.Authentication("refused", "n", cause)).hasCause(cause);
        assertThat(new MemcachedException.Codec("bad value", "n", cause)).hasCause(cause);
    }

    @Test
    void serversLineIsCutAndMadePrintable() {
        MemcachedException.ServerError e = new MemcachedException.ServerError(
                "set failed", "n", "SERVER_ERROR a\r\nb\u001b[31m\u2028" + "x".repeat(500), false);

        assertThat(e.line()).startsWith("SERVER_ERROR a??b?[31m?x").hasSize(256);
        assertThat(e.getMessage()).isEqualTo("set failed [node=n, server=" + e.line() + "]");
    }

    @Test
    void serversShortLineIsKept() {
        assertThat(new MemcachedException.ServerError("set failed", null, "SERVER_ERROR é", false).line())
                .isEqualTo("SERVER_ERROR é");
    }

    @Test
    void elapsedTimeReadsTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(new MemcachedException.Timeout(
                            "get timed out", null, Phase.QUEUED, Duration.ofMillis(5), 1, false))
                    .hasMessage("get timed out [phase=QUEUED, elapsed=5.000ms, queued=1]");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void familyIsClosedAndItsMembersAreFinal() {
        assertThat(MemcachedException.class.getPermittedSubclasses())
                .hasSize(13)
                .allSatisfy(type -> assertThat(type).isFinal().isPublic());
    }

    @Test
    void survivesSerialization() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new MemcachedException.Timeout(
                    "get timed out", "n", Phase.RECEIVING, Duration.ofMillis(5), 1, true));
        }

        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            MemcachedException.Timeout copy = (MemcachedException.Timeout) in.readObject();
            assertThat(copy.phase()).isEqualTo(Phase.RECEIVING);
            assertThat(copy.outcomeUnknown()).isTrue();
            assertThat(copy.node()).isEqualTo("n");
        }
    }
}
