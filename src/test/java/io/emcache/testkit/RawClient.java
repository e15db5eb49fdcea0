package io.emcache.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A plain socket that speaks for a client in the kit's own tests. For one thread; reads give up after 10 s. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) TestThreads.GUARD.toMillis());
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Reads so many bytes, fewer at an end of stream. */
    String read(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    /** Reads one line, with its CRLF; what there is at an end of stream. */
    String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\r\n") < 0) {
            int read = socket.getInputStream().read();
            if (read < 0) {
                break;
            }
            line.append((char) read);
        }
        return line.toString();
    }

    /** Reads up to the end of stream. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Returns whether nothing, and no end of stream, arrives for a moment. */
    boolean hearsNothing() throws IOException {
        socket.setSoTimeout(100);
        try {
            socket.getInputStream().skipNBytes(1);
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout((int) TestThreads.GUARD.toMillis());
        }
    }

    RawClient finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
