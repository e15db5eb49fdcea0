package io.emcache.internal.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;

/** The server's end of an encrypted connection, which decides what is in which record. Blocks. For one thread at a time. */
final class TlsServerEnd {
    private static final int BUFFER_BYTES = 1 << 16;

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final ByteBuffer arrived = ByteBuffer.allocate(BUFFER_BYTES).flip();

    TlsServerEnd(SocketChannel channel, SSLContext context, String protocol) {
        this.channel = channel;
        engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {protocol});
    }

    void handshake() throws IOException {
        engine.beginHandshake();
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> send(seal(new byte[0]));
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> open(ByteBuffer.allocate(BUFFER_BYTES));
                default -> {
                    return;
                }
            }
        }
    }

    /** Hears the client's first word and says all that comes before its next. */
    void answer() throws IOException {
        open(ByteBuffer.allocate(BUFFER_BYTES));
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> send(seal(new byte[0]));
                default -> {
                    return;
                }
            }
        }
    }

    /** One record with these bytes, several if they are many, or with what the engine has to say if there are none. */
    byte[] seal(byte[] plain) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(plain);
        ByteBuffer sealed = ByteBuffer.allocate(BUFFER_BYTES);
        do {
            engine.wrap(source, sealed);
        } while (source.hasRemaining());
        byte[] bytes = new byte[sealed.flip().remaining()];
        sealed.get(bytes);
        return bytes;
    }

    /** The record that ends the stream. */
    byte[] sealEnd() throws IOException {
        engine.closeOutbound();
        return seal(new byte[0]);
    }

    /** The next records have other keys. */
    byte[] sealNewKeys() throws IOException {
        engine.beginHandshake();
        return seal(new byte[0]);
    }

    void send(byte[] bytes) throws IOException {
        for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
            channel.write(left);
        }
    }

    /** Takes in records until so many bytes were in them. */
    byte[] receive(int count) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        while (received.size() < count) {
            ByteBuffer plain = ByteBuffer.allocate(BUFFER_BYTES);
            open(plain);
            received.write(plain.array(), 0, plain.position());
        }
        return received.toByteArray();
    }

    /** Whether the stream ends now, with the record that says so. */
    boolean isEnded() throws IOException {
        return open(ByteBuffer.allocate(BUFFER_BYTES)) == SSLEngineResult.Status.CLOSED;
    }

    private SSLEngineResult.Status open(ByteBuffer plain) throws IOException {
        while (true) {
            SSLEngineResult.Status status = engine.unwrap(arrived, plain).getStatus();
            if (status != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                return status;
            }
            arrived.compact();
            int count = channel.read(arrived);
            arrived.flip();
            if (count < 0) {
                throw new IOException("the client closed the connection");
            }
        }
    }
}
