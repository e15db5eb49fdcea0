package io.emcache.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback between a client and a real server, with faults that the test sets while it runs. Safe for all
 * threads.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int CHUNK_BYTES = 16 * 1024;

    private final int port;
    private final InetSocketAddress target;
    private final ProxyDirection toServer = new ProxyDirection();
    private final ProxyDirection toClient = new ProxyDirection();
    private final List<Link> links = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private volatile int accepted;
    private volatile boolean closed;
    private @Nullable ServerSocket listener;
    private @Nullable Thread acceptor;

    private FaultProxy(InetSocketAddress target) {
        this.target = target;
        port = listen(0);
    }

    /**
     * Starts a proxy on a free loopback port.
     *
     * @param targetPort the loopback port of the server, which need not run yet
     * @return the listening proxy
     */
    public static FaultProxy start(int targetPort) {
        return new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
    }

    /**
     * Returns how a client names the proxy.
     *
     * @return {@code 127.0.0.1:PORT}
     */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /**
     * Returns the port of the proxy.
     *
     * @return the TCP port
     */
    public int port() {
        return port;
    }

    /**
     * Returns the URI a client connects to.
     *
     * @return {@code memcached://127.0.0.1:PORT}
     */
    public String uri() {
        return "memcached://" + address();
    }

    /**
     * Returns the faults of what the client sends.
     *
     * @return the direction from client to server
     */
    public ProxyDirection toServer() {
        return toServer;
    }

    /**
     * Returns the faults of what the server sends.
     *
     * @return the direction from server to client
     */
    public ProxyDirection toClient() {
        return toClient;
    }

    /**
     * Returns how many connections were accepted so far.
     *
     * @return the number, closed ones included
     */
    public int connections() {
        return accepted;
    }

    /**
     * Returns how many connections are open.
     *
     * @return those whose client side is not closed, half-open ones included
     */
    public synchronized int openConnections() {
        return (int) links.stream().filter(link -> !link.client.isClosed()).count();
    }

    /** Freezes both directions. */
    public void freeze() {
        toServer.freeze();
        toClient.freeze();
    }

    /** Thaws both directions. */
    public void unfreeze() {
        toServer.unfreeze();
        toClient.unfreeze();
    }

    /** Resets all open connections (RST, to both sides). */
    public synchronized void resetAll() {
        links.forEach(Link::reset);
    }

    /** Ends all open connections in order (FIN, to both sides). */
    public synchronized void cutAll() {
        links.forEach(Link::cut);
    }

    /**
     * Leaves all open connections half-open for good: nothing goes through any more, not even their end, and both sides
     * see a connection that is merely silent. New connections work.
     */
    public synchronized void halfOpen() {
        links.forEach(link -> link.dead = true);
    }

    /** From now on the kernel refuses connections; open ones go on. */
    public void refuseConnections() {
        Thread accepting;
        synchronized (this) {
            if (listener == null || acceptor == null) {
                return;
            }
            TestThreads.close(listener);
            listener = null;
            accepting = acceptor;
        }
        // The kernel listens until the thread inside accept() has left it.
        requireEnd(accepting);
    }

    /** Ends {@link #refuseConnections()}: listens again on the same port. */
    public synchronized void acceptConnections() {
        if (listener == null && !closed) {
            listen(port);
        }
    }

    /** Ends the faults of both directions and accepts connections. What was cut or is half-open stays so. */
    public void heal() {
        toServer.heal();
        toClient.heal();
        acceptConnections();
    }

    /** Closes all connections and ends all threads. Idempotent. */
    @Override
    public void close() {
        List<Thread> running;
        synchronized (this) {
            closed = true;
            links.forEach(Link::close);
            running = List.copyOf(threads);
        }
        refuseConnections();
        running.forEach(FaultProxy::requireEnd);
    }

    private static void requireEnd(Thread thread) {
        if (!TestThreads.stop(thread)) {
            throw new IllegalStateException("proxy thread does not end: " + thread.getName());
        }
    }

    private synchronized int listen(int port) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listener = socket;
            acceptor = TestThreads.startDaemon("proxy-accept-" + socket.getLocalPort(), () -> acceptAll(socket));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void acceptAll(ServerSocket listener) {
        while (!listener.isClosed()) {
            try {
                open(listener.accept());
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private synchronized void open(Socket client) {
        Link link = new Link(client);
        links.add(link);
        if (closed) {
            link.close();
            return;
        }
        accepted++;
        String name = "proxy-" + port + "-" + accepted;
        threads.add(TestThreads.startDaemon(name + "-up", () -> link.connectAndPump(name + "-down")));
    }

    private synchronized void startPump(String name, Runnable pump) {
        threads.add(TestThreads.startDaemon(name, pump));
    }

    /** A client's connection and the one to the server that belongs to it. */
    private final class Link {
        private volatile boolean dead;
        private volatile boolean cut;

        private final AtomicInteger pumping = new AtomicInteger(2);
        private final Socket client;
        private final Socket server = new Socket();

        Link(Socket client) {
            this.client = client;
        }

        void connectAndPump(String downName) {
            try {
                client.setTcpNoDelay(true);
                server.connect(target, (int) TestThreads.GUARD.toMillis());
                server.setTcpNoDelay(true);
            } catch (IOException e) {
                reset();
                return;
            }
            startPump(downName, () -> pump(server, client, toClient));
            pump(client, server, toServer);
        }

        /** Moves bytes until one side ends. Afterwards a cut or dead link swallows what still comes. */
        private void pump(Socket from, Socket to, ProxyDirection faults) {
            byte[] chunk = new byte[CHUNK_BYTES];
            ByteArrayOutputStream repeated = new ByteArrayOutputStream();
            try {
                faults.awaitThawed();
                long carried = 0;
                for (int count = from.getInputStream().read(chunk);
                        count >= 0;
                        count = from.getInputStream().read(chunk)) {
                    Thread.sleep(faults.delayMs());
                    carried = forward(chunk, count, to, faults, repeated, carried);
                    faults.awaitThawed();
                }
                ended(to);
            } catch (IOException e) {
                broken();
            } catch (InterruptedException e) {
                close();
            } finally {
                if (pumping.decrementAndGet() == 0 && !dead) {
                    close();
                }
            }
        }

        /** Returns how many bytes this link has carried in this direction now. */
        private long forward(
                byte[] chunk,
                int count,
                Socket to,
                ProxyDirection faults,
                ByteArrayOutputStream repeated,
                long carriedBefore)
                throws IOException, InterruptedException {
            long carried = carriedBefore;
            int offset = 0;
            while (offset < count) {
                faults.awaitThawed();
                if (dead || cut) {
                    return carried;
                }
                ProxyDirection.Piece piece = faults.next(count - offset, carried);
                if (!piece.swallow()) {
                    carried += piece.bytes();
                    write(to, chunk, offset, piece.bytes(), faults);
                }
                if (piece.duplicate()) {
                    repeated.write(chunk, offset, piece.bytes());
                    if (faults.duplicateComplete()) {
                        write(to, repeated.toByteArray(), 0, repeated.size(), faults);
                        repeated.reset();
                    }
                }
                offset += piece.bytes();
                if (piece.cut()) {
                    cut(piece.cutByReset());
                    return carried;
                }
                Thread.sleep(piece.pauseMs());
            }
            return carried;
        }

        private void write(Socket to, byte[] bytes, int offset, int count, ProxyDirection faults) throws IOException {
            to.getOutputStream().write(bytes, offset, count);
            faults.forwarded(bytes, offset, count);
        }

        /** One side sent its FIN: the other side gets it too. */
        private void ended(Socket to) throws IOException {
            if (!dead && !to.isClosed() && !to.isOutputShutdown()) {
                to.shutdownOutput();
            }
        }

        /** One side is gone without a FIN, or cannot be written to: so is the link. */
        private void broken() {
            if (!dead && !cut) {
                reset();
            }
        }

        private void cut(boolean byReset) {
            if (byReset) {
                reset();
            } else {
                cut();
            }
        }

        /** FIN to both sides; the pumps go on reading, because a close with unread bytes would be a reset. */
        void cut() {
            if (cut || dead || client.isClosed()) {
                return;
            }
            cut = true;
            try {
                client.shutdownOutput();
                if (server.isConnected() && !server.isClosed()) {
                    server.shutdownOutput();
                }
            } catch (IOException e) {
                close();
            }
        }

        void reset() {
            linger(client);
            linger(server);
            close();
        }

        private void linger(Socket socket) {
            try {
                if (!socket.isClosed()) {
                    socket.setSoLinger(true, 0);
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        void close() {
            TestThreads.close(client);
            TestThreads.close(server);
        }
    }
}
