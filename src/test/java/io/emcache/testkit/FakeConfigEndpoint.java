package io.emcache.testkit;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A discovery endpoint as AWS and Google run them: answers {@code version} and {@code config get cluster}, and takes any
 * other command as a failure of the test, since data belongs to nodes. Safe for all threads.
 */
public final class FakeConfigEndpoint implements AutoCloseable {
    private final AtomicInteger asked = new AtomicInteger();
    private final ScriptedServer server;
    private final @Nullable String login;

    private volatile String block = "0\n\n";

    private FakeConfigEndpoint(@Nullable SSLContext context, @Nullable String login) {
        this.login = login;
        server = context == null ? ScriptedServer.start(this::serve) : ScriptedServer.startTls(context, this::serve);
    }

    /**
     * Starts an endpoint that names no node.
     *
     * @return the listening endpoint
     */
    public static FakeConfigEndpoint start() {
        return new FakeConfigEndpoint(null, null);
    }

    /**
     * Starts an endpoint that names no node, as {@link #start()}, and serves only who knows how to.
     *
     * @param context encrypts its connections; null for plain ones
     * @param login {@code user password}, without which nobody is answered; null for none
     * @return the listening endpoint
     */
    public static FakeConfigEndpoint startGuarded(@Nullable SSLContext context, @Nullable String login) {
        return new FakeConfigEndpoint(context, login);
    }

    /**
     * Names these nodes from now on.
     *
     * @param version the version of the list
     * @param nodes each {@code host|ip|port}
     * @return this
     */
    public FakeConfigEndpoint tell(long version, List<String> nodes) {
        return tell(version + "\n" + String.join(" ", nodes) + "\n");
    }

    /**
     * Names these nodes from now on, under their addresses.
     *
     * @param version the version of the list
     * @param addresses each {@code 127.0.0.1:port}
     * @return this
     */
    public FakeConfigEndpoint tellAddresses(long version, List<String> addresses) {
        return tell(
                version,
                addresses.stream()
                        .map(address -> address.replace("127.0.0.1:", "127.0.0.1|127.0.0.1|"))
                        .toList());
    }

    /**
     * Answers with this block from now on.
     *
     * @param newBlock the text between the first line of the answer and its end
     * @return this
     */
    public FakeConfigEndpoint tell(String newBlock) {
        block = newBlock;
        return this;
    }

    /**
     * Returns where it is.
     *
     * @return {@code 127.0.0.1:PORT}
     */
    public String address() {
        return server.address();
    }

    /**
     * Returns how often the list was told.
     *
     * @return a number that only grows
     */
    public int asked() {
        return asked.get();
    }

    private void serve(Session session) throws ConnectionEnded {
        if (login != null && !isLoggedIn(session)) {
            return;
        }
        for (String line = session.readLine(); line != null; line = session.readLine()) {
            switch (line) {
                case "version" -> session.send("VERSION " + Session.VERSION + "\r\n");
                case "config get cluster" -> {
                    String now = block;
                    session.send("CONFIG cluster 0 " + now.length() + "\r\n" + now + "\r\nEND\r\n");
                    asked.incrementAndGet();
                }
                default -> throw new AssertionError("a discovery endpoint was sent '" + line + "'");
            }
        }
    }

    /** Refuses every command but a login, as memcached does; false if the client has gone. */
    private boolean isLoggedIn(Session session) throws ConnectionEnded {
        String expected = String.valueOf(login);
        for (String line = session.readLine(); line != null; line = session.readLine()) {
            if (line.equals("set _ _ _ " + expected.length())) {
                session.expectBlock(expected);
                session.send("STORED\r\n");
                return true;
            }
            session.send("CLIENT_ERROR unauthenticated\r\n");
        }
        return false;
    }

    /**
     * Ends all connections.
     *
     * @throws AssertionError if it was sent any other command
     */
    @Override
    public void close() {
        server.close();
    }
}
