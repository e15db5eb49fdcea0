package io.emcache.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A socket that speaks for a client where a test asks a server itself. For one thread; reads give up after 10 s.
 * Text holds one byte a character.
 */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    /**
     * Connects to a port of the loopback address.
     *
     * @param port where the server listens
     * @throws IOException if it does not
     */
    public RawClient(int port) throws IOException {
        this(ServerProbe.connect(loopback(port), null));
    }

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Connects to a port of the loopback address and speaks TLS. Host names are not looked at.
     *
     * @param port where the server listens
     * @param context whom to trust, and what to show
     * @return the client, whose handshake is done
     * @throws IOException if nobody listens, or the handshake fails
     */
    public static RawClient tls(int port, SSLContext context) throws IOException {
        Socket socket = ServerProbe.connect(loopback(port), context);
        try {
            ((SSLSocket) socket).startHandshake();
            return new RawClient(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /**
     * Sends text as it is.
     *
     * @param text what to send, line ends included
     * @return this
     * @throws IOException if the connection has ended
     */
    public RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /**
     * Reads so many bytes.
     *
     * @param count how many
     * @return fewer only at an end of stream
     * @throws IOException if the connection was reset, or nothing comes in 10 s
     */
    public String read(int count) throws IOException {
        return new String(in.readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    /**
     * Reads one line.
     *
     * @return the line with its CRLF; what there is at an end of stream
     * @throws IOException if the connection was reset, or nothing comes in 10 s
     */
    public String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || line.charAt(line.length() - 2) != '\r' || line.charAt(line.length() - 1) != '\n') {
            int read = in.read();
            if (read < 0) {
                break;
            }
            line.append((char) read);
        }
        return line.toString();
    }

    /**
     * Reads up to the end of stream.
     *
     * @return all that came
     * @throws IOException if the connection was reset, or nothing comes in 10 s
     */
    public String readAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /**
     * Listens for 100 ms.
     *
     * @return whether nothing arrives, and no end of stream
     * @throws IOException if the connection was reset
     */
    public boolean hearsNothing() throws IOException {
        socket.setSoTimeout(100);
        try {
            in.skipNBytes(1);
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout((int) TestThreads.GUARD.toMillis());
        }
    }

    /**
     * Ends the sending side only.
     *
     * @return this
     * @throws IOException if the connection has ended
     */
    public RawClient finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /**
     * Sends lines and a fence ({@code mn}) behind them, and reads up to its answer.
     *
     * @param lines what to send, without line ends
     * @return the lines that came before the answer to the fence, without CRLF; values are lines as well
     * @throws IOException if the connection was reset, or no answer comes in 10 s
     * @throws AssertionError if the connection ends before
     */
    public List<String> ask(String... lines) throws IOException {
        send(String.join("\r\n", lines) + "\r\nmn\r\n");
        List<String> replies = new ArrayList<>();
        for (String line = readLine(); !line.equals("MN\r\n"); line = readLine()) {
            if (!line.endsWith("\r\n")) {
                throw new AssertionError("the connection ended after " + replies + " and '" + line + "'");
            }
            replies.add(line.substring(0, line.length() - 2));
        }
        return replies;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
