package io.emcache.internal.transport;

import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.memory.SlabPool;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes encrypted by TLS. Records are put together and taken apart in off-heap memory of the connection; nothing is allocated
 * but by the engine. Commands that are written together share a record.
 *
 * <p>A byte counts as written once it is in a record, since it cannot be taken out of it again. Renegotiation is refused, as
 * TLS 1.3 has it no more.
 */
final class TlsStream implements SocketStream {
    private static final int LEAST_CIPHERTEXT_BYTES = 64 * 1024;

    /**
     * Less than fits into a record. A record has to end where a command ends: memcached (1.6.18 to 1.6.38) reads the rest of a value as
     * far as the value goes, and then waits for the socket, while what the record holds behind it lies decrypted in its TLS library.
     */
    private static final int WHOLE_COMMANDS_BYTES = 15 * 1024;

    private final int recordBytes;

    private boolean begun;
    private boolean ended;
    private boolean closed;
    private int inStart;
    private int inEnd;
    private int outStart;
    private int outEnd;
    private int spareStart;
    private int spareEnd;

    private final String node;
    private final SocketChannel channel;
    private final TlsEngines engines;
    private final SSLEngine engine;
    private final Slab memory;
    /** Records as they arrive. */
    private final ByteBuffer in;
    /** Records to send. */
    private final ByteBuffer out;
    /** Takes a record apart for which the reader has no room. */
    private final ByteBuffer spare;

    private final ByteBuffer nothing = ByteBuffer.allocate(0);
    private final ByteBuffer[] single = new ByteBuffer[1];

    private @Nullable IOException refusal;

    /**
     * @param node for messages
     * @param channel connected and non-blocking
     * @param engines has made the engine, and knows what its failures mean
     * @param engine in client mode, not yet used
     * @param slabs where memory comes from
     */
    TlsStream(String node, SocketChannel channel, TlsEngines engines, SSLEngine engine, SlabPool slabs)
            throws IOException {
        this.node = node;
        this.channel = channel;
        this.engines = engines;
        this.engine = engine;
        this.recordBytes = engine.getSession().getPacketBufferSize();
        int plainBytes = Math.max(recordBytes, engine.getSession().getApplicationBufferSize());
        int cipherBytes = Math.max(LEAST_CIPHERTEXT_BYTES, 2 * recordBytes);
        Slab memory = slabs.lease(MemoryTag.TLS, 2L * cipherBytes + plainBytes);
        if (memory == null) {
            throw new IOException("no off-heap memory left for an encrypted connection");
        }
        this.memory = memory;
        MemorySegment segment = memory.segment();
        this.in = segment.asSlice(0, cipherBytes).asByteBuffer();
        this.out = segment.asSlice(cipherBytes, cipherBytes).asByteBuffer();
        this.spare = segment.asSlice(2L * cipherBytes, plainBytes).asByteBuffer();
    }

