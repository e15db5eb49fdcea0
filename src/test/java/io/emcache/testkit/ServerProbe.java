package io.emcache.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks a real server one thing over a connection of its own, as its operator would: encrypted and with a password where the
 * server wants it. Immutable and safe for all threads; gives up after 10 s.
 *
 * @param tls encrypts a connection, and shows the server a certificate if it has one; null for plain connections. Asked anew for each:
 *     a memcached that asks for certificates refuses sessions that it has seen before, unless told to cache them
 * @param authFile whose first {@code user:password} is given first; null if nobody asks
 */
record ServerProbe(
        @Nullable Supplier<SSLContext> tls, @Nullable Path authFile) {
    /** Returns whether a server with this is ready, be it only to ask for a password. */
    boolean isAnswered(SocketAddress server) {
        try (Line line = connect(server)) {
            String reply = line.ask("version", "\r\n");
            return reply.startsWith("VERSION ") || reply.startsWith("CLIENT_ERROR unauthenticated");
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the reply up to the given end. */
    String ask(SocketAddress server, String command, String end) throws IOException {
        try (Line line = connect(server)) {
            if (authFile != null) {
                logIn(line, Files.readString(authFile).lines().findFirst().orElse(""));
            }
            return line.ask(command, end);
        }
    }

    private static void logIn(Line line, String login) throws IOException {
        String words = login.replaceFirst(":", " ");
        String reply = line.ask("set _ _ _ " + words.length() + "\r\n" + words, "\r\n");
        if (!reply.equals("STORED\r\n")) {
            throw new IOException("memcached does not know its own user: " + reply.strip());
        }
    }

    private Line connect(SocketAddress server) throws IOException {
        return server instanceof InetSocketAddress tcp
                ? new TcpLine(connect(tcp, tls == null ? null : tls.get()))
                : new UnixLine(SocketChannel.open(server));
    }

    /** A connected socket whose reads give up after 10 s; encrypted if there is a context. */
    static Socket connect(InetSocketAddress server, @Nullable SSLContext tls) throws IOException {
        Socket socket = tls == null ? new Socket() : tls.getSocketFactory().createSocket();
        try {
            socket.setSoTimeout((int) TestThreads.GUARD.toMillis());
            socket.setTcpNoDelay(true);
            socket.connect(server);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private interface Line extends AutoCloseable {
        void write(byte[] bytes) throws IOException;

        /** Reads what there is, at least one byte; -1 at the end. */
        int read(byte[] buffer) throws IOException;

        @Override
        void close() throws IOException;

        default String ask(String command, String end) throws IOException {
            write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            StringBuilder reply = new StringBuilder();
            byte[] buffer = new byte[16 * 1024];
            while (!reply.toString().endsWith(end)) {
                int count = read(buffer);
                if (count < 0) {
                    throw new EOFException("memcached closed the connection after '" + reply + "'");
                }
                reply.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
            }
            return reply.toString();
        }
    }

    private record TcpLine(Socket socket) implements Line {
        @Override
        public void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        @Override
        public int read(byte[] buffer) throws IOException {
            return socket.getInputStream().read(buffer);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Non-blocking with a guard, since a blocking read from a unix socket knows no time-out. */
    private record UnixLine(SocketChannel channel) implements Line {
        @Override
        public void write(byte[] bytes) throws IOException {
            channel.write(ByteBuffer.wrap(bytes));
            channel.configureBlocking(false);
        }

        @Override
        public int read(byte[] buffer) throws IOException {
            ByteBuffer into = ByteBuffer.wrap(buffer);
            long startNs = System.nanoTime();
            int count = channel.read(into);
            while (count == 0) {
                if (System.nanoTime() - startNs > TestThreads.GUARD.toNanos() || !TestThreads.sleepMs(1)) {
                    throw new IOException("memcached does not answer");
                }
                count = channel.read(into);
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
