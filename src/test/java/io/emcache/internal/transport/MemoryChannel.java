package io.emcache.internal.transport;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection without a network: gives what the test has put in, takes as much as the test allows. For one thread.
 */
final class MemoryChannel extends SocketChannel {
    private int room = Integer.MAX_VALUE;
    private int writes;
    private boolean ended;
    private ByteBuffer arrived = ByteBuffer.allocate(0);

    MemoryChannel() {
        super(SelectorProvider.provider());
    }

    /** The next reads give this. */
    void arrive(byte[] bytes) {
        arrived = ByteBuffer.wrap(bytes);
    }

    /** The stream ends after what has arrived. */
    void end() {
        ended = true;
    }

    /** How many bytes are taken from now on. */
    void room(int bytes) {
        room = bytes;
    }

    /** How often it was written to. */
    int writes() {
        return writes;
    }

    @Override
    public int read(ByteBuffer target) {
        int count = Math.min(target.remaining(), arrived.remaining());
        if (count == 0) {
            return ended ? -1 : 0;
        }
        target.put(arrived.slice(arrived.position(), count));
        arrived.position(arrived.position() + count);
        return count;
    }

    @Override
    public int write(ByteBuffer source) {
        writes++;
        return take(source);
    }

    private int take(ByteBuffer source) {
        int count = Math.min(room, source.remaining());
        room -= count;
        source.position(source.position() + count);
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        writes++;
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += take(sources[i]);
        }
        return count;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel bind(@Nullable SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isConnected() {
        return isOpen();
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        ended = true;
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}
}
