package io.emcache.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on a free loopback port that misbehaves in one way. Safe for all threads; each connection has a virtual
 * thread.
 */
final class FaultyServer implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(FaultyServer.class);

    private static final int SMALL_BUFFER_BYTES = 4096;
    private static final int SHORTEST_BACKLOG = 1;
    private static final int MAX_FILLERS = 16;
    private static final int FILLER_TIMEOUT_MS = 200;

    private final long lateNs;
    private final Fault fault;
    private final ServerSocket listener = new ServerSocket();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /**
     * Starts the server.
     *
     * @param fault what it does wrong
     * @param lateNs how long an answer takes with {@link Fault#ANSWERS_LATE}
     */
    FaultyServer(Fault fault, long lateNs) throws IOException {
        this.fault = fault;
        this.lateNs = lateNs;
        try {
            listen();
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private void listen() throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (fault == Fault.NEVER_READS) {
            listener.setReceiveBufferSize(SMALL_BUFFER_BYTES);
        }
        if (fault == Fault.BLACK_HOLE) {
            listener.bind(anyPort, SHORTEST_BACKLOG);
            fillBacklog();
        } else {
            listener.bind(anyPort);
            Thread.ofVirtual().start(this::acceptAll);
        }
    }

    /** Connects until the kernel drops what comes, as it does when nobody accepts. */
    private void fillBacklog() throws IOException {
        for (int i = 0; i < MAX_FILLERS; i++) {
            Socket filler = new Socket();
            sockets.add(filler);
            try {
                filler.connect(listener.getLocalSocketAddress(), FILLER_TIMEOUT_MS);
            } catch (SocketTimeoutException e) {
                LOGGER.debug("the backlog is full after {} connections", i, e);
                return;
            }
        }
        throw new IOException("this system accepts connections beyond the backlog");
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                LOGGER.debug("nothing accepted", e);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            new FaultyConnection(socket, fault, lateNs).run();
        } catch (IOException e) {
            LOGGER.debug("the client hung up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    /** The address for the client. */
    String node() {
        return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