    /**
     * Goes on with the handshake as far as the socket lets it. Runs the tasks of the engine, which take milliseconds.
     *
     * @return what to wait for, as an interest of a selection key; 0 once encryption is agreed on
     * @throws TlsException if it cannot be
     */
    int handshake() throws IOException {
        try {
            if (!begun) {
                begun = true;
                engine.beginHandshake();
            }
            while (true) {
                if (!flushUnlessRefused()) {
                    return SelectionKey.OP_WRITE;
                }
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> runTasks();
                    case NEED_WRAP -> wrapNothing();
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        if (!hear()) {
                            throwIfRefused();
                            return SelectionKey.OP_READ;
                        }
                    }
                    default -> {
                        throwIfRefused();
                        return 0;
                    }
                }
            }
        } catch (TlsException e) {
            throw e;
        } catch (SSLException e) {
            throw failed(e);
        } catch (IOException e) {
            // The server may be about to come back, so this is no failure of TLS; but it may also be the server's way
            // to refuse.
            throw new IOException(engines.explain(node, engine, e).getMessage(), e);
        }
    }

    /** A server that refuses the client says why and hangs up: what it said is still there when nothing can be sent any more. */
    private boolean flushUnlessRefused() {
        try {
            return flush();
        } catch (IOException e) {
            refusal = e;
            outStart = 0;
            outEnd = 0;
            return true;
        }
    }

    private void throwIfRefused() throws IOException {
        if (refusal != null) {
            throw refusal;
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Takes in a record of the handshake; false if it is not there yet. */
    private boolean hear() throws IOException {
        while (true) {
            SSLEngineResult.Status status = unwrapToSpare().getStatus();
            if (status == SSLEngineResult.Status.CLOSED) {
                throw new TlsException("the server ended the TLS handshake", null);
            }
            if (status != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                return true;
            }
            int count = receive();
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (count == 0) {
                return false;
            }
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        try {
            boolean incomplete = false;
            boolean drained = false;
            while (giveSpare(target) && !ended) {
                if (incomplete || inStart == inEnd) {
                    int room = makeRoom();
                    int count = drained ? 0 : receive();
                    ended = count < 0;
                    if (count <= 0) {
                        break;
                    }
                    drained = count < room;
                }
                SSLEngineResult result = unwrap(target);
                incomplete = result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW;
                ended = result.getStatus() == SSLEngineResult.Status.CLOSED;
                attend(result);
            }
        } catch (SSLException e) {
            throw failed(e);
        }
        int count = target.position() - start;
        return count == 0 && ended ? -1 : count;
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }

    /** Hands out what lies in the spare buffer; whether there is room for more. */
    private boolean giveSpare(ByteBuffer target) {
        int count = Math.min(target.remaining(), spareEnd - spareStart);
        if (count > 0) {
            target.put(target.position(), spare, spareStart, count);
            target.position(target.position() + count);
            spareStart += count;
        }
        return target.hasRemaining();
    }

    private SSLEngineResult unwrap(ByteBuffer target) throws IOException {
        in.limit(inEnd).position(inStart);
        SSLEngineResult result = engine.unwrap(in, target);
        inStart = in.position();
        return result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW
                ? unwrapToSpare() // the record may still be incomplete: room is asked for before that is looked at
                : result;
    }

    private SSLEngineResult unwrapToSpare() throws IOException {
        spare.clear();
        in.limit(inEnd).position(inStart);
        SSLEngineResult result = engine.unwrap(in, spare);
        inStart = in.position();
        spareStart = 0;
        spareEnd = spare.position();
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
            throw tooLarge();
        }
        return result;
    }

    /** What a record wants beside being read: an answer to a change of keys, which goes out with the next write at the latest. */
    private void attend(SSLEngineResult result) throws IOException {
        switch (result.getHandshakeStatus()) {
            case NEED_WRAP -> {
                if (hasRoom()) {
                    wrapNothing();
                    flush();
                }
            }
            case NEED_TASK -> throw new TlsException("the server asked for another handshake, which is refused", null);
            default -> {}
        }
    }

    private int receive() throws IOException {
        makeRoom();
        in.limit(in.capacity()).position(inEnd);
        int count = channel.read(in);
        inEnd = in.position();
        return count;
    }

    /** Moves what is left of a record to the front if it has too little room behind; returns the room. */
    private int makeRoom() {
        if (inStart == inEnd) {
            inStart = 0;
            inEnd = 0;
        } else if (in.capacity() - inStart < recordBytes) {
            in.put(0, in, inStart, inEnd - inStart);
            inEnd -= inStart;
            inStart = 0;
        }
        return in.capacity() - inEnd;
    }

    @Override
    public int mostAtOnce() {
        return WHOLE_COMMANDS_BYTES;
    }

    @Override
    public long write(ByteBuffer source) throws IOException {
        single[0] = source;
        return write(single);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        long before = remaining(sources);
        long left = before;
        try {
            while (left > 0 && hasRoom()) {
                out.limit(out.capacity()).position(outEnd);
                SSLEngineResult result = engine.wrap(sources, out);
                wrapped(result);
                if (result.bytesProduced() == 0) {
                    throw new TlsException("the TLS engine takes no bytes: " + result.getHandshakeStatus(), null);
                }
                left = remaining(sources);
            }
            flush();
        } catch (SSLException e) {
            throw failed(e);
        }
        return before - left;
    }

    private static long remaining(ByteBuffer[] buffers) {
        long sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }

    /** Whether another record can be put together, once some are sent if need be. */
    private boolean hasRoom() throws IOException {
        if (out.capacity() - outEnd >= recordBytes) {
            return true;
        }
        flush();
        if (outStart > 0) {
            out.put(0, out, outStart, outEnd - outStart);
            outEnd -= outStart;
            outStart = 0;
        }
        return out.capacity() - outEnd >= recordBytes;
    }

    private void wrapNothing() throws IOException {
        if (!hasRoom()) {
            throw new IOException("the server takes no bytes");
        }
        out.limit(out.capacity()).position(outEnd);
        wrapped(engine.wrap(nothing, out));
    }

    private void wrapped(SSLEngineResult result) throws IOException {
        outEnd = out.position();
        if (result.getStatus() == SSLEngineResult.Status.CLOSED && begun && !closed && result.bytesProduced() == 0) {
            throw new IOException("the server closed the connection");
        }
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
            throw tooLarge();
        }
    }

    private static TlsException tooLarge() {
        return new TlsException("a TLS record that is larger than the engine had said", null);
    }

    /** Sends what it has; whether that was all. */
    private boolean flush() throws IOException {
        if (outStart < outEnd) {
            out.limit(outEnd).position(outStart);
            channel.write(out);
            outStart = out.position();
            if (outStart == outEnd) {
                outStart = 0;
                outEnd = 0;
            }
        }
        return outStart == outEnd;
    }

    @Override
    public boolean hasUnsent() {
        return outStart < outEnd;
    }

    private TlsException failed(SSLException e) {
        return engines.explain(node, engine, e);
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            sayGoodbye();
        } catch (IOException | RuntimeException e) {
            // The connection is closed without: whoever is at the other end sees the same.
        } finally {
            try {
                channel.close();
            } finally {
                memory.release();
            }
        }
    }

    /** Sends close_notify if the socket takes it, so that the server can tell the end from a cut. */
    private void sayGoodbye() throws IOException {
        engine.closeOutbound();
        if (channel.isConnected() && flush()) {
            out.clear();
            engine.wrap(nothing, out);
            outEnd = out.position();
            flush();
        }
    }
}
