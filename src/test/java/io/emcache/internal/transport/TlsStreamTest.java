package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.SlabPool;
import io.emcache.testkit.Certificates;
import io.emcache.testkit.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records in and out, over a real socket, with a server's end that decides what is in which record. */
@NoLeaks
final class TlsStreamTest {
    private static final String TLS_1_2 = "TLSv1.2";
    private static final String TLS_1_3 = "TLSv1.3";
    private static final int GUARD_S = 10;

    private static final Certificates.Authority AUTHORITY = Certificates.authority("streams");
    private static final Certificates.Identity SERVER = AUTHORITY.server("localhost");

    private final SlabPool slabs = new SlabPool(16 << 20);
    private final TlsEngines engines =
            new TlsEngines(TlsOptions.builder().ca(AUTHORITY.pem()).build());
    private Selector selector;
    private SocketChannel client;
    private SocketChannel accepted;
    private TlsStream stream;
    private TlsServerEnd server;

    @AfterEach
    void close() throws IOException {
        if (stream != null) {
            stream.close();
        }
        if (accepted != null) {
            accepted.close();
        }
        if (selector != null) {
            selector.close();
        }
        assertThat(MemoryTag.TLS.usedBytes()).isZero();
        slabs.close();
    }

    private void connect(String protocol) throws Exception {
        open();
        server = new TlsServerEnd(accepted, SERVER.context(), protocol);
        FutureTask<Void> serving = inBackground(() -> {
            server.handshake();
            return null;
        });
        shakeHands();
        serving.get(GUARD_S, TimeUnit.SECONDS);
    }

