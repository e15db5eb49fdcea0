package io.emcache.internal.transport;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import java.io.Closeable;
import java.io.IOException;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection whose user may block, with a time for each step: for what is asked rarely and beside the lanes. For one
 * thread at a time, but {@link #cancel}, which is for all. An interrupt ends a step, and its status stays set. Socket and
 * selector are opened by {@link #connect} and closed by {@link #release}.
 *
 * <p>All bytes of such a connection pass {@link #write} and {@link #read}.
 */
final class BlockingSocket {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.transport");

    private static final int MAX_ATTEMPTS = 3;
    private static final int LONGEST_LINE = 2048;

    private volatile boolean cancelled;

    private final String node;
    private final String purpose;
    private final Endpoint endpoint;
    private final NanoClock clock;
    private final Executor resolver;
    private final Security security;

    private @Nullable SocketChannel channel;
    private @Nullable SocketStream stream;
    private volatile @Nullable Selector selector;

    /**
     * Makes a connection that does nothing yet.
     *
     * @param address where to
     * @param purpose what it is for, as messages name it
     * @param clock what times are measured by
     * @param resolver runs what asks the name service and the user's code
     * @param security how the connection is encrypted, and who the client is
     */
    BlockingSocket(NodeAddress address, String purpose, NanoClock clock, Executor resolver, Security security) {
        this.node = address.identity();
        this.purpose = purpose;
        this.endpoint = new Endpoint(address);
        this.clock = clock;
        this.resolver = resolver;
        this.security = security;
    }

    boolean isOpen() {
        return channel != null;
    }

    /** Resolves, connects, agrees on encryption and logs in, trying several addresses of a name in turn. */
    void connect(long startNs, long timeoutNs) {
        SocketAddress first = null;
        Throwable failure = null;
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try {
                SocketAddress address = resolve(attempt, startNs, timeoutNs);
                if (address.equals(first)) {
                    break;
                }
                first = first == null ? address : first;
                open(address, startNs, timeoutNs);
                enter(startNs, timeoutNs);
                return;
            } catch (AuthenticationException e) {
                release();
                throw notLetIn(e);
            } catch (RefusedException | IOException | UnresolvedAddressException | UnsupportedAddressTypeException e) {
                release();
                failure = e;
            }
        }
        throw new MemcachedException.NodeUnavailable("cannot connect for " + purpose, node, false, failure);
    }

    private void open(SocketAddress address, long startNs, long timeoutNs) throws IOException {
        SocketChannel channel = endpoint.open();
        this.channel = channel;
        Selector selector = Selector.open();
        this.selector = selector;
        channel.register(selector, 0);
        boolean connected = channel.connect(address);
        while (!connected) {
            awaitReady(channel, SelectionKey.OP_CONNECT, startNs, timeoutNs, Phase.CONNECTING);
            connected = channel.finishConnect();
        }
    }

    /** What comes between a connection and its user's first words. */
    private void enter(long startNs, long timeoutNs) throws IOException {
        SocketChannel channel = Objects.requireNonNull(this.channel);
        NodeAddress address = endpoint.address();
        Login login = security.asksForCredentials()
                ? inBackground(() -> security.loginUnlessStuck(address), "ask for credentials", startNs, timeoutNs)
                : null;
        try {
            SocketStream stream = security.stream(address, channel);
            this.stream = stream;
            if (stream instanceof TlsStream tls) {
                for (int interest = tls.handshake(); interest != 0; interest = tls.handshake()) {
                    awaitReady(channel, interest, startNs, timeoutNs, Phase.CONNECTING);
                }
            }
            if (login != null) {
                greet(login, startNs, timeoutNs);
            }
        } finally {
            if (login != null) {
                login.wipe();
            }
        }
    }

    /** Says who the client is, if it is asked. */
    private void greet(Login login, long startNs, long timeoutNs) throws IOException {
        Greeting greeting = new Greeting();
        greeting.begin(login);
        while (greeting.version() == null) {
            byte[] words = greeting.words();
            if (words != null) {
                say(words, startNs, timeoutNs);
                greeting.said();
            }
            greeting.heard(readLine(startNs, timeoutNs));
        }
        greeting.end();
    }

    /** From a buffer of our own, since they may be a password: a channel keeps a copy of what it is given on the heap. */
    private void say(byte[] words, long startNs, long timeoutNs) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(words.length).put(words).flip();
        try {
            write(buffer, startNs, timeoutNs, Phase.CONNECTING);
        } finally {
            buffer.clear().put(new byte[words.length]);
        }
    }

    /** One line at a time is answered, so no byte that follows it is lost. */
    private String readLine(long startNs, long timeoutNs) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(LONGEST_LINE);
        while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
            if (!line.hasRemaining()) {
                throw new IOException("a line that does not end");
            }
            read(line, startNs, timeoutNs, Phase.CONNECTING);
        }
        return new String(line.array(), 0, line.position(), StandardCharsets.UTF_8).strip();
    }

    private SocketAddress resolve(int attempt, long startNs, long timeoutNs) throws IOException {
        return endpoint.isResolved()
                ? endpoint.resolve(attempt)
                : inBackground(() -> endpoint.resolve(attempt), "resolve " + endpoint, startNs, timeoutNs);
    }

    private <T extends @Nullable Object> T inBackground(Callable<T> task, String what, long startNs, long timeoutNs)
            throws IOException {
        FutureTask<T> running = new FutureTask<>(task);
        try {
            resolver.execute(running);
            return running.get(startNs + timeoutNs - clock.nowNs(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw timeout(Phase.CONNECTING, startNs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        } catch (ExecutionException | RejectedExecutionException e) {
            if (e.getCause() instanceof AuthenticationException refused) {
                throw refused;
            }
            throw new IOException("cannot " + what, e instanceof ExecutionException ? e.getCause() : e);
        }
    }

    /** Writes all of the buffer. */
    void write(ByteBuffer bytes, long startNs, long timeoutNs, Phase phase) throws IOException {
        SocketChannel channel = Objects.requireNonNull(this.channel);
        SocketStream stream = Objects.requireNonNull(this.stream);
        stream.write(bytes);
        while (bytes.hasRemaining() || stream.hasUnsent()) {
            awaitReady(channel, SelectionKey.OP_WRITE, startNs, timeoutNs, phase);
            stream.write(bytes);
        }
    }

    /** Reads what is there into the buffer, which has room, and waits for at least one byte. */
    void read(ByteBuffer bytes, long startNs, long timeoutNs, Phase phase) throws IOException {
        SocketChannel channel = Objects.requireNonNull(this.channel);
        SocketStream stream = Objects.requireNonNull(this.stream);
        int count = stream.read(bytes);
        while (count == 0) {
            awaitReady(channel, SelectionKey.OP_READ, startNs, timeoutNs, phase);
            count = stream.read(bytes);
        }
        if (count < 0) {
            throw new IOException("the server closed the connection");
        }
    }

    /** Returns when the channel may be ready; whoever calls tries again. */
    private void awaitReady(SocketChannel channel, int interest, long startNs, long timeoutNs, Phase phase)
            throws IOException {
        Selector selector = Objects.requireNonNull(this.selector);
        channel.keyFor(selector).interestOps(interest);
        checkNotCancelled();
        checkInterrupt();
        long leftNs = startNs + timeoutNs - clock.nowNs();
        if (leftNs <= 0) {
            throw timeout(phase, startNs);
        }
        selector.select(TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
        selector.selectedKeys().clear();
        checkNotCancelled();
        checkInterrupt();
    }

    private void checkNotCancelled() {
        if (cancelled) {
            throw closed();
        }
    }

    void checkInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
    }

    MemcachedException closed() {
        return new MemcachedException.Closed(purpose + " was closed", node, false);
    }

    private MemcachedException interrupted() {
        return new MemcachedException.Interrupted(purpose + " was interrupted", node, false);
    }

    /** What a command was refused with. */
    MemcachedException refused(String what, String line) {
        return Greeting.asksForCredentials(line)
                ? notLetIn(Greeting.missing())
                : new MemcachedException.ServerError(what, node, line, false);
    }

    private MemcachedException notLetIn(AuthenticationException e) {
        return new MemcachedException.Authentication(String.valueOf(e.getMessage()), node, e);
    }

    MemcachedException timeout(Phase phase, long startNs) {
        Duration elapsed = Duration.ofNanos(clock.nowNs() - startNs);
        return new MemcachedException.Timeout(purpose + " timed out", node, phase, elapsed, 1, false);
    }

    /** Has the thread inside, and any that comes later, fail as closed instead of waiting. */
    void cancel() {
        cancelled = true;
        Selector selector = this.selector;
        if (selector != null) {
            selector.wakeup();
        }
    }

    /** For the thread that is inside, or after the last one. A selector that is closed lets go of its channels. */
    void release() {
        close(stream == null ? channel : stream::close);
        close(selector);
        stream = null;
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
