package io.emcache.bench;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * Two engines of the JDK that have shaken hands in memory, without any of the client's own code: what they cost is the
 * least that TLS costs. For one thread.
 */
public final class EnginePair {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine client;
    private final SSLEngine server;

    /** Where buffers are: those of plain text, and those of the records that are sent. */
    public enum Buffers {
        DIRECT(true, true),
        HEAP(false, false),
        HEAP_RECORDS(true, false);

        private final boolean directText;
        private final boolean directRecords;

        Buffers(boolean directText, boolean directRecords) {
            this.directText = directText;
            this.directRecords = directRecords;
        }

        ByteBuffer text(int bytes) {
            return directText ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        }

        ByteBuffer records(int bytes) {
            return directRecords ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        }
    }

    /**
     * Shakes hands.
     *
     * @param clientContext trusts the server
     * @param serverContext has a certificate
     * @param protocol such as TLSv1.3
     */
    EnginePair(SSLContext clientContext, SSLContext serverContext, String protocol) throws SSLException {
        client = engine(clientContext, protocol, true);
        server = engine(serverContext, protocol, false);
        shakeHands();
    }

    private static SSLEngine engine(SSLContext context, String protocol, boolean isClient) {
        SSLEngine engine = context.createSSLEngine("localhost", 1);
        engine.setUseClientMode(isClient);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }

    private void shakeHands() throws SSLException {
        ByteBuffer toServer = ByteBuffer.allocate(mostBytesOfRecord());
        ByteBuffer toClient = ByteBuffer.allocate(mostBytesOfRecord());
        client.beginHandshake();
        server.beginHandshake();
        // A server sends session tickets after the handshake.
        boolean moved;
        do {
            moved = step(client, toClient, toServer);
            moved |= step(server, toServer, toClient);
        } while (moved);
    }

    /** Returns whether the engine did anything. */
    private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            engine.getDelegatedTask().run();
            return true;
        }
        if (status == HandshakeStatus.NEED_WRAP) {
            engine.wrap(NOTHING, out);
            return true;
        }
        in.flip();
        boolean moved = in.hasRemaining();
        if (moved) {
            engine.unwrap(in, ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()));
        }
        in.compact();
        return moved;
    }

    /** The engine that requests are wrapped and replies are unwrapped by. */
    SSLEngine client() {
        return client;
    }

    SSLEngine server() {
        return server;
    }

    int mostBytesOfRecord() {
        return client.getSession().getPacketBufferSize();
    }

    int mostBytesOfText() {
        return client.getSession().getApplicationBufferSize();
    }

    /** Makes one record more of all that the source holds. */
    static void wrap(SSLEngine engine, ByteBuffer text, ByteBuffer records) throws SSLException {
        check(engine.wrap(text, records), text);
    }

    /** Takes one record. */
    static int unwrap(SSLEngine engine, ByteBuffer records, ByteBuffer text) throws SSLException {
        SSLEngineResult result = engine.unwrap(records, text);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new IllegalStateException("not unwrapped: " + result);
        }
        return result.bytesProduced();
    }

    private static void check(SSLEngineResult result, ByteBuffer text) {
        if (result.getStatus() != SSLEngineResult.Status.OK || text.hasRemaining()) {
            throw new IllegalStateException("not wrapped into one record: " + result);
        }
    }
}
