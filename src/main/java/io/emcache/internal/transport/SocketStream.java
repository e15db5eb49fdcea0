package io.emcache.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a connection, as commands and replies: what is between them and a non-blocking channel. For one thread at a time. */
sealed interface SocketStream permits PlainStream, TlsStream {
    /**
     * Reads what is there.
     *
     * @param target has room
     * @return how many bytes; fewer than there is room only if no more are there now, -1 at the end
     */
    int read(ByteBuffer target) throws IOException;

    /** Whether {@link #read} has found the end, though it gave what came before it. */
    boolean hasEnded();

    /** How many bytes to hand over at once, at most, where whole commands are so short. */
    int mostAtOnce();

    /**
     * Takes bytes to send, as many as it can, and sends what it has.
     *
     * @return how many were taken
     */
    long write(ByteBuffer source) throws IOException;

    /** Does what the other {@code write} does with several buffers, one after the other. */
    long write(ByteBuffer[] sources) throws IOException;

    /** Whether bytes that were taken are not sent yet: {@code write} is to be called again, be it with nothing. */
    boolean hasUnsent();

    /** Closes the channel too. Does nothing the second time. */
    void close() throws IOException;
}
