package io.emcache.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback that does what the test says, connection by connection. Safe for all threads.
 *
 * <pre>{@code
 * try (ScriptedServer server = ScriptedServer.start(session -> {
 *     session.answerVersion();
 *     session.expectLine("mg user:1 v k");
 *     session.send("VA 2 kuser:1\r\nh");
 *     session.close();
 * })) { ... }
 * }</pre>
 *
 * <p>What a script expects is a promise: an {@link AssertionError}, or any other throwable but {@link ConnectionEnded}, is
 * rethrown by {@link #close()}. When a script returns, its connection is closed.
 */
public final class ScriptedServer implements AutoCloseable {
    private volatile int accepted;
    private volatile Duration acceptDelay = Duration.ZERO;

    private final List<Script> scripts;
    private final ServerSocket listener;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final @Nullable SSLContext context;

    /** What a connection does. */
    @FunctionalInterface
    public interface Script {
        /**
         * Runs on a thread of its own from accept on.
         *
         * @param session the connection
         * @throws Exception a failure of the script, unless it is {@link ConnectionEnded}, or the interrupt of the close
         */
        void run(Session session) throws Exception;
    }

    private ScriptedServer(int backlog, @Nullable SSLContext context, Script... scripts) {
        this.context = context;
        this.scripts = List.of(scripts);
        try {
            listener = new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a server. The first connection runs the first script, the second the second, and so on; the last script
     * serves all further connections.
     *
     * @param scripts at least one
     * @return the listening server
     */
    public static ScriptedServer start(Script... scripts) {
        return start(null, scripts);
    }

    /**
     * Starts a server whose connections are encrypted. Scripts are the same, and have {@link Session#tls()} beside.
     *
     * @param context what the server shows and trusts
     * @param scripts as in {@link #start}
     * @return the listening server
     */
    public static ScriptedServer startTls(SSLContext context, Script... scripts) {
        return start(context, scripts);
    }

    private static ScriptedServer start(@Nullable SSLContext context, Script... scripts) {
        if (scripts.length == 0) {
            throw new IllegalArgumentException("a server needs a script");
        }
        ScriptedServer server = new ScriptedServer(50, context, scripts);
        server.startThread("accept-" + server.port(), server::acceptAll);
        return server;
    }

    /**
     * Starts a server that accepts nothing and whose backlog is full: a connect to it gets no answer.
     *
     * @return the listening server
     */
    public static ScriptedServer startNeverAccepting() {
        ScriptedServer server = new ScriptedServer(1, null);
        try {
            server.fillBacklog();
            return server;
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    /**
     * Holds connections back: the kernel has answered the client, the script starts later.
     *
     * @param delay how long each connection waits from now on, one after the other
     * @return this
     */
    public ScriptedServer acceptDelay(Duration delay) {
        acceptDelay = delay;
        return this;
    }

    /**
     * Returns how a client names this node.
     *
     * @return {@code 127.0.0.1:PORT}
     */
    public String address() {
        return "127.0.0.1:" + port();
    }

    /**
     * Returns the port.
     *
     * @return the TCP port
     */
    public int port() {
        return listener.getLocalPort();
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
     * Returns how many connections were accepted so far.
     *
     * @return the number, closed ones included
     */
    public int connections() {
        return accepted;
    }

    /**
     * Returns the lines received so far, over all connections; data blocks are not among them.
     *
     * @return a copy, without line ends, in order of arrival
     */
    public List<String> receivedLines() {
        return List.copyOf(lines);
    }

    /**
     * Waits, for at most 10 s, until so many connections were accepted.
     *
     * @param count how many
     * @throws AssertionError if there are fewer
     */
    public void awaitConnections(int count) {
        awaitConnections(count, TestThreads.GUARD);
    }

    void awaitConnections(int count, Duration atMost) {
        if (!TestThreads.await(atMost, () -> accepted >= count)) {
            throw new AssertionError("expected " + count + " connections, got " + accepted);
        }
    }

    /**
     * Waits, for at most 10 s, until so many lines were received.
     *
     * @param count how many
     * @throws AssertionError if there are fewer
     */
    public void awaitLines(int count) {
        if (!TestThreads.await(TestThreads.GUARD, () -> lines.size() >= count)) {
            throw new AssertionError("expected " + count + " lines, got " + lines);
        }
    }

    /**
     * Throws what scripts failed with so far.
     *
     * @throws AssertionError with the first failure as cause and the others suppressed
     */
    public void checkScripts() {
        if (failures.isEmpty()) {
            return;
        }
        Throwable first = failures.getFirst();
        AssertionError error = new AssertionError("script failed: " + first.getMessage(), first);
        failures.stream().skip(1).forEach(error::addSuppressed);
        throw error;
    }

    /**
     * Ends all connections and scripts. Idempotent.
     *
     * @throws AssertionError if a script failed, or does not end within 10 s
     */
    @Override
    public void close() {
        closing.countDown();
        TestThreads.close(listener);
        List<Thread> running;
        synchronized (this) {
            sockets.forEach(TestThreads::close);
            running = List.copyOf(threads);
        }
        for (Thread thread : running) {
            if (!TestThreads.stop(thread)) {
                failures.add(new AssertionError("script does not end: " + thread.getName()));
            }
        }
        checkScripts();
    }

    void received(String line) {
        lines.add(line);
    }

    void awaitClose() throws InterruptedException {
        closing.await();
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void acceptAll() {
        while (!isClosing()) {
            try {
                Socket socket = listener.accept();
                if (!acceptDelay.isZero()) {
                    TestThreads.sleepMs(acceptDelay.toMillis());
                }
                serve(socket);
            } catch (IOException e) {
                if (!isClosing()) {
                    failures.add(e);
                    return;
                }
            }
        }
    }

    private synchronized void serve(Socket socket) throws IOException {
        sockets.add(socket);
        if (isClosing()) {
            socket.close();
            return;
        }
        int number = accepted + 1;
        Session session = new Session(this, number, socket, context);
        startThread("session-" + port() + "-" + number, () -> runScript(session));
        accepted = number;
    }

    private void runScript(Session session) {
        Script script = scripts.get(Math.min(session.connection(), scripts.size()) - 1);
        try {
            script.run(session);
        } catch (ConnectionEnded e) {
            // The client, or close(), left: the test sees that where it matters.
            session.close();
        } catch (InterruptedException e) {
            if (!isClosing()) {
                failures.add(e);
            }
        } catch (Throwable e) {
            failures.add(e);
        } finally {
            session.close();
        }
    }

    private synchronized void startThread(String name, Runnable task) {
        threads.add(TestThreads.startDaemon(name, task));
    }

    /** Connects until the kernel leaves a connect unanswered. */
    private void fillBacklog() {
        for (int i = 0; i < 64; i++) {
            Socket filler = new Socket();
            sockets.add(filler);
            try {
                filler.connect(new InetSocketAddress(listener.getInetAddress(), port()), 300);
            } catch (SocketTimeoutException e) {
                TestThreads.close(filler);
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("the backlog does not fill");
    }
}