    private void open() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            client = SocketChannel.open(listener.getLocalAddress());
            accepted = listener.accept();
        }
        client.configureBlocking(false);
        selector = Selector.open();
        client.register(selector, 0);
        NodeAddress node = NodeAddress.tcp("localhost", 11211);
        stream = new TlsStream("node", client, engines, engines.create(node), slabs);
    }

    private void shakeHands() throws IOException {
        for (int interest = stream.handshake(); interest != 0; interest = stream.handshake()) {
            await(interest);
        }
    }

    private void await(int interest) throws IOException {
        client.keyFor(selector).interestOps(interest);
        assertThat(selector.select(TimeUnit.SECONDS.toMillis(GUARD_S))).isPositive();
        selector.selectedKeys().clear();
    }

    private static <T> FutureTask<T> inBackground(Callable<T> task) {
        FutureTask<T> running = new FutureTask<>(task);
        Thread.ofVirtual().start(running);
        return running;
    }

    /** Reads so many bytes, as an owner of such a buffer does: goes on as long as the buffer was filled. */
    private byte[] read(int count, int room) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocateDirect(room);
        while (all.size() < count) {
            buffer.clear();
            int got = stream.read(buffer);
            assertThat(got).isNotNegative();
            byte[] bytes = new byte[got];
            buffer.flip().get(bytes);
            all.writeBytes(bytes);
            if (got < room && all.size() < count) {
                await(SelectionKey.OP_READ);
            }
        }
        return all.toByteArray();
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        stream.write(source);
        while (source.hasRemaining() || stream.hasUnsent()) {
            await(SelectionKey.OP_WRITE);
            stream.write(source);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void carriesBytesBothWays(String protocol) throws Exception {
        connect(protocol);
        write(ascii("mg key v\r\n"));
        assertThat(server.receive(10)).isEqualTo(ascii("mg key v\r\n"));
        server.send(server.seal(ascii("EN\r\n")));
        assertThat(read(4, 1024)).isEqualTo(ascii("EN\r\n"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 300, 16384, 65536})
    void takesRecordsApartForAReaderWithAnyRoom(int room) throws Exception {
        connect(TLS_1_3);
        byte[] first = random(16384);
        byte[] second = random(5000);
        server.send(joined(server.seal(first), server.seal(second), server.seal(ascii("x"))));
        assertThat(read(first.length + second.length + 1, room)).isEqualTo(joined(first, second, ascii("x")));
    }

    @Test
    void nothingIsLeftInsideWhenAReadWasShort() throws Exception {
        connect(TLS_1_3);
        ByteBuffer buffer = ByteBuffer.allocate(40_000);
        byte[] sent = joined(server.seal(random(16384)), server.seal(random(16384)), server.seal(random(7000)));
        server.send(sent);
        int total = 0;
        while (total < 39_768) {
            await(SelectionKey.OP_READ);
            total += stream.read(buffer);
        }
        assertThat(total).isEqualTo(39_768);
        assertThat(stream.read(buffer)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void oneReplyMayBeInManyRecordsAndARecordInManyPieces(String protocol) throws Exception {
        connect(protocol);
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (byte b : ascii("VA 2 k\r\nab\r\n")) {
            records.writeBytes(server.seal(new byte[] {b}));
        }
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        for (byte piece : records.toByteArray()) {
            server.send(new byte[] {piece});
            await(SelectionKey.OP_READ);
            assertThat(stream.read(buffer)).isBetween(0, 1);
        }
        assertThat(buffer.flip()).isEqualTo(ByteBuffer.wrap(ascii("VA 2 k\r\nab\r\n")));
    }

    @Test
    void commandsThatAreWrittenTogetherShareARecord() throws Exception {
        connect(TLS_1_3);
        ByteBuffer[] parts = {ByteBuffer.wrap(ascii("ms k 3\r\n")), ByteBuffer.wrap(ascii("abc\r\n"))};
        assertThat(stream.write(parts)).isEqualTo(13);
        assertThat(stream.hasUnsent()).isFalse();
        assertThat(server.receive(1)).isEqualTo(ascii("ms k 3\r\nabc\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void writesMoreThanTheSocketTakes(String protocol) throws Exception {
        connect(protocol);
        byte[] large = random(8 << 20);
        ByteBuffer source = ByteBuffer.wrap(large);
        long taken = stream.write(source);
        assertThat(stream.hasUnsent()).isTrue();
        assertThat(taken).isEqualTo(source.position()).isLessThan(large.length);
        FutureTask<byte[]> receiving = inBackground(() -> server.receive(large.length));
        while (source.hasRemaining() || stream.hasUnsent()) {
            await(SelectionKey.OP_WRITE);
            taken += stream.write(source);
        }
        assertThat(taken).isEqualTo(large.length);
        assertThat(receiving.get(GUARD_S, TimeUnit.SECONDS)).isEqualTo(large);
    }

    @Test
    void newKeysInBetweenChangeNothing() throws Exception {
        connect(TLS_1_3);
        server.send(joined(server.seal(ascii("one")), server.sealNewKeys(), server.seal(ascii("two"))));
        assertThat(read(6, 1024)).isEqualTo(ascii("onetwo"));
        write(ascii("three"));
        assertThat(server.receive(5)).isEqualTo(ascii("three"));
        server.send(server.seal(ascii("four")));
        assertThat(read(4, 1024)).isEqualTo(ascii("four"));
    }

    @Test
    void newKeysMayBeWantedWhileTheSocketTakesNothing() throws Exception {
        connect(TLS_1_3);
        byte[] large = random(32 << 20);
        ByteBuffer source = ByteBuffer.wrap(large);
        for (long taken = -1; taken != 0; ) {
            taken = stream.write(source);
        }
        server.send(joined(server.sealNewKeys(), server.seal(ascii("x"))));
        assertThat(read(1, 1024)).isEqualTo(ascii("x"));
        FutureTask<byte[]> receiving = inBackground(() -> server.receive(large.length));
        while (source.hasRemaining() || stream.hasUnsent()) {
            await(SelectionKey.OP_WRITE);
            stream.write(source);
        }
        assertThat(receiving.get(GUARD_S, TimeUnit.SECONDS)).isEqualTo(large);
    }

    @Test
    void anotherHandshakeIsRefused() throws Exception {
        connect(TLS_1_2);
        server.send(server.sealNewKeys());
        await(SelectionKey.OP_READ);
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(100)))
                .isInstanceOf(TlsException.class)
                .hasMessageContaining("another handshake");
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, true", "TLSv1.2, false", "TLSv1.3, true", "TLSv1.3, false"})
    void whatCameBeforeTheEndIsRead(String protocol, boolean said) throws Exception {
        connect(protocol);
        server.send(joined(server.seal(ascii("last")), said ? server.sealEnd() : new byte[0]));
        if (!said) {
            accepted.close();
        }
        assertThat(read(4, 1024)).isEqualTo(ascii("last"));
        if (!stream.hasEnded()) {
            await(SelectionKey.OP_READ);
        }
        assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(-1);
        assertThat(stream.hasEnded()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void closingSaysSo(String protocol) throws Exception {
        connect(protocol);
        stream.close();
        stream.close();
        assertThat(client.isOpen()).isFalse();
        assertThat(server.isEnded()).isTrue();
    }

    @Test
    void aServerThatSpeaksNoTlsIsNotSpokenToInTheClear() throws Exception {
        open();
        FutureTask<byte[]> heard = inBackground(() -> {
            ByteBuffer hello = ByteBuffer.allocate(5);
            while (hello.hasRemaining()) {
                accepted.read(hello);
            }
            accepted.write(ByteBuffer.wrap(ascii("ERROR\r\n")));
            return hello.array();
        });
        assertThatThrownBy(this::shakeHands)
                .isInstanceOf(TlsException.class)
                .hasMessage("node: the server does not speak TLS");
        assertThat(heard.get(GUARD_S, TimeUnit.SECONDS)).startsWith(0x16, 0x03);
    }

    @Test
    void whyTheServerHangsUpIsHeardEvenIfItHasHungUpAlready() throws Exception {
        byte[] refusal = {21, 3, 3, 0, 2, 2, 40};
        open();
        server = new TlsServerEnd(accepted, SERVER.context(), TLS_1_2);
        assertThat(stream.handshake()).isEqualTo(SelectionKey.OP_READ);
        server.answer();
        server.send(refusal);
        accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
        accepted.close();
        assertThatThrownBy(this::shakeHands).isInstanceOf(TlsException.class).hasMessageContaining("handshake_failure");
    }

    @Test
    void aServerThatHangsUpInTheHandshakeIsNoSilentEnd() throws Exception {
        open();
        accepted.close();
        assertThatThrownBy(this::shakeHands).isInstanceOf(IOException.class);
    }

    @Test
    void withoutMemoryThereIsNoStream() throws Exception {
        SlabPool poor = new SlabPool(4096);
        try (SocketChannel channel = SocketChannel.open()) {
            NodeAddress node = NodeAddress.tcp("localhost", 11211);
            assertThatThrownBy(() -> new TlsStream("node", channel, engines, engines.create(node), poor))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no off-heap memory");
        }
        poor.close();
    }
}
