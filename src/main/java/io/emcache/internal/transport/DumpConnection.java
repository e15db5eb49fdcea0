package io.emcache.internal.transport;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import io.emcache.internal.protocol.DumpParser;
import io.emcache.internal.protocol.ProtocolException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of its own for one dump of the keys of a node. The thread that asks for the next item does the work, and
 * nothing is read before it asks, so a slow reader holds up the server's dump and nothing else.
 *
 * <p>{@link #next} is for one thread at a time; what it read is valid until its next call. {@link #close} is safe for all
 * threads at all times: it wakes up a reader, who then gives back what it uses. Socket and selector are opened by the
 * first {@code next} and closed at the end of the dump and with every failure.
 */
public final class DumpConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.transport");

    /** Has more room than the parser leaves unread. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final int MAX_ATTEMPTS = 3;
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
    private final Endpoint endpoint;
    private final NanoClock clock;
    private final Executor resolver;
    private final DumpParser parser = new DumpParser();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final MemorySegment bytes = MemorySegment.ofBuffer(buffer);

    private @Nullable SocketChannel channel;
    private volatile @Nullable Selector selector;

    /**
     * Makes a connection that does nothing yet.
     *
     * @param address the node
     * @param connectTimeoutNs how long resolving, connecting and sending may take together
     * @param progressTimeoutNs how long the server may send nothing
     * @param clock what both are measured by
     * @param resolver runs what asks the name service
     */
    public DumpConnection(
            NodeAddress address, long connectTimeoutNs, long progressTimeoutNs, NanoClock clock, Executor resolver) {
        this.connectTimeoutNs = connectTimeoutNs;
        this.progressTimeoutNs = progressTimeoutNs;
        this.node = address.identity();
        this.endpoint = new Endpoint(address);
        this.clock = clock;
        this.resolver = resolver;
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
        throw closed();
    }

    private void leave(boolean goesOn) {
        if (!goesOn || !state.compareAndSet(BUSY, IDLE)) {
            state.set(CLOSED);
            release();
        }
    }

    private boolean advance() throws IOException {
        checkInterrupt();
        if (channel == null) {
            connect();
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
                case DumpParser.REFUSED ->
                    throw new MemcachedException.ServerError(
                            "the node refused to dump its keys", node, parser.refusal(), false);
                default -> fill(Objects.requireNonNull(channel));
            }
        }
    }

    private void fill(SocketChannel channel) throws IOException {
        buffer.flip().position(from);
        buffer.compact();
        from = 0;
        long startNs = clock.nowNs();
        int count = channel.read(buffer);
        while (count == 0) {
            Phase phase = received ? Phase.RECEIVING : Phase.WRITTEN;
            awaitReady(channel, SelectionKey.OP_READ, startNs, progressTimeoutNs, phase);
            count = channel.read(buffer);
        }
        if (count < 0) {
            throw new IOException("the server closed the connection");
        }
        received = true;
    }

    private void connect() {
        long startNs = clock.nowNs();
        SocketAddress first = null;
        Throwable failure = null;
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try {
                SocketAddress address = resolve(attempt, startNs);
                if (address.equals(first)) {
                    break;
                }
                first = first == null ? address : first;
                open(address, startNs);
                return;
            } catch (IOException | UnresolvedAddressException | UnsupportedAddressTypeException e) {
                release();
                failure = e;
            }
        }
        throw new MemcachedException.NodeUnavailable("cannot connect for a dump of keys", node, false, failure);
    }

    private void open(SocketAddress address, long startNs) throws IOException {
        SocketChannel channel = endpoint.open();
        this.channel = channel;
        Selector selector = Selector.open();
        this.selector = selector;
        channel.register(selector, 0);
        boolean connected = channel.connect(address);
        while (!connected) {
            awaitReady(channel, SelectionKey.OP_CONNECT, startNs, connectTimeoutNs, Phase.CONNECTING);
            connected = channel.finishConnect();
        }
        ByteBuffer command = ByteBuffer.wrap(COMMAND);
        channel.write(command);
        while (command.hasRemaining()) {
            awaitReady(channel, SelectionKey.OP_WRITE, startNs, connectTimeoutNs, Phase.CONNECTING);
            channel.write(command);
        }
    }

    private SocketAddress resolve(int attempt, long startNs) throws IOException {
        if (endpoint.isResolved()) {
            return endpoint.resolve(attempt);
        }
        FutureTask<SocketAddress> task = new FutureTask<>(() -> endpoint.resolve(attempt));
        try {
            resolver.execute(task);
            return task.get(startNs + connectTimeoutNs - clock.nowNs(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw timeout(Phase.CONNECTING, startNs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        } catch (ExecutionException | RejectedExecutionException e) {
            throw new IOException("cannot resolve " + endpoint, e instanceof ExecutionException ? e.getCause() : e);
        }
    }

    /** Returns when the channel may be ready; whoever calls tries again. */
    private void awaitReady(SocketChannel channel, int interest, long startNs, long timeoutNs, Phase phase)
            throws IOException {
        Selector selector = Objects.requireNonNull(this.selector);
        channel.keyFor(selector).interestOps(interest);
        checkOpen();
        checkInterrupt();
        long leftNs = startNs + timeoutNs - clock.nowNs();
        if (leftNs <= 0) {
            throw timeout(phase, startNs);
        }
        selector.select(TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
        selector.selectedKeys().clear();
        checkOpen();
        checkInterrupt();
    }

    private void checkOpen() {
        if (state.get() == CLOSING) {
            throw closed();
        }
    }

    private void checkInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
    }

    private MemcachedException closed() {
        return new MemcachedException.Closed("the dump of keys was closed", node, false);
    }

    private MemcachedException interrupted() {
        return new MemcachedException.Interrupted("the dump of keys was interrupted", node, false);
    }

    private MemcachedException timeout(Phase phase, long startNs) {
        Duration elapsed = Duration.ofNanos(clock.nowNs() - startNs);
        return new MemcachedException.Timeout("the dump of keys timed out", node, phase, elapsed, 1, false);
    }

    @Override
    public void close() {
        boolean done = false;
        while (!done) {
            if (state.compareAndSet(IDLE, CLOSED)) {
                release();
                done = true;
            } else if (state.compareAndSet(BUSY, CLOSING)) {
                wakeUp();
                done = true;
            } else {
                done = state.get() >= CLOSING;
            }
        }
    }

    private void wakeUp() {
        Selector selector = this.selector;
        if (selector != null) {
            selector.wakeup();
        }
    }

    /** For the thread that is inside, or after the last one. A selector that is closed lets go of its channels. */
    private void release() {
        close(channel);
        close(selector);
        channel = null;
        selector = null;
    }

    private void close(@Nullable Closeable closeable) {
        if (closeable == null) {
            return;
        }
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.warn("a socket or selector could not be closed [node={}]", node, e);
        }
    }
}
