package io.emcache.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The descriptors that the JDK opens once per process, at first use, and keeps. Safe for all threads.
 *
 * <p>A class of its own: the virtual thread below must not wait for an initializer that waits for it.
 */
final class JdkDescriptors {
    private JdkDescriptors() {}

    /** Uses what makes the JDK open them. */
    static void open() {
        try {
            Selector.open().close();
            useBlockingSocketOnVirtualThread();
            useUnixSocket();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during warm-up", e);
        }
    }

    /** A virtual thread that waits for a socket starts the pollers of the JDK. */
    private static void useBlockingSocketOnVirtualThread() throws IOException, InterruptedException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            InputStream in = accepted.getInputStream();
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    if (in.read() < 0) {
                        throw new IllegalStateException("warm-up read nothing");
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            TestThreads.await(Duration.ofSeconds(1), () -> reader.getState() == Thread.State.WAITING);
            socket.getOutputStream().write(1);
            if (!reader.join(TestThreads.GUARD)) {
                throw new IllegalStateException("warm-up does not end");
            }
        }
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            SocketChannel.open(listener.getLocalAddress()).close();
        }
    }

    private static void useUnixSocket() throws IOException {
        Path directory = Files.createTempDirectory("emcache-warm-up");
        Path path = directory.resolve("s");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
        } finally {
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }
}
