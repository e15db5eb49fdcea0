package io.emcache.internal.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Bytes as they are. */
final class PlainStream implements SocketStream {
    private final SocketChannel channel;

    PlainStream(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public boolean hasEnded() {
        return false;
    }

    @Override
    public int mostAtOnce() {
        return Integer.MAX_VALUE;
    }

    @Override
    public long write(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return channel.write(sources);
    }

    @Override
    public boolean hasUnsent() {
        return false;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
