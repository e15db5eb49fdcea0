package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the encoders write, sent to a memcached, and what it answers, parsed. */
class RealServerProtocolTest {
    private static final int GUARD_MS = 10_000;

    private static Process server;
    private static int port;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        String binary = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> new File(directory, "memcached"))
                .filter(File::canExecute)
                .findFirst()
                .map(File::getPath)
                .orElseThrow(() -> new AssertionError("no memcached on the PATH: run scripts/setup"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(binary, "-l", "127.0.0.1", "-p", Integer.toString(port)));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody"));
        }
        server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        awaitListening();
    }

    private static void awaitListening() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GUARD_MS);
        while (true) {
            try (Socket socket = connect()) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (ConnectException e) {
                if (System.nanoTime() > deadlineNs || !server.isAlive()) {
                    throw e;
                }
                Thread.sleep(10);
            }
        }
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        server.destroy();
        assertThat(server.waitFor(GUARD_MS, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Test
    void metaConversation() throws IOException {
        CommandEncoder meta = Dialect.META.encoder();
        assertThat(converse(
                        "MN",
                        Messages.encode(meta, Messages.command(OpCode.DELETE, "m:1"), 1),
                        Messages.encode(meta, Messages.command(OpCode.GET, "m:1"), 2),
                        Messages.encode(meta, Messages.set("m:1", ascii("END\r\nVALUE k 0 3\r\n"), 0, 0), 3),
                        Messages.encode(meta, Messages.command(OpCode.GET, "m:1"), 0xffff),
                        Messages.encode(meta, Messages.set("m:2", ascii(""), -1, 300), 4),
                        ascii("mg m:2 v f t s c k O0005\r\n"),
                        Messages.encode(meta, Messages.set("m:3", ascii("gone"), 0, -1), 6),
                        Messages.encode(meta, Messages.command(OpCode.GET, "m:3"), CommandEncoder.NO_OPAQUE),
                        Messages.encode(meta, Messages.command(OpCode.DELETE, "m:1"), 7),
                        Messages.encode(meta, Messages.command(OpCode.NOOP, ""), 8)))
                .satisfies(events -> assertThat(events.get(5)).matches(".* cas=[0-9]+ ttl=(300|299) size=0 <0:>"))
                .map(event -> event.replaceAll(" cas=.*", ""))
                .containsExactly(
                        "NF opaque=1",
                        "EN key=m:1 opaque=2",
                        "HD opaque=3",
                        "VA length=18 key=m:1 opaque=65535 <18:END\r\nVALUE k 0 3\r\n>",
                        "HD opaque=4",
                        "VA length=0 key=m:2 opaque=5 flags=4294967295",
                        "HD opaque=6",
                        "EN key=m:3",
                        "HD opaque=7",
                        "MN");
    }

    @Test
    void classicConversation() throws IOException {
        CommandEncoder classic = Dialect.CLASSIC.encoder();
        assertThat(converse(
                        "VERSION",
                        Messages.encode(classic, Messages.command(OpCode.DELETE, "c:1"), 1),
                        Messages.encode(classic, Messages.command(OpCode.GET, "c:1"), 1),
                        Messages.encode(classic, Messages.set("c:1", ascii("\r\nEND\r\n"), 7, 0), 1),
                        Messages.encode(classic, Messages.set("c:2", ascii(""), -1, 300), 1),
                        Messages.encode(classic, Messages.set("c:3", ascii("gone"), 0, -1), 1),
                        Messages.encode(classic, Messages.command(OpCode.GET, "c:1"), 1),
                        Messages.encode(classic, Messages.getMany("c:1", "c:2", "c:3", "c:4"), 1),
                        Messages.encode(classic, Messages.command(OpCode.DELETE, "c:1"), 1),
                        Messages.encode(classic, Messages.command(OpCode.NOOP, ""), 1)))
                .last()
                .asString()
                .startsWith("VERSION '");
    }

    @Test
    void getManyOnAMetaConnection() throws IOException {
        CommandEncoder meta = Dialect.META.encoder();
        assertThat(converse(
                        "MN",
                        Messages.encode(meta, Messages.set("g:1", ascii("one"), 0, 0), 1),
                        Messages.encode(meta, Messages.set("g:3", ascii("three"), 3, 0), 2),
                        Messages.encodeMultiKeyGet(Messages.getMany("g:1", "g:2", "g:3")),
                        Messages.encode(meta, Messages.getMany("g:1", "g:2", "g:3"), 3)))
                .containsExactly(
                        "HD opaque=1",
                        "HD opaque=2",
                        "VALUE length=3 key=g:1 <3:one>",
                        "VALUE length=5 key=g:3 flags=3 <5:three>",
                        "END",
                        "VA length=3 key=g:1 <3:one>",
                        "VA length=5 key=g:3 <5:three>",
                        "MN");
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void versionTellsTheDialect(Dialect dialect) throws IOException {
        byte[] command = Messages.encode(dialect.encoder(), Messages.command(OpCode.VERSION, ""), 1);
        String version = converse("VERSION", command).getFirst();
        assertThat(ServerVersion.parse(version.substring("VERSION '".length())).dialect())
                .isEqualTo(Dialect.META);
    }

    @Test
    void repliesThatNoCommandOfOursAsksForYet() throws IOException {
        assertThat(converse(
                        "MN",
                        ascii("ms n 2 O0001\r\n10\r\nincr n 5\r\ndecr n 10\r\nma n v t O0002\r\nincr zz 1\r\n"),
                        ascii("touch n 60\r\ntouch zz 60\r\nadd n 0 0 1\r\nx\r\ncas n 0 0 1 99999999\r\nx\r\n"),
                        ascii("ms YWJj 3 b\r\nabc\r\nmg YWJj b k v O0003\r\nverbosity 0\r\nstats reset\r\nme zz\r\n"),
                        ascii("md n I\r\nmg n k h s f X O0004\r\nmn\r\n")))
                .contains("NUMBER 15", "NUMBER 5", "NOT_FOUND", "TOUCHED", "NOT_STORED", "EXISTS", "OK", "RESET", "EN")
                .contains("VA length=3 key=YWJj opaque=3 base64 <3:abc>");
    }

    @Test
    void errorLines() throws IOException {
        CommandEncoder meta = Dialect.META.encoder();
        byte[] tooLarge = Messages.encode(meta, Messages.set("e:1", new byte[2 << 20], 0, 0), 9);
        assertThat(converse(
                        "MN",
                        ascii("nonsense\r\nshutdown\r\n"),
                        Messages.encode(meta, Messages.set("e:2", ascii("x"), 0, 0), 1),
                        ascii("incr e:2 1\r\ntouch e:2 x\r\n"),
                        tooLarge,
                        ascii("mn\r\n")))
                .containsExactly(
                        "ERROR ''",
                        "ERROR 'shutdown not enabled'",
                        "HD opaque=1",
                        "CLIENT_ERROR 'cannot increment or decrement non-numeric value'",
                        "CLIENT_ERROR 'invalid exptime argument'",
                        "SERVER_ERROR 'object too large for cache'",
                        "MN");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2047, 2048, 2049, 16383, 16384, 16385, 1_000_000})
    void valuesAndKeysOfBorderSizesComeBack(int length) throws IOException {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        String key = "k".repeat(250);
        String shown = length <= 64 ? new String(value, ISO_8859_1) : "#" + Arrays.hashCode(value);
        String tail = "length=" + length + " key=" + key;
        String body = " <" + length + ":" + shown + ">";
        CommandEncoder meta = Dialect.META.encoder();
        CommandEncoder classic = Dialect.CLASSIC.encoder();
        assertThat(converse(
                        "MN",
                        Messages.encode(meta, Messages.set(key, value, 0, 0), 1),
                        Messages.encode(meta, Messages.command(OpCode.GET, key), 2),
                        Messages.encode(classic, Messages.set(key, value, 0, 0), 3),
                        Messages.encode(classic, Messages.command(OpCode.GET, key), 4),
                        ascii("mn\r\n")))
                .containsExactly(
                        "HD opaque=1",
                        "VA " + tail + " opaque=2" + body,
                        "STORED",
                        "VALUE " + tail + body,
                        "END",
                        "MN");
    }

    @Test
    void externalValueIsSentBesideItsCommandLine() throws IOException {
        byte[] value = ascii("outside");
        for (Dialect dialect : Dialect.values()) {
            MemorySegment message = Messages.externalSet("x:1", value.length, 0, 0);
            assertThat(converse(
                            "MN",
                            Messages.encode(dialect.encoder(), message, 1),
                            value,
                            ascii("\r\nmg x:1 v\r\nmn\r\n")))
                    .endsWith("VA length=7 <7:outside>", "MN");
        }
    }

    /** Sends everything, then parses until the last reply has come. */
    private static List<String> converse(String last, byte[]... commands) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        for (byte[] command : commands) {
            request.write(command);
        }
        ReplyRecorder recorder = new ReplyRecorder();
        ReplyParser parser = new ReplyParser(ReplyRecorder.LARGEST_VALUE, ReplyRecorder.LONGEST_LINE);
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(request.toByteArray());
            byte[] buffer = new byte[4096];
            int filled = 0;
            while (recorder.events().isEmpty() || !recorder.events().getLast().startsWith(last)) {
                int read = socket.getInputStream().read(buffer, filled, buffer.length - filled);
                assertThat(read).as("after %s", recorder.events()).isPositive();
                filled += read;
                int consumed = (int) parser.parse(MemorySegment.ofArray(buffer), 0, filled, recorder);
                System.arraycopy(buffer, consumed, buffer, 0, filled - consumed);
                filled -= consumed;
            }
            assertThat(filled).isZero();
            assertThat(parser.insideReply()).isFalse();
        }
        return recorder.events();
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(GUARD_MS);
        return socket;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
