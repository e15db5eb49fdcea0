package io.emcache.internal.transport;

import io.emcache.MemcachedException;
import io.emcache.MemcachedException.Timeout.Phase;
import io.emcache.NodeAddress;
import io.emcache.internal.protocol.ClusterConfig;
import io.emcache.internal.protocol.ClusterConfigParser;
import io.emcache.internal.protocol.ProtocolException;
import io.emcache.internal.protocol.ServerVersion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * Asks one discovery endpoint for the nodes of its cluster, on a connection of its own. For one thread, which blocks until
 * the answer, the deadline or an interrupt. The endpoint may be no node at all, so nothing else is ever sent to it.
 *
 * <p>As AWS documents, {@code version} says how to ask: {@code config get cluster} from 1.4.14 on, before it by a key. An
 * endpoint that does not know the former is asked for the key as well.
 */
public final class ConfigConnection {
    private static final String VERSION = "version";
    private static final String CONFIG = "config get cluster";
    private static final String CONFIG_KEY = "get AmazonElastiCache:cluster";
    private static final int INITIAL_BUFFER_BYTES = 4096;

    private final long startNs;
    private final long timeoutNs;

    private final String node;
    private final BlockingSocket socket;
    private final ClusterConfigParser parser = new ClusterConfigParser();

    private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BUFFER_BYTES);

    private ConfigConnection(
            NodeAddress endpoint, long startNs, long timeoutNs, NanoClock clock, Executor resolver, Security security) {
        this.startNs = startNs;
        this.timeoutNs = timeoutNs;
        this.node = endpoint.identity();
        this.socket = new BlockingSocket(endpoint, "discovery", clock, resolver, security);
    }

    /**
     * Asks for the nodes.
     *
     * @param endpoint whom to ask
     * @param timeoutNs how long resolving, connecting and all answers may take together
     * @param clock what that is measured by
     * @param resolver runs what asks the name service and the user's code
     * @param security how the connection is encrypted, and who the client is
     * @return what the endpoint said; its list may be empty
     * @throws MemcachedException if the endpoint cannot be reached, is no discovery endpoint, refuses, is too slow, or sends
     *     what cannot be understood; or if this thread is interrupted
     */
    public static ClusterConfig ask(
            NodeAddress endpoint, long timeoutNs, NanoClock clock, Executor resolver, Security security) {
        return new ConfigConnection(endpoint, clock.nowNs(), timeoutNs, clock, resolver, security).ask();
    }

    private ClusterConfig ask() {
        try {
            socket.checkInterrupt();
            socket.connect(startNs, timeoutNs);
            return converse();
        } catch (IOException e) {
            throw new MemcachedException.NodeUnavailable(
                    "the connection to the discovery endpoint was lost", node, false, e);
        } catch (ProtocolException e) {
            throw new MemcachedException.ProtocolViolation(
                    "the discovery endpoint sent what cannot be understood", node, false, e);
        } finally {
            socket.release();
        }
    }

    private ClusterConfig converse() throws IOException {
        boolean old = false;
        if (expect(send(VERSION), ClusterConfigParser.VERSION)) {
            ServerVersion version = ServerVersion.parse(parser.text());
            old = version.major() > 0 && !version.isAtLeast(1, 4, 14);
        }
        if (old || !expect(send(CONFIG), ClusterConfigParser.CONFIG)) {
            int kind = send(CONFIG_KEY);
            if (!expect(kind, ClusterConfigParser.CONFIG)) {
                String line = kind == ClusterConfigParser.NONE ? "END" : parser.text();
                throw new MemcachedException.ServerError("not a discovery endpoint", node, line, false);
            }
        }
        return parser.config();
    }

    /** Returns whether the answer is the one that was hoped for; false if the endpoint does not know the command or the item. */
    private boolean expect(int kind, int expected) {
        if (kind == expected) {
            return true;
        }
        boolean unknown = kind == ClusterConfigParser.REFUSED && parser.text().equals("ERROR");
        if (unknown || (kind == ClusterConfigParser.NONE && expected == ClusterConfigParser.CONFIG)) {
            return false;
        }
        if (kind == ClusterConfigParser.REFUSED) {
            throw socket.refused("the discovery endpoint refuses", parser.text());
        }
        throw new MemcachedException.ProtocolViolation(
                "the discovery endpoint answered something else", node, false, null);
    }

    /** Sends a command and returns the kind of its answer. */
    private int send(String command) throws IOException {
        byte[] line = (command + "\r\n").getBytes(StandardCharsets.US_ASCII);
        socket.write(ByteBuffer.wrap(line), startNs, timeoutNs, Phase.CONNECTING);
        int kind = next();
        while (kind == ClusterConfigParser.INCOMPLETE) {
            makeRoom();
            socket.read(buffer, startNs, timeoutNs, buffer.position() > 0 ? Phase.RECEIVING : Phase.WRITTEN);
            kind = next();
        }
        buffer.flip().position((int) parser.position());
        buffer.compact();
        return kind;
    }

    private int next() {
        return parser.next(MemorySegment.ofArray(buffer.array()), 0, buffer.position());
    }

    private void makeRoom() {
        if (!buffer.hasRemaining()) {
            int size = Math.min(2 * buffer.capacity(), ClusterConfigParser.LONGEST_ANSWER_BYTES);
            buffer = ByteBuffer.allocate(size).put(buffer.flip());
        }
    }
}
