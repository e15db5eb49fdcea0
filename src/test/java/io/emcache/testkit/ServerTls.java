package io.emcache.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * The encryption of a {@link Session}, in the hand of its script, record by record. The handshake is made when the script first
 * reads or sends, unless it does so by itself. For the thread of the script.
 */
public final class ServerTls {
    /** The most that fits into a record. */
    public static final int RECORD_BYTES = 16 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private boolean begun;

    private final Socket socket;
    private final SSLEngine engine;
    private final ByteArrayOutputStream flight = new ByteArrayOutputStream();
    private final ByteBuffer out;
    private final ByteBuffer in;
    private final ByteBuffer plain;

    ServerTls(Socket socket, SSLContext context) {
        this.socket = socket;
        engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        int recordBytes = engine.getSession().getPacketBufferSize();
        out = ByteBuffer.allocate(recordBytes);
        in = ByteBuffer.allocate(2 * recordBytes).limit(0);
        plain = ByteBuffer.allocate(2 * recordBytes).limit(0);
    }

    /**
     * Speaks these versions only. Before the handshake.
     *
     * @param protocols such as {@code TLSv1.2}
     * @return this
     */
    public ServerTls protocols(String... protocols) {
        engine.setEnabledProtocols(protocols);
        return this;
    }

    /**
     * Makes the handshake, if it is not made yet.
     *
     * @throws ConnectionEnded if the client does not want to go on, or has gone
     */
    public void handshake() throws ConnectionEnded {
        if (begun) {
            return;
        }
        begun = true;
        try {
            engine.beginHandshake();
            advance();
        } catch (IOException e) {
            throw new ConnectionEnded("no handshake: " + e.getMessage(), e);
        }
    }

    /**
     * Reads what the client begins with, and sends the first half of the answer. The script can do nothing more with this
     * connection but keep it open or close it.
     *
     * @throws ConnectionEnded if the client has gone
     */
    public void handshakeHalf() throws ConnectionEnded {
        begun = true;
        try {
            engine.beginHandshake();
            while (step(flight.size() == 0)) {
                // up to the end of the first flight
            }
            byte[] whole = flight.toByteArray();
            socket.getOutputStream().write(whole, 0, whole.length / 2);
        } catch (IOException e) {
            throw new ConnectionEnded("no handshake: " + e.getMessage(), e);
        }
    }

    /**
     * Returns which version was agreed on.
     *
     * @return such as {@code TLSv1.3}
     * @throws ConnectionEnded as {@link #handshake()}
     */
    public String protocol() throws ConnectionEnded {
        handshake();
        return engine.getSession().getProtocol();
    }

    /**
     * Returns the names that the client asked for.
     *
     * @return usually one; empty if it named none
     * @throws ConnectionEnded as {@link #handshake()}
     */
    public List<String> serverNames() throws ConnectionEnded {
        handshake();
        return ((ExtendedSSLSession) engine.getSession())
                .getRequestedServerNames().stream()
                        .map(name -> new SNIHostName(name.getEncoded()).getAsciiName())
                        .toList();
    }

    /**
     * Sends bytes in records of a size, all of them in one write.
     *
     * @param text what to send
     * @param recordBytes at most so many in each, up to {@link #RECORD_BYTES}
     * @throws ConnectionEnded if the connection has ended
     */
    public void send(String text, int recordBytes) throws ConnectionEnded {
        send(text.getBytes(StandardCharsets.ISO_8859_1), recordBytes);
    }

    /**
     * Sends bytes in records of a size, all of them in one write.
     *
     * @param bytes what to send
     * @param recordBytes at most so many in each, up to {@link #RECORD_BYTES}
     * @throws ConnectionEnded if the connection has ended
     */
    public void send(byte[] bytes, int recordBytes) throws ConnectionEnded {
        handshake();
        try {
            for (int offset = 0; offset < bytes.length; offset += recordBytes) {
                wrap(ByteBuffer.wrap(bytes, offset, Math.min(recordBytes, bytes.length - offset)));
            }
            flush();
        } catch (IOException e) {
            throw new ConnectionEnded("cannot send " + bytes.length + " bytes", e);
        }
    }

