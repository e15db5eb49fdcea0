package io.emcache.internal.transport;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import io.emcache.internal.protocol.DumpParser;
import io.emcache.internal.protocol.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A connection of its own for one dump of the keys of a node. The thread that asks for the next item does the work, and
 * nothing is read before it asks, so a slow reader holds up the server's dump and nothing else.
 *
 * <p>{@link #next} is for one thread at a time; what it read is valid until its next call. {@link #close} is safe for all
 * threads at all times: it wakes up a reader, who then gives back what it uses. Socket and selector are opened by the
 * first {@code next} and closed at the end of the dump and with every failure.
 */
public final class DumpConnection implements AutoCloseable {
    /** Has more room than the parser leaves unread. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final byte[] COMMAND = "lru_crawler metadump all\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int IDLE = 0;
    private static final int BUSY = 1;
    private static final int CLOSING = 2;
    private static final int CLOSED = 3;

    private final long connectTimeoutNs;
    private final long progressTimeoutNs;

    private boolean received;
    private boolean ended;
    private int from;
    private final AtomicInteger state = new AtomicInteger(IDLE);

    private final String node;
    private final NanoClock clock;
    private final BlockingSocket socket;
    private final DumpParser parser = new DumpParser();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final MemorySegment bytes = MemorySegment.ofBuffer(buffer);

    /**
     * Makes a connection that does nothing yet.
     *
     * @param address the node
     * @param connectTimeoutNs how long resolving, connecting and sending may take together
     * @param progressTimeoutNs how long the server may send nothing
     * @param clock what both are measured by
     * @param resolver runs what asks the name service and the user's code
     * @param security how the connection is encrypted, and who the client is
     */
    public DumpConnection(
            NodeAddress address,
            long connectTimeoutNs,
            long progressTimeoutNs,
            NanoClock clock,
            Executor resolver,
            Security security) {
        this.connectTimeoutNs = connectTimeoutNs;
        this.progressTimeoutNs = progressTimeoutNs;
        this.node = address.identity();
        this.clock = clock;
        this.socket = new BlockingSocket(address, "the dump of keys", clock, resolver, security);
    }

    /**
     * Reads the next item, and waits for it if it must.
     *
     * @return the item, valid until the next call; null after the last one
     * @throws MemcachedException if the node cannot be reached, refuses, is silent for too long, or sends what is no
     *     dump; if this thread is interrupted, or this connection was closed. It is closed afterwards
     * @throws IllegalStateException if another thread is inside this method
     */
    public @Nullable DumpParser next() {
        if (!state.compareAndSet(IDLE, BUSY)) {
            return refuse();
        }
        boolean found = false;
        try {
            found = advance();
            return found ? parser : null;
        } catch (IOException e) {
            throw new MemcachedException.NodeUnavailable("the connection was lost in the dump of keys", node, false, e);
        } catch (ProtocolException e) {
            throw new MemcachedException.ProtocolViolation("the node did not send a dump of keys", node, false, e);
        } finally {
            leave(found);
        }
    }

    private @Nullable DumpParser refuse() {
        if (state.get() == BUSY) {
            throw new IllegalStateException("a dump of keys is read by one thread at a time");
        }
        if (state.get() == CLOSED && ended) {
            return null;
        }
        throw socket.closed();
    }

    private void leave(boolean goesOn) {
        if (!goesOn || !state.compareAndSet(BUSY, IDLE)) {
            state.set(CLOSED);
            socket.release();
        }
    }

    private boolean advance() throws IOException {
        socket.checkInterrupt();
        if (!socket.isOpen()) {
            begin();
        }
        while (true) {
            int kind = parser.next(bytes, from, buffer.position());
            from = (int) parser.position();
            switch (kind) {
                case DumpParser.ITEM -> {
                    return true;
                }
                case DumpParser.END -> {
                    ended = true;
                    return false;
                }
                case DumpParser.REFUSED -> throw socket.refused("the node refused to dump its keys", parser.refusal());
                default -> fill();
            }
        }
    }

    private void fill() throws IOException {
        buffer.flip().position(from);
        buffer.compact();
        from = 0;
        socket.read(buffer, clock.nowNs(), progressTimeoutNs, received ? Phase.RECEIVING : Phase.WRITTEN);
        received = true;
    }

    private void begin() throws IOException {
        long startNs = clock.nowNs();
        socket.connect(startNs, connectTimeoutNs);
        socket.write(ByteBuffer.wrap(COMMAND), startNs, connectTimeoutNs, Phase.CONNECTING);
    }

    @Override
    public void close() {
        boolean done = false;
        while (!done) {
            if (state.compareAndSet(IDLE, CLOSED)) {
                socket.release();
                done = true;
            } else if (state.compareAndSet(BUSY, CLOSING)) {
                socket.cancel();
                done = true;
            } else {
                done = state.get() >= CLOSING;
            }
        }
    }
}
