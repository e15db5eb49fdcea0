package io.emcache.internal.client;

import io.emcache.AdminClient;
import io.emcache.DumpedKey;
import io.emcache.ItemDebug;
import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.NodeAdmin;
import io.emcache.ServerStats;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.protocol.AdminReplies;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.protocol.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The commands for whole servers. Safe for all threads. */
final class Admin implements AdminClient {
    private static final Verb<@Nullable String> DEBUG =
            new Verb<>(OpCode.META_DEBUG, reply -> Answers.done(reply) ? reply.text() : null, null);

    private final Scope scope;
    private final SyncClient client;

    Admin(Scope scope, SyncClient client) {
        this.scope = scope;
        this.client = client;
    }

    private List<Node> members() {
        return scope.engine().cluster().nodes();
    }

    private <T> MultiResult<String, T> ask(NodeCommand<T> command) {
        return NodeCalls.all(scope, members(), command);
    }

    @Override
    public List<String> nodes() {
        return members().stream().map(Node::identity).toList();
    }

    @Override
    public NodeAdmin node(String identity) {
        for (Node node : members()) {
            if (node.identity().equals(identity)) {
                return new OfNode(scope, node);
            }
        }
        throw new IllegalArgumentException("no node of this client: " + identity);
    }

    @Override
    public MultiResult<String, String> version() {
        return ask(NodeCommand.VERSION);
    }

    @Override
    public MultiResult<String, ServerStats> stats(String... arguments) {
        return ask(NodeCommand.stats(arguments));
    }

    @Override
    public MultiResult<String, Duration> resetStats() {
        return ask(NodeCommand.RESET_STATS);
    }

    @Override
    public MultiResult<String, Duration> flushAll() {
        return flushAll(Duration.ZERO);
    }

    @Override
    public MultiResult<String, Duration> flushAll(Duration delay) {
        return ask(NodeCommand.flushAll(delay, scope.clock()));
    }

    @Override
    public MultiResult<String, Duration> verbosity(int level) {
        return ask(NodeCommand.verbosity(level));
    }

    @Override
    public MultiResult<String, Duration> cacheMemlimit(int megabytes) {
        return ask(NodeCommand.cacheMemlimit(megabytes));
    }

    @Override
    public MultiResult<String, Duration> ping() {
        return ask(NodeCommand.PING);
    }

    @Override
    public @Nullable ItemDebug debug(String key) {
        boolean hashed = scope.engine().options().hashLongKeys();
        return debug(key, hashed ? Key.hashed(key) : Key.of(key));
    }

    @Override
    public @Nullable ItemDebug debug(Key key) {
        return debug(key, key);
    }

    private @Nullable ItemDebug debug(Object asked, Key key) {
        String line = client.call(DEBUG, asked, Terms.NONE, null);
        try {
            return line == null ? null : AdminReplies.itemDebug(key, line);
        } catch (ProtocolException e) {
            throw new MemcachedException.ProtocolViolation("the answer makes no sense", null, false, e);
        }
    }

    /**
     * The commands for one server. Safe for all threads.
     *
     * @param scope the timeout
     * @param node the server
     */
    private record OfNode(Scope scope, Node node) implements NodeAdmin {
        private <T> T ask(NodeCommand<T> command) {
            return NodeCalls.one(scope, node, command);
        }

        @Override
        public String identity() {
            return node.identity();
        }

        @Override
        public String version() {
            return ask(NodeCommand.VERSION);
        }

        @Override
        public ServerStats stats(String... arguments) {
            return ask(NodeCommand.stats(arguments));
        }

        @Override
        public void resetStats() {
            ask(NodeCommand.RESET_STATS);
        }

        @Override
        public void flushAll() {
            flushAll(Duration.ZERO);
        }

        @Override
        public void flushAll(Duration delay) {
            ask(NodeCommand.flushAll(delay, scope.clock()));
        }

        @Override
        public void verbosity(int level) {
            ask(NodeCommand.verbosity(level));
        }

        @Override
        public void cacheMemlimit(int megabytes) {
            ask(NodeCommand.cacheMemlimit(megabytes));
        }

        @Override
        public Duration ping() {
            return ask(NodeCommand.PING);
        }

        @Override
        public Stream<DumpedKey> keys() {
            return scope.engine().dump(node, scope.timeoutNs());
        }

        @Override
        public String toString() {
            return "NodeAdmin[" + identity() + "]";
        }
    }
}
