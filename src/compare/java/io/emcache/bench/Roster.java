package io.emcache.bench;

import com.google.code.yanf4j.core.impl.StandardSocketOption;
import com.spotify.folsom.MemcacheClientBuilder;
import io.emcache.ClientOptions;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.rubyeye.xmemcached.XMemcachedClientBuilder;
import net.rubyeye.xmemcached.command.BinaryCommandFactory;
import net.spy.memcached.ConnectionFactoryBuilder;
import net.spy.memcached.ConnectionFactoryBuilder.Protocol;

/**
 * Who can be measured, each as its own documentation says for speed, and other settings that one may want to see beside
 * these.
 */
enum Roster {
    EMCACHE("emcache", "emcache", true, "maxQueuedPerNode=16384, else defaults") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) {
            return new EmcacheContender(ClientOptions.fromUri(emcache(nodes) + parameters));
        }
    },

    SPYMEMCACHED("spymemcached", "spymemcached", true, "text protocol, shouldOptimize=true, daemon=true") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            return new SpymemcachedContender(
                    spymemcached(Protocol.TEXT).setShouldOptimize(true).build(), nodes);
        }
    },

    XMEMCACHED(
            "xmemcached",
            "xmemcached",
            false,
            "text protocol, connectionPoolSize=1, optimizeGet=true, optimizeMergeBuffer=true, "
                    + "sanitizeKeys=false, SO_RCVBUF and SO_SNDBUF 256 KiB") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            return new XmemcachedContender(xmemcached(nodes, 1));
        }
    },

    FOLSOM(
            "folsom",
            "folsom",
            true,
            "ascii protocol, connections=1, replyExecutor=null, epoll, " + "maxOutstandingRequests=16384") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            MemcacheClientBuilder<byte[]> builder = folsom(nodes);
            builder.withReplyExecutor(null);
            return new FolsomContender(builder.connectAscii(), TIMEOUT_MS);
        }
    },

    SPYMEMCACHED_PLAIN("spymemcached-plain", "spymemcached", true, "text protocol, shouldOptimize=false") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            return new SpymemcachedContender(spymemcached(Protocol.TEXT).build(), nodes);
        }
    },

    SPYMEMCACHED_BINARY("spymemcached-binary", "spymemcached", true, "binary protocol, shouldOptimize=true") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            return new SpymemcachedContender(
                    spymemcached(Protocol.BINARY).setShouldOptimize(true).build(), nodes);
        }
    },

    XMEMCACHED_POOL("xmemcached-5", "xmemcached", false, "text protocol, connectionPoolSize=5") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            return new XmemcachedContender(xmemcached(nodes, 5));
        }
    },

    XMEMCACHED_BINARY("xmemcached-binary", "xmemcached", false, "binary protocol, connectionPoolSize=1") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            XMemcachedClientBuilder builder = xmemcached(nodes, 1);
            builder.setCommandFactory(new BinaryCommandFactory());
            return new XmemcachedContender(builder);
        }
    },

    FOLSOM_POOL("folsom-4", "folsom", true, "ascii protocol, connections=4, replyExecutor=null") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            MemcacheClientBuilder<byte[]> builder = folsom(nodes);
            builder.withReplyExecutor(null).withConnections(4);
            return new FolsomContender(builder.connectAscii(), TIMEOUT_MS);
        }
    },

    FOLSOM_EXECUTOR("folsom-executor", "folsom", true, "ascii protocol, its own pool as replyExecutor") {
        @Override
        Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception {
            return new FolsomContender(folsom(nodes).connectAscii(), TIMEOUT_MS);
        }
    };

    /** Generous: a pause of a busy machine is to show as latency, not as a failure. */
    static final long TIMEOUT_MS = 5000;

    /** Room for the callers of the largest case, where a client has a bound. */
    private static final int MOST_WAITING = 16384;

    /** Larger than its default, as its author advises where values are large. */
    private static final int XMEMCACHED_BUFFER_BYTES = 256 << 10;

    final String label;
    final String library;
    final boolean async;
    final String settings;

    Roster(String label, String library, boolean async, String settings) {
        this.label = label;
        this.library = library;
        this.async = async;
        this.settings = settings;
    }

    /**
     * A client that is connected, or connects with its first call.
     *
     * @param parameters what an {@link Entrant} adds to the settings
     */
    abstract Contender open(List<InetSocketAddress> nodes, String parameters) throws Exception;

    private static String emcache(List<InetSocketAddress> nodes) {
        return "memcached://" + nodes.stream().map(Roster::text).collect(Collectors.joining(",")) + "?timeout="
                + TIMEOUT_MS + "ms&maxQueuedPerNode=" + MOST_WAITING;
    }

    private static String text(InetSocketAddress node) {
        return node.getHostString() + ":" + node.getPort();
    }

    private static ConnectionFactoryBuilder spymemcached(Protocol protocol) {
        return new ConnectionFactoryBuilder()
                .setProtocol(protocol)
                .setOpTimeout(TIMEOUT_MS)
                .setDaemon(true);
    }

    private static XMemcachedClientBuilder xmemcached(List<InetSocketAddress> nodes, int connections) {
        XMemcachedClientBuilder builder = new XMemcachedClientBuilder(new ArrayList<>(nodes));
        builder.setConnectionPoolSize(connections);
        builder.setOpTimeout(TIMEOUT_MS);
        builder.setSanitizeKeys(false);
        builder.setSocketOption(StandardSocketOption.SO_RCVBUF, XMEMCACHED_BUFFER_BYTES);
        builder.setSocketOption(StandardSocketOption.SO_SNDBUF, XMEMCACHED_BUFFER_BYTES);
        return builder;
    }

    private static MemcacheClientBuilder<byte[]> folsom(List<InetSocketAddress> nodes) {
        MemcacheClientBuilder<byte[]> builder = MemcacheClientBuilder.newByteArrayClient();
        nodes.forEach(node -> builder.withAddress(node.getHostString(), node.getPort()));
        return builder.withMaxOutstandingRequests(MOST_WAITING).withConnectionTimeoutMillis(TIMEOUT_MS);
    }
}
