package io.emcache.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection in the hand of a script. For the thread of the script; {@link #close} and {@link #reset} are
 * safe for all threads. Text is ISO-8859-1, so that every byte is one character.
 */
public final class Session {
    /** The version the kit's servers give themselves unless told otherwise: one with meta commands. */
    public static final String VERSION = "1.6.18";

    private final int connection;
    private final ScriptedServer server;
    private final Socket socket;
    private final InputStream in;
    private final @Nullable ServerTls tls;

    /** Encrypted if there is a context. */
    Session(ScriptedServer server, int connection, Socket socket, @Nullable SSLContext context) throws IOException {
        this.server = server;
        this.connection = connection;
        this.socket = socket;
        tls = context == null ? null : new ServerTls(socket, context);
        in = new BufferedInputStream(tls == null ? socket.getInputStream() : tls.input());
        socket.setTcpNoDelay(true);
    }

    /**
     * Returns which connection this is.
     *
     * @return 1 for the first that the server accepted
     */
    public int connection() {
        return connection;
    }

    /**
     * Returns the encryption of the connection.
     *
     * @return what the script may do with it
     * @throws IllegalStateException if the server was started without
     */
    public ServerTls tls() {
        if (tls == null) {
            throw new IllegalStateException("the server was started without TLS");
        }
        return tls;
    }

    /**
     * Reads one line.
     *
     * @return the line without its CRLF, or null if the connection ended before a line began or was complete
     * @throws AssertionError if the line ends by a bare LF
     */
    public @Nullable String readLine() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int read = read(); read != '\n'; read = read()) {
            if (read < 0) {
                return null;
            }
            line.write(read);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new AssertionError("client ended a line without CR: '" + text + "'");
        }
        text = text.substring(0, text.length() - 1);
        server.received(text);
        return text;
    }

    /**
     * Reads one line that must be this one.
     *
     * @param expected the line without its CRLF
     * @throws AssertionError if another line came or the connection ended
     */
    public void expectLine(String expected) {
        String line = readLine();
        if (!expected.equals(line)) {
            throw new AssertionError("expected '" + expected + "' but "
                    + (line == null ? "the connection ended" : "the client sent '" + line + "'"));
        }
    }

    /**
     * Reads bytes as they come.
     *
     * @param count how many
     * @return exactly so many bytes
     * @throws ConnectionEnded if the connection ended before
     */
    public byte[] readBytes(int count) throws ConnectionEnded {
        try {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new ConnectionEnded("got " + bytes.length + " of " + count + " bytes");
            }
            return bytes;
        } catch (ConnectionEnded e) {
            throw e;
        } catch (IOException e) {
            throw new ConnectionEnded("cannot read " + count + " bytes", e);
        }
    }

    /**
     * Reads a data block and the CRLF behind it.
     *
     * @param count the length of the block
     * @return the block without its CRLF
     * @throws ConnectionEnded if the connection ended before
     * @throws AssertionError if no CRLF follows
     */
    public byte[] readBlock(int count) throws ConnectionEnded {
        byte[] block = readBytes(count);
        byte[] end = readBytes(2);
        if (end[0] != '\r' || end[1] != '\n') {
            throw new AssertionError("no CRLF behind a data block of " + count + " bytes");
        }
        return block;
    }

    /**
     * Reads a data block that must be this one, and the CRLF behind it.
     *
     * @param expected the block without its CRLF
     * @throws AssertionError if another block came or the connection ended
     */
    public void expectBlock(String expected) {
        try {
            String block = new String(readBlock(expected.length()), StandardCharsets.ISO_8859_1);
            if (!block.equals(expected)) {
                throw new AssertionError("expected the block '" + expected + "' but the client sent '" + block + "'");
            }
        } catch (ConnectionEnded e) {
            throw new AssertionError("expected the block '" + expected + "' but the connection ended", e);
        }
    }

    /**
     * Sends text as it is.
     *
     * @param text what to send, line ends included
     * @throws ConnectionEnded if the connection has ended
     */
    public void send(String text) throws ConnectionEnded {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Sends bytes in one write, and in as few records as they fit into if the connection is encrypted.
     *
     * @param bytes what to send
     * @throws ConnectionEnded if the connection has ended
     */
    public void send(byte[] bytes) throws ConnectionEnded {
        if (tls != null) {
            tls.send(bytes, ServerTls.RECORD_BYTES);
            return;
        }
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new ConnectionEnded("cannot send " + bytes.length + " bytes", e);
        }
    }

    /**
     * Reads the line {@code version} and answers it with {@link #VERSION}.
     *
     * @throws ConnectionEnded if the connection has ended
     */
    public void answerVersion() throws ConnectionEnded {
        answerVersion(VERSION);
    }

    /**
     * Reads the line {@code version} and answers it. That a client ends the handshake before is no failure of the script.
     *
     * @param version such as {@code 1.5.22}
     * @throws ConnectionEnded if the connection has ended
     */
    public void answerVersion(String version) throws ConnectionEnded {
        if (tls != null) {
            tls.handshake();
        }
        expectLine("version");
        send("VERSION " + version + "\r\n");
    }

    /**
     * Neither reads nor sends any more and keeps the connection open until the server is closed.
     *
     * @throws InterruptedException when the server is closed
     */
    public void pause() throws InterruptedException {
        server.awaitClose();
    }

    /**
     * Ends the sending side only (FIN): the client reads an end of stream, its bytes still arrive.
     *
     * @throws ConnectionEnded if the connection has ended
     */
    public void shutdownOutput() throws ConnectionEnded {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new ConnectionEnded("cannot end the output", e);
        }
    }

    /**
     * Closes the connection; the client reads what was sent and an end of stream, if all its bytes had been read. That of an
     * encrypted connection is not announced, unless the script has called {@link ServerTls#closeNotify()}.
     */
    public void close() {
        TestThreads.close(socket);
    }

    /** Closes the connection by a reset (RST). */
    public void reset() {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot reset " + socket, e);
        }
        close();
    }

    /** One byte; a connection broken by either side counts as ended. */
    private int read() {
        try {
            return in.read();
        } catch (IOException e) {
            return -1;
        }
    }
}