    /**
     * Sends bytes that are not encrypted.
     *
     * @param text what to send, as it is
     * @throws ConnectionEnded if the connection has ended
     */
    public void sendPlain(String text) throws ConnectionEnded {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new ConnectionEnded("cannot send", e);
        }
    }

    /**
     * Changes the keys: by a KeyUpdate that asks for one of the client in TLS 1.3, by a request for another handshake in TLS 1.2.
     *
     * @throws ConnectionEnded if the connection has ended
     */
    public void rekey() throws ConnectionEnded {
        handshake();
        try {
            engine.beginHandshake();
            while (step(false)) {
                // until it is the client's turn
            }
            flush();
        } catch (IOException e) {
            throw new ConnectionEnded("cannot change the keys", e);
        }
    }

    /**
     * Sends a fatal alert, encrypted as it should be.
     *
     * @throws ConnectionEnded if the connection has ended
     */
    public void fatalAlert() throws ConnectionEnded {
        handshake();
        try {
            // A record that was never encrypted is what engines complain of.
            engine.unwrap(
                    ByteBuffer.wrap(new byte[] {
                        23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
                    }),
                    ByteBuffer.allocate(RECORD_BYTES));
            throw new AssertionError("the engine took garbage");
        } catch (SSLException e) {
            end();
        }
    }

    /**
     * Says that nothing more will be sent. The connection stays open.
     *
     * @throws ConnectionEnded if the connection has ended
     */
    public void closeNotify() throws ConnectionEnded {
        handshake();
        engine.closeOutbound();
        end();
    }

    private void end() throws ConnectionEnded {
        try {
            while (!engine.isOutboundDone()) {
                wrap(NOTHING);
            }
            flush();
        } catch (IOException e) {
            throw new ConnectionEnded("cannot end the session", e);
        }
    }

    /** What the client sends, decrypted. */
    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] single = new byte[1];
                return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                handshake();
                while (!plain.hasRemaining()) {
                    if (!unwrap()) {
                        return -1;
                    }
                    advance();
                }
                int count = Math.min(length, plain.remaining());
                plain.get(target, offset, count);
                return count;
            }
        };
    }

    /** Goes on with a handshake until nothing is left of it. */
    private void advance() throws IOException {
        while (step(true)) {
            // the engine says what is next
        }
        flush();
    }

    /** Does what the engine wants; false if it wants nothing, or to hear from the client without leave to. */
    private boolean step(boolean mayHear) throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            }
            case NEED_WRAP -> wrap(NOTHING);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                if (!mayHear) {
                    return false;
                }
                if (!unwrap()) {
                    throw new IOException("the client has gone");
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void wrap(ByteBuffer source) throws SSLException {
        do { // the engine may take less than a record can hold
            engine.wrap(source, out.clear());
            flight.write(out.array(), 0, out.position());
        } while (source.hasRemaining());
    }

    private void flush() throws IOException {
        flight.writeTo(socket.getOutputStream());
        flight.reset();
    }

    /** Takes one record in; false at the end of the session or the connection. */
    private boolean unwrap() throws IOException {
        flush();
        plain.compact();
        try {
            while (true) {
                SSLEngineResult result = engine.unwrap(in, plain);
                switch (result.getStatus()) {
                    case OK -> {
                        return true;
                    }
                    case BUFFER_UNDERFLOW -> {
                        in.compact();
                        int count = socket.getInputStream().read(in.array(), in.position(), in.remaining());
                        in.position(in.position() + Math.max(count, 0)).flip();
                        if (count < 0) {
                            return false;
                        }
                    }
                    case CLOSED -> {
                        return false;
                    }
                    default -> throw new IOException("a record larger than records are");
                }
            }
        } finally {
            plain.flip();
        }
    }
}
