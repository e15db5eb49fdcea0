package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.internal.protocol.Messages.Draft;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.WithMemcached;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** Every command of the table, sent to a real server: its replies are accepted, the last one ends it, none is an error. */
@WithMemcached
class ServerAnswersTest {
    private static final int GUARD_MS = 10_000;
    private static final String FRESH = "flush_all\r\nms k 1\r\n5\r\nms YWJj 1 b\r\n5\r\nmn\r\n";

    private final MemcachedServer server;

    ServerAnswersTest(MemcachedServer server) {
        this.server = server;
    }

    @Test
    void metaCommandsAreAnswered() throws IOException {
        Capabilities capabilities = capabilities(false);
        Stream<MemorySegment> many = Stream.of(
                        OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY)
                .map(op -> Messages.many(op, 60, "k", "none", "b:YWJj"));
        int asked = askAll(capabilities, Stream.concat(messages(CommandTableTest.metaCommands()), many));
        assertThat(asked).isGreaterThan(45);
    }

    @Test
    void classicCommandsAreAnswered() throws IOException {
        Stream<MemorySegment> many = Stream.of(
                        OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY)
                .map(op -> Messages.many(op, 60, "k", "none", "abc"));
        int asked = askAll(capabilities(true), Stream.concat(messages(CommandTableTest.classicCommands()), many));
        assertThat(asked).isEqualTo(30);
    }

    @Test
    void adminCommandsAreAnswered() throws IOException {
        assertThat(askAll(capabilities(false), messages(CommandTableTest.adminCommands())))
                .isEqualTo(8);
    }

    private static Stream<MemorySegment> messages(Stream<Arguments> rows) {
        return rows.map(row -> ((Draft) row.get()[1]).build());
    }

    private Capabilities capabilities(boolean forceClassic) throws IOException {
        List<String> events =
                new Asking(MetaEncoder.INSTANCE, OpCode.VERSION).converse("version\r\n".getBytes(ISO_8859_1));
        String text = events.getLast().substring("VERSION ".length());
        return Capabilities.of(ServerVersion.parse(text), forceClassic);
    }

    private int askAll(Capabilities capabilities, Stream<MemorySegment> messages) throws IOException {
        int asked = 0;
        for (MemorySegment message : messages.toList()) {
            if (capabilities.knows(message, Messages.OFFSET)) {
                ask(capabilities.dialect().encoder(), message);
                asked++;
            }
        }
        return asked;
    }

    private void ask(CommandEncoder encoder, MemorySegment message) throws IOException {
        new Asking(MetaEncoder.INSTANCE, OpCode.GET_MANY, true).converse(FRESH.getBytes(ISO_8859_1));
        byte[] command = Messages.encode(encoder, message, 0xc0de);
        String text = new String(command, ISO_8859_1);
        if (CommandLayout.isValueExternal(message, Messages.OFFSET)) {
            text += "x".repeat(CommandLayout.valueLength(message, Messages.OFFSET)) + "\r\n";
        }
        int wireOp = CommandEncoder.wireOp(message, Messages.OFFSET);
        List<String> events = new Asking(encoder, wireOp).converse(text.getBytes(ISO_8859_1));
        assertThat(events).as(text).noneMatch(event -> event.contains("ERROR"));
    }

    /** One command and the replies to it, up to the one that ends it. */
    private final class Asking implements ReplyHandler {
        private final CommandEncoder encoder;
        private final int wireOp;
        private final boolean anything;
        private final List<String> events = new ArrayList<>();
        private boolean ended;
        private boolean endsWithValue;

        Asking(CommandEncoder encoder, int wireOp) {
            this(encoder, wireOp, false);
        }

        Asking(CommandEncoder encoder, int wireOp, boolean anything) {
            this.encoder = encoder;
            this.wireOp = wireOp;
            this.anything = anything;
        }

        List<String> converse(byte[] request) throws IOException {
            ReplyParser parser = new ReplyParser(ReplyRecorder.LARGEST_VALUE, ReplyRecorder.LONGEST_LINE);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout(GUARD_MS);
                socket.getOutputStream().write(request);
                byte[] buffer = new byte[16_384];
                int filled = 0;
                while (!ended) {
                    int read = socket.getInputStream().read(buffer, filled, buffer.length - filled);
                    assertThat(read).as("after %s", events).isPositive();
                    filled += read;
                    int consumed = (int) parser.parse(MemorySegment.ofArray(buffer), 0, filled, this);
                    System.arraycopy(buffer, consumed, buffer, 0, filled - consumed);
                    filled -= consumed;
                }
                assertThat(filled).isZero();
            }
            return events;
        }

        private boolean take(ReplyLine line) {
            assertThat(ended).as("a reply after the last").isFalse();
            events.add(line.whole());
            assertThat(anything || encoder.accepts(wireOp, line.kind()))
                    .as(line.whole())
                    .isTrue();
            return encoder.ends(wireOp, line.kind());
        }

        @Override
        public void onLine(ReplyLine line) {
            ended = take(line);
        }

        @Override
        public void onValue(ReplyLine line) {
            endsWithValue = take(line);
        }

        @Override
        public void onValueBytes(MemorySegment in, long offset, int length) {}

        @Override
        public void onValueEnd() {
            ended = endsWithValue;
        }
    }
}
