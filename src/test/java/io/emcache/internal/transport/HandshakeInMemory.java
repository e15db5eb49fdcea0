package io.emcache.internal.transport;

import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Two engines that talk to each other through memory until neither has anything to say.
 *
 * @param clientFailure of the client, or null
 * @param serverFailure of the server, or null
 */
record HandshakeInMemory(
        @Nullable SSLException clientFailure, @Nullable SSLException serverFailure) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int BUFFER_BYTES = 1 << 17;

    static HandshakeInMemory between(SSLEngine client, SSLEngine server) throws SSLException {
        client.beginHandshake();
        Side clientSide = new Side(client);
        Side serverSide = new Side(server);
        boolean progress = true;
        while (progress) {
            progress = clientSide.advance(serverSide.out);
            progress = serverSide.advance(clientSide.out) || progress;
        }
        return new HandshakeInMemory(clientSide.failure, serverSide.failure);
    }

    /** Both are content. */
    void succeeds() {
        if (clientFailure != null || serverFailure != null) {
            AssertionError error = new AssertionError("the handshake has failed", clientFailure);
            if (serverFailure != null) {
                error.addSuppressed(serverFailure);
            }
            throw error;
        }
    }

    SSLException failure() {
        return Objects.requireNonNull(clientFailure, "the client is content");
    }

    private static final class Side {
        private final SSLEngine engine;
        private final ByteBuffer out = ByteBuffer.allocate(BUFFER_BYTES);
        private final ByteBuffer plain = ByteBuffer.allocate(BUFFER_BYTES);
        private @Nullable SSLException failure;

        private Side(SSLEngine engine) {
            this.engine = engine;
        }

        boolean advance(ByteBuffer in) {
            boolean progress = false;
            try {
                if (failure == null) {
                    runTasks();
                    progress = receive(in);
                    runTasks();
                }
            } catch (SSLException e) {
                failure = e;
            }
            try {
                return send() || progress;
            } catch (SSLException e) {
                failure = failure == null ? e : failure;
                return progress;
            }
        }

        private void runTasks() {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        }

        private boolean receive(ByteBuffer in) throws SSLException {
            in.flip();
            try {
                int before = in.remaining();
                engine.unwrap(in, plain);
                return in.remaining() < before;
            } finally {
                in.compact();
            }
        }

        /** What has to be said, which after a failure is an alert. */
        private boolean send() throws SSLException {
            boolean progress = false;
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                SSLEngineResult result = engine.wrap(NOTHING, out);
                runTasks();
                if (result.bytesProduced() == 0) {
                    break;
                }
                progress = true;
            }
            return progress;
        }
    }
}
